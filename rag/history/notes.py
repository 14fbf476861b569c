"""Notes that a person makes of answers, quotes and words of their own, in one SQLite file beside the ledger.

Each is its owner's alone, as a conversation is. They are kept until somebody deletes them: the ledger's days do not
count here.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rag.database import compact, run_script
from rag.errors import UsageFault
from rag.history.conversations import LONGEST_TITLE, new_id
from rag.history.keeping import KeptFile, before, kept_in, now

Kind = Literal["answer", "quote", "text"]
MOST_ENTRIES = 500  # of a note
_TABLES = """
CREATE TABLE notes (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    title TEXT NOT NULL,
    used_at TEXT NOT NULL          -- UTC, ISO 8601
);
CREATE INDEX notes_owner ON notes (owner, used_at);
CREATE TABLE entries (
    id TEXT PRIMARY KEY,
    note TEXT NOT NULL REFERENCES notes (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,       -- orders the entries of a note; gaps stay
    kind TEXT NOT NULL,
    answer TEXT NOT NULL,          -- id of the answer that it is, or that it is of; "" for a person's own words
    body TEXT NOT NULL,            -- JSON
    at TEXT NOT NULL               -- UTC, ISO 8601
);
CREATE INDEX entries_note ON entries (note, number);
"""


def _make_tables(database: sqlite3.Connection) -> None:
    run_script(database, _TABLES)


@dataclass(frozen=True, slots=True)
class Entry:
    """`body` of an answer is the object of `rag.export.json.as_json`; of a quote {"answer": id, "question", "quote":
    one of that object's, "page": its source there}; of a person's own words {"text": Markdown}."""

    id: str
    kind: Kind
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Note:
    """In the list; `used_at` is UTC, ISO 8601."""

    id: str
    title: str
    used_at: str


@dataclass(frozen=True, slots=True)
class OpenNote:
    id: str
    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Notes(KeptFile):
    schema = kept_in("file.notes", _make_tables)

    def begin(self, owner: str, title: str) -> str:
        """A new note; its id."""
        made = new_id()
        with self._open(write=True) as database:
            database.execute("INSERT INTO notes VALUES (?, ?, ?, ?)", (made, owner, _title(title), now("microseconds")))
        return made

    def of(self, owner: str) -> list[Note]:
        """The owner's, last used first."""
        with self._open() as database:
            rows = database.execute(
                "SELECT id, title, used_at FROM notes WHERE owner = ? ORDER BY used_at DESC, rowid DESC", (owner,)
            )
            return [Note(*row) for row in rows]

    def everyones(self) -> list[tuple[str, Note]]:
        """(owner, note) of all there are, last used first: for the machine's own user, never for a visitor."""
        with self._open() as database:
            rows = database.execute("SELECT owner, id, title, used_at FROM notes ORDER BY used_at DESC, rowid DESC")
            return [(owner, Note(*row)) for owner, *row in rows]

    def open(self, owner: str, note: str) -> OpenNote | None:
        """With its entries in order. None where this owner has none of this id."""
        with self._open() as database:
            found = database.execute("SELECT title FROM notes WHERE id = ? AND owner = ?", (note, owner)).fetchone()
            if found is None:
                return None
            rows = database.execute(
                "SELECT id, kind, body FROM entries WHERE note = ? ORDER BY number", (note,)
            ).fetchall()
        return OpenNote(note, found[0], tuple(Entry(made, kind, json.loads(body)) for made, kind, body in rows))

    def add(self, owner: str, note: str, kind: Kind, body: Mapping[str, Any], after: str = "") -> str:
        """A new entry after the one of the id `after`, or at the end; its id, "" where this owner has no such note.
        Raises UsageFault where the note has MOST_ENTRIES."""
        made = new_id()
        answer = str(body["id"] if kind == "answer" else body["answer"] if kind == "quote" else "")
        with self._open(write=True) as database:
            if not self._touch(database, owner, note):
                return ""
            count, last = database.execute(
                "SELECT count(*), coalesce(max(number), 0) FROM entries WHERE note = ?", (note,)
            ).fetchone()
            if count >= MOST_ENTRIES:
                raise UsageFault("note.full", most=MOST_ENTRIES)
            place = self._number(database, note, after)
            number = last if place is None else place
            database.execute("UPDATE entries SET number = number + 1 WHERE note = ? AND number > ?", (note, number))
            row = (made, note, number + 1, kind, answer, json.dumps(body, ensure_ascii=False), now())
            database.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        return made

    def edit(self, owner: str, note: str, entry: str, text: str) -> bool:
        """Other words for a person's own; what an answer or a quote says is not theirs to change. Whether this owner
        has such an entry."""
        with self._open(write=True) as database:
            if not self._touch(database, owner, note):
                return False
            row = database.execute(
                "UPDATE entries SET body = ? WHERE id = ? AND note = ? AND kind = 'text'",
                (json.dumps({"text": text}, ensure_ascii=False), entry, note),
            )
            return row.rowcount > 0

    def move(self, owner: str, note: str, entry: str, up: bool) -> None:
        """Past the entry before it, or the one after it; the first stays the first, the last the last."""
        beside = "number < ? ORDER BY number DESC" if up else "number > ? ORDER BY number"
        with self._open(write=True) as database:
            number = self._number(database, note, entry) if self._touch(database, owner, note) else None
            other = database.execute(
                f"SELECT id, number FROM entries WHERE note = ? AND {beside} LIMIT 1",  # nosec B608
                (note, number),
            ).fetchone()
            if other:
                database.execute("UPDATE entries SET number = ? WHERE id = ?", (other[1], entry))
                database.execute("UPDATE entries SET number = ? WHERE id = ?", (number, other[0]))

    def remove(self, owner: str, note: str, entry: str) -> None:
        with self._open(write=True) as database:
            if self._touch(database, owner, note):
                database.execute("DELETE FROM entries WHERE id = ? AND note = ?", (entry, note))

    def rename(self, owner: str, note: str, title: str) -> None:
        """An empty title changes nothing."""
        if _title(title):
            with self._open(write=True) as database:
                database.execute("UPDATE notes SET title = ? WHERE id = ? AND owner = ?", (_title(title), note, owner))

    def delete(self, owner: str, note: str) -> None:
        """With all its entries."""
        with self._open(write=True) as database:
            database.execute("DELETE FROM notes WHERE id = ? AND owner = ?", (note, owner))

    def forget(self, answers: Sequence[str]) -> int:
        """Delete, whosesoever they are, the entries that are these answers (ids) or quotes of them; how many."""
        return self._forget("IN (SELECT value FROM json_each(?))", json.dumps(list(answers)))

    def forget_older(self, days: float) -> int:
        """The same for every answer and quote that was put into a note more than `days` days ago."""
        return self._forget("!= '' AND at < ?", before(days))

    def _forget(self, which: str, value: str) -> int:
        with self._open(write=True) as database:
            gone = database.execute(
                f"DELETE FROM entries WHERE answer {which} RETURNING note, json_extract(body, '$.question')",  # nosec B608
                (value,),
            ).fetchall()
            for note, question in dict.fromkeys(gone):
                self._untitle(database, note, _title(question or ""))
        if gone:
            compact(self.path, self.schema)
        return len(gone)

    @staticmethod
    def _untitle(database: sqlite3.Connection, note: str, title: str) -> None:
        """A note that is called as a question that is to be forgotten gets another title, from its first entry; one
        that has none goes."""
        called = (note, title)
        left = database.execute(
            "SELECT coalesce(json_extract(body, '$.question'), json_extract(body, '$.text')) FROM entries"
            " WHERE note = ? ORDER BY number LIMIT 1",
            (note,),
        ).fetchone()
        if left is None:
            database.execute("DELETE FROM notes WHERE id = ? AND title = ?", called)
        else:
            database.execute("UPDATE notes SET title = ? WHERE id = ? AND title = ?", (_title(left[0]), *called))

    @staticmethod
    def _touch(database: sqlite3.Connection, owner: str, note: str) -> bool:
        """The note becomes the one last used; whether this owner has it."""
        at = now("microseconds")
        row = database.execute("UPDATE notes SET used_at = ? WHERE id = ? AND owner = ?", (at, note, owner))
        return row.rowcount > 0

    @staticmethod
    def _number(database: sqlite3.Connection, note: str, entry: str) -> int | None:
        found = database.execute("SELECT number FROM entries WHERE id = ? AND note = ?", (entry, note)).fetchone()
        return found[0] if found else None


def _title(text: str) -> str:
    return " ".join(text.split())[:LONGEST_TITLE]
