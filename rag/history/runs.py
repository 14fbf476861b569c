"""What is kept of whole runs, in the ledger's file: the texts of pages, each once, and all that a run's parts said.

And how it is forgotten: nothing of it stays in the file.
"""

import json
import sqlite3
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rag.types import Page

TABLES = """
CREATE TABLE IF NOT EXISTS texts (sha256 TEXT PRIMARY KEY, uri TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS runs (
    id TEXT PRIMARY KEY,           -- the answer's
    version TEXT NOT NULL,
    tape BLOB NOT NULL             -- the object of `rag.answering.recording.Tape.plain`, packed
);
CREATE TABLE IF NOT EXISTS run_texts (run TEXT NOT NULL, sha256 TEXT NOT NULL, PRIMARY KEY (run, sha256)) WITHOUT ROWID;
"""
SMALL = 200  # bytes; packing less does not pay
_UNUSED = """
DELETE FROM texts WHERE sha256 NOT IN (
    SELECT sha256 FROM run_texts
    UNION SELECT json_extract(value, '$.page_sha256') FROM answers, json_each(answer, '$.quotes')
    UNION SELECT json_extract(value, '$.page_sha256') FROM checks, json_each(body, '$.quotes')
)
"""


_HOLDING = """
WITH its AS (SELECT sha256 FROM texts WHERE uri = :uri)
SELECT run FROM run_texts WHERE sha256 IN its
UNION SELECT answers.id FROM answers, json_each(answer, '$.quotes') WHERE json_extract(value, '$.page_sha256') IN its
UNION SELECT checks.id FROM checks, json_each(body, '$.quotes') WHERE json_extract(value, '$.page_sha256') IN its
"""


def packed(text: str) -> str | bytes:
    """`text`, or its bytes deflated where that is shorter."""
    plain = text.encode("utf-8", "surrogatepass")
    small = zlib.compress(plain) if len(plain) > SMALL else plain
    return small if len(small) < len(plain) else text


def unpacked(kept: str | bytes) -> str:
    return zlib.decompress(kept).decode("utf-8", "surrogatepass") if isinstance(kept, bytes) else kept


def add_texts(database: sqlite3.Connection, pages: Iterable[Page]) -> None:
    database.executemany(
        "INSERT OR IGNORE INTO texts VALUES (?, ?, ?, ?)",
        [(page.sha256, page.uri, page.title, packed(page.text)) for page in pages],
    )


def text(database: sqlite3.Connection, sha256: str) -> str | None:
    row = database.execute("SELECT text FROM texts WHERE sha256 = ?", (sha256,)).fetchone()
    return unpacked(row[0]) if row else None


def add(database: sqlite3.Connection, number: str, version: str, tape: Mapping[str, Any]) -> None:
    """Keep a run's tape; its pages' texts are added apart."""
    database.execute("INSERT INTO runs VALUES (?, ?, ?)", (number, version, packed(json.dumps(tape))))
    database.executemany("INSERT INTO run_texts VALUES (?, ?)", [(number, sha256) for sha256 in hashes(tape)])


def hashes(tape: Mapping[str, Any]) -> set[str]:
    """Of the texts of the pages that a run opened, which a tape names by hash and address."""
    return {named.split()[0] for named in tape["pages"]}


def find(database: sqlite3.Connection, number: str) -> tuple[dict[str, Any], dict[str, str]] | None:
    """(the tape, the texts of its pages by hash) of the run of that answer; None where none was kept."""
    row = database.execute("SELECT tape FROM runs WHERE id = ?", (number,)).fetchone()
    if row is None:
        return None
    tape = json.loads(unpacked(row[0]))
    found = {sha256: text(database, sha256) for sha256 in hashes(tape)}
    return tape, {sha256: whole for sha256, whole in found.items() if whole is not None}


def holding(database: sqlite3.Connection, uri: str) -> list[str]:
    """The ids of the answers and checks that quote a page of this address, or whose run opened it."""
    rows = database.execute(_HOLDING, {"uri": uri}).fetchall()
    return sorted(row[0] for row in rows)


def forget(database: sqlite3.Connection, numbers: Sequence[str]) -> None:
    """Delete these answers and checks, their runs, and the texts that nothing else quotes or read."""
    for table, column in (("answers", "id"), ("checks", "id"), ("runs", "id"), ("run_texts", "run")):
        database.executemany(f"DELETE FROM {table} WHERE {column} = ?", [(number,) for number in numbers])  # nosec B608
    database.execute(_UNUSED)
