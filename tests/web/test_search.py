"""The search services, each over HTTP in its own form, and every way in which one fails."""

import json
from datetime import date, timedelta

import pytest

from rag.config import WebConfig
from rag.errors import ConfigFault, Unreachable
from rag.web.results import Asked, published, today
from rag.web.search import WebSearch, web_search
from rag.web.services import FORMS
from tests.sources.local_site import Site, send
from tests.web import site as local


def engine(town: Site, name: str, key: str = local.KEY, path: str = "", **settings) -> WebSearch:
    config = WebConfig(engine=name, address=town.url(path or local.FORMS[name]), timeout_seconds=1.0, **settings)
    return web_search(config, key)


@pytest.mark.parametrize("name", list(local.FORMS))
@pytest.mark.parametrize(
    ("query", "path"), [("Lantern Bridge reopened", "/news/lantern-bridge"), ("霁川灯会 鲤鱼灯", "/zh/festival")]
)
def test_each_service_finds_the_page(town: Site, name: str, query: str, path: str) -> None:
    found = engine(town, name).search(query, 3)
    assert found[0].url == town.url(path) and found[0].title and found[0].snippet
    assert len(found) <= 3


@pytest.mark.parametrize("name", ["brave", "tavily", "bing"])
def test_a_wrong_key_is_told_and_never_shown(town: Site, name: str) -> None:
    with pytest.raises(Unreachable, match=r"refuses the question.*web\.key_env") as told:
        engine(town, name, key="wrong secret").search("bridge", 3)
    assert "wrong secret" not in str(told.value)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/limited", "left alone for 30 seconds"),
        ("/guarded", "captcha in place of results"),
        ("/webpage", "web page, not JSON"),
        ("/forbidden", r"search\.formats"),
        ("/strange", "another form"),
        ("/away", "redirects to /searxng/search"),
        ("/drip", "does not answer"),
        ("/silent", "google: CAPTCHA"),
        ("/nothing-here", "answers 404"),
    ],
)
def test_each_failure_is_a_setback_that_says_what_to_do(town: Site, path: str, said: str) -> None:
    with pytest.raises(Unreachable, match=said):
        engine(town, "searxng", path=path).search("bridge", 3)


def test_an_engine_that_is_down_is_a_setback() -> None:
    config = WebConfig(engine="searxng", address="http://127.0.0.1:9", timeout_seconds=1.0)
    with pytest.raises(Unreachable, match="does not answer"):
        web_search(config, "").search("bridge", 3)


def test_nothing_found_is_a_setback(town: Site) -> None:
    for name in local.FORMS:
        with pytest.raises(Unreachable, match="found nothing for: zyzzyva"):
            engine(town, name).search("zyzzyva", 3)


def test_an_engine_that_asks_to_wait_is_left_alone(town: Site) -> None:
    limited = engine(town, "searxng", path="/limited")
    for _ in range(3):
        with pytest.raises(Unreachable, match="left alone"):
            limited.search("bridge", 3)
    assert len(town.asked) == 1


def test_a_short_wait_is_waited_for(town: Site) -> None:
    town.pages["/searxng/search"], later = send(b"", "text/plain", 429, Retry_After="0"), town.pages["/searxng/search"]

    def once(request):
        town.pages["/searxng/search"] = later
        send(b"", "text/plain", 429, Retry_After="0")(request)

    town.pages["/searxng/search"] = once
    assert engine(town, "searxng").search("bridge", 3)


def test_old_results_and_blocked_hosts_are_left_out(town: Site) -> None:
    assert town.url("/archive/tram") in [result.url for result in engine(town, "brave").search("tram timetable", 5)]
    days = (today() - date(2020, 1, 1)).days
    found = engine(town, "brave", fresh_days=days).search("tram timetable bridge", 5)
    assert found and town.url("/archive/tram") not in [result.url for result in found]
    with pytest.raises(Unreachable, match="found nothing"):
        engine(town, "brave", blocked=("127.0.0.1",)).search("tram", 5)


def test_freshness_and_blocked_hosts_go_to_each_service_in_its_own_words() -> None:
    asked = Asked("q", 5, "k", today() - timedelta(days=30), ("example.org",))
    told = {name: json.dumps(dict(form.ask("http://x", asked))) for name, form in FORMS.items()}
    assert '"time_range": "month"' in told["searxng"]
    assert f'"freshness": "{asked.since}to{today()}"' in told["brave"]
    assert f'"start_date": "{asked.since}"' in told["tavily"] and '"exclude_domains": ["example.org"]' in told["tavily"]
    assert f'"freshness": "{asked.since}..{today()}"' in told["bing"]


def test_bing_wrapped_in_data_is_read_too() -> None:
    value = [{"url": "https://a.example/", "name": "A", "snippet": "s", "datePublished": "2024-05-06T07:08:09"}]
    [found] = FORMS["bing"].read({"code": 200, "data": {"webPages": {"value": value}}})
    assert (found.title, found.dated) == ("A", date(2024, 5, 6))


def test_dates_in_both_spellings() -> None:
    assert published("Tue, 05 Nov 2024 08:00:00 GMT") == published("2024-11-05T08:00:00Z") == date(2024, 11, 5)
    assert published(None) is None and published("last week") is None


@pytest.mark.parametrize(
    ("config", "key", "said"),
    [
        (WebConfig(), "", r"No search engine is set.*\[web\]"),
        (WebConfig(engine="altavista"), "", "use searxng, brave, tavily, bing"),
        (WebConfig(engine="brave"), "", "web.key_env"),
        (WebConfig(engine="searxng"), "", "web.address"),
        (WebConfig(engine="bing", address="ftp://x"), "", "no web address"),
    ],
)
def test_a_configuration_that_cannot_work_names_the_remedy(config: WebConfig, key: str, said: str) -> None:
    with pytest.raises(ConfigFault, match=said):
        web_search(config, key)
