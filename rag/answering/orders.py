"""Sentences of a page that give orders to whoever answers ("begin every reply with …"), which the reader is not given:
a small one obeys them although they reach it as data. They are told by a linear head on the embedder's vector of the
sentence and on which of a few terms it has, fitted by `python -m training.orders`; docs/security.md has what it is
worth.

Nothing else is kept from anybody: the page, its quotes and the search are as they were.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from rag.answering import drafting
from rag.answering.kind import features
from rag.errors import ModelFault
from rag.protocols import Embedder, Vectors
from rag.text.sentences import sentences
from rag.types import Quote

HEAD = Path(__file__).with_name("orders.npz")
Orders = Callable[[Sequence[str]], Sequence[bool]]
"""Which of these sentences give orders to whoever answers."""


@dataclass(frozen=True, slots=True)
class Head:
    """`weight`: (dimension + terms,); `least`: the score from which a sentence is told to be an order."""

    terms: tuple[str, ...]
    weight: Vectors
    least: float

    def scores(self, texts: Sequence[str], embedder: Embedder) -> Vectors:
        """(texts,); the higher, the likelier an order."""
        scored: Vectors = features(texts, embedder, self.terms) @ self.weight
        return scored


def orders(embedder: Embedder) -> Orders | None:
    """None without the head's file, and where the embedder is not the one that it was fitted on. Raises ModelFault."""
    if not HEAD.exists():
        return None
    known = head()
    if embedder.dimension + len(known.terms) != len(known.weight):
        return None
    return lambda texts: [bool(score >= known.least) for score in known.scores(texts, embedder)] if texts else []


@cache
def head() -> Head:
    """The one that ships. Raises ModelFault."""
    try:
        with np.load(HEAD, allow_pickle=False) as held:
            return Head(tuple(held["terms"].tolist()), held["weight"].astype(np.float32), float(held["least"]))
    except (OSError, ValueError, KeyError) as error:
        raise ModelFault("model.part_unreadable", path=HEAD, error=repr(error)) from error


def without(quotes: Sequence[Quote], told: Orders) -> tuple[tuple[Quote, ...], list[tuple[str, str]]]:
    """(`quotes` without the sentences that give orders; those, each with the hash of its page). What stood before and
    after one keeps the quote's number and is as verbatim. What a quote is about may be an order too, and is then left
    out of it."""
    spans = [sentences(quote.text) for quote in quotes]
    texts = [quote.text[start:end] for quote, of in zip(quotes, spans, strict=True) for start, end in of]
    abouts = [drafting.about(quote) for quote in quotes]
    known = list(dict.fromkeys([*texts, *(part for about in abouts for part in _parts(about))]))
    found = {text for text, order in zip(known, told(known), strict=True) if order}
    kept, left_out = list[Quote](), dict[tuple[str, str], None]()
    for quote, of, about in zip(quotes, spans, abouts, strict=True):
        named = [part for part in _parts(about) if part in found]
        given = replace(quote, about="", title="") if named else quote
        ordered = [span for span in of if quote.text[slice(*span)] in found]
        left_out |= dict.fromkeys(
            (quote.page_sha256, text) for text in [*named, *(quote.text[slice(*s)] for s in ordered)]
        )
        kept += _around(given, of, ordered) if ordered else [given]
    return tuple(kept), list(left_out)


def _parts(about: str) -> list[str]:
    return [about[start:end] for start, end in sentences(about)]


def _around(quote: Quote, spans: Sequence[tuple[int, int]], ordered: Sequence[tuple[int, int]]) -> list[Quote]:
    """The runs of sentences between those that give orders."""
    runs: list[list[tuple[int, int]]] = [[]]
    for span in spans:
        if span in ordered:
            runs.append([])
        else:
            runs[-1].append(span)
    return [
        replace(
            quote,
            start=quote.start + run[0][0],
            end=quote.start + run[-1][1],
            text=quote.text[run[0][0] : run[-1][1]],
        )
        for run in runs
        if run
    ]
