import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.choice import binary, mc1, mc2, steady
from rag.errors import UsageFault

LOGS = st.lists(st.floats(-2000, 0), min_size=1, max_size=5)


def test_mc1_wants_the_best_true_answer_strictly_above_all_false_ones():
    assert mc1([-1.0], [-2.0, -3.0])
    assert not mc1([-2.0], [-2.0])  # a tie is wrong: a reader that scores all alike gets nothing
    assert not mc1([-3.0, -1.0], [-2.0])  # another true answer does not help, the best one is meant
    assert mc1([-3.0, -1.0], [-2.0], best=1)


def test_mc2_is_the_mass_on_the_true_answers():
    # .2 + .3 true, .5 false: one half; not the mean over answers, .5 / 2 against .5
    assert mc2([math.log(0.2), math.log(0.3)], [math.log(0.5)]) == pytest.approx(0.5)
    # exp(-1000) is 0 as a float: 1 / (1 + e^-1)
    assert mc2([-1000.0], [-1001.0]) == pytest.approx(1 / (1 + math.exp(-1)))
    assert mc2([-math.inf], [-1.0]) == 0.0


@given(LOGS, LOGS)
def test_mc2_sums_to_one_with_its_complement(true: list[float], false: list[float]):
    assert mc2(true, false) + mc2(false, true) == pytest.approx(1)


def test_a_liking_for_one_letter_wins_nothing():
    always_first = ((-0.1, -2.3), (-2.3, -0.1))
    assert not binary(*always_first) and not steady(*always_first)
    leaning = ((-0.1, -2.3), (-0.8, -0.6))  # -.9 for the true one, -2.9 for the false
    assert binary(*leaning) and not steady(*leaning)
    assert steady((-0.1, -2.3), (-0.1, -2.3)) and steady((-2.3, -0.1), (-2.3, -0.1))
    assert not binary((-2.3, -0.1), (-2.3, -0.1))


def test_scores_that_are_none_are_refused():
    for true, false in (([], [-1.0]), ([-1.0], []), ([math.nan], [-1.0]), ([-math.inf], [-math.inf])):
        with pytest.raises(UsageFault):
            mc2(true, false)
