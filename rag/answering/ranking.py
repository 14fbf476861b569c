"""Which of the passages found answer a question: by the small judge's word, and by the order of the search.

A passage's score is the log odds that it states the answer, less the log of its rank. On the development sets (facts
over forty similar company reports a language, n = 44; the fixture, 36; open questions, 32) the evidence so comes first
in .71 to 1.0 of a set and among four in .83 to 1.0; by the judge alone first in .53 to .90. What a passage's page is
about is in what the judge reads and in what was embedded; weighing it once more gained nothing.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.answering.names import named
from rag.types import Hit, Stated

States = Callable[[Sequence[str], str], Sequence[Stated]]
"""(passages, question in their language) -> whether each states the answer, and where."""
LEAST = 1e-5  # probability; nearer 0 or 1 than this tells nothing more
NAMED = 2.0  # log odds that a passage loses which holds nothing of the name in the question
ITS_OWN, ANOTHERS = 0.9, 0.5  # share of the name from which a passage is about it, and below which about another
BELIEVED = 0.95  # of the belief over all passages found, in those that are kept


@dataclass(frozen=True, slots=True)
class Ranked:
    """A hit, its rank in the results (from 1), P(it states the answer), and the score it is ordered by."""

    hit: Hit
    rank: int
    stated: float
    score: float


def rank(question: str, hits: Sequence[Hit], states: States | None, strict: bool = True) -> list[Ranked]:
    """The hits, best first. Without `states` in the order of the search. Where some are about what the question names,
    those about another are left out if `strict`, and come later if not: of a question that asks for more than one
    thing, a part of the answer often stands on a page that is about something else."""
    about = named(question, hits)
    least = ANOTHERS if strict and max(about, default=0.0) >= ITS_OWN else 0.0
    kept = [
        (hit, place, share) for place, (hit, share) in enumerate(zip(hits, about, strict=True), 1) if share >= least
    ]
    read = [about_first(hit.about, hit.chunk.text) for hit, _, _ in kept]
    stated = [one.probability for one in states(read, question)] if states and kept else [0.5] * len(kept)
    found = [
        Ranked(hit, place, value, _log_odds(value) - math.log(place) - NAMED * (1 - share))
        for (hit, place, share), value in zip(kept, stated, strict=True)
    ]
    return sorted(found, key=lambda one: -one.score)


def believed(found: Sequence[Ranked]) -> list[Ranked]:
    """The first of those found, best first, that hold BELIEVED of the belief: the score is a log weight, so that e to
    its power, divided by the sum over all, is what a passage has of it."""
    weights = [math.exp(one.score) for one in found]
    enough, held = BELIEVED * sum(weights), 0.0
    for count, weight in enumerate(weights, 1):
        held += weight
        if held >= enough:
            return list(found[:count])
    return list(found)


def about_first(about: str, text: str) -> str:
    """A passage as the small judge reads it: after what it is about."""
    return f"{about}: {text}" if about else text


def _log_odds(probability: float) -> float:
    kept = min(max(probability, LEAST), 1 - LEAST)
    return math.log(kept / (1 - kept))
