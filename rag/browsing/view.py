"""What of a page is in view, and how it is shown: the article only, its links numbered.

Page text is data. Nothing in it can pass for one of the browser's own marks (♦, 【id†text†domain】) or close the fence
it stands in: the characters these are made of are shown as others that look alike. `plain` undoes it for comparing.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import takewhile
from urllib.parse import urlsplit

from rag.text.tokens import fitting, tokens
from rag.types import Link, Page, Span

WINDOW = 2000  # characters of a page that are in view at once, at most
ROOM = 1000  # tokens that they may take as they are shown
LONGEST_LINK = 120  # characters of a link's text; a longer one is shown as plain text
_LOOKALIKES = {"♦": "◇", "【": "〔", "】": "〕", "†": "‡", "<": "‹", ">": "›", "━": "─"}
_SHOWN = str.maketrans(_LOOKALIKES)
_MARKED = re.compile("【[0-9]+†([^†【】]*)†[^†【】]*】")


def shown(text: str) -> str:
    """`text` without the characters that the browser's own marks are made of; as long as it was."""
    return text.translate(_SHOWN)


def one_line(text: str) -> str:
    return " ".join(shown(text).split())


def unmarked(text: str) -> str:
    """What a model copied from a view, links' marks taken off their texts."""
    return _MARKED.sub(r"\1", text)


def domain(address: str) -> str:
    """The host of a web address, the name of a file."""
    split = urlsplit(address) if "://" in address else None
    name = split.netloc.rpartition("@")[2] if split else address.rstrip("/").rpartition("/")[2]
    return one_line(name)[:60]


def mark(number: int, text: str, address: str) -> str:
    """A link as it is shown: 【3†Corvane Cells†courier.delta.example】."""
    return f"【{number}†{one_line(text)}†{domain(address)}】"


def body(page: Page) -> tuple[Span, ...]:
    """The spans that may be seen and quoted: the article, or all of a page of which no article is known."""
    return page.body or ((0, len(page.text)),)


def window(page: Page, position: int, room: int = ROOM) -> Span:
    """What is in view from `position` on: at most WINDOW characters of the article that, as they are shown, take at
    most `room` tokens; one character at least while there is one. (len, len) at the page's end."""
    start: int | None = None
    end = position
    letters, left = WINDOW, room
    for piece_start, piece_end, link in _pieces(page, position):
        left -= start is not None and piece_start > end  # what lies between is shown as the end of a line
        if left <= 0:
            break
        text = page.text[piece_start : min(piece_end, piece_start + letters)]
        whole = _seen(page, piece_start, piece_end, link)
        if link and (piece_end - piece_start > letters or tokens(whole) > left):
            if start is not None:
                break
            link = 0  # nothing is in view yet: rather half a link than nothing
        fits = len(text) if link else fitting(shown(text), left)
        if start is None:
            start, fits = piece_start, max(1, fits)
        end = piece_start + fits
        left -= tokens(whole) if link else tokens(shown(text[:fits]))
        letters -= fits
        if end < piece_end or letters <= 0 or left <= 0:
            break
    return (len(page.text), len(page.text)) if start is None else (start, end)


def above(page: Page, position: int, room: int = ROOM) -> int:
    """Where the window begins that ends at `position`, or as near before it as can be."""
    low, high = max(0, position - 2 * WINDOW), position
    while low < high:  # the earliest start whose window still reaches `position`
        middle = (low + high) // 2
        if window(page, middle, room)[1] >= position:
            high = middle
        else:
            low = middle + 1
    return min(low, max(0, position - 1))


def lines(page: Page, span: Span) -> str:
    """The article's text in `span` as it is shown."""
    told: list[str] = []
    before = span[0]
    for start, end, link in _pieces(page, span[0]):
        if start >= span[1]:
            break
        if start > before:
            told.append("\n")
        stop = min(end, span[1])
        told.append(_seen(page, start, stop, link if stop == end else 0))
        before = stop
    return "".join(told)


def _seen(page: Page, start: int, end: int, link: int) -> str:
    text = page.text[start:end]
    return mark(link, text, page.links[link - 1].address) if link else shown(text)


def _pieces(page: Page, position: int) -> Iterator[tuple[int, int, int]]:
    """(start, end, number of the link or 0) of the article from `position` on, in order."""
    spans = body(page)
    for span_start, span_end in spans[max(0, bisect_right(spans, (position, len(page.text) + 1)) - 1) :]:
        at = max(span_start, position)
        for number, link in _links(page, at):
            if link.start >= span_end:
                break
            if link.start < at or link.end > span_end or link.end - link.start > LONGEST_LINK:
                continue
            if link.start > at:
                yield at, link.start, 0
            yield link.start, link.end, number
            at = link.end
        if at < span_end:
            yield at, span_end, 0


def _links(page: Page, position: int) -> Iterator[tuple[int, Link]]:
    first = bisect_right(page.links, position - 1, key=lambda link: link.start)
    for number in range(first, len(page.links)):
        yield number + 1, page.links[number]


def numbers(page: Page, span: Span) -> list[int]:
    """The numbers of the links that are shown as such in `span`."""
    pieces = takewhile(lambda piece: piece[0] < span[1], _pieces(page, span[0]))
    return [link for _, end, link in pieces if link and end <= span[1]]


def alike(letter: str) -> str:
    """The characters that a quote may have where it was shown `letter`."""
    return letter + _ORIGINAL.get(letter, "")


_ORIGINAL = {seen: real for real, seen in _LOOKALIKES.items()}
