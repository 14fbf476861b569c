"""What a task gives back: an output an item (kept in the store), and from outputs figures and outcomes (published)."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from eval.lab import Lab
from rag.history.statistics import Figure


@dataclass(frozen=True, slots=True)
class Output:
    """What one variant made of one item. `text` is "" where it declined; `more` is the task's own, plain types only.
    `seconds` are true ones: a generation given again counts what it cost when it was made."""

    id: str
    seconds: float = 0.0
    text: str = ""
    answered: bool = True
    probability: float | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return dataclasses.asdict(self)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one item came out, without any of its text: what reports pair and plot.

    `right`: an answer that is right, or none where none was due; None where the set cannot say.
    `wrong`: an answer was given and it is not right (a hallucination); None where the set cannot say.
    """

    id: str
    language: str
    right: bool | None
    answered: bool = True
    wrong: bool | None = None
    probability: float | None = None
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    figures: Mapping[str, Figure]
    outcomes: Sequence[Outcome]


@dataclass(frozen=True, slots=True)
class Task:
    """`run(item, variant, lab)` makes an output; `score(items, outputs)` reads only what is kept. `alone` are the
    variants that ask no index though their items bring no pages, as "closed" does."""

    variants: tuple[str, ...]
    run: Callable[[Any, str, Lab], Output]
    score: Callable[[Sequence[Any], Sequence[Output]], Scored]
    alone: tuple[str, ...] = ()
