"""Answers that proved good, shown to the reader as examples of how to answer: question and answer, without passages.

Proved good: every sentence was found supported, and somebody called the answer good, or most of several samples said
the same; and nobody called it bad, put it right, or called a sentence of it wrong. A correction is no demonstration: it
is a source.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rag.history.feedback import Feedback
from rag.learning.features import normalised, unmarked
from rag.protocols import Embedder
from rag.text.tokens import tokens
from rag.types import Kind

LONGEST = 90  # by `rag.text.tokens`, question and answer: some two seconds of a slow reader
AGREED, SAMPLES = 0.8, 3  # share of so many samples or more, from which an answer counts as consistent


@dataclass(frozen=True, slots=True)
class Demonstration:
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Proven:
    """A demonstration, and what it is chosen by: the language and the kind of its question."""

    demonstration: Demonstration
    language: str
    kind: str


@dataclass(frozen=True, slots=True)
class Demonstrations:
    """Chooses at most `most` of what `proven` gives. `barred` are questions, normalised, that none may come from: those
    of an evaluation."""

    proven: Callable[[], Sequence[Proven]]
    embedder: Embedder
    most: int
    barred: Collection[str] = frozenset()

    def __call__(self, question: str, kind: Kind, language: str) -> list[Demonstration]:
        """Those of the same kind in the same language whose questions are nearest, the nearest last; never the question
        itself. Raises ModelFault."""
        never = {normalised(question), *self.barred}
        open_to = {
            normalised(one.demonstration.question): one.demonstration
            for one in self.proven()
            if (one.language, one.kind) == (language, kind)
        }
        found = [one for asked, one in open_to.items() if asked not in never]
        if not found:
            return []
        vectors = self.embedder.queries([question, *(one.question for one in found)])
        near = vectors[1:] @ vectors[0]
        return [found[at] for at in sorted(range(len(found)), key=lambda at: float(near[at]))[-self.most :]]


def proven(
    answers: Iterable[Mapping[str, Any]], feedback: Feedback, index: str, owner: str | None = None
) -> list[Proven]:
    """Of the index of that name: those that `owner` called good (anybody, for None), and of `answers` (of
    `rag.export.json.as_json`) those that are consistent. Short ones only."""
    opinions, remarks = feedback.opinions(), feedback.remarks()
    refused = {one.answer["id"] for one in opinions if not one.good}
    refused |= {one.answer["id"] for one in remarks if one.word != "right citation"}
    bad = {normalised(one.answer["question"]) for one in opinions if not one.good}
    good = [one.answer for one in feedback.opinions(owner) if one.good]
    consistent = [one for one in answers if _consistent(one) and normalised(one["question"]) not in bad]
    found = {}
    for answer in (*consistent, *good):
        made = demonstration(answer)
        if answer["id"] not in refused and answer.get("index", {}).get("name") == index and verified(answer) and made:
            found[answer["id"]] = Proven(made, answer["language"], (answer.get("plan") or {}).get("kind", "fact"))
    return list(found.values())


def demonstration(answer: Mapping[str, Any]) -> Demonstration | None:
    """Of an answer (of `rag.export.json.as_json`); None where that is too long to be read each time, or was worked out
    by a program."""
    made = Demonstration(" ".join(answer["question"].split()), " ".join(unmarked(answer["answer"]).split()))
    computed = any(sentence.get("computation") for sentence in answer["sentences"])
    return None if computed or tokens(f"{made.question} {made.answer}") > LONGEST else made


def verified(answer: Mapping[str, Any]) -> bool:
    """Whether every sentence of an answer (of `rag.export.json.as_json`) was found supported."""
    told = answer["sentences"]
    return answer["status"] == "answered" and bool(told) and all(one["verdict"] == "supported" for one in told)


def _consistent(answer: Mapping[str, Any]) -> bool:
    agreed = answer["metrics"].get("agreement")
    return bool(agreed) and agreed["n"] >= SAMPLES and agreed["hits"] / agreed["n"] >= AGREED
