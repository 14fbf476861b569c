"""The form of a build's store, and how one of an earlier form comes to it.

Vectors stay as they are: what was embedded in an earlier form is told by `pages.form` and embedded again when
`Index.refresh` is asked to.
"""

import sqlite3
from pathlib import Path

from rag.database import Schema, columns, run_script
from rag.index.files import MANIFEST
from rag.index.rows import TABLES, body_from
from rag.messages import english
from rag.text.headings import heading_path, headings
from rag.types import Page

EARLIER_READERS = "2"
"""Written as `schema` to `meta`, where version 0.1 looks for 1: it says then that it cannot read the store."""


def add_again(path: Path) -> str:
    """The remedy for a store that cannot be mended. `path` is ``<folder>/<build>/store.sqlite``."""
    folder = path.parent.parent
    older = sorted(p.parent.name for p in folder.glob(f"*/{MANIFEST}") if p.parent.name < path.parent.name)
    if not older:
        return english("index.add_again", folder=folder, name=folder.name)
    return english("index.roll_back", folder=folder, name=folder.name, build=older[-1])


def _make_tables(sql: sqlite3.Connection) -> None:
    run_script(sql, TABLES)


def _add_headings(sql: sqlite3.Connection) -> None:
    """Headings of chunks, worked out from the pages' texts, and the form in which pages were embedded: 0 for all."""
    if "form" in columns(sql, "pages"):
        return
    sql.execute("ALTER TABLE pages ADD COLUMN headings TEXT NOT NULL DEFAULT '[]'")
    sql.execute("ALTER TABLE pages ADD COLUMN form INTEGER NOT NULL DEFAULT 0")
    sql.execute("ALTER TABLE chunks ADD COLUMN heading TEXT NOT NULL DEFAULT ''")
    sql.execute("UPDATE meta SET value = ? WHERE key = 'schema'", (EARLIER_READERS,))
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


def _add_page_starts(sql: sqlite3.Connection) -> None:
    """None are known of pages read before; they come when those are read again."""
    if "page_starts" not in columns(sql, "pages"):
        sql.execute("ALTER TABLE pages ADD COLUMN page_starts TEXT NOT NULL DEFAULT '[]'")
        sql.execute("ALTER TABLE pages ADD COLUMN file_sha256 TEXT NOT NULL DEFAULT ''")


def _add_tags(sql: sqlite3.Connection) -> None:
    """What the sources of pages that were read before say comes when those are read again."""
    run_script(sql, TABLES)  # the table of those given by hand
    if "tags" not in columns(sql, "pages"):
        sql.execute("ALTER TABLE pages ADD COLUMN tags TEXT NOT NULL DEFAULT '[]'")


SCHEMA = Schema("file.index", (_make_tables, _add_headings, _add_page_starts, _add_tags), add_again, secure_delete=True)
