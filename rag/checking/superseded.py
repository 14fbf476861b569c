"""Which quotes an answer has of an earlier version of a text of whose later one it has the same passage."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from rag.text.versions import is_older, replaces, same_passage
from rag.types import Page, Quote


def superseded(kept: Sequence[Quote], pages: Mapping[str, Page]) -> dict[int, int]:
    """The number of each such quote, and of the one from the newest version. `pages` are those quoted, by their
    hash."""
    found: dict[int, int] = {}
    for quote in kept:
        later = [other for other in kept if _replaces(other, quote, pages)]
        if later:
            found[quote.id] = max(later, key=lambda other: other.date).id
    return found


def current(evidence: Sequence[Quote], kept: Sequence[Quote], pages: Mapping[str, Page]) -> tuple[Quote, ...]:
    """The evidence with the newest version's quote in the place of each that it supersedes."""
    newest, known = superseded(kept, pages), {quote.id: quote for quote in kept}
    return tuple({id: known[id] for quote in evidence if (id := newest.get(quote.id, quote.id)) in known}.values())


def told_superseded(kept: Sequence[Quote], pages: Mapping[str, Page]) -> tuple[Quote, ...]:
    """The quotes, each that is superseded with the title and date of what supersedes it."""
    newest, known = superseded(kept, pages), {quote.id: quote for quote in kept}
    return tuple(
        replace(quote, superseded=f"{by.title}, {by.date[:10]}")
        if (by := known.get(newest.get(quote.id, 0)))
        else quote
        for quote in kept
    )


def _replaces(newer: Quote, older: Quote, pages: Mapping[str, Page]) -> bool:
    if newer.uri == older.uri or newer.title != older.title or not is_older(older.date, newer.date):
        return False
    one, other = pages.get(newer.page_sha256), pages.get(older.page_sha256)
    return bool(one and other and replaces(one, other)) and same_passage(newer.text, older.text)
