"""A file of what was asked and answered: one SQLite database, opened anew for every transaction, so that threads and
processes need no agreement beyond SQLite's. What is deleted is overwritten."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rag.errors import IndexFault


@contextmanager
def transaction(path: Path, what: str) -> Iterator[sqlite3.Connection]:
    """One transaction on the file. `what` says of whoever reads an error what lies in it. Raises IndexFault where it is
    no database."""
    try:
        database = sqlite3.connect(path, timeout=30)
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA foreign_keys=ON")
        database.execute("PRAGMA secure_delete=ON")
    except sqlite3.DatabaseError as error:
        raise IndexFault(f"{what} in {path} cannot be opened: {error}. Move the file away to begin anew.") from error
    with closing(database), database:
        yield database


def swept(path: Path, what: str) -> None:
    """Leave nothing of what was deleted in the file, its free pages or its log."""
    with transaction(path, what) as database:
        database.commit()  # neither may run inside a transaction
        database.execute("VACUUM")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def before(days: float) -> str:
    """So many days ago, UTC, ISO 8601: times written so are compared as text."""
    return (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="seconds")
