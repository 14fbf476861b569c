"""What people said of answers as votes: which of two answers to one question is better."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from rag.history.feedback import Choice, Feedback
from rag.learning.features import Candidate, candidate, normalised, unmarked

Origin = Literal["comparison", "thumbs", "correction", "sentence"]
PREFERRED: Mapping[Choice, float] = {"left": 1.0, "right": 0.0, "tie": 0.5, "neither": 0.5}


@dataclass(frozen=True, slots=True)
class Vote:
    """`preferred`: 1 where the left answer is the better, 0 where the right one is, 1/2 for a tie."""

    id: str
    left: Candidate
    right: Candidate
    preferred: float
    origin: Origin

    @property
    def group(self) -> str:
        """Votes of one question are of one group."""
        return normalised(self.left.question)


def votes(feedback: Feedback) -> list[Vote]:
    """All that can be learned from, each by an id of its own: comparisons; of the answers to one question those called
    good over those called bad; a correction over what it put right; an answer without a sentence that was called wrong
    or beside the point over the same with it.

    A correction is read over the evidence that the run had: with itself among the evidence, to be as near to that as
    can be would be all that is learned. Silence is no answer, and equal answers say nothing."""
    found = {
        vote.id: vote for vote in (*_compared(feedback), *_thumbs(feedback), *_corrected(feedback), *_words(feedback))
    }
    return [vote for vote in found.values() if vote.left.text and vote.right.text and vote.left.text != vote.right.text]


def _compared(feedback: Feedback) -> Iterator[Vote]:
    for made, pair in feedback.pairs():
        sides = [candidate({**side, "question": pair.question}) for side in (pair.left, pair.right)]
        yield Vote(made, sides[0], sides[1], PREFERRED[pair.choice], "comparison")


def _thumbs(feedback: Feedback) -> Iterator[Vote]:
    said: dict[str, dict[bool, dict[str, Mapping[str, Any]]]] = defaultdict(lambda: {True: {}, False: {}})
    for one in feedback.opinions():
        said[normalised(one.answer["question"])][one.good][one.answer["id"]] = one.answer
    for of in said.values():
        for good in of[True].values():
            for bad in of[False].values():
                yield Vote(f"{good['id']}>{bad['id']}", candidate(good), candidate(bad), 1.0, "thumbs")


def _corrected(feedback: Feedback) -> Iterator[Vote]:
    for one in feedback.opinions():
        if said := one.correction.strip():
            yield Vote(f"{one.answer['id']}!", candidate(one.answer, said), candidate(one.answer), 1.0, "correction")


def _words(feedback: Feedback) -> Iterator[Vote]:
    for one in feedback.remarks():
        told = [unmarked(sentence["text"]) for sentence in one.answer.get("sentences", ())]
        if one.word == "right citation" or one.sentence >= len(told):
            continue
        rest = " ".join(told[: one.sentence] + told[one.sentence + 1 :])
        if rest:
            whole = candidate(one.answer, " ".join(told))
            yield Vote(f"{one.answer['id']}#{one.sentence}", candidate(one.answer, rest), whole, 1.0, "sentence")
