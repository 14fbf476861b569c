"""Every answer ever given, with what it was made from, in one SQLite file. Rows are added, never changed.

The text of each page that was quoted is kept by its hash: a citation stays checkable after its source has changed
or left the index.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rag.errors import IndexFault
from rag.types import Page

_SCHEMA = """
CREATE TABLE IF NOT EXISTS answers (
    id TEXT PRIMARY KEY,
    at TEXT NOT NULL,              -- UTC, ISO 8601
    question TEXT NOT NULL,
    language TEXT NOT NULL,
    status TEXT NOT NULL,          -- answered | abstained
    reader TEXT NOT NULL,
    index_name TEXT NOT NULL,
    build TEXT NOT NULL,
    config_sha256 TEXT NOT NULL,
    prompts_sha256 TEXT NOT NULL,
    sentences INTEGER NOT NULL,
    supported INTEGER NOT NULL,
    unjudged INTEGER NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    seconds REAL NOT NULL,
    answer TEXT NOT NULL           -- the whole object of `ask --json`
);
CREATE INDEX IF NOT EXISTS answers_at ON answers (at);
CREATE TABLE IF NOT EXISTS texts (sha256 TEXT PRIMARY KEY, uri TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL);
"""


class Ledger:
    """Opens the file for each call, so threads and processes need no agreement beyond SQLite's."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(self._open()) as database, database:
            database.executescript(_SCHEMA)

    def add(self, answer: Mapping[str, Any], reader: str, pages: Sequence[Page]) -> None:
        """Keep `answer` (the object of `rag.export.as_json`) and the texts its quotes stand in, in one transaction."""
        metrics, timings = answer["metrics"], answer["timings"]
        row = (
            answer["id"],
            datetime.now(UTC).isoformat(timespec="seconds"),
            answer["question"],
            answer["language"],
            answer["status"],
            reader,
            answer["index"].get("name", ""),
            answer["index"].get("build", ""),
            answer["config_sha256"],
            answer["prompts_sha256"],
            metrics["faithfulness"]["n"],
            metrics["faithfulness"]["hits"],
            metrics["unjudged"],
            metrics.get("prompt_tokens", 0),
            metrics.get("output_tokens", 0),
            timings.get("total", 0.0),
            json.dumps(answer, ensure_ascii=False),
        )
        with closing(self._open()) as database, database:
            database.execute(f"INSERT INTO answers VALUES ({', '.join('?' * len(row))})", row)
            database.executemany(
                "INSERT OR IGNORE INTO texts VALUES (?, ?, ?, ?)",
                [(page.sha256, page.uri, page.title, page.text) for page in pages],
            )

    def answers(self, limit: int = 100) -> list[dict[str, Any]]:
        """The latest answers, newest first."""
        with closing(self._open()) as database:
            rows = database.execute("SELECT at, answer FROM answers ORDER BY at DESC, rowid DESC LIMIT ?", (limit,))
            return [{"at": at, **json.loads(answer)} for at, answer in rows]

    def text(self, sha256: str) -> str | None:
        """The page text with this hash, as it was when it was quoted."""
        with closing(self._open()) as database:
            row = database.execute("SELECT text FROM texts WHERE sha256 = ?", (sha256,)).fetchone()
            return row[0] if row else None

    def by_day(self) -> list[dict[str, Any]]:
        """One row a day and language, every figure a sum over its answers."""
        with closing(self._open()) as database:
            database.row_factory = sqlite3.Row
            rows = database.execute(
                "SELECT substr(at, 1, 10) AS day, language, count(*) AS answers,"
                " sum(status = 'abstained') AS abstained,"
                " sum(sentences) AS sentences, sum(supported) AS supported, sum(unjudged) AS unjudged,"
                " sum(prompt_tokens) AS prompt_tokens, sum(output_tokens) AS output_tokens, sum(seconds) AS seconds"
                " FROM answers GROUP BY day, language ORDER BY day, language"
            )
            return [dict(row) for row in rows]

    def _open(self) -> sqlite3.Connection:
        try:
            database = sqlite3.connect(self.path, timeout=30)
            database.execute("PRAGMA journal_mode=WAL")
        except sqlite3.DatabaseError as error:
            raise IndexFault(
                f"The ledger {self.path} cannot be opened: {error}. Move it away to begin a new one."
            ) from error
        return database
