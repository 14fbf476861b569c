import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.claims import (
    Entailment,
    claim_precision,
    factscore,
    hallucination,
    inconsistent,
    length_factor,
    ragchecker,
)


def test_the_length_factor():
    # exp(1 - 10/5) = exp(-1); at gamma it is exp(0); above it stays 1; no claim is the limit, 0
    assert [length_factor(n) for n in (0, 5, 10, 11)] == pytest.approx([0.0, math.exp(-1), 1.0, 1.0])
    assert length_factor(2, gamma=4) == pytest.approx(math.exp(-1))


def test_unjudged_claims_stay_in_the_divisor():
    assert claim_precision([True, None]) == 0.5
    assert claim_precision([]) is None


def test_factscore_by_hand():
    # 1 of 2 with exp(1 - 10/2) = .018316, so .009158; 10 of 10 with factor 1; one abstention apart
    found = factscore([[True, False], [True] * 10, None])
    assert found.score.value == pytest.approx((0.009158 + 1) / 2, abs=1e-6)
    assert (found.precision.value, found.precision.n) == (0.75, 2)
    assert (found.claims.value, found.claims.n) == (pytest.approx(11 / 12), 12)
    assert (found.answered.value, found.answered.n) == (pytest.approx(2 / 3), 3)


def test_an_answer_that_claims_nothing_is_not_perfect():
    found = factscore([[], [True] * 10])
    assert (found.score.value, found.precision.value, found.precision.n) == (0.5, 1.0, 1)


def test_ragchecker_by_hand():
    # Chunk 1 entails gold claim 1, chunk 2 none: 1 is relevant, 2 is not; gold claim 2 is nowhere.
    # Response claims: right in 1; wrong in 1 and 2; wrong in 2; wrong nowhere; right nowhere.
    found = ragchecker(
        Entailment(
            response_by_gold=(True, False, False, False, True),
            gold_by_response=(True, False),
            gold_by_chunks=((True, False), (False, False)),
            response_by_chunks=((True, False), (True, True), (False, True), (False, False), (False, False)),
        )
    )
    assert found == pytest.approx(
        {
            "precision": 2 / 5,
            "recall": 1 / 2,
            "f1": 4 / 9,  # 2 * .4 * .5 / .9
            "claim_recall": 1 / 2,
            "context_precision": 1 / 2,
            "context_utilization": 1.0,  # gold claim 1 is in a chunk, and said
            "noise_sensitivity_in_relevant": 1 / 5,  # the wrong one in both counts here, and only here
            "noise_sensitivity_in_irrelevant": 1 / 5,
            "hallucination": 1 / 5,
            "self_knowledge": 1 / 5,
            "faithfulness": 3 / 5,
        }
    )


def test_an_empty_response_has_no_hallucination_rate_rather_than_a_perfect_one():
    found = ragchecker(Entailment((), (False,), ((True, False),), ()))
    assert (found["hallucination"], found["faithfulness"], found["precision"]) == (None, None, None)
    assert (found["claim_recall"], found["context_precision"], found["context_utilization"]) == (1.0, 0.5, 0.0)
    nothing_retrieved = ragchecker(Entailment((True, False), (True,), ((),), ((), ())))
    assert nothing_retrieved["context_precision"] is None and nothing_retrieved["context_utilization"] is None
    assert (nothing_retrieved["hallucination"], nothing_retrieved["self_knowledge"]) == (0.5, 0.5)


@st.composite
def items(draw: st.DrawFn) -> Entailment:
    claims, golds, chunks = draw(st.integers(1, 4)), draw(st.integers(0, 3)), draw(st.integers(0, 3))

    def row(n: int) -> list[bool]:
        return draw(st.lists(st.booleans(), min_size=n, max_size=n))

    return Entailment(
        row(claims), row(golds), [row(chunks) for _ in range(golds)], [row(chunks) for _ in range(claims)]
    )


@given(items())
def test_every_claim_is_counted_once(item: Entailment):
    found = ragchecker(item)
    wrong = ("noise_sensitivity_in_relevant", "noise_sensitivity_in_irrelevant", "hallucination")
    assert sum(found[name] for name in ("precision", *wrong)) == pytest.approx(1)
    assert sum(found[name] for name in ("faithfulness", "self_knowledge", "hallucination")) == pytest.approx(1)


def test_hallucination_is_shown_with_the_share_answered():
    # right, wrong, abstained, wrong: 2 of 4 wrong, 2 of 3 answers wrong, 3 of 4 answered
    found = hallucination([True, False, None, False])
    assert (found.of_all.value, found.of_answered.value, found.answered.value) == (0.5, pytest.approx(2 / 3), 0.75)
    silent = hallucination([None, None])
    assert (silent.of_all.value, silent.of_answered.value, silent.answered.value) == (0.0, None, 0.0)


def test_inconsistent_is_below_the_threshold():
    found = inconsistent([0.9, 0.5, 0.4, None])
    assert (found.of_answered.value, found.answered.value) == (pytest.approx(1 / 3), 0.75)
