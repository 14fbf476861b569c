"""From the ledger's rows to figures over days, and to what changed between two builds. Pure functions.

Sentences of one answer stand or fall together, so every interval of a share of sentences draws whole answers again
(`rag.history.statistics.clustered`).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.history.statistics import Figure, clustered, rate

Column = NDArray[np.float64]
Run = Mapping[str, Any]  # a row of `Ledger.runs`

SHARES: Mapping[str, tuple[str, str, bool]] = {  # measure -> hits, of what, whether more is better
    "faithfulness": ("supported", "sentences", True),
    "citation_recall": ("recall_hits", "recall_n", True),
    "citation_precision": ("precision_hits", "precision_n", True),
    "contradicted": ("contradicted", "sentences", False),
    "unjudged": ("unjudged", "sentences", False),
}
MEASURES = (*SHARES, "abstained", "seconds", "tokens")
RATES = (*SHARES, "abstained")
_DRAWS = 400
_MOST = 3000  # answers of a build that are drawn again


@dataclass(frozen=True, slots=True)
class Point:
    """One measure of one group on one day. `n` counts what it is a share of, or answers; `high` of seconds is the 90th
    percentile (of ten or more)."""

    day: str
    group: str
    value: float
    n: int
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Drift:
    """What a measure was in the build before and is now; `low` to `high` is the 95% interval of now minus before."""

    measure: str
    before: Figure
    now: Figure
    low: float
    high: float
    more_is_better: bool

    @property
    def word(self) -> str:
        """ "worse" or "better" only where the interval leaves out no change at all."""
        if self.low <= 0 <= self.high:
            return "unclear"
        return "better" if (self.low > 0) == self.more_is_better else "worse"


def figure(runs: Sequence[Run], measure: str) -> Figure:
    """One measure over some answers: a share, the median of seconds, the mean of tokens."""
    if measure == "abstained":
        return rate(sum(run["status"] == "abstained" for run in runs), len(runs))
    if measure in SHARES:
        hits, totals = _columns(runs, measure)
        return clustered(hits, totals, draws=_DRAWS) if sum(totals) else Figure(None, 0)
    if not runs:
        return Figure(None, 0)
    if measure == "tokens":
        return Figure(sum(run["prompt_tokens"] + run["output_tokens"] for run in runs) / len(runs), len(runs))
    seconds = [run["seconds"] for run in runs]
    return Figure(median(seconds), len(runs), None, quantiles(seconds, n=10)[-1] if len(seconds) >= 10 else None)


def series(runs: Sequence[Run], measure: str, by: str) -> list[Point]:
    """A point for each day and each value of `by` (a key of the ledger's GROUPS) for which the measure is defined."""
    grouped: dict[tuple[str, str], list[Run]] = defaultdict(list)
    for run in runs:
        grouped[run["day"], str(run[by])].append(run)
    found = ((day, group, figure(some, measure)) for (day, group), some in sorted(grouped.items()))
    return [
        Point(day, group, one.value, one.n, one.low, one.high) for day, group, one in found if one.value is not None
    ]


def drifts(runs: Sequence[Run], index: str) -> tuple[str, str, list[Drift]]:
    """(the build before, the build now, what changed) for the two builds of `index` that answered last; no drifts where
    there are not two."""
    mine = [run for run in runs if run["index_name"] == index]
    builds = list(dict.fromkeys(run["build_name"] for run in reversed(mine)))[:2]
    if len(builds) < 2:
        return "", builds[0] if builds else "", []
    now, before = ([run for run in mine if run["build_name"] == build][-_MOST:] for build in builds)
    found = (_drift(measure, before, now) for measure in RATES)
    return builds[1], builds[0], [one for one in found if one]


def _drift(measure: str, before: Sequence[Run], now: Sequence[Run]) -> Drift | None:
    old, new = figure(before, measure), figure(now, measure)
    if old.value is None or new.value is None:
        return None
    difference = _drawn(now, measure, 1) - _drawn(before, measure, 2)
    low, high = np.nanpercentile(difference, [2.5, 97.5])
    better = SHARES[measure][2] if measure in SHARES else False
    return Drift(measure, old, new, float(low), float(high), better)


def _drawn(runs: Sequence[Run], measure: str, seed: int) -> Column:
    """(draws,) values of a share over answers drawn with replacement. One pseudo answer, half a hit of one, is added,
    so that 20 of 20 is not taken for certainty."""
    hits, totals = (
        np.array([*column, extra], float) for column, extra in zip(_columns(runs, measure), (0.5, 1), strict=True)
    )
    rows = np.random.default_rng(seed).integers(0, len(hits), (_DRAWS * 2, len(hits)))
    below = totals[rows].sum(1)
    above = hits[rows].sum(1)
    below[below == 0] = np.nan
    drawn: Column = above / below
    return drawn


def _columns(runs: Sequence[Run], measure: str) -> tuple[list[int], list[int]]:
    if measure == "abstained":
        return [int(run["status"] == "abstained") for run in runs], [1] * len(runs)
    hits, of, _ = SHARES[measure]
    return [run[hits] for run in runs], [run[of] for run in runs]
