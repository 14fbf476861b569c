"""Turns a store into one as version 0.1 made it: schema 1, without headings, vectors of the bare texts of chunks."""

import json
import sqlite3
from pathlib import Path

from rag.index.hashed import HashEmbedder
from rag.index.rows import pack, vector_key


def drop_page_starts(sql: sqlite3.Connection) -> None:
    """As schema 2 was."""
    sql.execute("ALTER TABLE pages DROP COLUMN page_starts")
    sql.execute("ALTER TABLE pages DROP COLUMN file_sha256")
    sql.execute("ALTER TABLE pages DROP COLUMN tags")
    sql.execute("DROP TABLE tags")
    sql.execute("PRAGMA user_version=2")


def make_earlier(build: Path) -> None:
    """`build` is the folder of a build whose embedder is a HashEmbedder; nobody may have it open."""
    sql = sqlite3.connect(build / "store.sqlite")
    name, dimension = (
        sql.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()[0] for key in ("embedder", "dimension")
    )
    embedder = HashEmbedder(int(dimension))
    spans = sql.execute("SELECT c.id, p.text, c.start, c.end FROM chunks c JOIN pages p ON p.id = c.page").fetchall()
    for id, text, start, end in spans:
        row = vector_key(name, text[start:end]), pack(embedder.passages([text[start:end]])[0])
        sql.execute("INSERT OR IGNORE INTO vectors (key, vector) VALUES (?, ?)", row)
        sql.execute("UPDATE chunks SET vector = (SELECT id FROM vectors WHERE key = ?) WHERE id = ?", (row[0], id))
    sql.execute("DELETE FROM vectors WHERE id NOT IN (SELECT vector FROM chunks)")
    sql.execute("ALTER TABLE chunks DROP COLUMN heading")
    sql.execute("ALTER TABLE pages DROP COLUMN form")
    sql.execute("ALTER TABLE pages DROP COLUMN headings")
    drop_page_starts(sql)
    sql.execute("UPDATE meta SET value = '1' WHERE key = 'schema'")
    sql.execute("DROP TABLE origins")
    sql.execute("DROP TABLE base")
    sql.execute("PRAGMA user_version=0")
    sql.commit()
    sql.close()
    (build / "vectors.faiss").unlink(missing_ok=True)
    state = build / "terms" / "state.json"
    if state.exists():
        state.write_text(json.dumps(json.loads(state.read_text()) | {"splitter": 2}))
