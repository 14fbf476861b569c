"""The loss is what it says, the fit finds a preference that is there, and length has no part in it."""

import math

import numpy as np
import pytest

from rag.learning.features import LENGTH, NAMES
from rag.learning.reward import Reward, differences, doubtful, fit, loss, minimum, out_of_fold, share_of

TRUE = {"states": 1.2, "supported": 1.5, "near question": 0.5}


def simulated(n: int, seed: int = 0, flipped: float = 0.0, taste_for_length: float = 0.0, questions: int | None = None):
    """(differences, votes, groups, which were flipped) of somebody who prefers by TRUE, surely."""
    draw = np.random.default_rng(seed)
    found = {name: draw.normal(size=n) for name in TRUE} | {LENGTH: draw.normal(size=n)}
    found |= {name: np.zeros(n) for name in NAMES if name not in found}
    worth = sum(weight * found[name] for name, weight in TRUE.items()) + taste_for_length * found[LENGTH]
    preferred = (worth > 0).astype(float)
    turned = draw.random(n) < flipped
    groups = [f"question {at % (questions or n)}" for at in range(n)]
    return found, np.where(turned, 1 - preferred, preferred), groups, turned


def agreed(margins, preferred) -> float:
    return float(np.mean((margins > 0) == (preferred > 0.5)))


def test_the_loss_and_its_gradient_are_those_worked_out_by_hand():
    # Two questions; of the first two pairs, of the second one, which is a tie. Weights (1, 0).
    inputs = np.array([[2.0, 1.0], [-1.0, 0.0], [1.0, 3.0]])
    preferred, shares = np.array([1.0, 1.0, 0.5]), share_of(["a", "a", "b"])
    assert shares.tolist() == [0.25, 0.25, 0.5]
    value, gradient, _ = loss(np.array([1.0, 0.0]), inputs, preferred, shares, 0.2)
    sigma = {z: 1 / (1 + math.exp(-z)) for z in (2.0, -1.0, 1.0)}
    tie = -(math.log(sigma[1.0]) + math.log(1 - sigma[1.0])) / 2
    by_hand = 0.25 * -math.log(sigma[2.0]) + 0.25 * -math.log(sigma[-1.0]) + 0.5 * tie + 0.1
    assert value == pytest.approx(by_hand) and by_hand == pytest.approx(0.8667, abs=1e-4)
    first = 0.25 * 2 * (sigma[2.0] - 1) + 0.25 * -1 * (sigma[-1.0] - 1) + 0.5 * 1 * (sigma[1.0] - 0.5) + 0.2
    second = 0.25 * 1 * (sigma[2.0] - 1) + 0.5 * 3 * (sigma[1.0] - 0.5)
    assert gradient == pytest.approx([first, second])


def test_gradient_and_hessian_are_those_of_finite_differences():
    draw = np.random.default_rng(1)
    inputs, weights = draw.normal(size=(30, 4)), draw.normal(size=4)
    preferred = draw.choice([0.0, 0.5, 1.0], 30)
    shares, step = share_of([str(at % 7) for at in range(30)]), 1e-5
    _, gradient, hessian = loss(weights, inputs, preferred, shares, 0.3)
    for at in range(4):
        aside = np.eye(4)[at] * step
        above, below = (loss(weights + sign * aside, inputs, preferred, shares, 0.3) for sign in (1, -1))
        assert (above[0] - below[0]) / (2 * step) == pytest.approx(gradient[at], abs=1e-8)
        assert (above[1] - below[1]) / (2 * step) == pytest.approx(hessian[at], abs=1e-7)


def test_the_minimum_is_one_and_its_gradient_is_nought():
    found, preferred, groups, _ = simulated(200)
    inputs = np.stack([found[name] for name in TRUE], axis=1)
    shares = share_of(groups)
    weights = minimum(inputs, preferred, shares, 0.01)
    value, gradient, _ = loss(weights, inputs, preferred, shares, 0.01)
    assert np.abs(gradient).max() < 1e-8
    near = [loss(weights + shift, inputs, preferred, shares, 0.01)[0] for shift in 0.1 * np.eye(3)]
    assert min(near) > value


def test_a_question_with_many_pairs_counts_as_one_with_few():
    inputs = np.array([[1.0]] * 9 + [[1.0]])
    preferred = np.array([1.0] * 9 + [0.0])
    weights = minimum(inputs, preferred, share_of(["a"] * 9 + ["b"]), 0.01)
    assert weights == pytest.approx([0.0], abs=1e-9)


def test_the_same_votes_give_the_same_reward_to_the_bit():
    found, preferred, groups, _ = simulated(300)
    assert fit(found, preferred, groups) == fit(found, preferred, groups)
    assert (out_of_fold(found, preferred, groups, 3) == out_of_fold(found, preferred, groups, 3)).all()
    assert (out_of_fold(found, preferred, groups, 3) != out_of_fold(found, preferred, groups, 4)).any()


def test_a_preference_is_found_again_in_a_thousand_votes():
    found, preferred, groups, _ = simulated(1000, questions=250)
    made = fit(found, preferred, groups)
    unseen, wanted, _, _ = simulated(1000, seed=9)
    assert agreed(made.margins(unseen), wanted) >= 0.9
    assert agreed(out_of_fold(found, preferred, groups), preferred) >= 0.9
    assert set(made.names) == set(TRUE)  # what never differed has no part


def test_a_fifth_of_the_votes_flipped_costs_little_and_they_are_named():
    found, preferred, groups, turned = simulated(1000, flipped=0.2, questions=250)
    unseen, wanted, _, _ = simulated(1000, seed=9)
    assert agreed(fit(found, preferred, groups).margins(unseen), wanted) >= 0.9
    named = doubtful(out_of_fold(found, preferred, groups), preferred)
    caught = sum(turned[at] for at in named)
    assert caught / len(named) >= 0.9 and caught / turned.sum() >= 0.45
    clean, right, groups, _ = simulated(1000, questions=250)
    assert len(doubtful(out_of_fold(clean, right, groups), right)) <= 10


def test_a_tie_pulls_the_two_together():
    found, preferred, groups, _ = simulated(100)
    sure = fit(found, preferred, groups)
    torn = fit(found, np.full(100, 0.5), groups)
    assert max(map(abs, torn.weights)) < 1e-9 < max(map(abs, sure.weights))
    assert doubtful(out_of_fold(found, np.full(100, 0.5), groups), np.full(100, 0.5)) == []


def test_length_has_no_part_in_the_reward_though_the_votes_have_a_taste_for_it():
    found, _, groups, _ = simulated(2000)
    found["supported"] = found["supported"] + found[LENGTH]  # longer answers have more in them
    worth = sum(weight * found[name] for name, weight in TRUE.items()) + 2 * found[LENGTH]
    preferred = (worth > 0).astype(float)
    before = out_of_fold(found, preferred, groups, names=(*NAMES, LENGTH), debias=False)
    after = out_of_fold(found, preferred, groups)
    assert np.corrcoef(before, found[LENGTH])[0, 1] > 0.7
    assert abs(np.corrcoef(after, found[LENGTH])[0, 1]) < 0.05


def test_candidates_are_held_against_one_another_by_what_is_known_of_all():
    made = Reward(("states", "certain"), (2.0, 1.0), (0.5, 0.0), (1.0, 2.0))
    full = {"states": 1.0, "certain": 4.0, LENGTH: 2.0}
    assert made.rewards([full, {**full, "states": 2.0}]) == [2.0, 4.0]
    assert made.rewards([full, {"states": 1.0, LENGTH: 4.0}]) == [0.0, -2.0]
    assert made.rewards([]) == []


def test_pairs_are_held_against_one_another_as_candidates_are():
    made = Reward(("states", "certain"), (2.0, 1.0), (0.5, 0.25), (1.0, 2.0))
    pairs = [
        ({"states": 1.0, "certain": 4.0, LENGTH: 2.0}, {"states": 1.0, "certain": 3.0, LENGTH: 5.0}),  # equal in one
        ({"states": 1.0, "certain": 4.0, LENGTH: 2.0}, {"states": 3.0, LENGTH: 1.0}),  # one side not known
    ]
    margins = made.margins(differences(pairs))
    for margin, pair in zip(margins, pairs, strict=True):
        left, right = made.rewards(pair)
        assert margin == pytest.approx(left - right)


def test_of_nothing_nothing_is_learned():
    none = {name: np.zeros(0) for name in (*NAMES, LENGTH)}
    assert fit(none, np.zeros(0), []).names == () and doubtful(np.zeros(0), np.zeros(0)) == []
    assert out_of_fold(none, np.zeros(0), []).tolist() == []
