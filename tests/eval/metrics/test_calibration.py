import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.calibration import (
    accuracy_at_coverage,
    aurc,
    auroc,
    brier,
    ece,
    ece_by_chance,
    reliability,
    risk_coverage,
)
from rag.errors import UsageFault


def test_ece_by_hand():
    # Two bins of two: .1/.3 with half right |.5 - .2| = .3; .7/.9 all right |1 - .8| = .2; mean .25
    assert ece([0.9, 0.1, 0.7, 0.3], [True, False, True, True], bins=2).value == pytest.approx(0.25)
    assert ece([1.0, 0.0], [True, False]).value == 0.0  # fewer items than bins


def test_bins_hold_equal_numbers_not_equal_widths():
    # Ten items between .90 and .99: equal widths would put all in one bin.
    found = reliability([0.9 + n / 100 for n in range(10)], [True] * 10, bins=5)
    assert [one.n for one in found] == [2] * 5
    assert found[0].probability == pytest.approx(0.905) and found[-1].probability == pytest.approx(0.985)


def test_brier_by_hand():
    assert brier([0.9, 0.2], [True, True]).value == pytest.approx((0.01 + 0.64) / 2)


def test_auroc_by_hand():
    # Right ones .9 and .3, wrong ones .8 and .1: .9 beats both, .3 beats one: 3 of 4 pairs
    assert auroc([0.9, 0.8, 0.3, 0.1], [True, False, True, False]).value == 0.75
    assert auroc([0.5, 0.5], [True, False]).value == 0.5  # a tie is half a pair
    assert auroc([0.2, 0.4], [True, True]).value is None


def test_accuracy_at_coverage_keeps_the_most_probable():
    p, right = [0.9, 0.8, 0.7, 0.6, 0.1], [True, True, False, True, False]
    found = accuracy_at_coverage(p, right, 0.8)  # ceil(4): 3 of 4
    assert (found.value, found.n) == (0.75, 4)
    # .55 * 100 is 55.00000000000001 as a float; 55 are kept and not 56
    assert accuracy_at_coverage([0.5] * 100, [True] * 100, 0.55).n == 55
    with pytest.raises(UsageFault):
        accuracy_at_coverage(p, right, 0)


def test_risk_and_coverage_by_hand():
    # right, wrong, right by falling probability: risks 0, 1/2, 1/3; their mean 5/18
    p, right = [0.9, 0.5, 0.7], [True, True, False]
    curve = risk_coverage(p, right)
    assert [coverage for coverage, _ in curve] == pytest.approx([1 / 3, 2 / 3, 1.0])
    assert [risk for _, risk in curve] == pytest.approx([0.0, 0.5, 1 / 3])
    assert aurc(p, right).value == pytest.approx(5 / 18)
    # One probability for all tells nothing apart: the risk is the error rate at every coverage, in any order.
    assert [risk for _, risk in risk_coverage([0.5] * 4, [True, True, True, False])] == pytest.approx([0.25] * 4)


ITEMS = st.lists(st.tuples(st.sampled_from([0.0, 0.25, 0.5, 1.0]), st.booleans()), min_size=1, max_size=12)


@given(ITEMS, st.randoms(use_true_random=False))
def test_the_order_of_the_items_does_not_count(items: list, random):
    def curves(rows: list) -> list[float]:
        p, right = zip(*rows, strict=True)
        numbers = [number for one in reliability(p, right) for number in (one.probability, one.right, one.n)]
        return numbers + [risk for _, risk in risk_coverage(p, right)]

    assert curves(random.sample(items, len(items))) == pytest.approx(curves(items))


def test_ties_are_shared_whatever_their_order():
    # Probability .5 four times, half right. Two bins of two: |.5 - .5| in both; cut by order it could be .5.
    # Half of the four: .5 right on average over the ways to choose them.
    for right in ([True, True, False, False], [False, False, True, True]):
        p = [0.5] * 4
        assert (ece(p, right, bins=2).value, accuracy_at_coverage(p, right, 0.5).value) == (0.0, 0.5)
        assert (auroc(p, right).value, aurc(p, right).value) == (0.5, 0.5)


def test_no_item_no_value_and_no_probability_is_refused():
    for figure in (ece, brier, auroc, accuracy_at_coverage, aurc):
        assert (figure([], []).value, figure([], []).n) == (None, 0)
        for wrong in (1.2, -0.1, float("nan")):
            with pytest.raises(UsageFault):
                figure([wrong], [True])
    assert reliability([], []) == [] and risk_coverage([], []) == []
    with pytest.raises(UsageFault, match="1 and 2"):
        ece([0.5], [True, False])


def test_ece_by_chance_is_what_a_right_probability_reads_and_falls_with_n():
    few, many = ece_by_chance([0.2, 0.5, 0.8] * 10), ece_by_chance([0.2, 0.5, 0.8] * 1000)
    assert many < 0.02 < 0.1 < few
    assert ece_by_chance([0.0] * 20 + [1.0] * 20) == 0.0
