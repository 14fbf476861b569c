"""Every answer, check and evaluation, with what it was made from, in one SQLite file. Rows are added and forgotten,
never changed.

The text of each page that was opened is kept by its hash: a citation stays checkable, and a run can be run again
(`rag.answering.replay`), after its source has changed or left the index.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag import __version__
from rag.config import LedgerConfig
from rag.database import compact, connect, run_script, transaction
from rag.errors import UsageFault
from rag.history import runs
from rag.history.keeping import before, kept_in, now
from rag.types import VERBATIM, Page

_TABLES = """
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
    answer TEXT NOT NULL,          -- the whole object of `ask --json`
    recall_hits INTEGER NOT NULL DEFAULT 0, -- a rate is hits and n
    recall_n INTEGER NOT NULL DEFAULT 0,
    precision_hits INTEGER NOT NULL DEFAULT 0,
    precision_n INTEGER NOT NULL DEFAULT 0,
    contradicted INTEGER NOT NULL DEFAULT 0,
    sufficient REAL,
    judge TEXT NOT NULL DEFAULT '',
    semantic_entropy REAL,         -- NULL: nothing sampled
    revised INTEGER NOT NULL DEFAULT 0, -- whether what is published is not what was drafted
    answerable REAL
);
CREATE INDEX IF NOT EXISTS answers_at ON answers (at);
CREATE TABLE IF NOT EXISTS checks (
    id TEXT PRIMARY KEY,
    at TEXT NOT NULL,
    question TEXT NOT NULL,        -- of the closed-book draft that was checked; "" for a pasted text
    language TEXT NOT NULL,
    reader TEXT NOT NULL,
    index_name TEXT NOT NULL,
    build TEXT NOT NULL,
    config_sha256 TEXT NOT NULL,
    prompts_sha256 TEXT NOT NULL,
    claims INTEGER NOT NULL,       -- checkable ones
    supported INTEGER NOT NULL,
    refuted INTEGER NOT NULL,
    not_found INTEGER NOT NULL,
    unjudged INTEGER NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    seconds REAL NOT NULL,
    body TEXT NOT NULL             -- the whole object of `check --json`
);
CREATE INDEX IF NOT EXISTS checks_at ON checks (at);
CREATE TABLE IF NOT EXISTS evaluations (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    kind TEXT NOT NULL,            -- evaluation | nightly
    name TEXT NOT NULL,            -- of the set
    variant TEXT NOT NULL,
    reader TEXT NOT NULL,
    config_sha256 TEXT NOT NULL,
    prompts_sha256 TEXT NOT NULL,
    build TEXT NOT NULL,
    n INTEGER NOT NULL,
    seconds REAL NOT NULL,
    figures TEXT NOT NULL          -- JSON: name -> {value, n, low, high}; calibration (ece, brier) where gold exists
);
CREATE INDEX IF NOT EXISTS evaluations_at ON evaluations (at);
"""


def _make_tables(database: sqlite3.Connection) -> None:
    run_script(database, _TABLES + runs.TABLES)


_SCHEMA = kept_in("file.ledger", _make_tables)

GROUPS: Mapping[str, str] = {
    "day": "substr(at, 1, 10)",
    "model": "reader",
    "build": "index_name || ' ' || build",
    "language": "language",
    "prompts": "substr(prompts_sha256, 1, 12)",
    "judge": "judge",
}
_USED = ("prompt_tokens", "output_tokens", "seconds")
_RATES = ("recall_hits", "recall_n", "precision_hits", "precision_n")
_COUNTED = ("sentences", "supported", "unjudged", "contradicted", *_RATES, "revised", *_USED)


def _sums(*names: str) -> str:
    return ", ".join(f"sum({name}) AS {name}" for name in names)


_SUMS = f"count(*) AS answers, sum(status = 'abstained') AS abstained, {_sums(*_COUNTED)}"
_CHECK_SUMS = f"count(*) AS checks, {_sums('claims', 'supported', 'refuted', 'not_found', 'unjudged', *_USED)}"

EVERYTHING = LedgerConfig()


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer of the ledger: when (UTC), by which reader, the object of `ask --json` and the very text of it, and its
    run as (tape, texts of its pages by hash), None where none was kept."""

    at: str
    reader: str
    text: str
    answer: Mapping[str, Any]
    run: tuple[Mapping[str, Any], Mapping[str, str]] | None


class Ledger:
    """Opens the file for each call, so threads and processes need no agreement beyond SQLite's."""

    def __init__(self, path: Path, keep: LedgerConfig = EVERYTHING) -> None:
        self.path, self.keep = path, keep
        connect(path, _SCHEMA).close()

    def add(
        self, answer: Mapping[str, Any], reader: str, pages: Sequence[Page], tape: Mapping[str, Any] | None = None
    ) -> None:
        """Keep `answer` (of `rag.export.json.as_json`), the texts of the `pages` it opened, and the `tape` of its run
        (`rag.answering.recording.Tape.plain`), in one transaction. Without a tape, or where the configuration
        wants none, only the pages that are quoted are kept."""
        metrics, told = answer["metrics"], answer["sentences"] if answer["status"] == "answered" else []
        recall, precision = metrics.get("citation_recall", _NO_RATE), metrics.get("citation_precision", _NO_RATE)
        judges = [s["judge"] for s in answer["sentences"] if s["judge"] != VERBATIM]
        row = {
            **_origin(answer, reader),
            "status": answer["status"],
            "sentences": metrics["faithfulness"]["n"],
            "supported": metrics["faithfulness"]["hits"],
            "unjudged": metrics["unjudged"],
            "recall_hits": recall["hits"],
            "recall_n": recall["n"],
            "precision_hits": precision["hits"],
            "precision_n": precision["n"],
            "contradicted": sum(sentence["verdict"] == "contradicted" for sentence in told),
            "sufficient": metrics.get("sufficient"),
            "semantic_entropy": metrics.get("semantic_entropy"),
            "answerable": metrics.get("answerable"),
            "judge": judges[0] if judges else "",
            "revised": int(bool(told) and answer["answer"] != answer["draft"].strip()),
            "answer": json.dumps(answer, ensure_ascii=False),
        }
        whole = tape if self.keep.runs else None
        quoted = {quote["page_sha256"] for quote in answer["quotes"]}
        self._insert("answers", row, [page for page in pages if whole or page.sha256 in quoted], whole)

    def add_check(self, check: Mapping[str, Any], reader: str, pages: Sequence[Page]) -> None:
        """Keep `check` (the object of `rag.export.json.check_as_json`) and the texts its quotes stand in."""
        metrics = check["metrics"]
        row = {
            **_origin(check, reader),
            "claims": metrics["supported"]["n"],
            "supported": metrics["supported"]["hits"],
            "refuted": metrics["refuted"]["hits"],
            "not_found": metrics["not_found"]["hits"],
            "unjudged": metrics["unjudged"],
            "body": json.dumps(check, ensure_ascii=False),
        }
        self._insert("checks", row, pages)

    def add_evaluation(self, evaluation: Mapping[str, Any], kind: str = "evaluation") -> None:
        """Keep an offline or nightly run (`kind`): {"name", "variant", "reader", "config_sha256", "prompts_sha256",
        "build", "n", "seconds", "figures": {name: {"value", "n", "low", "high"}}}; what is not given is ""."""
        row = {name: evaluation.get(name, "") for name in ("variant", "reader", "config_sha256", "prompts_sha256")}
        row |= {"build": evaluation.get("build", ""), "name": evaluation["name"], "n": evaluation["n"]}
        row |= {"at": now(), "kind": kind, "seconds": evaluation.get("seconds", 0.0)}
        row |= {"figures": json.dumps(evaluation["figures"], ensure_ascii=False)}
        self._insert("evaluations", row, ())

    def answers(self, limit: int = 100) -> list[dict[str, Any]]:
        """The latest answers, newest first."""
        with self._open() as database:
            rows = database.execute("SELECT at, answer FROM answers ORDER BY at DESC, rowid DESC LIMIT ?", (limit,))
            return [{"at": at, **json.loads(answer)} for at, answer in rows]

    def runs(self, days: int = 0) -> list[dict[str, Any]]:
        """A row an answer of the last `days` days (all for 0), oldest first: its columns, its values for each of
        GROUPS, and not the answer itself."""
        columns = f"id, at, question, status, index_name, build AS build_name, {', '.join(_COUNTED)}"
        groups = ", ".join(f'{said} AS "{name}"' for name, said in GROUPS.items())
        return self._rows(f"SELECT {columns}, {groups} FROM answers WHERE at >= ? ORDER BY at, rowid", days)  # nosec B608

    def answer(self, id: str) -> dict[str, Any] | None:
        """The whole answer with this id, as `answers` gives it."""
        with self._open() as database:
            row = database.execute("SELECT at, answer FROM answers WHERE id = ?", (id,)).fetchone()
            return {"at": row[0], **json.loads(row[1])} if row else None

    def text(self, sha256: str) -> str | None:
        """The page text with this hash, as it was when it was quoted."""
        with self._open() as database:
            return runs.text(database, sha256)

    def holding(self, uri: str) -> list[str]:
        """The ids of the answers and checks that still hold text of the source at this address."""
        with self._open() as database:
            return runs.holding(database, uri)

    def run(self, number: str) -> Kept:
        """An answer by its id, by the beginning of it, or the "last", and its run. Raises UsageFault."""
        with self._open() as database:
            number, at = self._named(database, "answers", number)
            found = database.execute("SELECT answer, reader FROM answers WHERE id = ?", (number,)).fetchone()
            return Kept(at, found[1], found[0], json.loads(found[0]), runs.find(database, number))

    def forget(self, number: str) -> str:
        """Delete the answer or check of this id, or with this beginning; the id. Raises UsageFault."""
        with self._open(write=True) as database:
            try:
                number, _ = self._named(database, "answers", number)
            except UsageFault:
                number, _ = self._named(database, "checks", number)
            runs.forget(database, [number])
        compact(self.path, _SCHEMA)
        return number

    def forget_older(self, days: float) -> list[str]:
        """Delete every answer and check of more than `days` days ago; their ids."""
        with self._open(write=True) as database:
            numbers = _older(database, days)
            runs.forget(database, numbers)
        if numbers:
            compact(self.path, _SCHEMA)
        return numbers

    def _named(self, database: sqlite3.Connection, table: str, number: str) -> tuple[str, str]:
        """(id, at) of the one row that is meant. Raises UsageFault."""
        if not number:
            raise UsageFault("answer.unnamed")
        if number == "last":
            found = database.execute(f"SELECT id, at FROM {table} ORDER BY at DESC, rowid DESC LIMIT 1").fetchall()  # nosec B608
        else:
            found = database.execute(
                f"SELECT id, at FROM {table} WHERE substr(id, 1, ?) = ?",  # nosec B608
                (len(number), number),
            ).fetchall()
        if len(found) != 1:
            code = "answer.ambiguous" if found else "answer.unknown"
            raise UsageFault(code, count=len(found), id=number)
        return str(found[0][0]), str(found[0][1])

    def checks(self, limit: int = 100) -> list[dict[str, Any]]:
        """The latest checks, newest first."""
        with self._open() as database:
            rows = database.execute("SELECT at, body FROM checks ORDER BY at DESC, rowid DESC LIMIT ?", (limit,))
            return [{"at": at, **json.loads(body)} for at, body in rows]

    def evaluations(self, days: int = 0) -> list[dict[str, Any]]:
        """Results of offline and nightly runs, newest first; of the last `days` days, all for 0."""
        found = self._rows("SELECT * FROM evaluations WHERE at >= ? ORDER BY at DESC, id DESC", days)
        return [row | {"figures": json.loads(row["figures"])} for row in found]

    def sums(self, by: str = "", days: int = 0) -> list[dict[str, Any]]:
        """Sums over the answers of the last `days` days (all for 0), a row for each value of `by` (a key of GROUPS), or
        one row over all; none where there are no answers."""
        return self._grouped(_SUMS, "answers", by, days)

    def check_sums(self, by: str = "", days: int = 0) -> list[dict[str, Any]]:
        """The same over the checks."""
        return self._grouped(_CHECK_SUMS, "checks", by, days)

    def _grouped(self, sums: str, table: str, by: str, days: int) -> list[dict[str, Any]]:
        if by:
            return self._rows(
                f'SELECT {GROUPS[by]} AS "{by}", {sums} FROM {table} WHERE at >= ? GROUP BY 1 ORDER BY 1',  # nosec B608
                days,
            )
        found = self._rows(f"SELECT {sums} FROM {table} WHERE at >= ?", days)  # nosec B608
        return found if next(iter(found[0].values())) else []

    def _rows(self, query: str, days: int) -> list[dict[str, Any]]:
        since = before(days) if days else ""
        with self._open() as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute(query, (since,))]

    def _insert(
        self, table: str, row: Mapping[str, Any], pages: Sequence[Page], tape: Mapping[str, Any] | None = None
    ) -> None:
        with self._open(write=True) as database:
            database.execute(
                f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})",  # nosec B608
                tuple(row.values()),
            )
            runs.add_texts(database, pages)
            if tape:
                runs.add(database, row["id"], __version__, tape)
            if self.keep.days and (past := _older(database, self.keep.days)):
                runs.forget(database, past)

    def _open(self, write: bool = False) -> AbstractContextManager[sqlite3.Connection]:
        return transaction(self.path, _SCHEMA, write)


def _older(database: sqlite3.Connection, days: float) -> list[str]:
    rows = database.execute(
        "SELECT id FROM answers WHERE at < ?1 UNION SELECT id FROM checks WHERE at < ?1", (before(days),)
    )
    return [row[0] for row in rows]


_NO_RATE = {"hits": 0, "n": 0}


def _origin(made: Mapping[str, Any], reader: str) -> dict[str, Any]:
    """The columns that answers and checks share."""
    metrics, index = made["metrics"], made["index"]
    return {
        "id": made["id"],
        "at": now(),
        "question": made["question"],
        "language": made["language"],
        "reader": reader,
        "index_name": index.get("name", ""),
        "build": index.get("build", ""),
        "config_sha256": made["config_sha256"],
        "prompts_sha256": made["prompts_sha256"],
        "prompt_tokens": metrics.get("prompt_tokens", 0),
        "output_tokens": metrics.get("output_tokens", 0),
        "seconds": made["timings"].get("total", 0.0),
    }
