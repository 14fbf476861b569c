import pytest

from eval.metrics.citation import (
    Citations,
    Cited,
    citation_precision,
    citation_recall,
    citation_validity,
    citations,
    sentences_cited,
)

PASSAGES = ("A", "B", "C")


def holds(passages: tuple[str, ...], claim: str) -> bool:
    """A claim is entailed where all its letters are in the passages."""
    return set(claim) <= set("".join(passages))


def test_each_rule_of_alce():
    def scored(*sentences: Cited) -> tuple[float | None, float | None]:
        found = citations(sentences, PASSAGES, holds)
        return found.recall, found.precision

    assert scored(Cited("AB", (1, 2))) == (1.0, 1.0)  # neither alone, nor the other without it: both needed
    assert scored(Cited("A", (1, 3))) == (1.0, 0.5)  # 3 does not entail, and 1 does without it
    assert scored(Cited("AB", (1,))) == (0.0, 0.0)  # not entailed: the citation cannot count
    assert scored(Cited("A", ())) == (0.0, 0.0)  # no citation: recall 0; an answer with none: precision 0
    assert scored(Cited("A", (4,))) == (0.0, 0.0)  # out of range
    assert scored(Cited("C", (0,))) == (0.0, 0.0)  # [0] is not the last passage
    assert scored(Cited("A", (1, 4))) == (0.0, 0.0)  # one out of range spoils the sentence


def test_an_invented_citation_lowers_precision():
    # two sentences, [1] right, [9] invented: 1 of 2 citations; leaving the invented one out would make it 1 of 1
    assert citations([Cited("A", (1,)), Cited("B", (9,))], PASSAGES, holds) == Citations(0.5, 0.5)


def test_an_uncited_sentence_costs_recall_only():
    assert citations([Cited("A", (1,)), Cited("B", ())], PASSAGES, holds) == Citations(0.5, 1.0)


def test_what_could_not_be_judged_never_helps():
    # The two together entail; of the single ones nothing is known, so neither citation is shown to be needed.
    judged = citations([Cited("AB", (1, 2))], PASSAGES, lambda texts, _: True if len(texts) == 2 else None)
    assert judged == Citations(1.0, 0.0)
    assert citations([Cited("A", (1,))], PASSAGES, lambda *_: None) == Citations(0.0, 0.0)


def test_passages_are_judged_together_and_a_single_one_once():
    asked: list[tuple[str, ...]] = []

    def judge(passages: tuple[str, ...], claim: str) -> bool:
        asked.append(passages)
        return True

    citations([Cited("A", (1,))], PASSAGES, judge)
    assert asked == [("A",)]
    citations([Cited("A", (2, 1))], PASSAGES, judge)
    assert asked[1] == ("B", "A")


def test_the_mean_is_over_sentences_first_then_over_answers():
    # Answer one: 1 of 1. Answer two: 1 of 3. Mean 2/3; over the four sentences at once it would be 2/4.
    one = citations([Cited("A", (1,))], PASSAGES, holds)
    two = citations([Cited("A", (1,)), Cited("A", ()), Cited("A", (2,))], PASSAGES, holds)
    none = citations([Cited("A", ())], PASSAGES, holds)
    abstained = citations([], PASSAGES, holds)
    recall = citation_recall([one, two, abstained])
    assert (recall.value, recall.n) == (pytest.approx(2 / 3), 2)
    # precision 1, 1/2 and, with no citation at all, 0; the abstention is not in n
    precision = citation_precision([one, two, none, abstained])
    assert (precision.value, precision.n) == (0.5, 3)


def test_validity_and_coverage_count_every_mark():
    answers = [[Cited("A", (1, 4)), Cited("B", ())], [Cited("C", (3,))]]
    assert (citation_validity([(one, 3) for one in answers]).value, sentences_cited(answers).value) == (
        pytest.approx(2 / 3),
        pytest.approx(2 / 3),
    )
    assert citation_validity([([Cited("A", ())], 3)]).value is None
