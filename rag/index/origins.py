"""Which pages of a build came from which source of its recipe, kept beside the pages in the same database."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import astuple

from rag.index.database import Database
from rag.types import Origin

OWN = ("base", "failed", "embedder")


class Origins:
    """All of them of one build. Raises IndexFault like the store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Origin]:
        """By source, then address."""
        with self._database.session() as sql:
            rows = sql.execute("SELECT * FROM origins ORDER BY source, address").fetchall()
        return [Origin(*(*row[:8], tuple(json.loads(row[8])))) for row in rows]

    def uris(self) -> set[str]:
        """The pages that a recipe answers for; the others were added by hand."""
        with self._database.session() as sql:
            return {row[0] for row in sql.execute("SELECT DISTINCT uri FROM origins")}

    def write(self, origins: Iterable[Origin]) -> None:
        """Each in place of any of its source and address, in one transaction."""
        with self._database.session(write=True) as sql:
            sql.executemany("INSERT OR REPLACE INTO origins VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", map(_row, origins))

    def forget(self, origins: Iterable[Origin]) -> None:
        with self._database.session(write=True) as sql:
            rows = [(origin.source, origin.address) for origin in origins]
            sql.executemany("DELETE FROM origins WHERE source = ? AND address = ?", rows)

    def take(self, other: "Origins") -> None:
        """What `other` knows of its recipe; what it notes of its own making stays behind."""
        self.write(other.all())
        with other._database.session() as sql:
            rows = sql.execute("SELECT key, value FROM meta WHERE key LIKE 'recipe:%'").fetchall()
        for key, value in rows:
            if (name := key.removeprefix("recipe:")) not in OWN:
                self.note(name, value)

    # --- notes on the whole build ---

    def note(self, key: str, value: str) -> None:
        """Keep `value` under ``recipe:<key>``."""
        with self._database.session(write=True) as sql:
            sql.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (f"recipe:{key}", value))

    def noted(self, key: str) -> str:
        """What was noted last, or ""."""
        with self._database.session() as sql:
            row: sqlite3.Row | None = sql.execute("SELECT value FROM meta WHERE key = ?", (f"recipe:{key}",)).fetchone()
        return str(row[0]) if row else ""


def _row(origin: Origin) -> tuple[str, ...]:
    return (*astuple(origin)[:-1], json.dumps(origin.links, ensure_ascii=False))
