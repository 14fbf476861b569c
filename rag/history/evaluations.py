"""The newest evaluation results as one file of tables and curves: the evaluation writes it, the page shows it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.config import REPOSITORY
from rag.errors import EvalFault
from rag.text.plain import as_plain, as_typed

NAME = "summary.json"
FILE = REPOSITORY / "eval" / "results" / NAME  # in git, beside the results it is made from

Row = tuple[str, ...]
Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """Of one set and variant: (coverage, risk) and (probability, share right) points, all from 0 to 1."""

    set: str
    variant: str
    risk: Points
    reliability: Points


@dataclass(frozen=True, slots=True)
class Summary:
    """`results` are the names of the files it is made from. The first row of a table names its columns, and the first
    cell of every other row the set; "all, zh" and the like stand for all sets of a language."""

    results: tuple[str, ...]
    tables: Mapping[str, tuple[Row, ...]]
    curves: tuple[Curve, ...]

    def sets(self) -> list[str]:
        return sorted({row[0] for row in self.tables["runs"][1:]})

    def table(self, name: str, sets: Sequence[str] = ()) -> list[Row]:
        """The rows of some sets (of all for none), without columns that are empty in all of them; [] for none."""
        head, *rows = self.tables.get(name, ((),))
        kept = [row for row in rows if not sets or row[0] in sets]
        columns = [at for at in range(len(head)) if any(row[at] for row in kept)]
        return [tuple(row[at] for at in columns) for row in (head, *kept)] if kept else []


def read(path: Path) -> Summary | None:
    """None where there is no file. Raises EvalFault where it is no summary."""
    try:
        made: Summary = as_typed(Summary, json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise EvalFault("file.summary", path=path, error=error) from error
    return made


def write(summary: Summary, folder: Path) -> Path:
    """Whole or not at all; a table's row and a curve take a line each."""
    path = folder / NAME
    tables = ",\n".join(
        f"  {json.dumps(name)}: [\n{_lines(rows, 3)}\n  ]" for name, rows in as_plain(summary.tables).items()
    )
    text = (
        f'{{\n "results": [\n{_lines(summary.results, 2)}\n ],\n "tables": {{\n{tables}\n }},\n'
        f' "curves": [\n{_lines(as_plain(summary.curves), 2)}\n ]\n}}\n'
    )
    waiting = path.with_suffix(".part")
    waiting.write_text(text, "utf-8")
    waiting.replace(path)
    return path


def _lines(values: Sequence[object], indent: int) -> str:
    return ",\n".join(" " * indent + json.dumps(value, ensure_ascii=False) for value in values)
