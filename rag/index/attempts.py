"""When each source of an index was last looked at and how that ended: what the pages themselves cannot say of a source
that failed, or that was fetched again and had not changed.

One small SQLite file beside the builds, so that it outlives them. Nothing depends on it: without it the list of
sources only knows less.
"""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from rag.errors import IndexFault
from rag.index.files import now

_FILE = "attempts.sqlite"
_SCHEMA = """CREATE TABLE IF NOT EXISTS attempts (
    uri TEXT PRIMARY KEY, at TEXT NOT NULL, status TEXT NOT NULL, error TEXT NOT NULL
)"""


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
        return {row[0]: Attempt(*row) for row in self._do("SELECT uri, at, status, error FROM attempts", [()])}

    def note(self, uri: str, status: str, error: str = "") -> None:
        """In place of the attempt before."""
        self._do("INSERT OR REPLACE INTO attempts VALUES (?, ?, ?, ?)", [(uri, now(), status, error)])

    def forget(self, uris: Iterable[str]) -> None:
        if self._path.exists():
            self._do("DELETE FROM attempts WHERE uri = ?", [(uri,) for uri in uris])

    def _do(self, statement: str, rows: list[tuple[str, ...]]) -> list[tuple[str, str, str, str]]:
        try:
            with closing(sqlite3.connect(self._path, timeout=30)) as database, database:
                database.execute("PRAGMA synchronous = OFF")  # losing the last note to a power cut loses nothing
                database.execute(_SCHEMA)
                found: list[tuple[str, str, str, str]] = []
                for row in rows:
                    found += database.execute(statement, row).fetchall()
                return found
        except sqlite3.Error as error:
            raise IndexFault(f"{self._path} cannot be used ({error}). Delete it: it only says what failed.") from error
