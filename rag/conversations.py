"""The conversations that the page keeps, in one SQLite file beside the ledger; each is its owner's alone.

Every statement that a visitor can cause names the owner, so an id that somebody learned or guessed opens nothing.
"""

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from rag.keeping import before, swept, transaction
from rag.plain import as_plain, as_typed
from rag.types import Answer, Page

_SCHEMA = """
CREATE TABLE IF NOT EXISTS conversations (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    title TEXT NOT NULL,
    settings TEXT NOT NULL,        -- JSON
    used_at TEXT NOT NULL          -- UTC, ISO 8601
);
CREATE INDEX IF NOT EXISTS conversations_owner ON conversations (owner, used_at);
CREATE TABLE IF NOT EXISTS turns (
    conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,       -- from 0
    version INTEGER NOT NULL,      -- from 0; the last one is shown first
    question TEXT NOT NULL,
    asked_as TEXT NOT NULL,        -- the question that stands by itself, where a follow-up was made one
    fault TEXT NOT NULL,
    text TEXT NOT NULL,            -- of the answer, to search in
    answer TEXT NOT NULL,          -- JSON; "" where there is none
    at TEXT NOT NULL DEFAULT '',   -- UTC, ISO 8601
    PRIMARY KEY (conversation, number, version)
);
"""
_WHAT = "The conversations"
_COLUMNS = "number, version, question, asked_as, fault, text, answer, at"
LONGEST_TITLE = 80  # characters
SHOWN = 200  # conversations listed at most


@dataclass(frozen=True, slots=True)
class Kept:
    """A turn as it was kept. Neither answer nor fault: its end was never seen."""

    number: int
    version: int
    question: str
    asked_as: str
    answer: Answer | None
    fault: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """In the list; `used_at` is UTC, ISO 8601."""

    id: str
    title: str
    used_at: str


@dataclass(frozen=True, slots=True)
class Opened:
    id: str
    title: str
    settings: Mapping[str, Any]
    turns: tuple[Kept, ...]


@dataclass(frozen=True, slots=True)
class Conversations:
    """`path` is made where it is missing; turns of more than `days` days ago are forgotten by and by (0: none). Raises
    IndexFault where the file is no database."""

    path: Path
    days: int = 0

    def __post_init__(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._open() as database:
            database.executescript(_SCHEMA)
            if "at" not in {row[1] for row in database.execute("PRAGMA table_info(turns)")}:  # of an older version
                database.execute("ALTER TABLE turns ADD COLUMN at TEXT NOT NULL DEFAULT ''")
                database.execute(
                    "UPDATE turns SET at = (SELECT used_at FROM conversations WHERE id = turns.conversation)"
                )

    def begin(self, owner: str, question: str, settings: Mapping[str, Any]) -> str:
        """A new conversation, called by its first question; its id."""
        if self.days:
            self.forget_older(self.days)
        made = uuid4().hex
        with self._open() as database:
            database.execute(
                "INSERT INTO conversations VALUES (?, ?, ?, ?, ?)",
                (made, owner, _title(question), json.dumps(settings), _now()),
            )
        return made

    def keep(self, owner: str, conversation: str, turn: Kept) -> None:
        """Write a turn, in place of the same version where it was there; nothing where the conversation is not this
        owner's, or was deleted meanwhile."""
        answer, text = (pack(turn.answer), turn.answer.text) if turn.answer else ("", "")
        row, now = (turn.number, turn.version, turn.question, turn.asked_as, turn.fault, text, answer), _now()
        with self._open() as database:
            database.execute(
                f"INSERT OR REPLACE INTO turns (conversation, {_COLUMNS}) SELECT id, ?, ?, ?, ?, ?, ?, ?, ?"
                " FROM conversations WHERE id = ? AND owner = ?",
                (*row, now, conversation, owner),
            )
            database.execute(
                "UPDATE conversations SET used_at = ? WHERE id = ? AND owner = ?", (now, conversation, owner)
            )

    def settle(self, owner: str, conversation: str, settings: Mapping[str, Any]) -> None:
        """The settings from now on."""
        self._change("settings", json.dumps(settings), owner, conversation)

    def rename(self, owner: str, conversation: str, title: str) -> None:
        """An empty title changes nothing."""
        if _title(title):
            self._change("title", _title(title), owner, conversation)

    def delete(self, owner: str, conversation: str) -> None:
        """With all its turns. The ledger keeps the answers: they count in the figures."""
        with self._open() as database:
            database.execute("DELETE FROM conversations WHERE id = ? AND owner = ?", (conversation, owner))

    def of(self, owner: str, search: str = "") -> list[Conversation]:
        """The owner's, last used first; with `search` those whose title, a question or an answer holds it, whatever
        the case of its letters."""
        wanted = "".join(f"\\{sign}" if sign in "%_\\" else sign for sign in search.strip())
        with self._open() as database:
            rows = database.execute(
                "SELECT id, title, used_at FROM conversations WHERE owner = ?1 AND (title LIKE ?2 ESCAPE '\\' OR EXISTS"
                " (SELECT 1 FROM turns WHERE conversation = id"
                " AND (question LIKE ?2 ESCAPE '\\' OR text LIKE ?2 ESCAPE '\\')))"
                " ORDER BY used_at DESC, rowid DESC LIMIT ?3",
                (owner, f"%{wanted}%", SHOWN),
            )
            return [Conversation(*row) for row in rows]

    def open(self, owner: str, conversation: str, text: Callable[[str], str | None]) -> Opened | None:
        """With its turns, every version in order; `text` gives a page's text by its hash. None where this owner has
        none of this id."""
        with self._open() as database:
            found = database.execute(
                "SELECT title, settings FROM conversations WHERE id = ? AND owner = ?", (conversation, owner)
            ).fetchone()
            if found is None:
                return None
            _renumber(database, conversation)  # a page that was open while something was forgotten left a gap
            rows = database.execute(
                "SELECT number, version, question, asked_as, answer, fault FROM turns WHERE conversation = ?"
                " ORDER BY number, version",
                (conversation,),
            ).fetchall()
        turns = tuple(_turn(row, text) for row in rows)
        return Opened(conversation, found[0], json.loads(found[1]), turns)

    def forget(self, answers: Sequence[str]) -> int:
        """Delete, whosesoever they are, the turns with these answers (ids), and conversations that have none left; how
        many turns. A conversation that was called by a deleted question is called by the first that is left."""
        marks = ", ".join("?" * len(answers))
        return self._forget(f"answer != '' AND json_extract(answer, '$.answer.id') IN ({marks})", answers)

    def forget_older(self, days: float) -> int:
        """The same for every turn of more than `days` days ago."""
        gone = self._forget("at < ?", [before(days)])
        with self._open() as database:  # those that were begun and never had a turn
            database.execute(
                "DELETE FROM conversations WHERE used_at < ? AND id NOT IN (SELECT conversation FROM turns)",
                (before(days),),
            )
        return gone

    def _forget(self, which: str, values: Sequence[str]) -> int:
        with self._open() as database:
            gone = database.execute(
                f"DELETE FROM turns WHERE {which} RETURNING conversation, question", values
            ).fetchall()
            for conversation, question in dict.fromkeys(gone):
                left = _renumber(database, conversation)
                if not left:
                    database.execute("DELETE FROM conversations WHERE id = ?", (conversation,))
                else:
                    database.execute(
                        "UPDATE conversations SET title = ? WHERE id = ? AND title = ?",
                        (_title(left), conversation, _title(question)),
                    )
        if gone:
            swept(self.path, _WHAT)
        return len(gone)

    def _change(self, column: str, value: str, owner: str, conversation: str) -> None:
        with self._open() as database:
            database.execute(
                f"UPDATE conversations SET {column} = ? WHERE id = ? AND owner = ?", (value, conversation, owner)
            )

    def _open(self) -> AbstractContextManager[sqlite3.Connection]:
        return transaction(self.path, _WHAT)


class Unreadable(ValueError):
    """What was kept is not of this form any more."""


def pack(answer: Answer) -> str:
    """`answer` as JSON. The texts of its pages are left out: the ledger keeps them, by their hashes."""
    pages = {page.sha256: as_plain(replace(page, text="")) for page in answer.pages}
    body = as_plain(replace(answer, pages=()))
    return json.dumps({"answer": body, "pages": pages}, ensure_ascii=False)


def unpack(packed: str, text: Callable[[str], str | None]) -> Answer:
    """The answer; `text` gives a page's text by its hash, and a page whose text is gone is left out. Raises
    Unreadable."""
    try:
        kept = json.loads(packed)
        answer: Answer = as_typed(Answer, kept["answer"])
        found = ((as_typed(Page, page), text(sha256)) for sha256, page in kept["pages"].items())
        pages = tuple(replace(page, text=whole) for page, whole in found if whole is not None)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Unreadable(str(error)) from error
    return replace(answer, pages=pages)


def _renumber(database: sqlite3.Connection, conversation: str) -> str:
    """Number its turns and their versions from 0 without gaps, in their order; the first question, "" where none is
    left. Who adds the next turn counts those there are."""
    rows = database.execute(
        f"SELECT {_COLUMNS} FROM turns WHERE conversation = ? ORDER BY number, version", (conversation,)
    ).fetchall()
    numbers = sorted({row[0] for row in rows})
    ordered = [
        (numbers.index(number), sum(one[0] == number and one[1] < version for one in rows), *rest)
        for number, version, *rest in rows
    ]
    if ordered != rows:
        database.execute("DELETE FROM turns WHERE conversation = ?", (conversation,))
        database.executemany(
            f"INSERT INTO turns (conversation, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(conversation, *row) for row in ordered],
        )
    return str(rows[0][2]) if rows else ""


def _turn(row: tuple[int, int, str, str, str, str], text: Callable[[str], str | None]) -> Kept:
    number, version, question, asked_as, packed, fault = row
    try:
        answer = unpack(packed, text) if packed else None
    except Unreadable:
        answer = None  # written by another version: the question stays and can be asked again
    return Kept(number, version, question, asked_as, answer, fault)


def _title(text: str) -> str:
    said = " ".join(text.split())
    return said if len(said) <= LONGEST_TITLE else f"{said[: LONGEST_TITLE - 1]}…"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
