"""When each source of an index was last looked at and how that ended: what the pages themselves cannot say of a source
that failed, or that was fetched again and had not changed.

One small SQLite file beside the builds, so that it outlives them. Nothing depends on it: without it the list of
sources only knows less.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from rag.database import Schema, transaction
from rag.index.files import now
from rag.messages import english

_FILE = "attempts.sqlite"


def _make_table(sql: sqlite3.Connection) -> None:
    sql.execute(
        "CREATE TABLE IF NOT EXISTS attempts"
        " (uri TEXT PRIMARY KEY, at TEXT NOT NULL, status TEXT NOT NULL, error TEXT NOT NULL)"
    )


def _delete(path: Path) -> str:
    return english("file.delete")


# Losing the last note to a power cut loses nothing, so nothing waits for the disk.
_SCHEMA = Schema("file.attempts", (_make_table,), _delete, synchronous="OFF")


@dataclass(frozen=True, slots=True)
class Attempt:
    """`at` is UTC, ISO 8601; `error` is a sentence where `status` is "failed"."""

    uri: str
    at: str
    status: str
    error: str = ""


class Attempts:
    """The last attempt at every source of the index in `folder`. Opens its file for each call. Raises IndexFault."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _FILE

    def all(self) -> dict[str, Attempt]:
        """By uri; {} where nothing was ever noted."""
        if not self._path.exists():
            return {}
        with transaction(self._path, _SCHEMA) as sql:
            rows = sql.execute("SELECT uri, at, status, error FROM attempts").fetchall()
        return {row[0]: Attempt(*row) for row in rows}

    def note(self, uri: str, status: str, error: str = "") -> None:
        """In place of the attempt before."""
        with transaction(self._path, _SCHEMA, write=True) as sql:
            sql.execute("INSERT OR REPLACE INTO attempts VALUES (?, ?, ?, ?)", (uri, now(), status, error))

    def forget(self, uris: Iterable[str]) -> None:
        if self._path.exists():
            with transaction(self._path, _SCHEMA, write=True) as sql:
                sql.executemany("DELETE FROM attempts WHERE uri = ?", [(uri,) for uri in uris])
