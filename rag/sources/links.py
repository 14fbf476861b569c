"""The links of a page: which words of its text lead where.

The text of a page is an extraction, without mark-up, so a link is found again by its words and the words before or
after it; one that lies in what the extraction left out (a menu) is not found, and that is as it should be.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from lxml import etree  # type: ignore[import-untyped]

from rag.types import Link

MOST = 2000  # links of one page that are looked at
LONGEST = 200  # characters of a link's text
_BESIDE = (24, 8)  # letters before or after a link by which its place is known
_BARE = 12  # letters of a link that is known by itself, where they stand in the text once
_MARKDOWN = re.compile(r"(?<!!)\[([^\[\]\n]{1,200})\]\(\s*<?([^()\s<>]+)>?(?:\s+[\"'][^\n]*?[\"'])?\s*\)")
_ADDRESS = re.compile(
    r"https?://[^\s<>\"'()\[\]{}（）【】《》“”，。；、]+[^\s<>\"'()\[\]{}（）【】《》“”，。；、.,;:!?]"
)


@dataclass(frozen=True, slots=True)
class _Letters:
    """Letters and digits of a text and where each stands in it: what survives of a text however it is laid out."""

    text: str
    places: list[int]


def of_webpage(tree: "etree._Element", text: str, uri: str) -> tuple[Link, ...]:
    """The links of a parsed page whose extracted text is `text`, in its order."""
    whole, article = _letters(_strings(tree)), _letters([text])
    bases = tree.xpath("//base/@href")
    base = (absolute(uri, str(bases[0])) or uri) if bases else uri
    found: list[Link] = []
    at = 0
    for start, end, href in _anchors(tree):
        address = absolute(base, href)
        place = _place(whole.text, start, end, article.text, at) if address and end > start else -1
        if place >= 0:
            at = place + end - start
            found.append(Link(article.places[place], article.places[at - 1] + 1, address))
    return in_order(found)


def of_text(text: str, uri: str) -> tuple[Link, ...]:
    """Markdown links, by the text in their brackets, and bare web addresses."""
    named = [(found.span(1), found.group(2)) for found in _MARKDOWN.finditer(text)]
    taken = [found.span() for found in _MARKDOWN.finditer(text)]
    bare = [
        (found.span(), found.group())
        for found in _ADDRESS.finditer(text)
        if not any(start <= found.start() < end for start, end in taken)
    ]
    links = [Link(*span, address) for span, href in [*named, *bare] if (address := absolute(uri, href))]
    return in_order(links)


def in_order(links: Iterable[Link]) -> tuple[Link, ...]:
    """By place, those left out that overlap one before them or are too long."""
    kept: list[Link] = []
    for link in sorted(links, key=lambda link: link.start):
        if link.end - link.start <= LONGEST and (not kept or link.start >= kept[-1].end):
            kept.append(link)
    return tuple(kept[:MOST])


def absolute(base: str, href: str) -> str:
    """Where `href` leads from the page `base`, a web address or the path of a file; "" for what cannot be opened or is
    the page itself."""
    try:
        joined = urldefrag(urljoin(base, href.strip())).url
        scheme = urlsplit(joined).scheme
    except ValueError:  # "http://[" is no address
        return ""
    if scheme in ("http", "https"):
        return "" if joined == urldefrag(base).url else joined
    local = not scheme and not base.startswith(("http://", "https://")) and not href.lstrip().startswith("/")
    path = unquote(joined.partition("?")[0]) if local else ""
    return path if path != base and not path.endswith("/") else ""


def _place(whole: str, start: int, end: int, article: str, after: int) -> int:
    """Where ``whole[start:end]`` stands in `article`, from `after` on if it does; -1 where it cannot be told."""
    words = whole[start:end]
    for count in _BESIDE:
        for before, behind in ((count, 0), (0, count)):
            wanted = whole[max(0, start - before) : end + behind]
            if len(wanted) < len(words) + count:
                continue
            found = article.find(wanted, after)
            found = found if found >= 0 else article.find(wanted)
            if found >= 0:
                return found + (len(wanted) - len(words) if before else 0)
    if len(words) >= _BARE and (found := article.find(words)) >= 0 and article.find(words, found + 1) < 0:
        return found
    return -1


def _anchors(tree: "etree._Element") -> Iterator[tuple[int, int, str]]:
    """(start, end, href) of the links among the letters of all of the tree, in order."""
    at, left = 0, MOST
    opened: list[tuple[int, str]] = []
    walk = etree.iterwalk(tree, events=("start", "end"), tag=etree.Element)
    for event, element in walk:
        if event == "start":
            if element.tag == "a" and element.get("href"):
                opened.append((at, element.get("href")))
            at += _count(element.text) if element.tag not in _UNSEEN else 0
        else:
            if element.tag == "a" and element.get("href") and opened:
                start, href = opened.pop()
                left -= 1
                yield start, at, href
                if not left:
                    return
            at += _count(element.tail)


_UNSEEN = frozenset(("script", "style", "noscript", "template", "head", "title"))


def _strings(tree: "etree._Element") -> Iterator[str]:
    for event, element in etree.iterwalk(tree, events=("start", "end"), tag=etree.Element):
        if event == "start":
            yield (element.text or "") if element.tag not in _UNSEEN else ""
        else:
            yield element.tail or ""


def _count(text: str | None) -> int:
    return sum(letter.isalnum() for letter in text or "")


def _letters(texts: Iterable[str]) -> _Letters:
    kept: list[str] = []
    places: list[int] = []
    base = 0
    for text in texts:
        for at, letter in enumerate(text, base):
            if letter.isalnum():
                kept.append(letter)
                places.append(at)
        base += len(text)
    return _Letters("".join(kept), places)
