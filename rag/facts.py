"""The nouns of a text that is checked, in the order it meets them. All frozen, as in `rag.types`.

text -> claim (one statement that can be checked) -> finding with its quotes -> change -> the text revised.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from rag.types import Page, Quote, Rate, Step, Wrote

Finding = Literal["supported", "refuted", "not found", "unjudged", "not checkable"]


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of a text: ``source[start:end]`` is where it stands, `text` the same without its citation marks.

    `why` says why it cannot be checked ("question", "heading"); "" where it can.
    """

    text: str
    start: int
    end: int
    checkable: bool = True
    why: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """A claim with what the sources say of it. `quotes` are the ids of the quotes that support or refute it, or of the
    nearest where it was not found; `against` those that speak against a claim which others support.

    `probability` is P(supported), None where nothing was judged.
    """

    claim: Claim
    finding: Finding
    probability: float | None = None
    judge: str = ""
    quotes: tuple[int, ...] = ()
    against: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """In the revised text `new` stands for ``text[start:end]``; a citation or a flag is put in where they are equal."""

    start: int
    end: int
    new: str


@dataclass(frozen=True, slots=True)
class Check:
    """A text with its claims checked. `question` is what a closed-book draft was to answer; "" for a pasted text."""

    text: str
    language: str
    claims: tuple[Checked, ...]
    changes: tuple[Change, ...]
    quotes: tuple[Quote, ...]
    steps: tuple[Step, ...]
    pages: tuple[Page, ...]
    metrics: Mapping[str, Rate | float | int | None]
    timings: Mapping[str, float]
    index: Mapping[str, str] = field(default_factory=dict)
    config_sha256: str = ""
    prompts_sha256: str = ""
    question: str = ""
    id: str = ""

    @property
    def revised(self) -> str:
        """The text with its changes made."""
        made, at = "", 0
        for change in self.changes:
            made += self.text[at : change.start] + change.new
            at = change.end
        return made + self.text[at:]


@dataclass(frozen=True, slots=True)
class Split:
    """The claims that will be checked, in order."""

    text: str
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class ClaimChecked:
    """Claim number `index` (from 0) has its finding."""

    index: int
    checked: Checked


@dataclass(frozen=True, slots=True)
class CheckEnded:
    check: Check


CheckEvent = Step | Wrote | Split | ClaimChecked | CheckEnded
