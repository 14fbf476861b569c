"""Sitemaps, feeds, links and robots.txt as sites write them, well and badly."""

import gzip
import random
import threading

import pytest

from rag.config import FetchConfig
from rag.errors import GoneFault, SourceFault
from rag.sources import listing
from rag.sources.fetch import fetch_changed
from rag.sources.turns import in_turns
from tests.sources.local_site import send


@pytest.fixture
def config(site) -> FetchConfig:
    return FetchConfig(allow_hosts=(site.host,), timeout_seconds=5.0)


def urlset(*places: str) -> bytes:
    listed = "".join(f"<url><loc> {place} </loc><lastmod>2026-11-01</lastmod></url>" for place in places)
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}</urlset>'.encode()


def test_a_packed_sitemap_names_web_addresses_only_and_no_more_than_asked(site, config) -> None:
    places = ["/a", "file:///etc/passwd", "c:/secret.txt", "https://example.org/b", "/a", "/c"]
    site.pages["/map.xml.gz"] = send(gzip.compress(urlset(*places)), "application/gzip")
    url = site.url("/map.xml.gz")
    assert listing.sitemap(url, config, 10) == [site.url("/a"), "https://example.org/b", site.url("/c")]
    assert listing.sitemap(url, config, 2) == [site.url("/a"), "https://example.org/b"]


def test_sitemaps_that_name_one_another_end(site, config) -> None:
    index = f"<sitemapindex><sitemap><loc>{site.url('/map.xml')}</loc></sitemap></sitemapindex>"
    site.pages["/map.xml"] = send(index.encode(), "application/xml")
    with pytest.raises(SourceFault, match="lists no page"):
        listing.sitemap(site.url("/map.xml"), config, 10)
    assert len(site.asked) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<rss><channel/></rss>", "no sitemap: it begins with <rss>"),
        (b"<urlset><url><loc>/a</loc>", "no sitemap that can be read"),
        (b"\x1f\x8b broken", "is damaged"),
        (b"just words", "lists no page"),
    ],
)
def test_what_is_no_sitemap_is_said(site, config, content: bytes, said: str) -> None:
    site.pages["/map.xml"] = send(content, "application/xml")
    with pytest.raises(SourceFault, match=said):
        listing.sitemap(site.url("/map.xml"), config, 10)


def test_a_sitemap_reads_no_file_of_ours(site, config, tmp_path) -> None:
    (tmp_path / "secret").write_text("https://example.org/secret")
    entity = f'<!DOCTYPE urlset [<!ENTITY x SYSTEM "{(tmp_path / "secret").as_uri()}">]>'
    body = f"{entity}<urlset><url><loc>&x;</loc></url><url><loc>/a</loc></url></urlset>"
    site.pages["/map.xml"] = send(body.encode(), "application/xml")
    assert listing.sitemap(site.url("/map.xml"), config, 10) == [site.url("/a")]


def test_an_atom_feed_with_relative_links_and_one_that_is_broken(site, config) -> None:
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>N</title>'
        '<entry><title>a</title><link href="/a"/></entry><entry><title>none</title></entry></feed>'
    )
    site.pages["/atom"] = send(atom.encode(), "application/atom+xml")
    site.pages["/cut"] = send(b'<rss version="2.0"><channel><item><link>/b</link></item><item><li', "text/xml")
    site.pages["/page"] = send(b"<html><body>No feed</body></html>")
    assert listing.feed(site.url("/atom"), config) == [site.url("/a")]
    assert listing.feed(site.url("/cut"), config) == [site.url("/b")]
    with pytest.raises(SourceFault, match="is no feed"):
        listing.feed(site.url("/page"), config)


def test_links_are_absolute_single_and_may_be_followed() -> None:
    page = (
        '<base href="/docs/"><a href="one#top">1</a><a href="one">1</a><a href="../two?x=1">2</a>'
        '<a rel="nofollow" href="three">3</a><a href="mailto:a@example.org">4</a><a href="http://[">5</a>'
        '<a href="三">六</a>'
    )
    assert listing.links(page.encode(), "utf-8", "https://example.org/x/") == [
        "https://example.org/docs/one",
        "https://example.org/two?x=1",
        "https://example.org/docs/三",
    ]
    closed = b'<meta name="robots" content="noindex, nofollow"><a href="one">1</a>'
    assert listing.links(closed, "", "https://example.org/") == []
    assert listing.links(b" ", "", "https://example.org/") == []


def test_robots_know_wildcards_agents_and_delays(site, config) -> None:
    rules = "User-agent: *\nDisallow: /*.php$\nCrawl-delay: 2\n\nUser-agent: Vouch\nDisallow: /not-for-vouch\n"
    site.pages["/robots.txt"] = send(rules.encode(), "text/plain")
    ours = listing.robots(site.url("/x"), config)
    others = listing.robots(site.url("/x"), FetchConfig(allow_hosts=config.allow_hosts, user_agent="Other"))
    assert not ours.allows(site.url("/not-for-vouch"))
    assert ours.allows(site.url("/a.php"))
    assert (others.allows(site.url("/a.php")), others.allows(site.url("/a.php?x")), others.delay) == (False, True, 2.0)
    del site.pages["/robots.txt"]
    assert listing.robots(site.url("/x"), config).allows(site.url("/not-for-vouch"))
    site.pages["/robots.txt"] = send(b"", status=500)
    with pytest.raises(SourceFault, match="500"):
        listing.robots(site.url("/x"), config)


def test_gone_is_told_apart_from_failed(site, config) -> None:
    with pytest.raises(GoneFault):
        fetch_changed(site.url("/nothing"), config)
    site.pages["/later"] = send(b"", status=503)
    with pytest.raises(SourceFault) as caught:
        fetch_changed(site.url("/later"), config)
    assert not isinstance(caught.value, GoneFault)


def test_all_hosts_are_asked_and_what_fails_is_raised() -> None:
    addresses = [f"http://{host}/{number}" for host in "abc" for number in range(7)]
    random.Random(1).shuffle(addresses)
    running: dict[str, int] = {}
    most: list[int] = []
    lock = threading.Lock()

    def look(address: str) -> str:
        host = address[7]
        with lock:
            running[host] = running.get(host, 0) + 1
            most.append(running[host])
        with lock:
            running[host] -= 1
        return address.upper()

    assert dict(in_turns(addresses, look, 4, 2)) == {address: address.upper() for address in addresses}
    assert max(most) <= 2

    def fail(address: str) -> str:
        raise SourceFault("no")

    with pytest.raises(SourceFault, match="no"):
        list(in_turns(addresses, fail, 4, 2))
