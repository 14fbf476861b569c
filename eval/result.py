"""One measured run of one set by one variant, as the JSON file that is committed. It holds no text of any data set."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.outcomes import Outcome
from rag.config import REPOSITORY
from rag.errors import EvalFault
from rag.history import evaluations
from rag.history.statistics import Figure

FOLDER = REPOSITORY / "eval" / "results"


@dataclass(frozen=True, slots=True)
class Result:
    """`seconds`: total, median and longest of an item, true ones. `settings` is the stem of the configuration file, ""
    for the default one. Hashes are hex SHA-256; `list_sha256` is over the ids in their order. `role` says what the set
    is for (`eval.data.Role`); "" in results older than roles and for files of one's own."""

    set: str
    variant: str
    settings: str
    n: int
    figures: Mapping[str, Figure]
    seconds: Mapping[str, float]
    reader: Mapping[str, str]
    embedder: str
    prompts_sha256: str
    config_sha256: str
    list_sha256: str
    commit: str
    at: str
    outcomes: Sequence[Outcome]
    faults: int = 0
    role: str = ""

    @property
    def name(self) -> str:
        """The variant, with the configuration where it is not the default one."""
        return f"{self.variant}@{self.settings}" if self.settings else self.variant

    @property
    def file_name(self) -> str:
        return f"{self.set}-{self.name}-{self.commit}.json"


def write(result: Result, folder: Path) -> Path:
    """Write `result` beside the others; whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / result.file_name
    plain = dataclasses.asdict(result)
    rows = plain.pop("outcomes")
    kept = [{name: value for name, value in row.items() if value is not None} for row in rows]
    head = json.dumps(plain, ensure_ascii=False, indent=1)
    lines = ",\n  ".join(json.dumps(row, ensure_ascii=False) for row in kept)
    waiting = path.with_suffix(".part")
    waiting.write_text(f'{head[:-2]},\n "outcomes": [\n  {lines}\n ]\n}}\n', "utf-8")
    waiting.replace(path)
    return path


def read(path: Path) -> Result:
    """Raises EvalFault where the file is no result."""
    try:
        table: dict[str, Any] = json.loads(path.read_text("utf-8"))
        figures = {name: Figure(**figure) for name, figure in table.pop("figures").items()}
        outcomes = [Outcome(**{"right": None, **row}) for row in table.pop("outcomes")]
        return Result(**table, figures=figures, outcomes=outcomes)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise EvalFault(f"{path} is not a result of eval.run: {error!r}. Take it away or run it again.") from error


def latest(folder: Path) -> list[Result]:
    """The newest result of every set, variant and configuration, in the order of their names. Raises EvalFault."""
    found: dict[tuple[str, str], Result] = {}
    for path in sorted(folder.glob("*.json")):
        if path.name == evaluations.NAME:
            continue
        result = read(path)
        other = found.get((result.set, result.name))
        if other is None or (other.at, other.commit) < (result.at, result.commit):
            found[result.set, result.name] = result
    return [found[name] for name in sorted(found)]
