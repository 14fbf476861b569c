"""The conversations that the page keeps, in one SQLite file beside the ledger; each is its owner's alone.

Every statement that a visitor can cause names the owner, so an id that somebody learned or guessed opens nothing. The
one exception is what its owner gave away: the token of a link opens one answer, to look at.
"""

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from secrets import token_urlsafe
from typing import Any, TypeVar
from uuid import uuid4

from rag.database import compact, run_script
from rag.facts import Check
from rag.history.keeping import KeptFile, before, kept_in, now
from rag.text.plain import as_plain, as_typed
from rag.types import Answer, Page

T = TypeVar("T", Answer, Check)

_TABLES = """
CREATE TABLE IF NOT EXISTS conversations (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    title TEXT NOT NULL,
    settings TEXT NOT NULL,        -- JSON
    used_at TEXT NOT NULL          -- UTC, ISO 8601
);
CREATE INDEX IF NOT EXISTS conversations_owner ON conversations (owner, used_at);
CREATE TABLE IF NOT EXISTS turns (
    place INTEGER PRIMARY KEY,     -- orders the versions of a turn
    conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,       -- orders the turns of a conversation; given once, gaps stay
    turn TEXT NOT NULL,            -- id
    version TEXT NOT NULL,         -- id
    question TEXT NOT NULL,
    asked_as TEXT NOT NULL,        -- the question that stands by itself, where a follow-up was made one
    fault TEXT NOT NULL,
    text TEXT NOT NULL,            -- of the answer, to search in
    answer TEXT NOT NULL,          -- JSON; "" where there is none
    at TEXT NOT NULL,              -- UTC, ISO 8601
    UNIQUE (conversation, turn, version)
);
"""


def _make_tables(database: sqlite3.Connection) -> None:
    run_script(database, _TABLES)


_LINKS = """
CREATE TABLE links (
    token TEXT PRIMARY KEY,        -- 128 random bits; whoever has it may look at this version of a turn
    place INTEGER NOT NULL UNIQUE REFERENCES turns (place) ON DELETE CASCADE
);
"""


def _add_links(database: sqlite3.Connection) -> None:
    run_script(database, _LINKS)


_SCHEMA = kept_in("file.conversations", _make_tables, _add_links)
LONGEST_TITLE = 80  # characters
SHOWN = 200  # conversations listed at most
_THE_TURN = (  # with an answer (?1, its id) of a conversation (?2) of an owner (?3)
    "SELECT place FROM turns JOIN conversations ON conversations.id = conversation"
    " WHERE answer != '' AND json_extract(answer, '$.answer.id') = ?1 AND conversation = ?2 AND owner = ?3"
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A version of a turn as it was kept; both ids are given by whoever asks (`new_id`), and the versions of a turn
    share the first. Neither answer nor fault: its end was never seen."""

    turn: str
    version: str
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
class Shared:
    """What a link leads to, and when that was answered (UTC, ISO 8601)."""

    question: str
    asked_as: str
    answer: Answer
    at: str


@dataclass(frozen=True, slots=True)
class Conversations(KeptFile):
    schema = _SCHEMA

    def begin(self, owner: str, question: str, settings: Mapping[str, Any]) -> str:
        """A new conversation, called by its first question; its id."""
        if self.days:
            self.forget_older(self.days)
        made = new_id()
        with self._open(write=True) as database:
            database.execute(
                "INSERT INTO conversations VALUES (?, ?, ?, ?, ?)",
                (made, owner, _title(question), json.dumps(settings), now("microseconds")),
            )
        return made

    def keep(self, owner: str, conversation: str, turn: Kept) -> None:
        """Write a version of a turn, in place of the same one where it was there, else after all the others; nothing
        where the conversation is not this owner's, or was deleted meanwhile."""
        answer, text = (pack(turn.answer), turn.answer.text) if turn.answer else ("", "")
        row, at = (turn.turn, turn.version, turn.question, turn.asked_as, turn.fault, text, answer), now("microseconds")
        with self._open(write=True) as database:
            database.execute(
                "INSERT INTO turns (conversation, number, turn, version, question, asked_as, fault, text, answer, at)"
                " SELECT id, coalesce((SELECT number FROM turns WHERE conversation = id AND turn = ?1),"
                " (SELECT max(number) + 1 FROM turns WHERE conversation = id), 0), ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8"
                " FROM conversations WHERE id = ?9 AND owner = ?10"
                " ON CONFLICT (conversation, turn, version) DO UPDATE SET question = excluded.question,"
                " asked_as = excluded.asked_as, fault = excluded.fault, text = excluded.text,"
                " answer = excluded.answer, at = excluded.at",
                (*row, at, conversation, owner),
            )
            database.execute(
                "UPDATE conversations SET used_at = ? WHERE id = ? AND owner = ?", (at, conversation, owner)
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
        with self._open(write=True) as database:
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
                "SELECT turn, version, question, asked_as, answer, fault FROM turns WHERE conversation = ?"
                " ORDER BY number, place",
                (conversation,),
            ).fetchall()
        turns = tuple(_turn(row, text) for row in rows)
        return Opened(conversation, found[0], json.loads(found[1]), turns)

    def links(self, owner: str, conversation: str) -> dict[str, str]:
        """The tokens of the links to answers of a conversation of this owner, by the answers' ids."""
        with self._open() as database:
            rows = database.execute(
                "SELECT json_extract(answer, '$.answer.id'), token FROM links JOIN turns USING (place)"
                " JOIN conversations ON conversations.id = conversation WHERE conversation = ? AND owner = ?",
                (conversation, owner),
            )
            return dict(rows.fetchall())

    def share(self, owner: str, conversation: str, answer: str) -> str:
        """The token of the link to this answer (its id), made where there is none; "" where this owner has no such
        answer."""
        with self._open(write=True) as database:
            database.execute(
                f"INSERT INTO links SELECT ?4, place FROM ({_THE_TURN}) WHERE true ON CONFLICT (place) DO NOTHING",  # nosec B608
                (answer, conversation, owner, token_urlsafe(16)),
            )
        return self.links(owner, conversation).get(answer, "")

    def unshare(self, owner: str, conversation: str, answer: str) -> None:
        """The link to this answer leads nowhere any more; a new one is another."""
        with self._open(write=True) as database:
            database.execute(
                f"DELETE FROM links WHERE place = ({_THE_TURN})",  # nosec B608
                (answer, conversation, owner),
            )

    def shared(self, token: str, text: Callable[[str], str | None]) -> Shared | None:
        """What the link with this token leads to, whosesoever it is; `text` as of `open`. None where nothing is shared
        by it, or what was is deleted."""
        with self._open() as database:
            found = database.execute(
                "SELECT turn, version, question, asked_as, answer, fault, at FROM links JOIN turns USING (place)"
                " WHERE token = ?",
                (token,),
            ).fetchone()
        if found is None:
            return None
        turn = _turn(found[:-1], text)
        return Shared(turn.question, turn.asked_as, turn.answer, found[-1]) if turn.answer else None

    def forget(self, answers: Sequence[str]) -> int:
        """Delete, whosesoever they are, the turns with these answers (ids), and conversations that have none left; how
        many turns. A conversation that was called by a deleted question is called by the first that is left."""
        named = "json_extract(answer, '$.answer.id') IN (SELECT value FROM json_each(?))"  # one value, however many ids
        return self._forget(f"answer != '' AND {named}", json.dumps(list(answers)))

    def forget_older(self, days: float) -> int:
        """The same for every turn of more than `days` days ago."""
        gone = self._forget("at < ?", before(days))
        with self._open(write=True) as database:  # those that were begun and never had a turn
            database.execute(
                "DELETE FROM conversations WHERE used_at < ? AND id NOT IN (SELECT conversation FROM turns)",
                (before(days),),
            )
        return gone

    def _forget(self, which: str, value: str) -> int:
        with self._open(write=True) as database:
            gone = database.execute(
                f"DELETE FROM turns WHERE {which} RETURNING conversation, question",  # nosec B608
                (value,),
            ).fetchall()
            for conversation, question in dict.fromkeys(gone):
                left = database.execute(
                    "SELECT question FROM turns WHERE conversation = ? ORDER BY number, place LIMIT 1", (conversation,)
                ).fetchone()
                if left is None:
                    database.execute("DELETE FROM conversations WHERE id = ?", (conversation,))
                else:
                    database.execute(
                        "UPDATE conversations SET title = ? WHERE id = ? AND title = ?",
                        (_title(left[0]), conversation, _title(question)),
                    )
        if gone:
            compact(self.path, _SCHEMA)
        return len(gone)

    def _change(self, column: str, value: str, owner: str, conversation: str) -> None:
        with self._open(write=True) as database:
            database.execute(
                f"UPDATE conversations SET {column} = ? WHERE id = ? AND owner = ?",  # nosec B608
                (value, conversation, owner),
            )


def new_id() -> str:
    """For a turn, a version of one or a conversation: never given twice."""
    return uuid4().hex


class Unreadable(ValueError):
    """What was kept is not of this form any more."""


def pack(answer: Answer | Check) -> str:
    """An answer or a check as JSON. The texts of its pages are left out: the ledger keeps them, by their hashes."""
    pages = {page.sha256: as_plain(replace(page, text="")) for page in answer.pages}
    body = as_plain(replace(answer, pages=()))
    return json.dumps({"answer": body, "pages": pages}, ensure_ascii=False)


def unpack(packed: str, text: Callable[[str], str | None], kind: type[T]) -> T:
    """The answer or check, as `kind` says; `text` gives a page's text by its hash, and a page whose text is gone is
    left out. Raises Unreadable."""
    try:
        kept = json.loads(packed)
        answer: T = as_typed(kind, kept["answer"])
        found = ((as_typed(Page, page), text(sha256)) for sha256, page in kept["pages"].items())
        pages = tuple(replace(page, text=whole) for page, whole in found if whole is not None)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Unreadable(str(error)) from error
    return replace(answer, pages=pages)


def _turn(row: Sequence[str], text: Callable[[str], str | None]) -> Kept:
    turn, version, question, asked_as, packed, fault = row
    try:
        answer = unpack(packed, text, Answer) if packed else None
    except Unreadable:
        answer = None  # written by another version: the question stays and can be asked again
    return Kept(turn, version, question, asked_as, answer, fault)


def _title(text: str) -> str:
    said = " ".join(text.split())
    return said if len(said) <= LONGEST_TITLE else f"{said[: LONGEST_TITLE - 1]}…"
