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
    subjects = [subject(hit) for hit in hits]
    if states is None:
        stated = [0.5] * len(hits)
        base = [-math.log(1 + place) for place in range(len(hits))]
    else:
        texts = [
            f"{about}… {hit.chunk.text}" if about else hit.chunk.text for about, hit in zip(subjects, hits, strict=True)
        ]
        stated = list(states(texts, question))
        base = [log_odds(value) for value in stated]
    shares = _shares(question, hits, subjects)
    found = [
        Ranked(hit, place, value, first + ABOUT * share)
        for place, (hit, value, first, share) in enumerate(zip(hits, stated, base, shares, strict=True), 1)
    ]
    return sorted(found, key=lambda one: -one.score)


def subject(hit: Hit) -> str:
    """What a passage is about: its page's title, the headings it stands under, and the page's first sentence where it
    is not in it."""
    opening = hit.opening if hit.chunk.start > 0 else ""
    return " › ".join(part for part in (hit.title, hit.chunk.heading, opening) if part)


def log_odds(probability: float) -> float:
    kept = min(max(probability, LEAST), 1 - LEAST)
    return math.log(kept / (1 - kept))


def _shares(question: str, hits: Sequence[Hit], subjects: Sequence[str]) -> list[float]:
    """Of each hit the share, against the best, of the question's terms in what its page is about, each term weighed by
    how few of the pages have it there."""
    asked = set(terms(question))
    of_page = {hit.chunk.uri: set(terms(f"{hit.title} {hit.opening}")) for hit in hits}
    seen = Counter(term for held in of_page.values() for term in held & asked)
    weights = {term: math.log(1 + len(of_page) / count) for term, count in seen.items()}
    values = [
        sum(
            weights.get(term, math.log(1 + len(of_page)))
            for term in asked & (of_page[hit.chunk.uri] | set(terms(about)))
        )
        for hit, about in zip(hits, subjects, strict=True)
    ]
    best = max(values)
    return [value / best if best else 0.0 for value in values]
