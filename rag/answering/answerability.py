"""P(the answer is right), from what a run knows once its draft is verified, and the risk one is ready to take.

A logistic regression over a few signals, fitted by `python -m training.answerability` on development questions whose
answers were graded, and kept in `answerability.json` with its data, its curve and its date. A reader that has no fit of
its own is weighed by the default one's.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from rag.errors import ConfigFault, ModelFault
from rag.messages import english

FITTED = Path(__file__).with_name("answerability.json")
FAR = 6.0  # largest log odds that a probability counts for
DOUBTFUL = (0.15, 0.85)  # P(right) between which more drafts can change what is published
RISKS = (0.01, 0.02, 0.05, 0.08, 0.1, 0.12, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)  # the marks of a slider


@dataclass(frozen=True, slots=True)
class Signals:
    """What a run knows of its answer; None where nobody could say.

    `fits`: the reader's P(the draft is what is asked and stands in the evidence); `supported`: P(supported) of the
    weakest sentence; `agrees`: P(the sentence of the evidence that most probably answers states the draft), by the
    verifier; `certain`: the reader's mean probability of what the draft adds to the question. Of one fact alone,
    `pointed`: the share of the words at which the verifier points as the answer that the draft says, and `stated`:
    P(the passage in which it does states the answer). The reader's word lies higher in Chinese, right or wrong, so
    the language counts too.
    """

    language: str
    fits: float | None
    supported: float | None
    agrees: float | None
    certain: float | None
    pointed: float | None = None
    stated: float | None = None

    def values(self) -> dict[str, float]:
        """What the fit reads, by name; what is not known is absent."""
        told = {name: getattr(self, name) for name in ("fits", "supported", "agrees", "certain", "stated")}
        known = {name: odds(value) for name, value in told.items() if value is not None}
        if self.pointed is not None:  # a share, no probability
            known["pointed"] = self.pointed
        return known | {"zh": float(self.language == "zh")}


@dataclass(frozen=True, slots=True)
class Level:
    """To answer wrongly at most at the share `risk` of all questions (the generalized risk of Traub et al. 2024), a run
    answers from P(right) = `threshold`. It then answers the share `coverage` of all, and of those answers the share
    `wrong` are such ones, None where there are none; reckoned on the questions of the fit, each by a fit that had not
    seen it."""

    risk: float
    threshold: float
    coverage: float
    wrong: float | None


@dataclass(frozen=True, slots=True)
class Fit:
    """`weights` and `bias` of a logistic regression over the named signals, each less its mean and over its deviation.
    `curve`: (threshold, coverage, risk, share wrong of what is answered), from the surest down; see `Level`."""

    names: tuple[str, ...]
    means: tuple[float, ...]
    deviations: tuple[float, ...]
    weights: tuple[float, ...]
    bias: float
    curve: tuple[tuple[float, float, float, float], ...]

    def probability(self, signals: Mapping[str, float]) -> float:
        """P(right); a signal that is not there counts as its mean."""
        parts = zip(self.names, self.means, self.deviations, self.weights, strict=True)
        score = self.bias + sum(w * (signals.get(name, mean) - mean) / deviation for name, mean, deviation, w in parts)
        return 1 / (1 + math.exp(-score))

    def level(self, risk: float) -> Level:
        """What this risk costs; threshold 1 and coverage 0 where no part of the curve is so safe, the reverse at 1."""
        if risk >= 1:
            return Level(risk, 0.0, 1.0, self.curve[-1][3])
        safe = [point for point in self.curve if point[2] <= risk]
        if not safe:
            return Level(risk, 1.0, 0.0, None)
        threshold, coverage, _, wrong = safe[-1]
        return Level(risk, threshold, coverage, wrong)


@dataclass(frozen=True, slots=True)
class Gate:
    """How sure a run must be of its answer, and how sure one is."""

    weigh: Callable[[Signals], float]
    level: Level

    def doubts(self, signals: Signals) -> bool:
        """Whether more drafts are worth their time."""
        return DOUBTFUL[0] < self.weigh(signals) < DOUBTFUL[1]

    def refuses(self, probability: float) -> str:
        """Why a run this sure must not answer, or ""."""
        if probability >= self.level.threshold:
            return ""
        needed, risk = f"{self.level.threshold:.0%}", f"{self.level.risk:.0%}"
        return english("refused.unsure", probability=f"{probability:.0%}", needed=needed, risk=risk)


def gate(risk: float) -> Gate:
    """Raises ConfigFault for a risk outside 0 to 1, ModelFault."""
    if not 0 <= risk <= 1:
        raise ConfigFault("config.risk", risk=risk)
    fit = fitted()
    return Gate(lambda signals: fit.probability(signals.values()), fit.level(risk))


def levels(risks: Sequence[float] = RISKS) -> tuple[Level, ...]:
    """For each risk the threshold and the coverage it leaves: the marks of a slider. Raises ModelFault."""
    return tuple(fitted().level(risk) for risk in risks)


@cache
def fitted(file: Path = FITTED) -> Fit:
    """Raises ModelFault."""
    try:
        return _fit(json.loads(file.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelFault("model.part_unreadable", path=file, error=repr(error)) from error


def _fit(read: Mapping[str, Any]) -> Fit:
    names = tuple(read["weights"])
    return Fit(
        names,
        tuple(float(read["means"][name]) for name in names),
        tuple(float(read["deviations"][name]) for name in names),
        tuple(float(read["weights"][name]) for name in names),
        float(read["bias"]),
        tuple((float(t), float(c), float(r), float(w)) for t, c, r, w in read["curve"]),
    )


def odds(probability: float) -> float:
    """Natural log odds, at most FAR either way."""
    least = 1 / (1 + math.exp(FAR))
    kept = min(max(probability, least), 1 - least)
    return math.log(kept / (1 - kept))
