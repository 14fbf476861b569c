"""A reward of answers, learned from which of two people preferred (Ouyang et al. 2022, Nakano et al. 2021).

Linear over a few features. The loss is the mean over questions of the mean over the pairs of one question of
-log sigma(r_w - r_l), a tie counting half for either, with an L2 penalty; it is convex, and Newton's method finds its
minimum, the same one every time.

People prefer length beside what is said, and a reader that is chosen by such a reward learns to talk. So length is no
feature, and what another feature owes to it is taken out: of each the part of its differences that goes with
differences of length.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.learning.features import LENGTH, NAMES

PENALTY = 2.0  # of the summed loss: a prior of variance 1/2 on each weight; chosen beforehand
STEPS, NEAR = 50, 1e-10
FOLDS = 10
Column = NDArray[np.float64]
Differences = Mapping[str, Column]
"""By feature: left less right of each pair, (n,); NaN where it is not known of both. The length is always known."""


@dataclass(frozen=True, slots=True)
class Reward:
    """`weights` of features, each less its `slopes` times the length and over its `scales`."""

    names: tuple[str, ...]
    weights: tuple[float, ...]
    slopes: tuple[float, ...]
    scales: tuple[float, ...]

    def rewards(self, candidates: Sequence[Mapping[str, float]]) -> list[float]:
        """Of answers to one question, by their features. They can be held against one another only: a feature that is
        not known of all of them counts for none."""
        known = [name for name in self.names if all(name in one for one in candidates)]
        per = dict(zip(self.names, zip(self.weights, self.slopes, self.scales, strict=True), strict=True))
        return [
            sum(w * (one[name] - slope * one[LENGTH]) / scale for name in known for w, slope, scale in [per[name]])
            for one in candidates
        ]

    def margins(self, differences: Differences) -> Column:
        """Reward of the left less that of the right, (n,)."""
        parts = zip(self.names, self.weights, self.slopes, self.scales, strict=True)
        total = np.zeros(len(differences[LENGTH]))
        for name, weight, slope, scale in parts:
            known = ~np.isnan(differences[name])
            total += weight * np.where(known, differences[name] - slope * differences[LENGTH], 0.0) / scale
        return total


def differences(pairs: Sequence[tuple[Mapping[str, float], Mapping[str, float]]]) -> dict[str, Column]:
    """Of the features of both sides of each pair."""
    return {
        name: np.array(
            [left[name] - right[name] if name in left and name in right else np.nan for left, right in pairs], float
        )
        for name in (*NAMES, LENGTH)
    }


def share_of(groups: Sequence[str]) -> Column:
    """What each pair counts, (n,): every question the same in all, and so its pairs; 1 together."""
    _, of, counts = np.unique(np.array(groups, object).astype(str), return_inverse=True, return_counts=True)
    shares: Column = 1 / (len(counts) * counts[of])
    return shares


def loss(
    weights: Column, inputs: Column, preferred: Column, shares: Column, penalty: float
) -> tuple[float, Column, Column]:
    """(loss, gradient (k,), Hessian (k, k)) at `weights` (k,): `inputs` (n, k) are differences, left less right;
    `preferred` (n,) is 1 for the left, 0 for the right, 1/2 for a tie; `shares` as of `share_of`; half of `penalty`
    times the squared weights is added."""
    margins = inputs @ weights
    said = 0.5 * (1 + np.tanh(margins / 2))  # sigma, without overflow
    value = float(shares @ (np.logaddexp(0, margins) - preferred * margins)) + penalty / 2 * float(weights @ weights)
    gradient = inputs.T @ (shares * (said - preferred)) + penalty * weights
    hessian = (inputs * (shares * said * (1 - said))[:, None]).T @ inputs + penalty * np.eye(len(weights))
    return value, gradient, hessian


def minimum(inputs: Column, preferred: Column, shares: Column, penalty: float) -> Column:
    """The weights (k,) of the least loss, by Newton's method with steps that are halved until the loss falls."""
    weights = np.zeros(inputs.shape[1])
    value, gradient, hessian = loss(weights, inputs, preferred, shares, penalty)
    for _ in range(STEPS):
        step, size = np.linalg.solve(hessian, gradient), 1.0
        while size > NEAR:
            there = loss(weights - size * step, inputs, preferred, shares, penalty)
            if there[0] <= value:
                break
            size /= 2
        weights = weights - size * step
        value, gradient, hessian = there
        if float(np.abs(gradient).max(initial=0.0)) < NEAR:
            break
    return weights


def fit(
    found: Differences, preferred: Column, groups: Sequence[str], names: Sequence[str] = NAMES, debias: bool = True
) -> Reward:
    """Of pairs whose differences and votes these are. Features that never differ are left out. Without `debias` the
    length keeps its part in each feature, and is one where `names` has it."""
    names = tuple(name for name in names if np.any(np.nan_to_num(found[name])))
    length = found[LENGTH]
    shares = share_of(groups)
    columns, slopes, scales = [], [], []
    for name in names:
        known = ~np.isnan(found[name])
        spread = float((shares * length**2)[known].sum())
        slope = float((shares * found[name] * length)[known].sum()) / spread if debias and spread > NEAR else 0.0
        column = np.where(known, found[name] - slope * length, 0.0)
        scale = max(float(np.sqrt(np.mean(column[known] ** 2))), 1e-6)
        columns.append(column / scale)
        slopes.append(slope)
        scales.append(scale)
    if not names:
        return Reward((), (), (), ())
    questions = len(set(groups))
    weights = minimum(np.stack(columns, axis=1), preferred, shares, PENALTY / questions)
    return Reward(names, tuple(weights.tolist()), tuple(slopes), tuple(scales))


def out_of_fold(
    found: Differences,
    preferred: Column,
    groups: Sequence[str],
    seed: int = 0,
    names: Sequence[str] = NAMES,
    debias: bool = True,
) -> Column:
    """The margin of each pair, (n,), by a fit that has seen none of its question; which questions go together is drawn
    by `seed`."""
    order = np.array(sorted(set(groups)))
    fold_of = dict(zip(np.random.default_rng(seed).permutation(order).tolist(), range(len(order)), strict=True))
    fold = np.array([fold_of[group] % FOLDS for group in groups])
    margins = np.zeros(len(groups))
    for one in range(FOLDS):
        inside, outside = fold != one, fold == one
        if not outside.any() or not inside.any():
            continue
        learned = {name: column[inside] for name, column in found.items()}
        made = fit(
            learned, preferred[inside], [g for g, kept in zip(groups, inside, strict=True) if kept], names, debias
        )
        margins[outside] = made.margins({name: column[outside] for name, column in found.items()})
    return margins


def doubtful(margins: Column, preferred: Column) -> list[int]:
    """The places of votes that the margins of `out_of_fold` strongly contradict: the other side is ahead, by no less
    than half of all margins are wide."""
    if not len(margins):
        return []
    against = np.where(preferred > 0.5, -margins, np.where(preferred < 0.5, margins, 0.0))
    wide = float(np.median(np.abs(margins)))
    return [at for at in np.argsort(-against, kind="stable").tolist() if against[at] > 0 and against[at] >= wide]
