"""A measured figure with its n and 95% interval: shares, and shares of what comes in clusters."""

import math
from collections.abc import Iterable, Sequence
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


NONE = Figure(None, 0)


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


def clustered(hits: Sequence[float], totals: Sequence[int], seed: int = 0, draws: int = DRAWS) -> Figure:
    """Hits over totals where they come in clusters (sentences of an answer); whole clusters are drawn again.

    Sentences of one answer are right or wrong together, so Wilson's interval over all of them is too narrow. n is the
    sum of totals.
    """
    check_paired(hits, totals)
    above, below = np.array(hits, float), np.array(totals, float)
    if not below.sum():
        return NONE
    drawn = [
        (above[rows].sum(1), below[rows].sum(1))
        for rows in resampled(len(below), seed, draws)
    ]  # fmt: skip
    tops, bottoms = (np.concatenate(column) for column in zip(*drawn, strict=True))
    ratios = tops[bottoms > 0] / bottoms[bottoms > 0]
    return with_interval(float(above.sum() / below.sum()), int(below.sum()), ratios if len(below) > 1 else None)


def check_paired(one: Sequence[object], other: Sequence[object]) -> None:
    """Raises UsageFault where the two are not of equal length."""
    if len(one) != len(other):
        raise UsageFault(f"The same items are wanted on both sides; there are {len(one)} and {len(other)}.")


def resampled(n: int, seed: int, draws: int) -> Iterable[Draw]:
    """`draws` rows of `n` item numbers with repeats, in blocks of shape (rows, n)."""
    generator, block = np.random.default_rng(seed), max(1, _CELLS // n)
    for start in range(0, draws, block):
        yield generator.integers(0, n, (min(block, draws - start), n))


def with_interval(value: float, n: int, drawn: NDArray[np.float64] | None) -> Figure:
    """`value` with the middle 95% of `drawn`: (draws,) values of it over items drawn again; without if it is empty."""
    if drawn is None or not len(drawn):
        return Figure(value, n)
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Figure(value, n, float(low), float(high))
