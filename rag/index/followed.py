"""The folders that an index follows while the page's server runs; kept beside the builds, so that a restart knows."""

import sqlite3
from pathlib import Path

from rag.database import Schema, transaction
from rag.messages import english

_FILE = "followed.sqlite"


def _make_table(sql: sqlite3.Connection) -> None:
    sql.execute("CREATE TABLE IF NOT EXISTS folders (path TEXT PRIMARY KEY)")


_SCHEMA = Schema("file.followed", (_make_table,), lambda path: english("file.delete"))


class Followed:
    """Those of the index in `folder`. Opens its file for each call. Raises IndexFault."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _FILE

    def all(self) -> list[str]:
        """Absolute paths, sorted."""
        if not self._path.exists():
            return []
        with transaction(self._path, _SCHEMA) as sql:
            return [row[0] for row in sql.execute("SELECT path FROM folders ORDER BY path")]

    def add(self, path: str) -> None:
        with transaction(self._path, _SCHEMA, write=True) as sql:
            sql.execute("INSERT OR IGNORE INTO folders VALUES (?)", (path,))

    def remove(self, path: str) -> None:
        with transaction(self._path, _SCHEMA, write=True) as sql:
            sql.execute("DELETE FROM folders WHERE path = ?", (path,))
