"""How things are written down in the store: its tables, the bytes of a vector, what makes two pages the same."""

import hashlib
import json
from collections.abc import Sequence

import numpy as np

from rag.protocols import Vectors
from rag.types import Chunk, Heading, Link, Page, Span

TABLES = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS pages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uri TEXT NOT NULL UNIQUE,
    text TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    title TEXT NOT NULL,
    author TEXT NOT NULL,
    date TEXT NOT NULL,
    site TEXT NOT NULL,
    language TEXT NOT NULL,
    media_type TEXT NOT NULL,
    read_at TEXT NOT NULL,
    body TEXT NOT NULL,
    links TEXT NOT NULL DEFAULT '[]',
    characters INTEGER NOT NULL,
    digest TEXT NOT NULL,
    headings TEXT NOT NULL DEFAULT '[]',
    page_starts TEXT NOT NULL DEFAULT '[]',
    file_sha256 TEXT NOT NULL DEFAULT '',
    tags TEXT NOT NULL DEFAULT '[]',
    form INTEGER NOT NULL DEFAULT 0 -- `rag.text.passage.FORM` of the texts that its vectors are of
);

-- The text of a chunk is the page's text from start to end, in code points.
CREATE TABLE IF NOT EXISTS chunks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    page INTEGER NOT NULL REFERENCES pages (id),
    ordinal INTEGER NOT NULL,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    vector INTEGER NOT NULL REFERENCES vectors (id),
    heading TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX IF NOT EXISTS chunks_page ON chunks (page, ordinal);
CREATE INDEX IF NOT EXISTS chunks_generation ON chunks (generation);
CREATE INDEX IF NOT EXISTS chunks_vector ON chunks (vector);

CREATE TABLE IF NOT EXISTS removals (chunk INTEGER PRIMARY KEY, generation INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS removals_generation ON removals (generation);

-- Keyed by SHA-256 of embedder and passage, so that the same passage is embedded once whatever page it stands in.
CREATE TABLE IF NOT EXISTS vectors (id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, vector BLOB NOT NULL);

-- Which page came from which source of the recipe.
CREATE TABLE IF NOT EXISTS origins (
    source TEXT NOT NULL,
    address TEXT NOT NULL,
    uri TEXT NOT NULL,
    etag TEXT NOT NULL,
    last_modified TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    reading TEXT NOT NULL,
    checked_at TEXT NOT NULL,
    links TEXT NOT NULL,
    PRIMARY KEY (source, address)
);

-- By hand: given to a page (1), or taken from what its source says (0). Kept when the page is read again.
CREATE TABLE IF NOT EXISTS tags (uri TEXT NOT NULL, tag TEXT NOT NULL, given INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS tags_uri ON tags (uri);

-- The page numbers of the build that this one was begun beside.
CREATE TABLE IF NOT EXISTS base (page INTEGER PRIMARY KEY, uri TEXT NOT NULL);
"""


def vector_key(embedder: str, text: str) -> bytes:
    """32 bytes: SHA-256 of the embedder's name, a zero byte and the text."""
    return hashlib.sha256(embedder.encode() + b"\0" + text.encode()).digest()


def page_digest(page: Page, chunks: Sequence[Chunk]) -> str:
    """Hex SHA-256 over all that makes a page what it is, chunk spans and headings included; when it was read is left
    out."""
    facts: list[object] = [
        page.sha256,
        page.title,
        page.author,
        page.date,
        page.site,
        page.language,
        page.media_type,
        page.body,
        [(chunk.start, chunk.end) for chunk in chunks],
    ]
    if page.links:  # of a page without any the digest is what it was before links were kept
        facts.append(links_text(page.links))
    if any(chunk.heading for chunk in chunks):  # likewise of a page without headings
        facts.append([chunk.heading for chunk in chunks])
    if page.page_starts:
        facts.append([page.page_starts, page.file_sha256])
    if page.tags:
        facts.append(["tags", *page.tags])
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def body_text(body: Sequence[Span]) -> str:
    return json.dumps(body)


def body_from(text: str) -> tuple[Span, ...]:
    return tuple((int(start), int(end)) for start, end in json.loads(text))


def links_text(links: Sequence[Link]) -> str:
    return json.dumps([[link.start, link.end, link.address] for link in links], ensure_ascii=False)


def links_from(text: str) -> tuple[Link, ...]:
    return tuple(Link(int(start), int(end), str(address)) for start, end, address in json.loads(text))


def headings_text(headings: Sequence[Heading]) -> str:
    return json.dumps([[each.start, each.end, each.level, each.words] for each in headings], ensure_ascii=False)


def headings_from(text: str) -> tuple[Heading, ...]:
    return tuple(Heading(int(start), int(end), int(level), str(words)) for start, end, level, words in json.loads(text))


def starts_from(text: str) -> tuple[int, ...]:
    return tuple(map(int, json.loads(text)))


def pack(vector: Vectors) -> bytes:
    """(dimension,) float32 -> little-endian float16."""
    return np.ascontiguousarray(vector, dtype="<f2").tobytes()


def unpack(blobs: Sequence[bytes], dimension: int) -> Vectors:
    """float16 rows -> (n, dimension) float32, normalised again after the rounding; zero rows stay zero."""
    halves = np.frombuffer(b"".join(blobs), dtype="<f2").reshape(len(blobs), dimension)
    rows = halves.astype(np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths == 0, 1, lengths), dtype=np.float32)
