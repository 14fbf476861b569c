"""A store of an earlier schema -> the present one: numbered steps, each with its number in one transaction.

A store that is opened by an older version afterwards says that it has a later schema. Vectors stay as they are: what
was embedded in an earlier form is told by `pages.form` and embedded again when `Index.refresh` is asked to.
"""

import logging
import sqlite3
from collections.abc import Callable, Mapping

from rag.index.database import Database
from rag.index.rows import SCHEMA_VERSION, body_from
from rag.text.headings import heading_path, headings
from rag.types import Page

log = logging.getLogger("vouch.index")


def migrate(database: Database, name: str) -> None:
    """Bring a store to SCHEMA_VERSION; one that is there already, or later, stays as it is. Raises IndexFault."""
    with database.session() as sql:
        schema = _schema(sql)
    if not 0 < schema < SCHEMA_VERSION:
        return
    log.warning("%s is brought from schema %d to %d", name, schema, SCHEMA_VERSION)
    with database.session(write=True) as sql:
        for number in range(_schema(sql) + 1, SCHEMA_VERSION + 1):  # read again: another process may have been first
            _STEPS[number](sql)
            sql.execute("UPDATE meta SET value = ? WHERE key = 'schema'", (str(number),))


def _schema(sql: sqlite3.Connection) -> int:
    row = sql.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()
    return int(row[0]) if row and str(row[0]).isdecimal() else 0


def _add_headings(sql: sqlite3.Connection) -> None:
    """Headings of chunks, worked out from the pages' texts, and the form in which pages were embedded: 0 for all."""
    _add_column(sql, "pages", "links", "TEXT NOT NULL DEFAULT '[]'")  # the first stores of schema 1 had none
    _add_column(sql, "pages", "headings", "TEXT NOT NULL DEFAULT '[]'")
    _add_column(sql, "pages", "form", "INTEGER NOT NULL DEFAULT 0")
    _add_column(sql, "chunks", "heading", "TEXT NOT NULL DEFAULT ''")
    numbers = [row[0] for row in sql.execute("SELECT id FROM pages WHERE instr(text, '#') > 0")]
    for number in numbers:
        uri, text, media_type, body = sql.execute(
            "SELECT uri, text, media_type, body FROM pages WHERE id = ?", (number,)
        ).fetchone()
        marked = headings(Page(uri, text, media_type=media_type, body=body_from(body)))
        if marked:
            spans = sql.execute("SELECT id, start, end FROM chunks WHERE page = ?", (number,)).fetchall()
            paths = [(heading_path(marked, text, (start, end)), id) for id, start, end in spans]
            sql.executemany("UPDATE chunks SET heading = ? WHERE id = ?", paths)


def _add_column(sql: sqlite3.Connection, table: str, name: str, kind: str) -> None:
    if name not in {row[1] for row in sql.execute(f"PRAGMA table_info({table})")}:
        sql.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind}")


_STEPS: Mapping[int, Callable[[sqlite3.Connection], None]] = {2: _add_headings}
