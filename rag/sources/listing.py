"""Addresses that other addresses list: sitemaps (sitemaps.org), RSS and Atom feeds, the links of a page, robots.txt.

feedparser reads every kind of feed there is, broken ones too, and Protego reads robots.txt as RFC 9309 has it,
wildcards included, which urllib.robotparser does not. ultimate-sitemap-parser was looked at and not used: it is GPL.
"""

import gzip
import io
import zlib
from dataclasses import dataclass
from urllib.parse import urldefrag, urljoin

from lxml import etree  # type: ignore[import-untyped]
from protego import Protego

from rag.config import FetchConfig
from rag.errors import GoneFault, SourceFault
from rag.sources import markup
from rag.sources.charset import decode
from rag.sources.fetch import fetch
from rag.sources.links import absolute
from rag.sources.turns import host_of

_NESTED = 3
_GZIP = b"\x1f\x8b"
_MOST_BYTES = 50_000_000  # of one sitemap, unpacked: sitemaps.org allows no more


@dataclass(frozen=True, slots=True)
class Robots:
    """What one host's robots.txt allows a reader that calls itself `agent`."""

    rules: Protego
    agent: str

    def allows(self, url: str) -> bool:
        return bool(self.rules.can_fetch(url, self.agent))

    @property
    def delay(self) -> float:
        """Seconds to wait between two requests; 0 where it asks for none."""
        return float(self.rules.crawl_delay(self.agent) or 0.0)


def robots(url: str, config: FetchConfig) -> Robots:
    """The robots.txt of the host of `url`; one that is not there allows all (RFC 9309, 2.3.1.3).

    Raises SourceFault where it cannot be read: then nothing may be taken from that host.
    """
    address = f"{url.partition('://')[0]}://{host_of(url)}/robots.txt"
    try:
        fetched = fetch(address, config)
        text = decode(fetched.content, fetched.charset, uri=address) if fetched.content.strip() else ""
    except GoneFault:
        text = ""
    return Robots(Protego.parse(text), config.user_agent)


def sitemap(url: str, config: FetchConfig, most: int) -> list[str]:
    """The pages that a sitemap lists, those of the sitemaps it names included; at most `most`, each once, in order.

    XML, gzip and plain lists of addresses are read. Raises SourceFault where any of it cannot be fetched or read: half
    a list would let the other half's pages go.
    """
    found: dict[str, None] = {}
    waiting = [(url, 0)]
    seen = {url}
    while waiting and len(found) < most:
        address, depth = waiting.pop(0)
        pages, maps = _sitemap(address, fetch(address, config).content)
        found |= dict.fromkeys(pages)
        for inner in maps:
            if inner not in seen and depth < _NESTED:
                seen.add(inner)
                waiting.append((inner, depth + 1))
    if not found:
        raise SourceFault(f"{url} lists no page. Check that it is a sitemap.")
    return list(found)[:most]


def _sitemap(url: str, content: bytes) -> tuple[list[str], list[str]]:
    """(pages, sitemaps) that one file lists."""
    if content.startswith(_GZIP):
        content = _unpacked(url, content)
    if not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        lines = decode(content, "utf-8", uri=url).split()
        return [line for line in lines if line.startswith(("http://", "https://"))], []
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise SourceFault(f"{url} is no sitemap that can be read ({error}). Check it in a browser.") from error
    kind = etree.QName(root).localname
    if kind not in ("urlset", "sitemapindex"):
        raise SourceFault(f'{url} is no sitemap: it begins with <{kind}>. For a feed, write kind = "feed".')
    texts = root.xpath("/*/*/*[local-name() = 'loc']/text()")
    joined = (_joined(url, str(text).strip()) for text in texts if str(text).strip())
    places = [place for place in joined if place.startswith(("http://", "https://"))]  # a list must not name our files
    return (places, []) if kind == "urlset" else ([], places)


def _unpacked(url: str, content: bytes) -> bytes:
    try:
        with gzip.open(io.BytesIO(content)) as file:
            text = file.read(_MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise SourceFault(f"{url} is damaged ({error}). Try again later.") from error
    if len(text) > _MOST_BYTES:
        raise SourceFault(f"{url} unpacks to more than {_MOST_BYTES / 1e6:.0f} MB. Name smaller sitemaps.")
    return text


def feed(url: str, config: FetchConfig) -> list[str]:
    """The pages that the entries of an RSS or Atom feed link to, in its order. Raises SourceFault."""
    import feedparser

    content = fetch(url, config).content
    found = feedparser.parse(io.BytesIO(content))  # the bytes themselves: given text, it would look for such a file
    links = (entry.get("link", "") for entry in found.entries)
    pages = dict.fromkeys(_joined(url, str(link)) for link in links if link)
    if not pages and not found.version:
        raise SourceFault(f"{url} is no feed that can be read. Check it in a browser.")
    return [page for page in pages if page.startswith(("http://", "https://"))]


def links(content: bytes, charset: str, url: str) -> list[str]:
    """The web addresses that a page links to, each once, without fragments; none where it asks not to be followed."""
    root = markup.parse(decode(content, charset, uri=url, markup=True)) if content.strip() else None
    nofollow = "//meta[translate(@name, 'ROBTS', 'robts') = 'robots'][contains(@content, 'nofollow')]"
    if root is None or root.xpath(nofollow):
        return []
    bases = root.xpath("//base/@href")
    base = (absolute(url, str(bases[0])) or url) if bases else url
    found: dict[str, None] = {}
    for href in root.xpath("//a[not(contains(@rel, 'nofollow'))]/@href"):
        try:
            address = urldefrag(urljoin(base, str(href).strip())).url
        except ValueError:  # "http://[" is no address
            continue
        if address.startswith(("http://", "https://")):
            found[address] = None
    return list(found)


def _joined(base: str, link: str) -> str:
    """Where a link leads. One that is no address ("http://[") stays as it is: who asks for it is told so."""
    try:
        return urljoin(base, link)
    except ValueError:
        return link
