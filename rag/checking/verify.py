"""One claim against the quotes it cites -> a verdict, by the reader."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.errors import ReaderFault
from rag.protocols import Prompt, Reader
from rag.types import Quote, Verdict

Asking = Callable[[Sequence[Quote], str, str], Prompt]


@dataclass(frozen=True, slots=True)
class ReaderJudge:
    """Judges by the reader's first token, Yes or No, and cannot tell "contradicted" from "unsupported". `asking` makes
    the prompt from (quotes, claim, language)."""

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
        probability = found["Yes"]
        return Verdict("supported" if probability >= self.threshold else "unsupported", probability, self.reader.name)
