"""Whether a probability means what it says, and what abstaining by it buys.

`probabilities[i]` is P(item i is right) in 0..1, `right[i]` whether it was. Items of equal probability cannot be told
apart by it, so each takes their common share of right ones: no figure here depends on the order of the items.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.metrics.stats import bootstrap, mean
from rag.errors import UsageFault
from rag.history.statistics import Draw, Figure

Column = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bin:
    """Some items of neighbouring probability: its mean, the share that was right, their number."""

    probability: float
    right: float
    n: int


def reliability(probabilities: Sequence[float], right: Sequence[bool], bins: int = 10) -> list[Bin]:
    """The reliability curve in `bins` bins of equal mass (sizes differ by at most one), from low to high."""
    p, hits = _columns(probabilities, right)
    return _bins(p, hits, bins)


def ece(probabilities: Sequence[float], right: Sequence[bool], bins: int = 10) -> Figure:
    """Expected calibration error over bins of equal mass: Σ n_b/n |share right − mean probability| (Naeini et al. 2015
    with the equal-mass bins of Nixon et al. 2019). It cannot be negative, so small samples read too high."""
    p, hits = _columns(probabilities, right)

    def of(rows: Draw) -> float:
        return sum(one.n * abs(one.right - one.probability) for one in _bins(p[rows], hits[rows], bins)) / len(rows)

    return bootstrap(of, len(p))


def ece_by_chance(probabilities: Sequence[float], bins: int = 10, draws: int = 400, seed: int = 0) -> float:
    """The mean `ece` of as many items where every probability is exactly right: what a measured one is held against."""
    p = np.array(probabilities, float)
    generator = np.random.default_rng(seed)
    drawn = [_bins(p, (generator.random(len(p)) < p).astype(float), bins) for _ in range(draws)]
    return float(np.mean([sum(one.n * abs(one.right - one.probability) for one in made) / len(p) for made in drawn]))


def brier(probabilities: Sequence[float], right: Sequence[bool]) -> Figure:
    """Mean of (probability − 1 if right else 0)² (Brier 1950); 0 is best, .25 is what a constant .5 has."""
    p, hits = _columns(probabilities, right)
    return mean(((p - hits) ** 2).tolist())


def auroc(probabilities: Sequence[float], right: Sequence[bool]) -> Figure:
    """P(a right item has the higher probability than a wrong one), ties half (Mann and Whitney 1947).

    None where all or none are right.
    """
    p, hits = _columns(probabilities, right)

    def of(rows: Draw) -> float | None:
        chosen, positive = p[rows], hits[rows] == 1
        wins, n, m = _ranks(chosen)[positive].sum(), int(positive.sum()), int((~positive).sum())
        return float((wins - n * (n + 1) / 2) / (n * m)) if n and m else None

    return bootstrap(of, len(p))


def accuracy_at_coverage(probabilities: Sequence[float], right: Sequence[bool], coverage: float = 0.8) -> Figure:
    """Accuracy on the ceil(coverage · n) items of highest probability; the rest are abstained on."""
    p, hits = _columns(probabilities, right)
    if not 0 < coverage <= 1:
        raise UsageFault(f"Coverage lies above 0 and at most at 1, not at {coverage}.")

    def kept(n: int) -> int:
        return int(np.ceil(coverage * n - 1e-9))  # .8 of 10 is 8 and not 9: .8 * 10 may round up

    return bootstrap(
        lambda rows: float(_ordered(p[rows], hits[rows])[1][: kept(len(rows))].mean()), len(p), kept(len(p))
    )


def risk_coverage(probabilities: Sequence[float], right: Sequence[bool]) -> list[tuple[float, float]]:
    """(coverage, risk) for the 1, 2, … n items of highest probability; risk is the share wrong among them."""
    risks = _risks(*_columns(probabilities, right))
    return [(float((at + 1) / len(risks)), float(risk)) for at, risk in enumerate(risks)]


def aurc(probabilities: Sequence[float], right: Sequence[bool]) -> Figure:
    """Area under the risk-coverage curve: the mean of its n risks (Geifman and El-Yaniv 2017); lower is better."""
    p, hits = _columns(probabilities, right)
    return bootstrap(lambda rows: float(_risks(p[rows], hits[rows]).mean()), len(p))


def _columns(probabilities: Sequence[float], right: Sequence[bool]) -> tuple[Column, Column]:
    p, hits = np.array(probabilities, float), np.array([bool(one) for one in right], float)
    if p.shape != hits.shape:
        raise UsageFault(f"The same items are wanted on both sides; there are {len(p)} and {len(hits)}.")
    if not ((p >= 0) & (p <= 1)).all():  # false for NaN as well
        raise UsageFault("A probability lies outside 0..1; leave items without one out and count them.")
    return p, hits


def _ordered(p: Column, hits: Column) -> tuple[Column, Column]:
    """Probabilities from high to low and, beside each, the share right among the items that share it."""
    _, group, sizes = np.unique(-p, return_inverse=True, return_counts=True)
    shares = np.bincount(group, hits) / sizes
    order = np.argsort(group, kind="stable")
    return p[order], shares[group[order]]


def _bins(p: Column, hits: Column, bins: int) -> list[Bin]:
    ordered, shares = _ordered(p, hits)
    parts = zip(
        np.array_split(ordered[::-1], min(bins, len(p)) or 1),
        np.array_split(shares[::-1], min(bins, len(p)) or 1),
        strict=True,
    )
    return [Bin(float(one.mean()), float(other.mean()), len(one)) for one, other in parts if len(one)]


def _risks(p: Column, hits: Column) -> Column:
    shares = _ordered(p, hits)[1]
    return 1 - np.cumsum(shares) / np.arange(1, len(shares) + 1)


def _ranks(values: Column) -> Column:
    """Rank from 1, low to high; equal values take their mean rank."""
    _, group, sizes = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(sizes) - (sizes - 1) / 2)[group]
