"""Rewards that were learned, each with its card, in a folder: a small JSON file a version, never changed, and `in-use`,
which names those that were taken into use, the present one last."""

import json
import logging
from dataclasses import dataclass, replace
from pathlib import Path

from rag.errors import ModelFault, UsageFault
from rag.history.statistics import Figure
from rag.learning.reward import Reward
from rag.text.plain import as_plain, as_typed

log = logging.getLogger(__name__)

IN_USE = "in-use"


@dataclass(frozen=True, slots=True)
class Card:
    """What a reward was learned from and what it is worth. `accuracy`: the share of votes (no ties) that it agrees
    with, each by a fit that has not seen its question; beside it that of the longer answer and of the one whose
    sentences the evidence supports more. `length_before`, `length_after`: correlation of its margins with differences
    of length, as they would be and as they are. `fresh`: its accuracy on votes that the one in use had not learned
    from, `present` that one's, `gain` the first less the second; `against` is the version of the one in use, None where
    there was none. `doubtful`: ids of votes that it strongly contradicts."""

    made: str
    votes: int
    ties: int
    questions: int
    origins: dict[str, int]
    accuracy: Figure
    by_length: Figure
    by_support: Figure
    length_before: float | None
    length_after: float | None
    fresh: Figure
    present: Figure
    gain: Figure
    doubtful: tuple[str, ...] = ()
    against: int | None = None

    @property
    def better(self) -> bool:
        """Whether it was shown to be better than the one in use, which takes votes new to both and the same models;
        than chance where there was none."""
        figure, least = (self.fresh, 0.5) if self.against is None else (self.gain, 0.0)
        return figure.low is not None and figure.low > least


@dataclass(frozen=True, slots=True)
class Learned:
    """A reward with its card; `embedder` and `judge` made its features, `learned_from` are the ids of its votes.
    `version` is 0 until it is kept."""

    reward: Reward
    card: Card
    embedder: str
    judge: str
    learned_from: tuple[str, ...]
    version: int = 0

    @property
    def made_by(self) -> tuple[str, str]:
        return self.embedder, self.judge


@dataclass(frozen=True, slots=True)
class Versions:
    folder: Path

    def all(self) -> list[Learned]:
        """Oldest first. One that cannot be read is left out, which is logged."""
        return [found for path in sorted(self.folder.glob("reward-*.json")) if (found := _readable(path))]

    def present(self) -> Learned | None:
        """The one in use; None where none is. Raises ModelFault."""
        used = self._used()
        return _read(self._file(used[-1])) if used else None

    def keep(self, learned: Learned) -> Learned:
        """The same with its version: one more than the last that there is a file of, readable or not."""
        numbers = (path.stem.removeprefix("reward-") for path in self.folder.glob("reward-*.json"))
        last = max((int(number) for number in numbers if number.isdecimal()), default=0)
        kept = replace(learned, version=last + 1)
        self.folder.mkdir(parents=True, exist_ok=True)
        _write(self._file(kept.version), json.dumps(as_plain(kept), ensure_ascii=False, indent=1) + "\n")
        return kept

    def use(self, version: int) -> None:
        """Take it into use. Raises ModelFault where it cannot be read."""
        _read(self._file(version))
        self._note([*self._used(), version])

    def back(self) -> int | None:
        """Go back to the one that was in use before and can be read; its version, None where there was none. Raises
        UsageFault where none is in use."""
        used = self._used()
        if not used:
            raise UsageFault("learn.none_in_use")
        used.pop()
        while used and not _readable(self._file(used[-1])):
            used.pop()
        self._note(used)
        return used[-1] if used else None

    def _file(self, version: int) -> Path:
        return self.folder / f"reward-{version:04}.json"

    def _used(self) -> list[int]:
        path = self.folder / IN_USE
        try:
            return [int(line) for line in path.read_text("utf-8").split()] if path.exists() else []
        except (OSError, ValueError) as error:
            raise ModelFault("model.part_unreadable", path=path, error=repr(error)) from error

    def _note(self, used: list[int]) -> None:
        _write(self.folder / IN_USE, "".join(f"{version}\n" for version in used))


def _read(path: Path) -> Learned:
    try:
        read: Learned = as_typed(Learned, json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise ModelFault("learn.unreadable", path=path, error=repr(error)) from error
    return read


def _readable(path: Path) -> Learned | None:
    try:
        return _read(path)
    except ModelFault as fault:
        log.warning("%s", fault)
        return None


def _write(path: Path, text: str) -> None:
    """Whole or not at all."""
    part = path.with_suffix(".part")
    part.write_text(text, "utf-8")
    part.replace(path)
