"""Do our figures agree with people? Two answers to a question, and which of them a person found better.

floor    share of terms in common between an answer and the gold one
loop     the claims of each judged against the other by the loop's auditor

Claims of the answer that the gold answer supports are its precision (our faithfulness, the gold answer standing in for
the quotes), claims of the gold answer that the answer supports its recall. As RAGChecker (Ru et al. 2024) does, each is
held beside what people said: precision beside correctness, recall beside completeness, F1 beside the overall verdict.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from eval.lab import Lab
from eval.metrics.stats import bootstrap, share
from eval.outcomes import Outcome, Output, Scored, Task
from eval.sets.ragchecker import Preference
from rag.checking.split import claims
from rag.errors import ConfigFault
from rag.history.statistics import Draw, Figure
from rag.protocols import Judge
from rag.text.terms import terms
from rag.types import Quote

SIDES = ("first", "second")
BESIDE = {"precision": "correctness", "recall": "completeness", "f1": "overall"}


@dataclass
class Preferences:
    """Answers that were judged once are not judged again: two people were asked about every pair."""

    _known: dict[tuple[str, str], dict[str, float]] = field(default_factory=dict)

    def task(self) -> Task:
        return Task(("floor", "loop"), self.run, score)

    def run(self, item: Preference, variant: str, lab: Lab) -> Output:
        """Raises ConfigFault where the configuration names no auditor."""
        began = lab.start()
        answers = dict(zip(SIDES, (item.first, item.second), strict=True))
        if variant == "floor":
            scored = {side: _shared(answer, item.gold) for side, answer in answers.items()}
        else:
            if lab.auditor is None:
                raise ConfigFault('checking.auditor is "", and the agreement with people is the auditor\'s: name one.')
            scored = {
                side: self._known.get((answer, item.gold)) or judged(answer, item.gold, item.language, lab.auditor)
                for side, answer in answers.items()
            }
            self._known |= {(answer, item.gold): scored[side] for side, answer in answers.items()}
        return Output(item.id, lab.since(began)[0], more={"scores": scored})


def judged(answer: str, gold: str, language: str, auditor: Judge) -> dict[str, float]:
    """{precision, recall, f1} of an answer against the gold one; a side without a checkable claim has 0."""
    return _both(_supported(answer, gold, language, auditor), _supported(gold, answer, language, auditor))


def _supported(text: str, evidence: str, language: str, auditor: Judge) -> float:
    """The share of the checkable claims of `text` that `evidence` may be expected to support: the mean of P(supported),
    0 for a claim that could not be judged. A count of those above a threshold is 0 for most long answers."""
    asked = [claim.text for claim in claims(text) if claim.checkable]
    if not asked or not evidence.strip():
        return 0.0
    held = [Quote(1, evidence, "memory:answer", "", "", 0, len(evidence))]
    return sum(auditor.judge(held, claim, language).probability or 0.0 for claim in asked) / len(asked)


def _shared(answer: str, gold: str) -> dict[str, float]:
    said, wanted = set(terms(answer)), set(terms(gold))
    common = len(said & wanted)
    return _both(common / len(said) if said else 0.0, common / len(wanted) if wanted else 0.0)


def _both(precision: float, recall: float) -> dict[str, float]:
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return {"precision": precision, "recall": recall, "f1": f1}


def score(items: Sequence[Preference], outputs: Sequence[Output]) -> Scored:
    """Correlations between the figure of the second answer minus that of the first and what a person said, -2 to 2."""
    figures: dict[str, Figure] = {}
    for name, label in BESIDE.items():
        margins, said = [_margin(output, name) for output in outputs], [float(getattr(item, label)) for item in items]
        figures[f"Pearson, {name} and {label}"] = correlation(margins, said, "pearson")
        figures[f"Spearman, {name} and {label}"] = correlation(margins, said, "spearman")
    margins = [_margin(output, "f1") for output in outputs]
    agreed = [
        None if not item.overall else margin != 0 and (margin > 0) == (item.overall > 0)
        for item, margin in zip(items, margins, strict=True)
    ]
    outcomes = [Outcome(item.id, item.language, each) for item, each in zip(items, agreed, strict=True)]
    figures["prefers what people prefer (no ties)"] = share(each for each in agreed if each is not None)
    return Scored(figures, outcomes)


def correlation(one: Sequence[float], other: Sequence[float], kind: str) -> Figure:
    """Pearson's r or Spearman's rho (r of the ranks) with a bootstrap over items; None where one side does not vary."""
    left, right = (np.array(side, float) for side in (one, other))
    if kind == "spearman":
        left, right = (pd.Series(side).rank().to_numpy(float) for side in (left, right))

    def statistic(rows: Draw) -> float | None:
        if len(rows) < 2 or not np.ptp(left[rows]) or not np.ptp(right[rows]):
            return None
        return float(np.corrcoef(left[rows], right[rows])[0, 1])

    return bootstrap(statistic, len(left))


def _margin(output: Output, name: str) -> float:
    scores = output.more["scores"]
    return float(scores["second"][name]) - float(scores["first"][name])
