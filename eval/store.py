"""What evaluation runs keep: every generation and every item's output, by hash, so that metrics are made anew for
nothing and a stopped run goes on where it was.

One SQLite file (WAL) in Vouch's home, never in git: it holds what readers wrote about other people's texts. A
generation or an output is one transaction; after `kill -9` it is there whole or not at all.
"""

import dataclasses
import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from rag.config import home
from rag.database import Schema, connect, run_script
from rag.errors import EvalFault
from rag.messages import english
from rag.protocols import Piece, Prompt, Reader

_TABLES = """
CREATE TABLE IF NOT EXISTS generations (
    key TEXT PRIMARY KEY,          -- sha256 over reader, kind, prompt and choices
    reply TEXT NOT NULL,           -- JSON: pieces as they came, or shares of the choices, or null
    prompt_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    seconds REAL NOT NULL          -- of the original generation
);
CREATE TABLE IF NOT EXISTS outputs (key TEXT PRIMARY KEY, output TEXT NOT NULL);
"""


def _make_tables(database: sqlite3.Connection) -> None:
    run_script(database, _TABLES)


def _move_away(path: Path) -> str:
    return english("file.move_away")


_SCHEMA = Schema("file.evaluations", (_make_tables,), _move_away, EvalFault, "NORMAL")


@dataclass(frozen=True, slots=True)
class Generation:
    reply: Any
    prompt_tokens: int
    output_tokens: int
    seconds: float


class Store:
    """Several processes may share one file; each write is its own transaction. Raises EvalFault."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._database = connect(path, _SCHEMA)

    def generation(self, key: str) -> Generation | None:
        row = self._database.execute(
            "SELECT reply, prompt_tokens, output_tokens, seconds FROM generations WHERE key = ?", (key,)
        ).fetchone()
        return Generation(json.loads(row[0]), *row[1:]) if row else None

    def keep_generation(self, key: str, made: Generation) -> None:
        reply = json.dumps(made.reply, ensure_ascii=False)
        self._database.execute(
            "INSERT OR IGNORE INTO generations VALUES (?, ?, ?, ?, ?)",
            (key, reply, made.prompt_tokens, made.output_tokens, made.seconds),
        )

    def output(self, key: str) -> dict[str, Any] | None:
        row = self._database.execute("SELECT output FROM outputs WHERE key = ?", (key,)).fetchone()
        return dict(json.loads(row[0])) if row else None

    def keep_output(self, key: str, output: Mapping[str, Any]) -> None:
        self._database.execute(
            "INSERT OR REPLACE INTO outputs VALUES (?, ?)", (key, json.dumps(output, ensure_ascii=False))
        )

    def counts(self) -> tuple[int, int]:
        """(generations, outputs) kept."""
        row = self._database.execute("SELECT (SELECT count(*) FROM generations), (SELECT count(*) FROM outputs)")
        generations, outputs = row.fetchone()
        return generations, outputs

    def close(self) -> None:
        self._database.close()


def default_file() -> Path:
    return home() / "eval" / "store.sqlite"


def key(*parts: Any) -> str:
    """Hex SHA-256 over plain values and bytes; equal for equal values whatever the order of their keys."""
    told = json.dumps(parts, sort_keys=True, default=_digest)
    return hashlib.sha256(told.encode()).hexdigest()


def _digest(value: object) -> str:
    if not isinstance(value, bytes):
        raise TypeError(f"{type(value).__name__} has no place in a key")
    return hashlib.sha256(value).hexdigest()


def _asked(prompt: Prompt) -> dict[str, Any]:
    """The prompt for a key; without a temperature as before prompts had one, so that what was kept then is found."""
    told = dataclasses.asdict(prompt)
    return told if prompt.temperature else {name: told[name] for name in told if name not in ("temperature", "seed")}


@dataclass
class RememberedReader:
    """Any reader, whose generations are kept and given again to the letter. The reader behind it is made by `load` when
    something new is first asked, so a run that is all remembered loads no model.

    `identity` says which reader this is (name, hash of its file): part of every generation's key.
    """

    name: str
    identity: str
    load: Callable[[], Reader]
    store: Store
    _reader: Reader | None = None
    _used: list[int] = field(default_factory=lambda: [0, 0])
    _remembered: float = 0.0
    _loading: float = 0.0

    def write(self, prompt: Prompt) -> Iterator[str]:
        name = key(self.identity, "write", _asked(prompt))
        if (found := self.store.generation(name)) is not None:
            self._count(found, replayed=True)
            yield from Piece.read(found.reply)
            return
        reader = self._loaded()
        reader.tokens()
        began = perf_counter()
        pieces = []
        for piece in reader.write(prompt):
            pieces.append(piece)
            yield piece
        self._keep(name, Piece.plain(pieces), reader, began)

    def choose(self, prompt: Prompt, choices: Sequence[str]) -> dict[str, float] | None:
        name = key(self.identity, "choose", _asked(prompt), list(choices))
        if (found := self.store.generation(name)) is not None:
            self._count(found, replayed=True)
            return dict(found.reply) if found.reply is not None else None
        reader = self._loaded()
        reader.tokens()
        began = perf_counter()
        shares = reader.choose(prompt, choices)
        self._keep(name, shares, reader, began)
        return shares

    def tokens(self) -> tuple[int, int]:
        prompt, output = self._used
        self._used[:] = [0, 0]
        return prompt, output

    def remembered_seconds(self) -> float:
        """Seconds that the generations given again since this was last called had cost when they were made."""
        seconds, self._remembered = self._remembered, 0.0
        return seconds

    def loading_seconds(self) -> float:
        """Seconds spent since this was last called on getting the reader ready, which no item is to pay for."""
        seconds, self._loading = self._loading, 0.0
        return seconds

    def _loaded(self) -> Reader:
        if self._reader is None:
            began = perf_counter()
            self._reader = self.load()
            self._loading += perf_counter() - began
        return self._reader

    def _keep(self, name: str, reply: Any, reader: Reader, began: float) -> None:
        seconds = perf_counter() - began
        made = Generation(reply, *reader.tokens(), seconds)
        self.store.keep_generation(name, made)
        self._count(made, replayed=False)

    def _count(self, made: Generation, replayed: bool) -> None:
        self._used[0] += made.prompt_tokens
        self._used[1] += made.output_tokens
        self._remembered += made.seconds if replayed else 0.0
