"""The vector leg alone, from 1,000 to 1,000,000: fitting, opening, memory, latency, recall, replacing one in a hundred.

    python -m benchmarks.vectors build 1000000     # in VOUCH_HOME/benchmarks/vectors
    python -m benchmarks.vectors measure 1000000   # afterwards: files are dropped from the system's cache first

Vectors are those of `benchmarks.scale`. They are written straight into the store's tables, in pages of fifty chunks: at
a million, making pages and words of text would take longer than all that is measured here. Everything after that is
what every index does.
"""

import argparse
import time
from pathlib import Path
from typing import Any

from benchmarks.corpora import load
from benchmarks.scale import (
    CHUNKS_A_PAGE,
    DIMENSION,
    QUERIES,
    Synthetic,
    bytes_of,
    forget,
    milliseconds,
    note,
    resident,
    timed,
    worked,
)
from rag.config import home
from rag.index.exact import Exact, slices
from rag.index.store import Identity, Store
from rag.index.vectors import VectorCache

BUILD = "million"
SLICE = 20_000


def fill(store: Store, source: Synthetic, first: int, count: int) -> None:
    """Chunks `first` + 1 to `first` + `count`, each on a line of a page of fifty, as one more generation."""
    with store._session(write=True) as sql:
        generation = int(sql.execute("SELECT value FROM meta WHERE key = 'generation'").fetchone()[0]) + 1
        sql.execute("UPDATE meta SET value = ? WHERE key = 'generation'", (generation,))
        for at in range(first, first + count, SLICE):
            ids = range(at + 1, min(at + SLICE, first + count) + 1)
            rows = source.draw(len(ids)).astype("<f2")
            size = DIMENSION * 2
            data = rows.tobytes()
            blobs = [data[size * n : size * (n + 1)] for n in range(len(ids))]
            keys = [(id, id.to_bytes(8, "big"), blob) for id, blob in zip(ids, blobs, strict=True)]
            sql.executemany("INSERT INTO vectors VALUES (?, ?, ?)", keys)
            numbers = sorted({(id - 1) // CHUNKS_A_PAGE for id in ids})
            text = "x" * CHUNKS_A_PAGE
            sql.executemany(
                "INSERT OR IGNORE INTO pages (id, uri, text, sha256, title, author, date, site, language, media_type,"
                " read_at, body, characters, digest) VALUES (?, ?, ?, '', '', '', '', '', '', '', '', '[]', ?, '')",
                [(number + 1, f"page {number}", text, CHUNKS_A_PAGE) for number in numbers],
            )
            sql.executemany(
                "INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (id, (id - 1) // CHUNKS_A_PAGE + 1, (id - 1) % CHUNKS_A_PAGE, place, place + 1, generation, id)
                    for id in ids
                    for place in ((id - 1) % CHUNKS_A_PAGE,)
                ],
            )


def build(folder: Path, count: int) -> dict[str, Any]:
    folder.mkdir(parents=True)
    identity = Identity(BUILD, "synthetic", DIMENSION, "cosine", "now")
    store = Store.create(folder / "store.sqlite", identity)
    fill(store, Synthetic(11), 0, count)
    cache = VectorCache(folder / "vectors.faiss", BUILD, DIMENSION)
    before = time.process_time()
    made = timed(lambda: cache.follow(store))
    saved = timed(lambda: cache.save(store))
    return {
        "chunks": count,
        "form": cache.form,
        "probes": cache.tuned[0],
        "tuned_recall": cache.tuned[1],
        "make_s": made,
        "save_s": saved,
        "processor_s": time.process_time() - before,
        "file_mb": bytes_of(folder / "vectors.faiss") / 1e6,
        "build_load": load(),
    }


def measure(folder: Path) -> dict[str, Any]:
    """Opening from the disk, then everything else; memory before the exact search that recall is held against."""
    from rag.index.wheels import faiss

    faiss()
    before = resident()
    began = time.perf_counter()
    store = Store(folder / "store.sqlite")
    cache = VectorCache(folder / "vectors.faiss", BUILD, DIMENSION)
    cache.follow(store)
    queries = Synthetic(99).draw(QUERIES)
    cache.search(queries[0], 10)
    opened = time.perf_counter() - began
    for query in queries:
        cache.search(query, 10)
    times = [timed(lambda query=query: cache.search(query, 10)) for query in queries]  # type: ignore[misc]
    processor = [worked(lambda query=query: cache.search(query, 10)) for query in queries]  # type: ignore[misc]
    batch = timed(lambda: cache.search_many(queries, 10)) / QUERIES
    facts = {
        "open_s": opened,
        "ms": milliseconds(times),
        "processor_ms": milliseconds(processor),
        "batch_ms": 1e3 * batch,
        "leg_mb": resident() - before,
        "load": load(),
    }
    count = store.counts()[1]
    found = cache.search_many(queries, 10)
    exact = Exact(queries, 10)
    for _, vectors in slices(store, store.changes(-1).added):
        exact.see(vectors)
    facts["recall"] = exact.hits([store.vectors([id for id, _ in some])[1] for some in found]) / (10 * QUERIES)
    return facts | replace(store, cache, count, queries)


def replace(store: Store, cache: VectorCache, count: int, queries: Any) -> dict[str, Any]:
    """One page in a hundred out and as many new chunks in; seconds until both are so in the leg, and until saved."""
    pages = range(0, count // CHUNKS_A_PAGE, 100)
    gone = {page * CHUNKS_A_PAGE + at + 1 for page in pages for at in range(CHUNKS_A_PAGE)}
    source = Synthetic(7)
    last = max(store.changes(-1).added)
    last += -last % CHUNKS_A_PAGE
    began = time.perf_counter()
    with store.together():
        for page in pages:
            store.remove(f"page {page}")
    fill(store, source, last, len(gone))
    stored = time.perf_counter() - began
    cache.follow(store)
    followed = time.perf_counter() - began
    seen = sum(id in gone for some in cache.search_many(queries, 100) for id, _ in some)
    new = store.vectors([last + 1])[1][0]
    times = [timed(lambda query=query: cache.search(query, 10)) for query in queries]  # type: ignore[misc]
    saved = timed(lambda: cache.save(store))
    return {
        "replaced": len(gone),
        "replace_store_s": stored,
        "replace_s": followed,
        "replace_save_s": saved,
        "gone_seen": seen,
        "new_found": cache.search(new, 1)[0][0] == last + 1,
        "ms_after_replace": milliseconds(times),
        "written_anew": cache._saved == cache.generation,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["build", "measure"])
    parser.add_argument("count", type=int)
    parser.add_argument("--keep", type=Path, default=home() / "benchmarks" / "vectors")
    options = parser.parse_args()
    options.keep.mkdir(parents=True, exist_ok=True)
    folder, notes = options.keep / f"n{options.count}", options.keep / "vectors.json"
    if options.command == "build":
        return note(notes, options.count, build(folder, options.count))
    forget(folder)
    return note(notes, options.count, measure(folder))


if __name__ == "__main__":
    main()
