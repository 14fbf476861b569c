"""One bad source never ends a run: at every door it is told with its reason, and the others are read."""

import os
from pathlib import Path

import pytest

from indexes.gather import Asking, gather
from indexes.recipe import Crawl, Feed, FetchPart, Folder, Sitemap, Source, Urls
from rag.config import FetchConfig
from rag.errors import IndexFault, SourceFault
from rag.sources.edge import one_source
from rag.sources.ingest import ingest, read
from rag.sources.look import Found
from rag.sources.manners import Manners
from rag.sources.page_cache import PageCache
from rag.sources.visit import Visitor
from tests.sources import made_sources as made
from tests.sources.local_site import Site, send
from tests.sources.made_sources import SENTENCES
from tests.sources.test_chunk import token_ends
from tests.sources.test_ingest import Shelf

TEXT = "\n".join(SENTENCES)
NO_ADDRESSES = ("http://[", "http://xn--a.example/", "http://[::1/x", "https://\u2100.example/")
CHARSETS = ("hex", "zlib", "idna", "undefined", "punycode", "unicode_escape", "no-such")


def config(site: Site) -> FetchConfig:
    return FetchConfig(allow_hosts=(site.host,), timeout_seconds=5.0)


def asked(source: Source, site: Site) -> dict[str, Found]:
    return {found.address: found for found in gather(source, {}, Asking(config(site), FetchPart(delay=0.0)))}


def test_what_nobody_thought_of_names_its_source_and_faults_of_the_index_pass() -> None:
    with pytest.raises(SourceFault, match=r"/notes/a\.md.*ZeroDivisionError"), one_source("/notes/a.md"):
        raise ZeroDivisionError("division by zero")
    with pytest.raises(IndexFault), one_source("/notes/a.md"):
        raise IndexFault("no room")


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("title: Minutes\ndate: 2021-02-30", "Minutes"),
        ("title: Minutes\ndate: 0000-13-45", "Minutes"),
        ("title: 1:60:99\nwhen: !!python/object x", "1:60:99"),
        ("title: " + "[" * 5000 + "]" * 5000, "a"),
        ("a: &a [x,x]\nb: &b [*a,*a]\ntitle: *b", "a"),
        ("a: &a {x: y}\n<<: [*a, *a]\ntitle: Merged", "Merged"),
    ],
)
def test_front_matter_of_any_form_is_read_as_it_is_written(tmp_path: Path, head: str, title: str) -> None:
    file = tmp_path / "a.md"
    file.write_text(f"---\n{head}\n---\n{TEXT}\n")
    page = read(str(file), FetchConfig())
    assert SENTENCES[0] in page.text and page.title.startswith(title)


def test_aliases_do_not_unfold(tmp_path: Path) -> None:
    levels = "".join(f"{b}: &{b} [{','.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    file = tmp_path / "a.md"
    file.write_text(f"---\na: &a [x,x,x,x,x,x,x,x,x]\n{levels}title: *i\n---\n{TEXT}\n")
    assert len(read(str(file), FetchConfig()).title) < 100


@pytest.mark.skipif(os.name != "posix", reason="names are UTF-16 there")
def test_a_name_that_is_not_utf8_is_told_at_every_door(tmp_path: Path, site: Site) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    with open(os.fsencode(tmp_path) + b"/\xb2\xe2.txt", "w") as file:  # noqa: PTH123  # bytes make no Path
        file.write(TEXT)
    bad = os.fsdecode(os.fsencode(tmp_path) + b"/\xb2\xe2.txt")
    for target in (str(tmp_path), bad):
        outcomes = list(ingest([target], Shelf().put, token_ends, 50, 200, FetchConfig()))
        (failed,) = [outcome for outcome in outcomes if outcome.status == "failed"]
        assert "UTF-8" in failed.error and (failed.uri + failed.error).encode("utf-8")
    found = asked(Folder("folder", str(tmp_path)), site)
    assert sorted(each.status for each in found.values()) == ["changed", "failed"]
    assert all((each.address + each.why).encode("utf-8") for each in found.values())


@pytest.mark.parametrize("charset", CHARSETS)
def test_a_charset_that_is_none_is_passed_over(site: Site, charset: str) -> None:
    site.pages["/a"] = send(TEXT.encode() + b" \xe9t\xe9", f"text/plain; charset={charset}")
    assert SENTENCES[0] in read(site.url("/a"), config(site)).text
    page = made.article_html("utf-8", SENTENCES).replace(b'charset="utf-8"', b"charset=" + charset.encode())
    site.pages["/b"] = send(page + b"\xe9")
    assert SENTENCES[0] in read(site.url("/b"), config(site)).text


@pytest.mark.parametrize("address", NO_ADDRESSES)
def test_an_address_that_is_none_fails_alone_wherever_it_is_listed(site: Site, tmp_path: Path, address: str) -> None:
    site.pages["/a"] = send(made.article_html("utf-8", SENTENCES))
    good = site.url("/a")
    targets = [address, good]
    outcomes = list(ingest(targets, Shelf().put, token_ends, 50, 200, config(site)))
    assert [(outcome.uri, outcome.status) for outcome in outcomes] == [(address, "failed"), (good, "added")]
    site.pages["/map.xml"] = send(
        "".join(("<urlset>", *(f"<url><loc>{each}</loc></url>" for each in targets), "</urlset>")).encode()
    )
    items = "".join(f"<item><link>{each}</link></item>" for each in targets)
    site.pages["/feed"] = send(f'<rss version="2.0"><channel>{items}</channel></rss>'.encode(), "text/xml")
    for source in (
        Urls("urls", (address, good)),
        Sitemap("sitemap", site.url("/map.xml")),
        Feed("feed", site.url("/feed")),
    ):
        found = asked(source, site)
        assert (found[address].status, found[good].status) == ("failed", "changed")
        assert found[address].why
    visitor = Visitor(config(site), Manners(config(site)), PageCache(tmp_path / "cache"), delay=0.0)
    visited = dict(visitor.visit(targets))
    assert isinstance(visited[address], SourceFault) and not isinstance(visited[good], SourceFault)


@pytest.mark.parametrize("address", NO_ADDRESSES)
def test_a_crawl_goes_past_links_and_bases_that_are_no_addresses(site: Site, address: str) -> None:
    links = f'<base href="{address}"><a href="{address}">x</a><a href="{site.url("/docs/b")}">b</a>'
    site.pages["/docs/"] = send(made.article_html("utf-8", SENTENCES).replace(b"<nav>", links.encode() + b"<nav>"))
    site.pages["/docs/b"] = send(made.article_html("utf-8", SENTENCES[::-1]))
    found = asked(Crawl("crawl", site.url("/docs/"), depth=1), site)
    assert found[site.url("/docs/b")].status == "changed"


def test_a_host_that_wants_to_be_left_alone_for_a_day_is(site: Site) -> None:
    site.pages["/robots.txt"] = send(b"User-agent: *\nCrawl-delay: 100000\n", "text/plain")
    site.pages["/map.xml"] = send(
        f"<urlset><url><loc>{site.url('/a')}</loc></url><url><loc>{site.url('/b')}</loc></url></urlset>".encode()
    )
    found = asked(Sitemap("sitemap", site.url("/map.xml")), site)
    assert {each.status for each in found.values()} == {"failed"} and "100000" in found[site.url("/a")].why


NOTICES = {
    "captcha": "<title>Just a moment...</title><p>Checking your browser before accessing example.org.</p>",
    "script": "<title>App</title><div id=root></div><noscript>You need to enable JavaScript to run it.</noscript>",
    "maintenance": "<h1>Down for maintenance</h1><p>We will be back soon. Please try again later.</p>",
    "login": "<h1>Sign in</h1><p>Please log in to continue reading.</p>",
    "soft 404": "<h1>404</h1><p>The page you are looking for was not found on this server.</p>",
    "chinese": "<p>请启用 JavaScript 后刷新。</p>",
}


@pytest.mark.parametrize("notice", NOTICES.values(), ids=NOTICES)
def test_a_notice_in_place_of_a_page_is_told_at_every_door(site: Site, tmp_path: Path, notice: str) -> None:
    content = f"<html><head><meta charset=utf-8></head><body>{notice}</body></html>".encode()
    site.pages["/a"] = send(content)
    (tmp_path / "a.html").write_bytes(content)
    for target in (site.url("/a"), str(tmp_path / "a.html")):
        with pytest.raises(SourceFault, match="in place of the page"):
            read(target, config(site))
    assert asked(Urls("urls", (site.url("/a"),)), site)[site.url("/a")].status == "failed"
    assert asked(Folder("folder", str(tmp_path)), site)[str(tmp_path / "a.html")].status == "failed"


def test_a_page_that_speaks_of_maintenance_is_a_page(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(
        "<html><body><h1>Pool</h1><p>The pool is closed for maintenance in May, and the lamp is under maintenance.</p>"
        "</body></html>"
    )
    assert "in May" in read(str(tmp_path / "a.html"), FetchConfig()).text
