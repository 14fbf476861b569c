"""The connection to a build's store: transactions, and taking turns between threads."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rag.database import Schema, begun, connect, errors


class Database:
    """The file at `path`, made where it is missing. Every sqlite3 error leaves here as an IndexFault."""

    def __init__(self, path: Path, schema: Schema) -> None:
        self._path, self._schema = path, schema
        self._lock = threading.RLock()
        self._connection = connect(path, schema, shared=True)

    @contextmanager
    def session(self, write: bool = False) -> Iterator[sqlite3.Connection]:
        """One transaction: a steady view for reading, all or nothing for writing. Reads may nest in either."""
        with self._lock, errors(self._path, self._schema):
            if self._connection.in_transaction:
                yield self._connection
                return
            with begun(self._connection, write):
                yield self._connection

    def copy_to(self, other: "Database") -> None:
        """Put all of this in place of all of `other`."""
        with other._lock, self._lock, errors(self._path, self._schema), errors(other._path, other._schema):
            self._connection.backup(other._connection)

    def settle(self) -> None:
        """Bring what was written into the file itself and empty the log, as far as no other process reads in it."""
        with self._lock, errors(self._path, self._schema):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        with self._lock, errors(self._path, self._schema):
            self._connection.close()
