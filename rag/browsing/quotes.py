"""Finding a verbatim span: the one place where a quote comes into being."""

import re
from collections.abc import Iterator

from rag.browsing.view import alike, unmarked
from rag.errors import NotVerbatim
from rag.text.headings import heading_path, headings
from rag.text.locator import locator
from rag.text.passage import head, subject
from rag.types import Page, Quote, Span

# What counts as the same character when looking for a quote; the span kept is always the page's own text.
LONGEST = 4000  # characters; what is longer is looked for to the letter only
_SKIPPED = re.compile(r"[\s\u200b\u200c\u200d\u2060\ufeff]+")


def locate(text: str, page: Page, near: int = 0) -> Span:
    """The span of `page.text` that reads `text`, the one closest to offset `near`.

    Case and white space are ignored, as in WebGPT's Quote command; ``start━end`` stands for all from
    `start` to the next `end`. What was copied from a view (`rag.browsing.view`) counts as what it was there for.
    Raises NotVerbatim.
    """
    for wanted in dict.fromkeys((text, unmarked(text))):
        span = _nearest(wanted, page.text, near) or _from_to(wanted, page.text, near)
        if span:
            return span
    raise not_there(text, page)


def following(text: str, page: Page, after: int) -> Span:
    """The first span at or after the offset `after` that reads `text`; from the top where there is none.
    Raises NotVerbatim."""
    for wanted in dict.fromkeys((text, unmarked(text))):
        spans = list(_spans(wanted, page.text)) if wanted.strip() else []
        if spans:
            return next((span for span in spans if span[0] >= after), spans[0])
    raise not_there(text, page)


def not_there(text: str, page: Page, code: str = "step.not_verbatim") -> NotVerbatim:
    shown = text if len(text) <= 60 else text[:57] + "…"
    return NotVerbatim(code, text=shown, page=page.title or page.uri)


def _from_to(wanted: str, text: str, near: int) -> Span | None:
    first, bar, last = wanted.partition("━")
    span = _nearest(first, text, near) if bar else None
    tail = _nearest(last, text, span[1], at_least=span[1]) if span else None
    return (span[0], tail[1]) if span and tail else None


def _nearest(wanted: str, text: str, near: int, at_least: int = 0) -> Span | None:
    if not wanted.strip():
        return None
    shifted = [(start + at_least, end + at_least) for start, end in _spans(wanted, text[at_least:])]
    return min(shifted, key=lambda span: abs(span[0] - near), default=None)


def _spans(wanted: str, text: str) -> Iterator[Span]:
    """Where `text` reads `wanted` to the letter, or, where it nowhere does, without regard to case and white space."""
    exact = [match.span() for match in re.finditer(re.escape(wanted), text)]
    short = len(wanted) <= LONGEST and _SKIPPED.sub("", wanted)
    loose = _loose(wanted).finditer(text) if short and not exact else ()
    yield from exact or (match.span() for match in loose)


def _loose(wanted: str) -> re.Pattern[str]:
    letters = ["[" + re.escape(alike(letter)) + "]" for letter in _SKIPPED.sub("", wanted)]
    return re.compile(r"[\s\u200b\u200c\u200d\u2060\ufeff]*".join(letters), re.IGNORECASE)


def quote(number: int, span: Span, page: Page) -> Quote:
    """The quote of `page` at `span`, to be cited as ``[number]``."""
    start, end = span
    heading = heading_path(headings(page), page.text, span)
    text = page.text[start:end]
    about = head(subject(page), heading, text)
    where = locator(page, span)
    return Quote(number, text, page.uri, page.title, page.sha256, start, end, heading, page.date, about, where)
