"""Finding a verbatim span: the one place where a quote comes into being."""

import re

from rag.errors import NotVerbatim
from rag.types import Page, Quote, Span

# What counts as the same character when looking for a quote; the span kept is always the page's own text.
_SKIPPED = re.compile(r"[\s\u200b\u200c\u200d\u2060\ufeff]+")


def locate(text: str, page: Page, near: int = 0) -> Span:
    """The span of `page.text` that reads `text`, the one closest to offset `near`.

    Case and white space are ignored, as in WebGPT's Quote command; ``start━end`` stands for all from
    `start` to the next `end`. Raises NotVerbatim.
    """
    first, bar, last = text.partition("━")
    span = _nearest(first, page.text, near)
    if span and bar:
        tail = _nearest(last, page.text, span[1], at_least=span[1])
        span = (span[0], tail[1]) if tail else None
    if not span:
        shown = text if len(text) <= 60 else text[:57] + "…"
        raise NotVerbatim(f"“{shown}” does not stand in {page.title or page.uri}.")
    return span


def _nearest(wanted: str, text: str, near: int, at_least: int = 0) -> Span | None:
    if not wanted.strip():
        return None
    exact = [match.span() for match in re.finditer(re.escape(wanted), text[at_least:])]
    spans = exact or [match.span() for match in _loose(wanted).finditer(text[at_least:])]
    shifted = [(start + at_least, end + at_least) for start, end in spans]
    return min(shifted, key=lambda span: abs(span[0] - near), default=None)


def _loose(wanted: str) -> re.Pattern[str]:
    letters = [re.escape(letter) for letter in _SKIPPED.sub("", wanted)]
    return re.compile(r"[\s\u200b\u200c\u200d\u2060\ufeff]*".join(letters), re.IGNORECASE)


def quote(number: int, span: Span, page: Page) -> Quote:
    """The quote of `page` at `span`, to be cited as ``[number]``."""
    start, end = span
    return Quote(number, page.text[start:end], page.uri, page.title, page.sha256, start, end)
