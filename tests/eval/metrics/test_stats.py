import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.stats import balanced_accuracy, bootstrap, difference, macro_f1, mcnemar, mean, mean_of_rates, share
from rag.errors import UsageFault
from rag.history.statistics import Figure, clustered, rate, wilson


def test_wilson_by_hand():
    # 8 of 10: Wilson 1927 gives .490 to .943
    low, high = wilson(8, 10)
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    assert wilson(0, 0) == (0.0, 1.0)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_the_share_and_mirrors(case: tuple[int, int]):
    hits, n = case
    low, high = wilson(hits, n)
    assert 0 <= low <= hits / n <= high <= 1
    assert wilson(n - hits, n) == pytest.approx((1 - high, 1 - low))


def test_nothing_measured_has_no_value():
    for empty in (rate(0, 0), mean([]), mean([None]), clustered([], []), clustered([0], [0]), macro_f1([], [])):
        assert (empty.value, empty.n, str(empty)) == (None, 0, "–")


def test_what_could_not_be_judged_stays_in_n():
    assert share([True, None, False, True]) == rate(2, 4)


def test_a_mean_has_the_normal_interval_of_a_large_sample_and_repeats_exactly():
    # 400 values, half 0 and half 1: .5 ± 1.96 * .5 / 20 = .451 to .549
    values = [0.0, 1.0] * 200
    found = mean(values)
    assert found.value == 0.5 and found.n == 400
    assert (found.low, found.high) == pytest.approx((0.451, 0.549), abs=0.005)
    assert mean(values) == found
    assert len({mean([0.1, 0.5, 0.7, 0.15] * 5, seed).low for seed in range(5)}) > 1  # the seed is used


def test_one_value_has_no_interval():
    assert mean([0.3]) == Figure(0.3, 1, None, None)


def test_sentences_of_one_answer_are_drawn_together():
    # Answers 2/2 and 0/2: draws of two answers are 0, .5, .5, 1 of supported, so 95% is all of 0..1;
    # Wilson over four sentences would say .15 to .85.
    assert clustered([2, 0], [2, 2]) == Figure(0.5, 4, 0.0, 1.0)


def test_a_difference_is_paired():
    # Scores vary from 0 to 1, ours is always .1 above: the interval has no width.
    theirs = [0.0, 0.3, 0.6, 0.9]
    found = difference([one + 0.1 for one in theirs], theirs)
    assert (found.value, found.low, found.high) == pytest.approx((0.1, 0.1, 0.1))
    assert difference([1, 1, 0, 1], [1, 0, 0, 0]).value == 0.5  # (0 + 1 + 0 + 1) / 4


def test_variants_on_different_items_are_refused():
    for compare in (difference, mcnemar, balanced_accuracy, macro_f1):
        with pytest.raises(UsageFault, match="2 and 1"):
            compare([True, False], [True])


def test_mcnemar_by_hand():
    # 6 only ours, 1 only theirs, 3 agreed on: 2 * (C(7,0) + C(7,1)) / 2^7 = 16/128
    found = mcnemar([True] * 6 + [False] + [True] * 3, [False] * 6 + [True] + [True] * 3)
    assert (found.only_ours, found.only_theirs, found.p) == (6, 1, 0.125)
    assert mcnemar([True, False], [True, False]).p == 1.0  # no disagreement
    assert mcnemar([True, False], [False, True]).p == 1.0  # twice the tail would be 1.5


@given(st.lists(st.tuples(st.booleans(), st.booleans())))
def test_mcnemar_is_symmetric_and_a_probability(pairs: list):
    ours, theirs = [one for one, _ in pairs], [other for _, other in pairs]
    assert 0 < mcnemar(ours, theirs).p == mcnemar(theirs, ours).p <= 1


def test_the_mean_of_two_rates_has_newcombes_interval():
    # Newcombe 1998, method 10: 56/70 - 48/80 = .2, interval .0524 to .3339. The mean of 56/70 and 32/80 is
    # (1 + that difference) / 2.
    found = mean_of_rates([rate(56, 70), rate(32, 80)])
    assert found.value == pytest.approx(0.6) and found.n == 150
    assert (found.low, found.high) == pytest.approx(((1 + 0.0524) / 2, (1 + 0.3339) / 2), abs=1e-4)
    assert mean_of_rates([rate(1, 2), rate(0, 0)]).value is None


def test_balanced_accuracy_by_hand():
    # 2 of 3 true ones, 1 of 1 false: (2/3 + 1) / 2; plain accuracy would be 3/4
    assert balanced_accuracy([1, 1, 1, 0], [1, 1, 0, 0]).value == pytest.approx(5 / 6)
    assert balanced_accuracy([True, False], [True, None]).value == 0.5  # unjudged is wrong in either class


def test_macro_f1_by_hand():
    # a: TP 1, FN 1, so 2/3; b: TP 2, FP 1, so 4/5; mean 11/15
    assert macro_f1(["a", "a", "b", "b"], ["a", "b", "b", "b"]).value == pytest.approx(11 / 15)
    # unjudged: a is 2/3 still, b is 1; None is no third class with an F1 of 0
    assert macro_f1(["a", "a", "b", "b"], ["a", None, "b", "b"]).value == pytest.approx(5 / 6)


def test_a_statistic_not_defined_on_a_draw_is_left_out():
    # Defined only where item 1 is drawn; it is then 1, so the interval is 1 to 1 and no draw counts as 0.
    found = bootstrap(lambda rows: 1.0 if np.any(rows == 1) else None, 2)
    assert found == Figure(1.0, 2, 1.0, 1.0)
    assert bootstrap(lambda rows: None, 2) == Figure(None, 2)
