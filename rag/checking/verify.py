"""One claim against the quotes it cites -> a verdict."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.checking.anchors import missing_figures, missing_names, slipped_units
from rag.errors import ReaderFault
from rag.seams import Judge, Prompt, Reader
from rag.types import Quote, Verdict

Asking = Callable[[Sequence[Quote], str, str], Prompt]

# A figure or a name that stands in no quote: what is left of the judge's Yes. Set by hand on the seed questions.
FIGURE_MISSING, NAME_MISSING = 0.5, 0.25


@dataclass(frozen=True, slots=True)
class ReaderJudge:
    """Judges by the reader's first token, Yes or No, discounted for figures and names that no quote holds.

    `asking` makes the prompt from (quotes, claim, language). It cannot tell "contradicted" from "unsupported".
    """

    reader: Reader
    asking: Asking
    threshold: float

    @property
    def name(self) -> str:
        return self.reader.name

    def judge(self, quotes: Sequence[Quote], claim: str, language: str) -> Verdict:
        """A claim without quotes is unsupported; one the reader fails on is unjudged, never supported."""
        if not quotes:
            return Verdict("unsupported", 0.0, "no citation")
        try:
            found = self.reader.choose(self.asking(quotes, claim, language), ("Yes", "No"))
        except ReaderFault:
            return Verdict("unjudged", None, self.reader.name)
        if found is None:
            return Verdict("unjudged", None, self.reader.name)
        probability = found["Yes"] * anchored(quotes, claim, language)
        return Verdict("supported" if probability >= self.threshold else "unsupported", probability, self.reader.name)


def anchored(quotes: Sequence[Quote], claim: str, language: str) -> float:
    """What is left, 0 to 1, of a judge's P(supported): less where a figure or a name of the claim is in no quote, or
    the figure is and counts something else there. Names count in Chinese: what an English claim names beyond its
    evidence follows from it as often as not (docs/measurements.md, judges)."""
    left = FIGURE_MISSING if missing_figures(claim, quotes) or slipped_units(claim, quotes) else 1.0
    return left * (NAME_MISSING if language == "zh" and missing_names(claim, quotes, language) else 1.0)


@dataclass(frozen=True, slots=True)
class SecondedJudge:
    """Two judges: the first says whether a claim is supported; where it does not, the second may say that it is
    contradicted. For a reader that knows support better and an encoder that knows contradiction."""

    first: Judge
    second: Judge

    @property
    def name(self) -> str:
        return f"{self.first.name} + {self.second.name}"

    def judge(self, quotes: Sequence[Quote], claim: str, language: str) -> Verdict:
        verdict = self.first.judge(quotes, claim, language)
        if verdict.label != "unsupported" or not quotes:
            return verdict
        other = self.second.judge(quotes, claim, language)
        if other.label != "contradicted":
            return verdict
        return Verdict("contradicted", verdict.probability, f"{verdict.judge} + {other.judge}")
