"""P(the answer is right), from what a run knows once its draft is written, and the risk one is ready to take.

A logistic regression over a few signals, fitted by `python -m training.abstention` on questions whose evidence people
have labelled, and kept in `answerable.json` with its data, its curve and its date. Two fits lie there: "whole" reads
all signals; "judge" none of the embedder's, for a run that has another embedder than ours.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

from rag.checking.asked import kind_asked
from rag.errors import ConfigFault, ModelFault
from rag.text import language
from rag.types import Hit, Quote

FITTED = Path(__file__).with_name("answerable.json")
Kind = Literal["whole", "judge"]
States = Callable[[Sequence[str], str], Sequence[float]]  # (passages, question) -> P(states the answer), each
NEXT = 3  # hits that the best one is held against
UNSURE = "not sure enough that your sources answer it"  # how every reason begins
SUREST = 0.95  # what a run that has not written yet may hope for: of the fit's 192 drafts none was given more than .942
FAR = 6.0  # largest log odds that a probability counts for
RISKS = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)  # the marks of a slider


@dataclass(frozen=True, slots=True)
class Level:
    """To answer wrongly at most at the share `risk` of all questions (the generalized risk of Traub et al. 2024), a run
    answers from P(right) = `threshold`. It then answers the share `coverage` of all, and of those answers the share
    `wrong` are such ones, None where there are none. All is reckoned on the labelled questions of the fit, each judged
    by a fit that had not seen it; half of them their evidence, on the topic throughout, does not answer. Where most can
    be answered, less goes wrong and more is answered."""

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
        """P(right), at even odds; a signal that is not there counts as its mean."""
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


Weighing = Callable[[str, Sequence[Quote], Sequence[Sequence[Hit]], float | None, float | None], float | None]
"""(question, quotes kept, each search's hits, the reader's P(sufficient), its P(the draft fits)) -> P(right); None
without quotes."""


@dataclass(frozen=True, slots=True)
class Gate:
    """How sure a run must be of its answer: weighed once the draft is written, and before that with the surest word
    that the reader could have for it, so that no draft is written in vain."""

    weigh: Weighing
    level: Level

    def refuses(self, probability: float | None) -> str:
        """Why a run this sure must not answer, or ""; one without quotes is told so elsewhere."""
        if probability is None or probability >= self.level.threshold:
            return ""
        return (
            f"{UNSURE}: {probability:.0%}, and {self.level.threshold:.0%} is needed to answer wrongly at most"
            f" {self.level.risk:.0%} of the time"
        )


def weighing(fit: Fit, states: States) -> Weighing:
    """By `fit`; `states` asks the small judge and raises ModelFault."""

    @lru_cache(maxsize=8)  # a run is weighed before its draft and after it, by the same quotes
    def said(passages: tuple[str, ...], question: str) -> Sequence[float]:
        return states(passages, question)

    def weigh(
        question: str,
        quotes: Sequence[Quote],
        searches: Sequence[Sequence[Hit]],
        sufficient: float | None,
        fits: float | None,
    ) -> float | None:
        if not quotes:
            return None
        stated = said(tuple(quote.text for quote in quotes), question)
        cosines = [[hit.cosine for hit in hits if hit.cosine is not None] for hits in searches]
        return fit.probability(signals(question, cosines, stated, sufficient, fits))

    return weigh


def signals(
    question: str,
    cosines: Sequence[Sequence[float]],
    stated: Sequence[float],
    sufficient: float | None,
    fits: float | None,
) -> dict[str, float]:
    """What the fits read, by name. `cosines`: of each search's hits with its query; the search with the best one
    counts. `stated`: the small judge's P(states the answer) of each quote. `sufficient`: the reader's P(the quotes
    answer), `fits`: its P(the draft is what was asked for, and in them); each is absent where it gave none. `asked`:
    whether a sum, a number or a date is asked for, which a page on the topic lacks more often."""
    best = max((list(one) for one in cosines if one), key=max, default=[0.0])
    first, *rest = sorted(best, reverse=True)
    told = {"sufficient": sufficient, "fits": fits}
    return {name: odds(said) for name, said in told.items() if said is not None} | {
        "stated": odds(max(stated, default=0.5)),
        "cosine": first,
        "ahead": first - sum(rest[:NEXT]) / len(rest[:NEXT]) if rest else 0.0,
        "asked": float(kind_asked(question) is not None),
        "zh": float(language(question) == "zh"),
    }


def odds(probability: float) -> float:
    """Natural log odds, at most FAR either way."""
    least = 1 / (1 + math.exp(FAR))
    kept = min(max(probability, least), 1 - least)
    return math.log(kept / (1 - kept))


@cache
def fitted(kind: Kind = "whole", file: Path = FITTED) -> Fit:
    """Raises ModelFault."""
    try:
        return _fit(json.loads(file.read_text("utf-8"))[kind])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelFault(f"{file} cannot be read ({error!r}). Install Vouch again.") from error


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


def levels(kind: Kind = "whole", risks: Sequence[float] = RISKS) -> tuple[Level, ...]:
    """For each risk the threshold and the coverage it leaves: the marks of a slider. Raises ModelFault."""
    return tuple(fitted(kind).level(risk) for risk in risks)


def gate(risk: float, kind: Kind, states: States) -> Gate:
    """Raises ConfigFault for a risk outside 0 to 1, ModelFault."""
    if not 0 <= risk <= 1:
        raise ConfigFault(f"checking.risk is {risk}; give a share from 0 (never wrong) to 1 (answer all).")
    return Gate(weighing(fitted(kind), states), fitted(kind).level(risk))
