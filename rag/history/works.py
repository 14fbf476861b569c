"""Finished checks and filled tables that the page comes back to, in one SQLite file beside the ledger; each is its
owner's alone, as a conversation is.

A work is its parts: a check is one, of a table every cell is one. What it is called, and which rows and columns a table
has, is told by the parts that are left, so that nothing stays of one that is forgotten.
"""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rag.database import compact, run_script
from rag.history.conversations import SHOWN, new_id
from rag.history.keeping import KeptFile, before, kept_in, now

Kind = Literal["check", "table"]
_TABLES = """
CREATE TABLE works (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    kind TEXT NOT NULL,
    index_name TEXT NOT NULL,
    at TEXT NOT NULL               -- UTC, ISO 8601
);
CREATE INDEX works_owner ON works (owner, kind, at);
CREATE TABLE parts (
    number INTEGER PRIMARY KEY,    -- orders the parts of a work
    work TEXT NOT NULL REFERENCES works (id) ON DELETE CASCADE,
    answer TEXT NOT NULL,          -- id of the check, or of the answer in a cell
    title TEXT NOT NULL,           -- the text's beginning, or the cell's column
    body TEXT NOT NULL             -- JSON
);
CREATE INDEX parts_work ON parts (work, number);
"""
_TITLE = "(SELECT group_concat(title, ' · ') FROM (SELECT DISTINCT title FROM parts WHERE work = works.id))"


def _make_tables(database: sqlite3.Connection) -> None:
    run_script(database, _TABLES)


@dataclass(frozen=True, slots=True)
class Work:
    """In the list; `at` is UTC, ISO 8601."""

    id: str
    title: str
    at: str


@dataclass(frozen=True, slots=True)
class OpenWork:
    """`parts` are the bodies that were added, in order."""

    index: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Works(KeptFile):
    schema = kept_in("file.works", _make_tables)

    def begin(self, owner: str, kind: Kind, index: str) -> str:
        """A new work over the index of this name; its id. It is listed once it has a part."""
        if self.days:
            self.forget_older(self.days)
        made = new_id()
        with self._open(write=True) as database:
            database.execute(
                "INSERT INTO works VALUES (?, ?, ?, ?, ?)", (made, owner, kind, index, now("microseconds"))
            )
        return made

    def add(self, work: str, answer: str, title: str, body: str) -> None:
        """Another part, JSON, of the answer or check of this id; nothing where the work was deleted meanwhile."""
        with self._open(write=True) as database:
            database.execute(
                "INSERT INTO parts (work, answer, title, body) SELECT id, ?, ?, ? FROM works WHERE id = ?",
                (answer, title, body, work),
            )

    def of(self, owner: str, kind: Kind) -> list[Work]:
        """The owner's, the latest first."""
        with self._open() as database:
            rows = database.execute(
                f"SELECT id, {_TITLE} AS called, at FROM works WHERE owner = ? AND kind = ? AND called IS NOT NULL"  # nosec B608
                " ORDER BY at DESC, rowid DESC LIMIT ?",
                (owner, kind, SHOWN),
            )
            return [Work(*row) for row in rows]

    def open(self, owner: str, kind: Kind, work: str) -> OpenWork | None:
        """None where this owner has none of this id and kind, or it has no part yet."""
        with self._open() as database:
            rows = database.execute(
                "SELECT index_name, body FROM works JOIN parts ON work = id"
                " WHERE id = ? AND kind = ? AND owner = ? ORDER BY number",
                (work, kind, owner),
            ).fetchall()
        return OpenWork(rows[0][0], tuple(body for _, body in rows)) if rows else None

    def delete(self, owner: str, work: str) -> None:
        """With all its parts. The ledger keeps the check or the answers: they count in the figures."""
        with self._open(write=True) as database:
            database.execute("DELETE FROM works WHERE id = ? AND owner = ?", (work, owner))

    def forget(self, answers: Sequence[str]) -> int:
        """Delete, whosesoever they are, the checks and cells of these ids, and works that have no part left; how many
        parts."""
        return self._forget("answer IN (SELECT value FROM json_each(?))", json.dumps(list(answers)))

    def forget_older(self, days: float) -> int:
        """The same for every work of more than `days` days ago."""
        gone = self._forget("work IN (SELECT id FROM works WHERE at < ?)", before(days))
        with self._open(write=True) as database:  # those that were begun and never had a part
            database.execute("DELETE FROM works WHERE at < ?", (before(days),))
        return gone

    def _forget(self, which: str, value: str) -> int:
        with self._open(write=True) as database:
            gone = database.execute(f"DELETE FROM parts WHERE {which} RETURNING work", (value,)).fetchall()  # nosec B608
            database.executemany(
                "DELETE FROM works WHERE id = ? AND id NOT IN (SELECT work FROM parts)", list(dict.fromkeys(gone))
            )
        if gone:
            compact(self.path, self.schema)
        return len(gone)
