"""Means, comparisons and tests over items, as figures of `rag.history.statistics`: never without their n."""

import math
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.history.statistics import (
    DRAWS,
    NONE,
    Draw,
    Figure,
    check_paired,
    rate,
    resampled,
    with_interval,
)


@dataclass(frozen=True, slots=True)
class McNemar:
    """Items only one of two variants got right, and the p of a split at least that uneven by chance."""

    only_ours: int
    only_theirs: int
    p: float


def share(flags: Iterable[object]) -> Figure:
    """The share of true flags. None is not true and stays in n: what could not be judged is never dropped."""
    kept = [bool(flag) for flag in flags]
    return rate(sum(kept), len(kept))


def mean(values: Iterable[float | None], seed: int = 0, draws: int = DRAWS) -> Figure:
    """The mean of one score an item, with the percentile bootstrap's 95% interval (Efron 1979), seeded.

    None is an item the score is not defined for; it is out of n. Equal values give an interval without width: for
    scores that are 0 or 1 take `share`.
    """
    scores = np.array([value for value in values if value is not None], float)
    if not len(scores):
        return NONE
    return with_interval(float(scores.mean()), len(scores), _draws(len(scores), scores, seed, draws))


def bootstrap(
    statistic: Callable[[Draw], float | None], n: int, measured: int | None = None, seed: int = 0, draws: int = 1000
) -> Figure:
    """Any statistic of `n` items with its percentile bootstrap interval.

    `statistic` is given the item numbers to compute it on (with repeats); it returns None where they do not define
    it, and such draws are left out. `measured` is the n to report where it is not the number of items.
    """
    if not n or (value := statistic(np.arange(n))) is None:
        return Figure(None, n if measured is None else measured)
    drawn = [statistic(row) for rows in resampled(n, seed, draws) for row in rows] if n > 1 else []
    kept = np.array([one for one in drawn if one is not None], float)
    return with_interval(float(value), n if measured is None else measured, kept)


def difference(ours: Sequence[float], theirs: Sequence[float], seed: int = 0, draws: int = DRAWS) -> Figure:
    """Mean of ours minus theirs on the same items, by paired bootstrap (Koehn 2004): items are drawn, not scores.

    Zero inside the interval: the items do not tell the two apart. UsageFault where the two are not of equal length.
    """
    check_paired(ours, theirs)
    return mean([float(one) - float(other) for one, other in zip(ours, theirs, strict=True)], seed, draws)


def mcnemar(ours: Sequence[bool], theirs: Sequence[bool]) -> McNemar:
    """Exact two-sided test of two variants on the same items (McNemar 1947; binomial form).

    Only items on which they disagree count: p = min(1, 2 P(X <= smaller side)), X ~ Binomial(disagreements, 1/2).
    """
    check_paired(ours, theirs)
    only_ours = sum(bool(one) and not other for one, other in zip(ours, theirs, strict=True))
    only_theirs = sum(bool(other) and not one for one, other in zip(ours, theirs, strict=True))
    n = only_ours + only_theirs
    tail = sum(math.comb(n, k) for k in range(min(only_ours, only_theirs) + 1))
    return McNemar(only_ours, only_theirs, min(1.0, 2 * tail / 2**n))


def mean_of_rates(rates: Sequence[Figure]) -> Figure:
    """The plain mean of shares of separate groups, n their sum; None where one group is empty.

    Interval by the method of variance estimates recovery (Zou and Donner 2008; for two Wilson intervals it is
    Newcombe 1998): each side is the root of the summed squares of the groups' sides, over their number.
    """
    n = sum(one.n for one in rates)
    sides = [
        (one.value, one.low, one.high)
        for one in rates
        if one.value is not None and one.low is not None and one.high is not None
    ]
    if not rates or len(sides) < len(rates):
        return Figure(None, n)
    value = sum(one for one, _, _ in sides) / len(sides)
    below = math.sqrt(sum((one - low) ** 2 for one, low, _ in sides)) / len(sides)
    above = math.sqrt(sum((high - one) ** 2 for one, _, high in sides)) / len(sides)
    return Figure(value, n, max(0.0, value - below), min(1.0, value + above))


def balanced_accuracy(truth: Sequence[Hashable], said: Sequence[Hashable]) -> Figure:
    """Mean over the true classes of the share of their items said rightly; None in `said` (unjudged) is wrong."""
    check_paired(truth, said)
    recalls = [
        share(one == label for real, one in zip(truth, said, strict=True) if real == label)
        for label in dict.fromkeys(truth)
    ]
    return mean_of_rates(recalls)


def macro_f1(truth: Sequence[Hashable], said: Sequence[Hashable], seed: int = 0, draws: int = 1000) -> Figure:
    """Mean over the true classes of F1 = 2TP / (2TP + FP + FN), with a bootstrap over items.

    What is said and is no true class (None for unjudged) counts as a miss, not as a class of its own.
    """
    check_paired(truth, said)
    labels = list(dict.fromkeys(truth))
    real = np.array([labels.index(label) for label in truth], int)
    told = np.array([labels.index(label) if label in labels else -1 for label in said], int)

    def of(rows: Draw) -> float:
        scores = []
        for number in range(len(labels)):
            wanted, given = real[rows] == number, told[rows] == number
            if below := int(wanted.sum() + given.sum()):
                scores.append(2 * int((wanted & given).sum()) / below)
        return float(np.mean(scores))

    return bootstrap(of, len(real), seed=seed, draws=draws)


def _draws(n: int, scores: NDArray[np.float64], seed: int, draws: int) -> NDArray[np.float64] | None:
    return np.concatenate([scores[rows].mean(1) for rows in resampled(n, seed, draws)]) if n > 1 else None
