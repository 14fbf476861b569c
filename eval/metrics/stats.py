"""Intervals and tests: a figure is never given without its n and, where it has one, its 95% interval."""

import math
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.errors import UsageFault

DRAWS = 2000
Draw = NDArray[np.intp]
_CELLS = 2_000_000  # indices drawn at a time: 16 MB


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value, the n it rests on and its 95% interval.

    `value` is None where nothing was measured (n = 0, or a statistic that is not defined on what was); `low` and
    `high` are None where no interval can be given.
    """

    value: float | None
    n: int
    low: float | None = None
    high: float | None = None

    def __str__(self) -> str:
        if self.value is None:
            return "–"
        interval = "" if self.low is None or self.high is None else f" [{self.low:.3f}, {self.high:.3f}]"
        return f"{self.value:.3f}{interval} (n={self.n})"


@dataclass(frozen=True, slots=True)
class McNemar:
    """Items only one of two variants got right, and the p of a split at least that uneven by chance."""

    only_ours: int
    only_theirs: int
    p: float


def wilson(hits: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """95% interval of a share (Wilson 1927); (0, 1) where n is 0."""
    if not n:
        return 0.0, 1.0
    share, spread = hits / n, z * z / n
    middle = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    return max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half))  # 20 of 20 rounds to below 1


def rate(hits: int, n: int) -> Figure:
    """`hits` of `n` as a share, with Wilson's interval."""
    return Figure(hits / n, n, *wilson(hits, n)) if n else Figure(None, 0)


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
    return _figure(float(scores.mean()), len(scores), _draws(len(scores), scores, seed, draws)) if len(scores) else NONE


def clustered(hits: Sequence[float], totals: Sequence[int], seed: int = 0, draws: int = DRAWS) -> Figure:
    """Hits over totals where they come in clusters (sentences of an answer); whole clusters are drawn again.

    Sentences of one answer are right or wrong together, so Wilson's interval over all of them is too narrow. n is the
    sum of totals.
    """
    _same_items(hits, totals)
    above, below = np.array(hits, float), np.array(totals, float)
    if not below.sum():
        return NONE
    drawn = [
        (above[rows].sum(1), below[rows].sum(1))
        for rows in _rows(len(below), seed, draws)
    ]  # fmt: skip
    tops, bottoms = (np.concatenate(column) for column in zip(*drawn, strict=True))
    ratios = tops[bottoms > 0] / bottoms[bottoms > 0]
    return _figure(float(above.sum() / below.sum()), int(below.sum()), ratios if len(below) > 1 else None)


def bootstrap(
    statistic: Callable[[Draw], float | None], n: int, measured: int | None = None, seed: int = 0, draws: int = 1000
) -> Figure:
    """Any statistic of `n` items with its percentile bootstrap interval.

    `statistic` is given the item numbers to compute it on (with repeats); it returns None where they do not define
    it, and such draws are left out. `measured` is the n to report where it is not the number of items.
    """
    if not n or (value := statistic(np.arange(n))) is None:
        return Figure(None, n if measured is None else measured)
    drawn = [statistic(row) for rows in _rows(n, seed, draws) for row in rows] if n > 1 else []
    kept = np.array([one for one in drawn if one is not None], float)
    return _figure(float(value), n if measured is None else measured, kept)


def difference(ours: Sequence[float], theirs: Sequence[float], seed: int = 0, draws: int = DRAWS) -> Figure:
    """Mean of ours minus theirs on the same items, by paired bootstrap (Koehn 2004): items are drawn, not scores.

    Zero inside the interval: the items do not tell the two apart. UsageFault where the two are not of equal length.
    """
    _same_items(ours, theirs)
    return mean([float(one) - float(other) for one, other in zip(ours, theirs, strict=True)], seed, draws)


def mcnemar(ours: Sequence[bool], theirs: Sequence[bool]) -> McNemar:
    """Exact two-sided test of two variants on the same items (McNemar 1947; binomial form).

    Only items on which they disagree count: p = min(1, 2 P(X <= smaller side)), X ~ Binomial(disagreements, 1/2).
    """
    _same_items(ours, theirs)
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
    _same_items(truth, said)
    recalls = [
        share(one == label for real, one in zip(truth, said, strict=True) if real == label)
        for label in dict.fromkeys(truth)
    ]
    return mean_of_rates(recalls)


def macro_f1(truth: Sequence[Hashable], said: Sequence[Hashable], seed: int = 0, draws: int = 1000) -> Figure:
    """Mean over the true classes of F1 = 2TP / (2TP + FP + FN), with a bootstrap over items.

    What is said and is no true class (None for unjudged) counts as a miss, not as a class of its own.
    """
    _same_items(truth, said)
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


NONE = Figure(None, 0)


def _same_items(one: Sequence[object], other: Sequence[object]) -> None:
    if len(one) != len(other):
        raise UsageFault(f"The same items are wanted on both sides; there are {len(one)} and {len(other)}.")


def _rows(n: int, seed: int, draws: int) -> Iterable[Draw]:
    """`draws` rows of `n` item numbers, a block at a time."""
    generator, block = np.random.default_rng(seed), max(1, _CELLS // n)
    for start in range(0, draws, block):
        yield generator.integers(0, n, (min(block, draws - start), n))


def _draws(n: int, scores: NDArray[np.float64], seed: int, draws: int) -> NDArray[np.float64] | None:
    return np.concatenate([scores[rows].mean(1) for rows in _rows(n, seed, draws)]) if n > 1 else None


def _figure(value: float, n: int, drawn: NDArray[np.float64] | None) -> Figure:
    if drawn is None or not len(drawn):
        return Figure(value, n)
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Figure(value, n, float(low), float(high))
