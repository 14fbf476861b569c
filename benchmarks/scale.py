"""How a whole index grows: building, opening, searching and changing it, from 1,000 chunks on.

    python -m benchmarks.scale build 100000       # makes the index, in VOUCH_HOME/benchmarks/scale; resumable
    python -m benchmarks.scale measure 100000     # opens it in processes of their own and adds a row to scale.json
    python -m benchmarks.growth docs/scale.svg     # draws what was measured

Text: the paragraphs of wiki2, XQuAD and CMRC, each cut in as many ways as are needed (windows of 60, 80 … characters),
and from about 400,000 chunks on also sentences made of their words. Vectors: synthetic, 384 dimensions, in clusters,
of about 96 intrinsic dimensions, so that no hour is spent on embedding; queries are new draws of the same. Recall with
real embeddings is measured by `benchmarks.real_recall`. The time to embed a query is not in any figure.

Files are dropped from the system's cache before an index is opened, so opening is from the disk.
"""

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.corpora import Pair, chinese, data_folder, english, load
from rag.config import SearchConfig, home
from rag.index.exact import Exact, slices
from rag.index.files import STORE, VECTORS, WriterLock, current_build
from rag.index.index import Index
from rag.index.store import Store
from rag.index.vectors import VectorCache
from rag.index.wheels import faiss
from rag.protocols import Vectors
from rag.types import Chunk, Page

DIMENSION = 384
CLUSTERS = 20_000
INTRINSIC = 96
QUERIES = 200
CLIENTS = 4
CHUNKS_A_PAGE = 50


class Synthetic:
    """Vectors in clusters, drawn anew at each call; those of a query are kept, as a real embedder would keep them."""

    name = f"synthetic-{DIMENSION}"
    dimension = DIMENSION
    max_tokens = 512

    def __init__(self, seed: int) -> None:
        fixed = np.random.default_rng(1)
        self._centres = fixed.normal(size=(CLUSTERS, INTRINSIC)).astype(np.float32)
        self._turn = fixed.normal(size=(INTRINSIC, DIMENSION)).astype(np.float32)
        self._random = np.random.default_rng(seed)
        self._asked: dict[str, Vectors] = {}

    def passages(self, texts: Sequence[str]) -> Vectors:
        return self.draw(len(texts))

    def queries(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self._asked.setdefault(text, self.draw(1)[0]) for text in texts])

    def token_ends(self, text: str) -> Sequence[int]:
        return range(1, len(text) + 1)

    def draw(self, count: int) -> Vectors:
        where = self._random.integers(CLUSTERS, size=count)
        inner = self._centres[where] + 0.7 * self._random.normal(size=(count, INTRINSIC)).astype(np.float32)
        rows = inner @ self._turn + 0.3 * self._random.normal(size=(count, DIMENSION)).astype(np.float32)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


# --- text ---


def pages(data: Path, count: int) -> Iterator[Pair]:
    """Pages of together at least `count` chunks, the same ones every time."""
    corpus = [page for page in english(data)[0] + chinese(data)[0] if len(page.text) >= 60]
    random.Random(3).shuffle(corpus)
    made = 0
    for size in range(60, 220, 20):
        for page in corpus:
            if made >= count:
                return
            pair = windows(f"{page.uri}/{size}", page.text, size if page.text.isascii() else size // 2)
            made += len(pair[1])
            yield pair
    words = [word for page in corpus for word in (page.text.split() if " " in page.text else pieces(page.text))]
    chance = random.Random(5)
    while made < count:
        text = " ".join(chance.choices(words, k=12 * CHUNKS_A_PAGE))
        pair = windows(f"made/{made}", text, -(-len(text) // CHUNKS_A_PAGE))
        made += len(pair[1])
        yield pair


def windows(uri: str, text: str, size: int) -> Pair:
    page = Page(uri, text)
    sha = page.sha256
    cuts = range(0, len(text), size)
    return page, [Chunk(uri, sha, at, min(at + size, len(text)), text[at : at + size]) for at in cuts]


def pieces(text: str) -> list[str]:
    return [text[at : at + 3] for at in range(0, len(text), 3)]


def questions(data: Path) -> list[str]:
    found = [question.text for question in english(data)[1] + chinese(data)[2]]
    return random.Random(7).sample(found, QUERIES)


# --- steps ---


def build(folder: Path, data: Path, count: int) -> dict[str, Any]:
    """Through a staged build, as a recipe does it. Gives seconds by part, on the clock and of all processors."""
    if current_build(folder):
        return {}
    index = Index.stage(folder, Synthetic(11))
    done = {page.uri for page in index.pages()}
    missing = (pair for pair in pages(data, count) if pair[0].uri not in done)
    seconds, processor = {}, {}
    seconds["store"], processor["store"] = both(lambda: [None for _ in index.put(missing)])
    inner = index._now().backend
    with WriterLock(folder).held():
        seconds["terms"], processor["terms"] = both(lambda: inner._terms.follow(index.store))
        seconds["vectors"], processor["vectors"] = both(lambda: inner._vectors.follow(index.store))
    seconds["promote"], processor["promote"] = both(index.promote)
    chunks = index.store.counts()[1]
    size = {name: bytes_of(folder / index.build / name) / 1e6 for name in (STORE, VECTORS, "terms")}
    index.close()
    return {
        "chunks": chunks,
        "build_s": seconds,
        "build_processor_s": processor,
        "build_peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
        "megabytes": size,
        "build_load": load(),
    }


def vector_leg(folder: Path, data: Path) -> dict[str, Any]:
    """Opening, memory, latency and recall of the dense leg alone, in this process."""
    place = folder / (current_build(folder) or "")
    faiss()  # the library's own memory is none of the leg's
    before = resident()
    began = time.perf_counter()
    cache = VectorCache(place / VECTORS, current_build(folder) or "", DIMENSION)
    queries = Synthetic(99).draw(QUERIES)
    cache.search(queries[0], 10)
    opened = time.perf_counter() - began
    for query in queries[:50]:
        cache.search(query, 10)
    times = [timed(lambda query=query: cache.search(query, 10)) for query in queries]  # type: ignore[misc]
    processor = [worked(lambda query=query: cache.search(query, 10)) for query in queries]  # type: ignore[misc]
    after = resident()
    batch = timed(lambda: cache.search_many(queries, 10)) / QUERIES
    store = Store(place / STORE)
    exact = Exact(queries, 10)
    for _, vectors in slices(store, store.changes(-1).added):
        exact.see(vectors)
    hits = exact.hits([store.vectors([id for id, _ in found])[1] for found in cache.search_many(queries, 10)])
    return {
        "form": cache.form,
        "probes": cache.tuned[0],
        "vector_open_s": opened,
        "vector_ms": milliseconds(times),
        "vector_processor_ms": milliseconds(processor),
        "vector_batch_ms": 1e3 * batch,
        "vector_recall": hits / (10 * QUERIES),
        "vector_mb": after - before,
        "process_mb": after,
    }


def hybrid(folder: Path, data: Path) -> dict[str, Any]:
    """Cold opening, both legs, one client and several."""
    asked = questions(data)
    embedder = Synthetic(99)
    embedder.queries(asked)
    began = time.perf_counter()
    index = Index.at(folder, embedder)
    index.search(asked[0], SearchConfig().k)
    opened = time.perf_counter() - began
    for text in asked[:50]:
        index.search(text, SearchConfig().k)
    alone = [timed(lambda text=text: index.search(text, SearchConfig().k)) for text in asked]  # type: ignore[misc]
    processor = [worked(lambda text=text: index.search(text, SearchConfig().k)) for text in asked]  # type: ignore[misc]
    inner = index._now().backend
    words = [timed(lambda text=text: inner.search_text(text, 100)) for text in asked]  # type: ignore[misc]
    together: list[float] = []
    threads = [threading.Thread(target=ask, args=(index, asked[at::CLIENTS], together)) for at in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {
        "open_s": opened,
        "text_ms": milliseconds(words),
        "hybrid_ms": milliseconds(alone),
        "hybrid_processor_ms": milliseconds(processor),
        "clients_ms": milliseconds(together),
        "hybrid_mb": resident(),
        "load": load(),
    }


def ask(index: Index, texts: Sequence[str], times: list[float]) -> None:
    for text in texts:
        times.append(timed(lambda text=text: index.search(text, SearchConfig().k)))  # type: ignore[misc]


def change(folder: Path, data: Path) -> dict[str, Any]:
    """Replace one page in a hundred; until both legs have it, and until it is saved. Then look for what went."""
    index = Index.at(folder, Synthetic(round(time.time())))
    index.search("warm", 1)
    chosen = [page.uri for page in index.pages()][::100]
    old = {uri: index.chunks(uri) for uri in chosen}
    new = []
    for uri in chosen:
        text = index.page(uri).text[::-1]
        new.append(windows(uri, text, max(chunk.end - chunk.start for chunk in old[uri])))
    replaced = sum(len(chunks) for chunks in old.values())
    seconds = timed(lambda: [None for _ in index.put(new)])
    saved = timed(index.flush)
    gone = {(chunk.uri, chunk.page_sha256) for chunks in old.values() for chunk in chunks}
    seen = sum(
        (hit.chunk.uri, hit.chunk.page_sha256) in gone
        for chunks in list(old.values())[:100]
        for hit in index.search(chunks[0].text, 20)
    )
    index.examine()
    index.close()
    return {"replaced": replaced, "replace_s": seconds, "flush_s": saved, "deleted_seen": seen}


STEPS: dict[str, Callable[[Path, Path], dict[str, Any]]] = {
    "vector_leg": vector_leg,
    "hybrid": hybrid,
    "change": change,
}


# --- measuring ---


def timed(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def both(action: Callable[[], object]) -> tuple[float, float]:
    """(seconds by the clock, processor seconds of all threads)."""
    began, worked_before = time.perf_counter(), time.process_time()
    action()
    return time.perf_counter() - began, time.process_time() - worked_before


def worked(action: Callable[[], object]) -> float:
    """Seconds of processor time of this thread: what else the machine does hardly matters to it."""
    began = time.thread_time()
    action()
    return time.thread_time() - began


def milliseconds(times: Sequence[float]) -> dict[str, float]:
    cuts = statistics.quantiles(times, n=20)
    return {"median": 1e3 * statistics.median(times), "p95": 1e3 * cuts[-1], "n": len(times)}


def resident() -> float:
    """Megabytes of this process in memory, mapped files included."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1e3


def bytes_of(path: Path) -> int:
    files = [path] if path.is_file() else path.rglob("*")
    return sum(file.stat().st_size for file in files)


def forget(folder: Path) -> None:
    """Have the system drop its cache of the files under `folder`."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def note(file: Path, count: int, facts: dict[str, Any]) -> None:
    known = json.loads(file.read_text()) if file.exists() else {}
    row = known.setdefault(str(count), {})
    row |= facts | {"at": datetime.now(UTC).isoformat(timespec="minutes")}
    file.write_text(json.dumps(known, indent=1))
    print(json.dumps(facts), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    data_folder(parser)
    parser.add_argument("command", choices=["build", "measure", "step"])
    parser.add_argument("count", type=int, help="of chunks")
    parser.add_argument("--only", choices=list(STEPS), help="one step of measure")
    parser.add_argument("--keep", type=Path, default=home() / "benchmarks" / "scale", help="where the indexes stay")
    options = parser.parse_args()
    options.keep.mkdir(parents=True, exist_ok=True)
    notes = options.keep / "scale.json"
    count = options.count
    folder = options.keep / f"n{count}"
    if options.command == "build":
        return note(notes, count, build(folder, options.data, count))
    if options.command == "step":
        return note(notes, count, STEPS[options.only](folder, options.data))
    for step in [options.only] if options.only else STEPS:
        forget(folder)
        command = [sys.executable, "-m", "benchmarks.scale", "step", str(count), "--only", step]
        subprocess.run([*command, "--keep", str(options.keep), "--data", str(options.data)], check=True)
    return None


if __name__ == "__main__":
    main()
