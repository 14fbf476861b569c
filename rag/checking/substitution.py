"""Whether a quote says the same as a claim but for one figure: the claim with the quote's figure in its place is
supported, and as it stands it is not. No list of words decides what the figures are of; the verifier does."""

from collections.abc import Sequence
from dataclasses import dataclass

from rag.protocols import Judge
from rag.text.figures import Figure, figures, missing_values
from rag.types import Quote

MOST = 6  # figures of a quote that are tried in the place of one


@dataclass(frozen=True, slots=True)
class Substitute:
    """`ours` is the claim's figure, `theirs` the quote's in its place; `probability` is P(the claim with it is
    supported)."""

    ours: Figure
    theirs: Figure
    probability: float


def substitute(claim: str, quote: Quote, judge: Judge, language: str, threshold: float) -> Substitute | None:
    """The best substitution by which `quote` supports `claim` with at least `threshold`; None where it has all figures
    of the claim, or says no such thing."""
    held = figures(quote.text)
    best: Substitute | None = None
    for ours in missing_values(claim, f"{quote.about} {quote.text}"):
        rivals = _rivals(ours, held)
        for theirs in rivals[:MOST]:
            put = claim[: ours.start] + theirs.text + claim[ours.end :]
            verdict = judge.judge([quote], put, language)
            probability = verdict.probability or 0.0
            if probability >= max(threshold, best.probability if best else 0.0):
                best = Substitute(ours, theirs, probability)
    return best


def _rivals(ours: Figure, held: Sequence[Figure]) -> list[Figure]:
    """The figures of the same unit and of another value, each value once."""
    of_value = {one.value: one for one in reversed(held) if one.unit == ours.unit and one.value != ours.value}
    return list(of_value.values())
