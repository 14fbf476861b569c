"""Numbers of one answer, from its sentences and their verdicts."""

from collections.abc import Callable, Sequence

from rag.types import VERBATIM, Quote, Rate, Sentence, Verdict

Judging = Callable[[Sequence[Quote], str], Verdict]


def faithfulness(sentences: Sequence[Sentence]) -> Rate:
    """Supported sentences over all sentences; one that could not be judged stays in the denominator."""
    return Rate(sum(s.verdict.label == "supported" for s in sentences), len(sentences))


def unjudged(sentences: Sequence[Sentence]) -> int:
    return sum(s.verdict.label == "unjudged" for s in sentences)


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
