"""ALCE's citation recall and precision from any judge (Gao et al. 2023, eval.py compute_autoais).

With another judge than its 11B model the figures are not ALCE's: name the judge beside them, and its own accuracy.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from eval.metrics.stats import mean
from rag.checking.metrics import counts
from rag.history.statistics import Figure, clustered

Judge = Callable[[tuple[str, ...], str], bool | None]
"""(passages to be read as one text, claim) -> whether they entail it; None where it could not be judged."""


@dataclass(frozen=True, slots=True)
class Cited:
    """A sentence without its marks, and the passages it cites, numbered from 1."""

    text: str
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Citations:
    """One answer's recall and precision; both None where it has no sentence (it abstained)."""

    recall: float | None
    precision: float | None


def citations(sentences: Sequence[Cited], passages: Sequence[str], judge: Judge) -> Citations:
    """Recall and precision of one answer.

    Recall: the share of sentences entailed by all they cite, read together; one that cites nothing, or a number out of
    range, is 0. Precision: the share of citations that count; one counts if its sentence has recall 1 and it stands
    alone, or alone entails, or the others without it do not. 0 for an answer that cites nothing.
    Departures: a citation out of range stays in the divisor (ALCE leaves it out, which rewards inventing them), a
    number below 1 is out of range, and what could not be judged (None) never helps.
    """
    if not sentences:
        return Citations(None, None)
    entailed = counted = 0
    for sentence in sentences:
        cited = sentence.citations
        if not cited or any(not 1 <= number <= len(passages) for number in cited):
            continue
        texts = [passages[number - 1] for number in cited]
        if judge(tuple(texts), sentence.text):
            entailed += 1
            said = partial(_said, judge, sentence.text)
            counted += sum(counts(at, texts, said) for at in range(len(texts)))
    given = sum(len(sentence.citations) for sentence in sentences)
    return Citations(entailed / len(sentences), counted / given if given else 0.0)


def citation_recall(answers: Sequence[Citations]) -> Figure:
    """The mean over answers of the mean over their sentences; abstentions are out of n."""
    return mean(answer.recall for answer in answers)


def citation_precision(answers: Sequence[Citations]) -> Figure:
    """The mean over answers of their precision; abstentions are out of n, answers without a citation are 0."""
    return mean(answer.precision for answer in answers)


def citation_validity(answers: Sequence[tuple[Sequence[Cited], int]]) -> Figure:
    """The share of citations that point to a passage there is; an answer is (sentences, number of passages). Ours."""
    given = [[number for one in sentences for number in one.citations] for sentences, _ in answers]
    good = [sum(1 <= number <= n for number in numbers) for numbers, (_, n) in zip(given, answers, strict=True)]
    return clustered(good, [len(numbers) for numbers in given])


def sentences_cited(answers: Sequence[Sequence[Cited]]) -> Figure:
    """The share of sentences that cite anything. Ours."""
    return clustered([sum(bool(one.citations) for one in answer) for answer in answers], [len(one) for one in answers])


def _said(judge: Judge, claim: str, passages: Sequence[str]) -> bool | None:
    return judge(tuple(passages), claim)
