"""Two variants on the same items: never ranked on anything else."""

from collections.abc import Sequence
from dataclasses import dataclass

from eval.metrics.stats import McNemar, difference, mcnemar
from eval.outcomes import Outcome
from eval.result import Result
from rag.history.statistics import Figure


@dataclass(frozen=True, slots=True)
class Comparison:
    """First minus second over the `n` items both have an outcome for; `wrong` is the difference in the share answered
    wrongly (hallucination rate), below 0 where the first answers wrongly less often."""

    first: str
    second: str
    n: int
    right: Figure
    test: McNemar
    wrong: Figure

    def __str__(self) -> str:
        return (
            f"{self.first} − {self.second}, n={self.n}: right {signed(self.right)}, McNemar p={self.test.p:.3f}"
            f" ({self.test.only_ours}:{self.test.only_theirs}); answered wrongly {signed(self.wrong)}"
        )


def signed(figure: Figure) -> str:
    """A difference in points with its interval; a dash where there is none."""
    if figure.value is None:
        return "–"
    if figure.low is None or figure.high is None:
        return f"{100 * figure.value:+.1f}"
    return f"{100 * figure.value:+.1f} [{100 * figure.low:+.1f}, {100 * figure.high:+.1f}]"


def compare(first: Result, second: Result) -> Comparison | None:
    """None where they share no item. Both must be of one set: ids say nothing across sets."""
    return between(first.name, second.name, paired(first, second))


Pairs = Sequence[tuple[Outcome, Outcome]]


def paired(first: Result, second: Result, language: str = "") -> list[tuple[Outcome, Outcome]]:
    """Outcomes of the items both have, in the first's order; with `language`, only those."""
    others = {outcome.id: outcome for outcome in second.outcomes}
    return [
        (outcome, others[outcome.id])
        for outcome in first.outcomes
        if outcome.id in others and language in ("", outcome.language)
    ]


def between(first: str, second: str, pairs: Pairs) -> Comparison | None:
    known = [pair for pair in pairs if pair[0].right is not None and pair[1].right is not None]
    if not known:
        return None
    ours, theirs = [bool(one.right) for one, _ in known], [bool(other.right) for _, other in known]
    return Comparison(first, second, len(known), difference(ours, theirs), mcnemar(ours, theirs), _wrong(known))


def _wrong(pairs: Pairs) -> Figure:
    known = [pair for pair in pairs if pair[0].wrong is not None and pair[1].wrong is not None]
    return difference([float(bool(one.wrong)) for one, _ in known], [float(bool(other.wrong)) for _, other in known])
