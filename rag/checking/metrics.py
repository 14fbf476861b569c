"""Numbers of one answer, from its sentences and their verdicts."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from rag.types import VERBATIM, Quote, Rate, Sentence, Verdict

Judging = Callable[[Sequence[Quote], str], Verdict]


def faithfulness(sentences: Sequence[Sentence]) -> Rate:
    """Supported sentences over all sentences; one that could not be judged stays in the denominator."""
    return Rate(sum(s.verdict.label == "supported" for s in sentences), len(sentences))


def unjudged(sentences: Sequence[Sentence]) -> int:
    return sum(s.verdict.label == "unjudged" for s in sentences)


def citations(sentences: Sequence[Sentence], quotes: Sequence[Quote], judging: Judging, again: bool) -> dict[str, Rate]:
    """Citation recall and precision; with `again`, `judging` first gives every sentence its verdict anew, those in
    their quotes' own words too."""
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
    """ALCE: a citation counts when its sentence is supported and the citation alone supports it, or the others
    without it do not. A sentence in its quotes' own words needs each of them. `judging` is asked only about other
    sentences with several citations."""
    kept = {quote.id: quote for quote in quotes}
    right = 0
    for sentence in sentences:
        if sentence.verdict.label != "supported":
            continue
        if sentence.verdict.judge == VERBATIM:
            right += len(sentence.citations)
            continue
        for number in sentence.citations:
            others = [kept[other] for other in sentence.citations if other != number]
            right += (
                not others
                or judging([kept[number]], sentence.text).label == "supported"
                or judging(others, sentence.text).label != "supported"
            )
    return Rate(right, sum(len(sentence.citations) for sentence in sentences))
