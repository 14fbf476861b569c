"""Every SQLite file: opened in one way, brought to its present form step by step, refused when it is of a later one."""

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from eval.store import Generation
from eval.store import Store as Outputs
from rag.database import Schema, compact, connect, run_script, transaction
from rag.errors import EvalFault, Fault, IndexFault
from rag.history.conversations import Conversations
from rag.history.feedback import Feedback
from rag.history.ledger import Ledger
from rag.history.notes import Notes
from rag.index.attempts import Attempt, Attempts


def make_notes(database):
    run_script(
        database, "CREATE TABLE IF NOT EXISTS notes (text TEXT); -- one; and no more\nCREATE INDEX i ON notes (text);"
    )


def add_author(database):
    database.execute("ALTER TABLE notes ADD COLUMN author TEXT NOT NULL DEFAULT 'nobody'")


def fail(database):
    add_author(database)
    database.execute("SELECT 1 FROM nowhere")


def notes(*steps):
    return Schema("file.pairs", (make_notes, *steps), lambda path: f"Move {path.name} away.", EvalFault)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "made" / "notes.sqlite"


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as database:
        return int(database.execute("PRAGMA user_version").fetchone()[0])


def set_version(path: Path, number: int) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA user_version={number}")


def test_a_new_file_is_made_with_its_folder_and_a_later_step_keeps_what_is_in_it(path, caplog):
    with transaction(path, notes(), write=True) as database:
        database.execute("INSERT INTO notes VALUES ('one')")
    assert version(path) == 1 and not caplog.text
    with transaction(path, notes(add_author)) as database:
        assert database.execute("SELECT * FROM notes").fetchall() == [("one", "nobody")]
    assert version(path) == 2 and "from version 1 to 2" in caplog.text


def test_a_step_that_fails_leaves_the_file_as_it_was(path):
    connect(path, notes()).close()
    with pytest.raises(EvalFault, match=r"no such table: nowhere.*Move notes\.sqlite away"):
        connect(path, notes(fail))
    assert version(path) == 1
    connect(path, notes(add_author)).close()  # the column that the failed step added is not there


def test_a_transaction_is_whole_or_not_at_all(path):
    with pytest.raises(KeyError), transaction(path, notes(), write=True) as database:
        database.execute("INSERT INTO notes VALUES ('half')")
        raise KeyError
    with transaction(path, notes()) as database:
        assert database.execute("SELECT count(*) FROM notes").fetchone() == (0,)


def test_what_was_deleted_is_gone_from_the_file(path):
    schema = Schema("file.pairs", (make_notes,), str, secure_delete=True)
    with transaction(path, schema, write=True) as database:
        database.executemany("INSERT INTO notes VALUES (?)", [(f"secret {n}",) for n in range(500)])
    with transaction(path, schema, write=True) as database:
        database.execute("DELETE FROM notes")
    compact(path, schema)
    assert b"secret" not in path.read_bytes() and version(path) == 1


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "made").write_text("a file")
    with pytest.raises(EvalFault, match=r"notes\.sqlite cannot be used"):
        connect(tmp_path / "made" / "notes.sqlite", notes())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_names_the_remedy(tmp_path):
    (tmp_path / "locked").mkdir(mode=0o500)
    with pytest.raises(EvalFault, match="mend its permissions"):
        connect(tmp_path / "locked" / "notes.sqlite", notes())


# --- the files there are --------------------------------------------------------------------


@pytest.mark.parametrize("make", [Ledger, Conversations, Feedback, Notes, Outputs])
def test_a_file_of_a_later_version_is_refused_and_left_alone(tmp_path, make):
    path = tmp_path / "kept.sqlite"
    make(path)
    set_version(path, 99)
    with pytest.raises(Fault, match=r"kept\.sqlite has version 99.*ove (the file|it) away"):
        make(path)
    assert version(path) == 99


def test_a_later_list_of_attempts_is_refused(tmp_path):
    Attempts(tmp_path).note("u", "added")
    set_version(tmp_path / "attempts.sqlite", 99)
    with pytest.raises(IndexFault, match=r"version 99.*Delete it"):
        Attempts(tmp_path).all()


def old_file(path: Path, script: str, row: tuple[object, ...], table: str) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript(script)
        database.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)


def test_pairs_from_before_versions_are_read(tmp_path):
    path = tmp_path / "pairs.sqlite"
    script = """CREATE TABLE pairs (id TEXT PRIMARY KEY, at TEXT NOT NULL, owner TEXT NOT NULL, choice TEXT NOT NULL,
        left_name TEXT NOT NULL, right_name TEXT NOT NULL, body TEXT NOT NULL);
        CREATE INDEX pairs_owner ON pairs (owner, at);"""
    old_file(path, script, ("p1", "2026-01-01", "me", "left", "a", "b", '{"question": "Q?"}'), "pairs")
    store = Feedback(path)
    assert [json.loads(line) for line in store.lines("me")] == [{"id": "p1", "at": "2026-01-01", "question": "Q?"}]
    assert version(path) == 3


def test_attempts_from_before_versions_are_read(tmp_path):
    script = """CREATE TABLE attempts (uri TEXT PRIMARY KEY, at TEXT NOT NULL, status TEXT NOT NULL,
        error TEXT NOT NULL)"""
    old_file(tmp_path / "attempts.sqlite", script, ("u", "2026-01-01", "failed", "Why."), "attempts")
    attempts = Attempts(tmp_path)
    assert attempts.all() == {"u": Attempt("u", "2026-01-01", "failed", "Why.")}
    attempts.note("u", "added")
    assert attempts.all()["u"].status == "added"
    attempts.forget(["u"])
    assert attempts.all() == {}


def test_generations_from_before_versions_are_given_again(tmp_path):
    script = """CREATE TABLE generations (key TEXT PRIMARY KEY, reply TEXT NOT NULL, prompt_tokens INTEGER NOT NULL,
        output_tokens INTEGER NOT NULL, seconds REAL NOT NULL);
        CREATE TABLE outputs (key TEXT PRIMARY KEY, output TEXT NOT NULL);"""
    path = tmp_path / "store.sqlite"
    old_file(path, script, ("k", '["It"]', 3, 1, 0.5), "generations")
    assert Outputs(path).generation("k") == Generation(["It"], 3, 1, 0.5)
