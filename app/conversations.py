"""The conversations of everybody who asks, in one SQLite file beside the ledger; each is its owner's alone.

Every statement names the owner, so an id that somebody learned or guessed opens nothing.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from app import kept
from app.settings import Settings
from rag.errors import IndexFault
from rag.types import Answer

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
    PRIMARY KEY (conversation, number, version)
);
"""
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
    settings: Settings
    turns: tuple[Kept, ...]


@dataclass(frozen=True, slots=True)
class Conversations:
    """`path` is made where it is missing. Raises IndexFault where it is no database."""

    path: Path

    def __post_init__(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._open() as database:
            database.executescript(_SCHEMA)

    def begin(self, owner: str, question: str, settings: Settings) -> str:
        """A new conversation, called by its first question; its id."""
        made = uuid4().hex
        with self._open() as database:
            database.execute(
                "INSERT INTO conversations VALUES (?, ?, ?, ?, ?)",
                (made, owner, _title(question), json.dumps(asdict(settings)), _now()),
            )
        return made

    def keep(self, owner: str, conversation: str, turn: Kept) -> None:
        """Write a turn, in place of the same version where it was there; nothing where the conversation is not this
        owner's, or was deleted meanwhile."""
        answer = kept.pack(turn.answer) if turn.answer else ""
        row = (turn.number, turn.version, turn.question, turn.asked_as, turn.fault)
        text = turn.answer.text if turn.answer else ""
        with self._open() as database:
            database.execute(
                "INSERT OR REPLACE INTO turns SELECT id, ?, ?, ?, ?, ?, ?, ? FROM conversations"
                " WHERE id = ? AND owner = ?",
                (*row, text, answer, conversation, owner),
            )
            database.execute(
                "UPDATE conversations SET used_at = ? WHERE id = ? AND owner = ?", (_now(), conversation, owner)
            )

    def settle(self, owner: str, conversation: str, settings: Settings) -> None:
        """The settings from now on."""
        self._change("settings", json.dumps(asdict(settings)), owner, conversation)

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
            rows = database.execute(
                "SELECT number, version, question, asked_as, answer, fault FROM turns WHERE conversation = ?"
                " ORDER BY number, version",
                (conversation,),
            ).fetchall()
        turns = tuple(_turn(row, text) for row in rows)
        return Opened(conversation, found[0], Settings.of(json.loads(found[1])), turns)

    def _change(self, column: str, value: str, owner: str, conversation: str) -> None:
        with self._open() as database:
            database.execute(
                f"UPDATE conversations SET {column} = ? WHERE id = ? AND owner = ?", (value, conversation, owner)
            )

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """One transaction."""
        try:
            database = sqlite3.connect(self.path, timeout=30)
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("PRAGMA foreign_keys=ON")
        except sqlite3.DatabaseError as error:
            raise IndexFault(
                f"The conversations in {self.path} cannot be opened: {error}. Move the file away to begin anew."
            ) from error
        with closing(database), database:
            yield database


def _turn(row: tuple[int, int, str, str, str, str], text: Callable[[str], str | None]) -> Kept:
    number, version, question, asked_as, packed, fault = row
    try:
        answer = kept.unpack(packed, text) if packed else None
    except kept.Unreadable:
        answer = None  # written by another version: the question stays and can be asked again
    return Kept(number, version, question, asked_as, answer, fault)


def _title(text: str) -> str:
    said = " ".join(text.split())
    return said if len(said) <= LONGEST_TITLE else f"{said[: LONGEST_TITLE - 1]}…"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
