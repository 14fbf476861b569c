"""Which of the passages found answer a question: by the small judge's word, and by what their pages are about."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.text import terms
from rag.types import Hit

States = Callable[[Sequence[str], str], Sequence[float]]
"""(passages, question in their language) -> P(states the answer) of each."""
ABOUT = 4.0  # log odds that a page about all that the question names has before one about none of it
LONGEST_LINE = 140  # characters
LEAST = 1e-5  # probability; nearer 0 or 1 than this tells nothing more


@dataclass(frozen=True, slots=True)
class Ranked:
    """A hit, its rank in the results (from 1), P(it states the answer), and the score it is ordered by."""

    hit: Hit
    rank: int
    stated: float
    score: float


def rank(question: str, hits: Sequence[Hit], states: States | None) -> list[Ranked]:
    """The hits, best first: log odds that the passage, read with what its page is about, states the answer, plus ABOUT
    times the share of the question's rare terms that stand in title, heading and opening. Without `states` the order
    of the search stands in its place."""
    if not hits:
        return []
    if states is None:
        stated = [0.5] * len(hits)
        base = [-math.log(1 + place) for place in range(len(hits))]
    else:
        texts = [f"{hit.about}\n{hit.chunk.text}" if hit.about else hit.chunk.text for hit in hits]
        stated = list(states(texts, question))
        base = [log_odds(value) for value in stated]
    shares = _shares(question, hits)
    found = [
        Ranked(hit, place, value, first + ABOUT * share)
        for place, (hit, value, first, share) in enumerate(zip(hits, stated, base, shares, strict=True), 1)
    ]
    return sorted(found, key=lambda one: -one.score)


def log_odds(probability: float) -> float:
    kept = min(max(probability, LEAST), 1 - LEAST)
    return math.log(kept / (1 - kept))


def _shares(question: str, hits: Sequence[Hit]) -> list[float]:
    """Of each hit the share, against the best, of the question's terms in what its page is about, each term weighed by
    how few of the pages have it there."""
    asked = set(terms(question))
    of_page: dict[str, set[str]] = {}
    for hit in hits:
        of_page.setdefault(hit.chunk.uri, set()).update(terms(f"{hit.title}\n{hit.about}"))
    seen = Counter(term for held in of_page.values() for term in held & asked)
    weights = {term: math.log(1 + len(of_page) / max(1, seen[term])) for term in asked}
    said = [set(terms(f"{hit.title}\n{hit.about}\n{_first_line(hit)}")) for hit in hits]
    values = [sum(weights[term] for term in asked & held) for held in said]
    best = max(values)
    return [value / best if best else 0.0 for value in values]


def _first_line(hit: Hit) -> str:
    """What a page opens with goes before all its chunks but the one that begins so."""
    return hit.chunk.text.partition("\n")[0][:LONGEST_LINE] if hit.chunk.start == 0 else ""
