"""The truth of a build: pages, chunks and their vectors in one SQLite database (WAL). Caches are made from it.

One transaction a page, or for some pages `together`: a page is there with all its chunks and all their vectors, or
not at all. Every change raises the generation, and each chunk and each removal carries the generation it came with, so
that a cache, in this process or another, can ask for just what it has missed. Chunk ids are never used twice.

`synchronous` is FULL: what was reported as added survives a power cut as well. A page costs 0.13 ms against
0.07 ms with NORMAL on the machine this was measured on (ext4), nothing beside the embedding of one chunk.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rag.errors import IndexFault
from rag.index.database import Database
from rag.index.migrations import EARLIER_READERS, SCHEMA, add_again
from rag.index.origins import Origins
from rag.index.rows import (
    body_from,
    body_text,
    headings_from,
    headings_text,
    links_from,
    links_text,
    pack,
    page_digest,
    starts_from,
    unpack,
    vector_key,
)
from rag.index.tags import ByHand, Tags
from rag.protocols import Vectors
from rag.text.locator import locator
from rag.text.passage import FORM, passage, passages, subject
from rag.types import Chunk, Page, PageInfo

Outcome = Literal["added", "replaced", "unchanged"]
Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Identity:
    """What a build is made of; fixed when it is created. `metric` is always cosine: vectors are unit length."""

    build: str
    embedder: str
    dimension: int
    metric: str
    created_at: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened after some generation: ids gone, ids new, and how many chunks there are now."""

    generation: int
    removed: tuple[int, ...]
    added: tuple[int, ...]
    total: int


class Store:
    """Used by any thread, one at a time. Whatever SQLite has to complain of leaves here as an IndexFault."""

    def __init__(self, path: Path) -> None:
        """Open an existing database, bringing one of an earlier schema to the present one. Raises IndexFault when it is
        missing, damaged or of a later schema."""
        if not path.exists():
            raise IndexFault("index.missing", path=path, remedy=add_again(path))
        self._path = path
        self._database = Database(path, SCHEMA)
        with self._session() as sql:
            meta: dict[str, str] = dict(sql.execute("SELECT key, value FROM meta").fetchall())
        if "build" not in meta:
            raise IndexFault("index.empty", path=path, remedy=add_again(path))
        try:
            self.identity = Identity(
                meta["build"], meta["embedder"], int(meta["dimension"]), meta["metric"], meta["created_at"]
            )
            int(meta["generation"])
        except (KeyError, ValueError) as error:
            self._database.close()
            raise self._damaged(error) from error
        self.origins = Origins(self._database)
        self.tags = Tags(self._database)

    @staticmethod
    def create(path: Path, identity: Identity) -> "Store":
        """Make an empty database at `path`, which must not exist."""
        meta = {
            "schema": EARLIER_READERS,
            "build": identity.build,
            "embedder": identity.embedder,
            "dimension": str(identity.dimension),
            "metric": identity.metric,
            "created_at": identity.created_at,
            "generation": "0",
        }
        database = Database(path, SCHEMA)
        with database.session(write=True) as sql:
            sql.executemany("INSERT INTO meta VALUES (?, ?)", list(meta.items()))
        database.close()
        return Store(path)

    def close(self) -> None:
        self._database.close()

    # --- builds made from builds ---

    def copy(self, path: Path, build: str, created_at: str) -> None:
        """Everything, as the store of another build, at `path`, which must not exist. One steady view, whatever is
        written meanwhile."""
        target = Database(path, SCHEMA)
        with self._session():
            self._database.copy_to(target)
        with target.session(write=True) as sql:
            sql.executemany("UPDATE meta SET value = ? WHERE key = ?", [(build, "build"), (created_at, "created_at")])
            sql.execute("DELETE FROM base")
            sql.execute("INSERT INTO base SELECT id, uri FROM pages")
        target.close()

    def forget_removals(self, generation: int) -> None:
        """Those up to `generation`, which no cache of this build is behind; all of them where that is -1."""
        with self._session(write=True) as sql:
            sql.execute("DELETE FROM removals WHERE generation <= ? OR ? < 0", (generation, generation))

    def set_base(self, numbers: Mapping[int, str]) -> None:
        """Remember the `numbers` of the build that this one takes the place of; a copy knows them by itself."""
        with self._session(write=True) as sql:
            sql.execute("DELETE FROM base")
            sql.executemany("INSERT INTO base VALUES (?, ?)", list(numbers.items()))

    def base(self) -> dict[int, str]:
        """The `numbers` of the build that this one was begun beside, as they were then."""
        with self._session() as sql:
            return dict(sql.execute("SELECT page, uri FROM base").fetchall())

    def numbers(self) -> dict[int, str]:
        """uri by page number. A page that is replaced gets a new number, and none is used twice."""
        with self._session() as sql:
            return dict(sql.execute("SELECT id, uri FROM pages").fetchall())

    def carry_all(self, other: "Store") -> None:
        """Copy every vector of another build of the same embedder."""
        with other._session() as sql:
            cursor = sql.execute("SELECT key, vector FROM vectors")
            while rows := cursor.fetchmany(4096):
                with self._session(write=True) as mine:
                    mine.executemany("INSERT OR IGNORE INTO vectors (key, vector) VALUES (?, ?)", rows)

    def tidy(self) -> None:
        """Delete the vectors that no chunk uses: those of runs that were broken off."""
        with self._session(write=True) as sql:
            sql.execute("DELETE FROM vectors WHERE NOT EXISTS (SELECT 1 FROM chunks WHERE vector = vectors.id)")

    def examine(self) -> None:
        """Raises IndexFault unless SQLite finds its file whole and every chunk has its page and its vector."""
        with self._session() as sql:
            said = sql.execute("PRAGMA quick_check(1)").fetchone()[0]
            loose = sql.execute(
                "SELECT count(*) FROM chunks WHERE page NOT IN (SELECT id FROM pages)"
                " OR vector NOT IN (SELECT id FROM vectors)"
            ).fetchone()[0]
        if said != "ok" or loose:
            raise self._damaged(said, loose)

    # --- writing ---

    def missing(self, texts: Sequence[str]) -> list[str]:
        """Those of `texts` that have no vector yet, each once, in order."""
        with self._session() as sql:
            query = "SELECT 1 FROM vectors WHERE key = ?"
            return [text for text in dict.fromkeys(texts) if not sql.execute(query, (self._key(text),)).fetchone()]

    def keep(self, texts: Sequence[str], vectors: Vectors) -> None:
        """Store one vector a text ahead of the pages, so that an interrupted run does not pay for it again."""
        if vectors.shape != (len(texts), self.identity.dimension):
            raise IndexFault(
                "embedder.shape",
                name=self.identity.embedder,
                shape=vectors.shape,
                count=len(texts),
                dimension=self.identity.dimension,
            )
        rows = [(self._key(text), pack(vector)) for text, vector in zip(texts, vectors, strict=True)]
        with self._session(write=True) as sql:
            sql.executemany("INSERT OR IGNORE INTO vectors (key, vector) VALUES (?, ?)", rows)

    def carry(self, other: "Store", texts: Sequence[str]) -> None:
        """Copy from another build those vectors of `texts` that it has; both must be of the same embedder."""
        with other._session() as sql:
            query = "SELECT key, vector FROM vectors WHERE key = ?"
            rows = [row for text in texts if (row := sql.execute(query, (other._key(text),)).fetchone())]
        with self._session(write=True) as sql:
            sql.executemany("INSERT OR IGNORE INTO vectors (key, vector) VALUES (?, ?)", rows)

    def together(self) -> AbstractContextManager[object]:
        """What is written inside is one transaction: all of it or nothing, and one wait for the disk."""
        return self._session(write=True)

    def write(self, page: Page, chunks: Sequence[Chunk]) -> Outcome:
        """Put one page in place of any with its uri, in one transaction. The passages of all its chunks must have
        vectors."""
        _check(page, chunks)
        digest = page_digest(page, chunks)
        with self._session(write=True) as sql:
            old = sql.execute("SELECT id, digest, form FROM pages WHERE uri = ?", (page.uri,)).fetchone()
            if old and old[1:] == (digest, FORM):
                return "unchanged"
            generation = _next_generation(sql)
            orphans = _forget(sql, old[0], generation) if old else []
            cursor = sql.execute(
                "INSERT INTO pages (uri, text, sha256, title, author, date, site, language, media_type, read_at, body,"
                " links, characters, digest, headings, page_starts, file_sha256, tags, form)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (page.uri, page.text, page.sha256, page.title, page.author, page.date, page.site, page.language,
                 page.media_type, page.read_at, body_text(page.body), links_text(page.links), len(page.text), digest,
                 headings_text(page.headings), json.dumps(page.page_starts), page.file_sha256,
                 json.dumps(page.tags, ensure_ascii=False), FORM),
            )  # fmt: skip
            self._insert(sql, int(cursor.lastrowid or 0), page, chunks, generation)
            _collect(sql, orphans)
        return "replaced" if old else "added"

    def renew(self, uri: str) -> None:
        """Give the chunks of an `outdated` page the vectors of their passages, which must be there, and with them new
        ids: an id stands for the same vector for ever."""
        with self._session(write=True) as sql:
            row = sql.execute("SELECT id FROM pages WHERE uri = ? AND form <> ?", (uri, FORM)).fetchone()
            page = self.page(uri) if row else None
            if page is None:
                return
            number, chunks, generation = row[0], self.chunks(uri), _next_generation(sql)
            orphans = _forget_chunks(sql, number, generation)
            self._insert(sql, number, page, chunks, generation)
            sql.execute("UPDATE pages SET form = ? WHERE id = ?", (FORM, number))
            _collect(sql, orphans)

    def _insert(
        self, sql: sqlite3.Connection, number: int, page: Page, chunks: Sequence[Chunk], generation: int
    ) -> None:
        rows = [
            (number, ordinal, chunk.start, chunk.end, chunk.heading, generation, self._key(text))
            for ordinal, (chunk, text) in enumerate(zip(chunks, passages(page, chunks), strict=True))
        ]
        sql.executemany(
            "INSERT INTO chunks (page, ordinal, start, end, heading, generation, vector)"
            " VALUES (?, ?, ?, ?, ?, ?, (SELECT id FROM vectors WHERE key = ?))",
            rows,
        )

    def remove(self, uri: str) -> bool:
        """Take a page out with its chunks and the vectors nothing else uses, so that nothing of its text is left in the
        file; False if it was not there."""
        with self._session(write=True) as sql:
            old = sql.execute("SELECT id FROM pages WHERE uri = ?", (uri,)).fetchone()
            if not old:
                return False
            _collect(sql, _forget(sql, old[0], _next_generation(sql)))
            self.tags.forget(uri)
        self._database.settle()  # deleted text is overwritten in the file; the log still had it
        return True

    # --- reading ---

    def steady(self) -> AbstractContextManager[object]:
        """All reads inside see the same generation, whatever other processes write meanwhile."""
        return self._session()

    def generation(self) -> int:
        with self._session() as sql:
            return _generation(sql)

    def counts(self) -> tuple[int, int]:
        """(pages, chunks)."""
        with self._session() as sql:
            pages, chunks = sql.execute("SELECT (SELECT count(*) FROM pages), (SELECT count(*) FROM chunks)").fetchone()
            return int(pages), int(chunks)

    def changes(self, since: int) -> Changes:
        """What a cache of generation `since` lacks; from -1 on, everything there is."""
        with self._session() as sql:
            removed = sql.execute("SELECT chunk FROM removals WHERE generation > ?", (since,)) if since >= 0 else []
            gone = tuple(row[0] for row in removed)
            added = sql.execute("SELECT id FROM chunks WHERE generation > ? ORDER BY id", (since,))
            new = tuple(row[0] for row in added)
            total = sql.execute("SELECT count(*) FROM chunks").fetchone()[0]
            return Changes(_generation(sql), gone, new, int(total))

    def digest(self, uri: str) -> str:
        """What `page_digest` gave for the page as it is, or "" for none."""
        with self._session() as sql:
            row = sql.execute("SELECT digest FROM pages WHERE uri = ?", (uri,)).fetchone()
        return str(row[0]) if row else ""

    def digests(self) -> list[tuple[str, str]]:
        """(uri, digest) of every page, by uri."""
        with self._session() as sql:
            return sql.execute("SELECT uri, digest FROM pages ORDER BY uri").fetchall()

    def page(self, uri: str) -> Page | None:
        with self._session() as sql:
            row = sql.execute(
                "SELECT uri, text, title, author, date, site, language, media_type, read_at, body, links, headings,"
                " page_starts, file_sha256, tags FROM pages WHERE uri = ?",
                (uri,),
            ).fetchone()
        if row is None:
            return None
        *facts, body, links, marked, starts, file, tags = row
        spans = body_from(body), links_from(links), headings_from(marked), starts_from(starts)
        return Page(*(*facts, *spans, file, "", tuple(json.loads(tags))))

    def pages(self) -> list[PageInfo]:
        """Every page in the order it came in."""
        with self._session() as sql:
            rows = sql.execute(
                "SELECT uri, title, site, date, language, media_type, read_at, sha256, characters,"
                " (SELECT count(*) FROM chunks WHERE page = pages.id), tags FROM pages ORDER BY id"
            ).fetchall()
            by_hand = self.tags.all()
        return [PageInfo(*(*facts, by_hand.get(facts[0], ByHand()).over(json.loads(own)))) for *facts, own in rows]

    def files(self) -> set[str]:
        """The hashes of the files that its pages can be drawn from."""
        with self._session() as sql:
            return {row[0] for row in sql.execute("SELECT DISTINCT file_sha256 FROM pages")}

    def chunks(self, uri: str) -> list[Chunk]:
        """The chunks of a page in reading order; [] for a page that is not there."""
        with self._session():
            return [chunk for chunk, _ in self.rows(self._ids(uri)).values()]

    def chunk_ids(self, uris: Sequence[str]) -> list[int]:
        """The ids of the chunks of these pages, ascending."""
        with self._session() as sql:
            rows = sql.execute(
                "SELECT c.id FROM chunks c JOIN pages p ON p.id = c.page"
                " WHERE p.uri IN (SELECT value FROM json_each(?)) ORDER BY c.id",
                (json.dumps(list(uris)),),
            ).fetchall()
        return [row[0] for row in rows]

    def page_passages(self, uris: Sequence[str]) -> list[str]:
        """What is embedded of the chunks of these pages, in order."""
        with self._session():
            return list(self.passages([id for uri in uris for id in self._ids(uri)]).values())

    def passages(self, ids: Sequence[int]) -> dict[int, str]:
        """What is embedded and indexed of these chunks (`rag.text.passage`), by id; ids that are gone are left out."""
        about: dict[str, str] = {}
        with self._session() as sql:
            found = self.rows(ids)
            for uri in {chunk.uri for chunk, _ in found.values()}:
                query = "SELECT text, title, body FROM pages WHERE uri = ?"
                text, title, body = sql.execute(query, (uri,)).fetchone()
                about[uri] = subject(Page(uri, text, title, body=body_from(body)))
        return {id: passage(about[chunk.uri], chunk) for id, (chunk, _) in found.items()}

    def outdated(self) -> list[str]:
        """The pages that were embedded in an earlier form than `rag.text.passage.FORM`, in the order they came in."""
        with self._session() as sql:
            return [row[0] for row in sql.execute("SELECT uri FROM pages WHERE form <> ? ORDER BY id", (FORM,))]

    def _ids(self, uri: str) -> list[int]:
        with self._session() as sql:
            rows = sql.execute(
                "SELECT c.id FROM chunks c JOIN pages p ON p.id = c.page WHERE p.uri = ? ORDER BY c.ordinal", (uri,)
            ).fetchall()
        return [row[0] for row in rows]

    def rows(self, ids: Sequence[int]) -> dict[int, tuple[Chunk, str]]:
        """(chunk, title of its page) by chunk id; ids that are gone are left out. Each page's text is read once."""
        found: dict[int, tuple[Chunk, str]] = {}
        pages: dict[int, tuple[Page, str]] = {}
        with self._session() as sql:
            for id in ids:
                row = sql.execute("SELECT page, start, end, heading FROM chunks WHERE id = ?", (id,)).fetchone()
                if row is None:
                    continue
                number, start, end, heading = row
                if number not in pages:
                    uri, text, title, media, starts, sha = sql.execute(
                        "SELECT uri, text, title, media_type, page_starts, sha256 FROM pages WHERE id = ?", (number,)
                    ).fetchone()
                    pages[number] = (Page(uri, text, title, media_type=media, page_starts=starts_from(starts)), sha)
                page, sha = pages[number]
                where = locator(page, (start, end))
                found[id] = (Chunk(page.uri, sha, start, end, page.text[start:end], heading, where), page.title)
        return found

    def vectors(self, ids: Sequence[int]) -> tuple[Ids, Vectors]:
        """(m,) ids and (m, dimension) unit vectors, float32; m < n where chunks have gone meanwhile."""
        with self._session() as sql:
            rows = sql.execute(
                "SELECT c.id, v.vector FROM json_each(?) wanted JOIN chunks c ON c.id = wanted.value"
                " JOIN vectors v ON v.id = c.vector ORDER BY wanted.key",
                (json.dumps(list(ids)),),
            ).fetchall()
        found = np.array([row[0] for row in rows], dtype=np.int64)
        return found, self._unpacked([row[1] for row in rows])

    def vectors_between(self, first: int, last: int) -> tuple[Ids, Vectors]:
        """As `vectors` for every chunk whose id is in [first, last]; one scan, for filling a cache."""
        with self._session() as sql:
            rows = sql.execute(
                "SELECT c.id, v.vector FROM chunks c JOIN vectors v ON v.id = c.vector"
                " WHERE c.id BETWEEN ? AND ? ORDER BY c.id",
                (first, last),
            ).fetchall()
        ids = np.array([row[0] for row in rows], dtype=np.int64)
        return ids, self._unpacked([row[1] for row in rows])

    # --- inside ---

    def _unpacked(self, blobs: Sequence[bytes]) -> Vectors:
        try:
            return unpack(blobs, self.identity.dimension)
        except (ValueError, TypeError) as error:
            raise self._damaged(error) from error

    def _damaged(self, error: object, loose: int = 0) -> IndexFault:
        return IndexFault("index.damaged", path=self._path, error=error, loose=loose, remedy=add_again(self._path))

    def _key(self, text: str) -> bytes:
        return vector_key(self.identity.embedder, text)

    def _session(self, write: bool = False) -> AbstractContextManager[sqlite3.Connection]:
        return self._database.session(write)


def _generation(sql: sqlite3.Connection) -> int:
    return int(sql.execute("SELECT value FROM meta WHERE key = 'generation'").fetchone()[0])


def _next_generation(sql: sqlite3.Connection) -> int:
    sql.execute("UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE key = 'generation'")
    return _generation(sql)


def _forget(sql: sqlite3.Connection, page: int, generation: int) -> list[tuple[int]]:
    """Delete a page and its chunks; gives the vectors they used."""
    used = _forget_chunks(sql, page, generation)
    sql.execute("DELETE FROM pages WHERE id = ?", (page,))
    return used


def _forget_chunks(sql: sqlite3.Connection, page: int, generation: int) -> list[tuple[int]]:
    """Delete the chunks of a page, note the removals; gives the vectors they used."""
    used = sql.execute("SELECT DISTINCT vector FROM chunks WHERE page = ?", (page,)).fetchall()
    sql.execute("INSERT INTO removals SELECT id, ? FROM chunks WHERE page = ?", (generation, page))
    sql.execute("DELETE FROM chunks WHERE page = ?", (page,))
    return used


def _collect(sql: sqlite3.Connection, vectors: Sequence[tuple[int]]) -> None:
    """Delete those vectors that no chunk uses any more: what was removed leaves nothing behind."""
    query = "DELETE FROM vectors WHERE id = ? AND NOT EXISTS (SELECT 1 FROM chunks WHERE vector = vectors.id)"
    sql.executemany(query, vectors)


def _check(page: Page, chunks: Sequence[Chunk]) -> None:
    """Refuse what would break the law that a quote is verbatim."""
    if not page.text.isascii() and any("\ud800" <= character <= "\udfff" for character in page.text):
        raise IndexFault("index.surrogates", uri=page.uri)
    sha = page.sha256
    for chunk in chunks:
        if chunk.uri != page.uri or chunk.page_sha256 != sha or page.text[chunk.start : chunk.end] != chunk.text:
            raise IndexFault("index.no_span", start=chunk.start, end=chunk.end, uri=page.uri)
