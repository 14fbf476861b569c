"""One SQLite connection: transactions, taking turns between threads, and errors that name a remedy."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rag.errors import IndexFault
from rag.index.files import MANIFEST

_BUSY_SECONDS = 30.0

_REMEDIES = {
    "locked": "Another process is writing to it: wait for that, or end it, and try again.",
    "full": "The disk is full: make room and try again; nothing was half written.",
    "readonly": "The folder cannot be written to: mend its permissions.",
    "unable to open": "The folder cannot be used: mend its permissions.",
    "closed": "The index was closed: open it again.",
}


class Database:
    """Every sqlite3 error leaves here as an IndexFault."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        with self._errors():
            self._connection = sqlite3.connect(
                path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")

    def script(self, statements: str) -> None:
        with self._lock, self._errors():
            self._connection.executescript(statements)

    @contextmanager
    def session(self, write: bool = False) -> Iterator[sqlite3.Connection]:
        """One transaction: a steady view for reading, all or nothing for writing. Reads may nest in either."""
        with self._lock, self._errors():
            if self._connection.in_transaction:
                yield self._connection
                return
            self._connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
            try:
                yield self._connection
            except BaseException:
                self._connection.rollback()
                raise
            self._connection.commit()

    def copy_to(self, other: "Database") -> None:
        """Put all of this in place of all of `other`."""
        with other._lock, self._lock, self._errors(), other._errors():
            self._connection.backup(other._connection)

    def close(self) -> None:
        with self._lock, self._errors():
            self._connection.close()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            text = str(error)
            remedy = next((remedy for word, remedy in _REMEDIES.items() if word in text), add_again(self._path))
            raise IndexFault(f"The database {self._path} cannot be used ({text}). {remedy}") from error


def add_again(path: Path) -> str:
    """The remedy for a store that cannot be mended. `path` is ``<folder>/<build>/store.sqlite``."""
    folder = path.parent.parent
    older = sorted(p.parent.name for p in folder.glob(f"*/{MANIFEST}") if p.parent.name < path.parent.name)
    anew = f"ove the folder {folder} away and add its sources again: `vouch add SOURCE --index {folder.name}`."
    if not older:
        return f"M{anew}"
    return f"`python -m indexes.build rollback {folder.name}` goes back to the build {older[-1]}; or m{anew}"
