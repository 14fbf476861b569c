"""Numbers of one answer, from its sentences and their verdicts."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from rag.types import COMPUTED, VERBATIM, Quote, Rate, Sentence, Verdict

T = TypeVar("T")
Judging = Callable[[Sequence[Quote], str], Verdict]


def faithfulness(sentences: Sequence[Sentence]) -> Rate:
    """Supported sentences over all sentences; one that could not be judged stays in the denominator."""
    return Rate(sum(s.verdict.label == "supported" for s in sentences), len(sentences))


def unjudged(sentences: Sequence[Sentence]) -> int:
    return sum(s.verdict.label == "unjudged" for s in sentences)


def citations(sentences: Sequence[Sentence], quotes: Sequence[Quote], judging: Judging, again: bool) -> dict[str, Rate]:
    """Citation recall and precision; with `again`, `judging` first gives every sentence its verdict anew, those in
    their quotes' own words too. What was computed is left out: no judge of words can say whether a sum is right."""
    sentences = [sentence for sentence in sentences if sentence.verdict.judge != COMPUTED]
    if again:
        kept = {quote.id: quote for quote in quotes}
        sentences = [
            replace(sentence, verdict=judging([kept[number] for number in sentence.citations], sentence.text))
            for sentence in sentences
        ]
    return {
        "citation_recall": citation_recall(sentences),
        "citation_precision": citation_precision(sentences, quotes, judging),
    }


def citation_recall(sentences: Sequence[Sentence]) -> Rate:
    """ALCE (Gao et al. 2023): a sentence counts when all its cited quotes together support it; without citation, 0."""
    return Rate(sum(bool(s.citations) and s.verdict.label == "supported" for s in sentences), len(sentences))


def citation_precision(sentences: Sequence[Sentence], quotes: Sequence[Quote], judging: Judging) -> Rate:
    """ALCE: the share of citations that count (see `counts`); those of a sentence that is not supported do not. A
    sentence in its quotes' own words needs each of them. `judging` is asked only about other sentences with several
    citations."""
    kept = {quote.id: quote for quote in quotes}
    right = 0
    for sentence in sentences:
        if sentence.verdict.label != "supported":
            continue
        if sentence.verdict.judge == VERBATIM:
            right += len(sentence.citations)
            continue
        cited = [kept[number] for number in sentence.citations]
        says = partial(_says, judging, sentence.text)
        right += sum(counts(at, cited, says) for at in range(len(cited)))
    return Rate(right, sum(len(sentence.citations) for sentence in sentences))


def counts(at: int, cited: Sequence[T], supports: Callable[[Sequence[T]], bool | None]) -> bool:
    """ALCE: whether citation number `at` (from 0) of a sentence that all `cited` support counts: it stands alone, or
    supports it alone, or the others without it do not. What could not be judged (None) never helps."""
    others = [*cited[:at], *cited[at + 1 :]]
    return not others or supports([cited[at]]) is True or supports(others) is False


def _says(judging: Judging, claim: str, quotes: Sequence[Quote]) -> bool | None:
    verdict = judging(quotes, claim)
    return None if verdict.label == "unjudged" else not verdict.refused
