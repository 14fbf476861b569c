"""What the files of what was asked and answered have in common: how they are opened, and how long they keep a row."""

import sqlite3
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

from rag.database import Schema, Step, connect, transaction
from rag.messages import english


def kept_in(what: str, *steps: Step) -> Schema:
    """A file of which nothing that is deleted is to stay."""
    return Schema(what, steps, _move_away, secure_delete=True)


def now(timespec: str = "seconds") -> str:
    """UTC, ISO 8601: times written so are compared as text."""
    return datetime.now(UTC).isoformat(timespec=timespec)


def before(days: float) -> str:
    """So many days ago, as `now`."""
    return (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="seconds")


def _move_away(path: Path) -> str:
    return english("file.move_away")


@dataclass(frozen=True, slots=True)
class KeptFile:
    """`path` is made where it is missing; rows of more than `days` days ago are forgotten by and by (0: none). Raises
    IndexFault where the file is no database."""

    schema: ClassVar[Schema]
    path: Path
    days: int = 0

    def __post_init__(self) -> None:
        connect(self.path, self.schema).close()

    def _open(self, write: bool = False) -> AbstractContextManager[sqlite3.Connection]:
        return transaction(self.path, self.schema, write)
