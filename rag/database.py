"""How every SQLite file of Vouch is opened: the same settings, numbered migrations, errors that name a remedy."""

import logging
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rag.errors import Fault, IndexFault
from rag.messages import english

log = logging.getLogger("vouch.database")

BUSY_SECONDS = 30.0
_NO_ROOM = 1 << 20  # bytes; SQLite wants some beside its file even to read it

_REMEDIES = {  # what SQLite or the system says -> the message that names the remedy
    "locked": "file.locked",
    "full": "file.full",
    "readonly": "file.forbidden",
    "unable to open": "file.forbidden",
    "Permission denied": "file.forbidden",
    "closed": "file.closed",
}

Step = Callable[[sqlite3.Connection], None]


@dataclass(frozen=True, slots=True)
class Schema:
    """What lies in a file, and how it came to its present form.

    `steps[n]` brings a file from version n to n + 1, which SQLite keeps as `user_version`. Version 0 is a new file, or
    one from before there were numbers, so the first step looks at what is there. `what` is the code of its name, and
    `remedy` gives the words for a file that cannot be mended.
    """

    what: str
    steps: tuple[Step, ...]
    remedy: Callable[[Path], str]
    fault: type[Fault] = IndexFault
    synchronous: Literal["FULL", "NORMAL", "OFF"] = "FULL"
    secure_delete: bool = False  # what is deleted is overwritten


def connect(path: Path, schema: Schema, shared: bool = False) -> sqlite3.Connection:
    """The file at `path`, made with its folder where it is missing, in its present form; `shared` between threads that
    take turns. No transaction is begun for the caller. Where nothing can be written, on a full disk or one that is
    read-only, what is there can still be read. Raises `schema.fault`, also for a file of a later version."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unusable(path, schema, str(error)) from error
    with errors(path, schema):
        try:
            return _prepared(str(path), path, schema, shared)
        except sqlite3.OperationalError as error:
            if not _only_readable(path, error):
                raise
            log.warning("%s can only be read: %s", path, error)
            # As it lies: SQLite makes no file beside it, and asks for no lock, since nobody can write.
            return _prepared(f"{path.absolute().as_uri()}?mode=ro&immutable=1", path, schema, shared)


def _prepared(name: str, path: Path, schema: Schema, shared: bool) -> sqlite3.Connection:
    written = not name.startswith("file:")
    database = sqlite3.connect(
        name, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=not shared, uri=not written
    )
    try:
        if written:
            database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA foreign_keys=ON")
        database.execute(f"PRAGMA synchronous={schema.synchronous}")
        database.execute(f"PRAGMA secure_delete={int(schema.secure_delete)}")
        _migrate(database, path, schema)
    except BaseException:
        database.close()
        raise
    return database


def _only_readable(path: Path, error: sqlite3.Error) -> bool:
    """Whether `error` comes of a disk that takes no more, and all that was written stands in the file itself."""
    log_file = path.with_name(f"{path.name}-wal")
    whole = path.exists() and not (log_file.exists() and log_file.stat().st_size)
    kinds = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)
    return whole and error.sqlite_errorcode & 0xFF in kinds


@contextmanager
def transaction(path: Path, schema: Schema, write: bool = False) -> Iterator[sqlite3.Connection]:
    """A connection for one transaction: a steady view for reading, all or nothing for writing. Threads and processes
    need no agreement beyond SQLite's. Raises `schema.fault`."""
    with closing(connect(path, schema)) as database, errors(path, schema), begun(database, write):
        yield database


@contextmanager
def begun(database: sqlite3.Connection, write: bool = False) -> Iterator[sqlite3.Connection]:
    """A transaction on an open connection."""
    database.execute("BEGIN IMMEDIATE" if write else "BEGIN")
    try:
        yield database
        database.commit()
    except BaseException:
        database.rollback()
        raise


@contextmanager
def errors(path: Path, schema: Schema) -> Iterator[None]:
    """Every `sqlite3.Error` inside leaves as `schema.fault`."""
    try:
        yield
    except sqlite3.Error as error:
        raise _unusable(path, schema, str(error)) from error


def compact(path: Path, schema: Schema) -> None:
    """Leave nothing of what was deleted in the file, its free pages or its log. Raises `schema.fault`."""
    with closing(connect(path, schema)) as database, errors(path, schema):
        database.execute("VACUUM")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def run_script(database: sqlite3.Connection, statements: str) -> None:
    """Several statements, each ending with its line, inside the transaction that is open: `executescript` would commit
    it."""
    statement = ""
    for line in statements.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            database.execute(statement)
            statement = ""


def columns(database: sqlite3.Connection, table: str) -> set[str]:
    """Their names; none where there is no such table."""
    return {row[1] for row in database.execute(f"PRAGMA table_info({table})")}


def _migrate(database: sqlite3.Connection, path: Path, schema: Schema) -> None:
    latest = len(schema.steps)
    if _version(database) < latest:
        with begun(database, write=True):
            version = _version(database)  # read again: another process may have been first
            if version < latest and database.execute("SELECT 1 FROM sqlite_master").fetchone():
                log.warning("%s is brought from version %d to %d", path, version, latest)
            for number, step in enumerate(schema.steps[version:], version + 1):
                step(database)
                database.execute(f"PRAGMA user_version={number}")
    if (version := _version(database)) > latest:
        told = {"what": english(schema.what), "path": path, "remedy": schema.remedy(path)}
        raise schema.fault("file.later", version=version, latest=latest, **told)


def _unusable(path: Path, schema: Schema, error: str) -> Fault:
    code = next((code for word, code in _REMEDIES.items() if word in error), None)
    if path.parent.is_dir() and shutil.disk_usage(path.parent).free < _NO_ROOM:
        code = "file.full"  # whatever it looks like to SQLite
    remedy = english(code) if code else schema.remedy(path)
    return schema.fault("file.unusable", what=english(schema.what), path=path, error=error, remedy=remedy)


def _version(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA user_version").fetchone()[0])
