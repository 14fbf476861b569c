"""Where sentences end."""

import re
from collections.abc import Iterator

from rag.text.scripts import HAN
from rag.types import Span

_CLOSERS = "\"'”’」』》】)）\\]"
_END = re.compile(
    rf"[。！？!?…؟।]+[{_CLOSERS}]*"  # full stops that need no space after them
    rf"|\.+[{_CLOSERS}]*(?=\s|$|[{HAN}])"  # the Latin one, which also stands in 3.5 and www.x.org
    r"|[;；](?=\s*\n)"
    r"|\n+"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|vs|etc|e\.g|i\.e|cf|al|Fig|Vol|pp|Inc|Ltd|Co|Gen|Col|Capt|Sen|Rep|Gov"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|U\.S|U\.K|a\.m|p\.m)|(?:^|[\s(])[A-Z])$"
)


def sentences(text: str, start: int = 0, end: int | None = None) -> list[Span]:
    """Spans of the sentences of ``text[start:end]``, in order, without surrounding white space.

    A line break ends a sentence: saved pages break lines where blocks end. What lies between
    two spans is white space only.
    """
    stop = len(text) if end is None else end
    return list(_pieces(text, start, stop))


def _pieces(text: str, start: int, stop: int) -> Iterator[Span]:
    at = start
    for match in _END.finditer(text, start, stop):
        if match.group().startswith(".") and _goes_on(text, at, match.start(), match.end(), stop):
            continue
        span = _strip(text, at, match.end())
        if span:
            yield span
        at = match.end()
    span = _strip(text, at, stop)
    if span:
        yield span


def _goes_on(text: str, start: int, dot: int, after: int, stop: int) -> bool:
    """Whether a full stop is inside a sentence: an abbreviation, an initial, a list number, or a small letter next."""
    if re.fullmatch(r"\s*\(?\d{1,3}(?:\.\d{1,3})*", text[start:dot]):
        return True
    rest = text[after : min(stop, after + 2)].lstrip(" ")
    return bool(_ABBREVIATION.search(text, max(start, dot - 12), dot)) or rest[:1].islower()


def _strip(text: str, start: int, end: int) -> Span | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return (start, end) if start < end else None
