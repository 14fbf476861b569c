"""The search services that can be asked: how each takes a question, and where its answer holds the results."""

from collections.abc import Mapping
from typing import Any

from rag.errors import Unreachable
from rag.web.results import Asked, Form, Result, published, today

_RANGES = ((1, "day"), (31, "month"), (366, "year"))  # of SearXNG


def _result(one: Any, title: str, snippet: str, dated: str) -> Result:
    """A result by the names that its service has for these three."""
    return Result(str(one["url"]), str(one.get(title) or ""), str(one.get(snippet) or ""), published(one.get(dated)))


# --- SearXNG (docs.searxng.org/dev/search_api.html), a metasearch engine that anybody may run


def _ask_searxng(address: str, asked: Asked) -> Mapping[str, Any]:
    params = {"q": asked.query, "format": "json"}
    if asked.since:
        days = (today() - asked.since).days
        params |= dict([("time_range", name) for most, name in _RANGES if days <= most][:1])
    url = address.rstrip("/")
    return {"method": "GET", "url": url if url.endswith("/search") else f"{url}/search", "params": params}


def _read_searxng(told: Any) -> list[Result]:
    found = [_result(one, "title", "content", "publishedDate") for one in told["results"]]
    silent = [": ".join(map(str, pair)) for pair in told.get("unresponsive_engines") or ()]
    if not found and silent:
        raise Unreachable("web.engines_silent", engines="; ".join(silent))
    return found


# --- Brave Search (api-dashboard.search.brave.com/app/documentation)


def _ask_brave(address: str, asked: Asked) -> Mapping[str, Any]:
    params = {"q": asked.query, "count": min(asked.count, 20), "text_decorations": "false"}
    if asked.since:
        params["freshness"] = f"{asked.since}to{today()}"
    return {"method": "GET", "url": address, "params": params, "headers": {"X-Subscription-Token": asked.key}}


def _read_brave(told: Any) -> list[Result]:
    """Without pages among what it found it leaves "web" out."""
    return [_result(one, "title", "description", "page_age") for one in told.get("web", {}).get("results", ())]


# --- Tavily (docs.tavily.com/documentation/api-reference/endpoint/search), which is asked with JSON


def _ask_tavily(address: str, asked: Asked) -> Mapping[str, Any]:
    wanted: dict[str, Any] = {"query": asked.query, "max_results": min(asked.count, 20), "search_depth": "basic"}
    if asked.blocked:
        wanted["exclude_domains"] = list(asked.blocked)
    if asked.since:
        wanted["start_date"] = str(asked.since)
    return {"method": "POST", "url": address, "json": wanted, "headers": {"Authorization": f"Bearer {asked.key}"}}


def _read_tavily(told: Any) -> list[Result]:
    return [_result(one, "title", "content", "published_date") for one in told["results"]]


# --- services that answer as Bing's Web Search API v7 did, which outlived it; some put that under "data" and want the
# key as a bearer's


def _ask_bing(address: str, asked: Asked) -> Mapping[str, Any]:
    params = {"q": asked.query, "count": min(asked.count, 50), "responseFilter": "Webpages"}
    if asked.since:
        params["freshness"] = f"{asked.since}..{today()}"
    headers = {"Ocp-Apim-Subscription-Key": asked.key, "Authorization": f"Bearer {asked.key}"} if asked.key else {}
    return {"method": "GET", "url": address, "params": params, "headers": headers}


def _read_bing(told: Any) -> list[Result]:
    """Without pages among what it found it leaves "webPages" out."""
    found = ((told.get("data") or told).get("webPages") or {}).get("value", ())
    return [_result(one, "name", "snippet", "datePublished") for one in found]


_NO_JSON = "Add json to search.formats in the settings.yml of SearXNG."
FORMS = {
    form.name: form
    for form in (
        Form("searxng", _ask_searxng, _read_searxng, needs_key=False, forbidden=_NO_JSON),
        Form("brave", _ask_brave, _read_brave, "https://api.search.brave.com/res/v1/web/search"),
        Form("tavily", _ask_tavily, _read_tavily, "https://api.tavily.com/search"),
        Form("bing", _ask_bing, _read_bing, needs_key=False),
    )
}
