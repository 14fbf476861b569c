"""The dense leg: a FAISS cache of the store's vectors, by inner product of unit vectors, which is their cosine.

Size decides the form: exact search (Flat) below 50,000 chunks, 8-bit scalar quantisation (SQ8) above, both with
ids and with removal. Where a GPU answers, exact search in half precision runs on it, on a copy that is made again at
each generation; the file and all changes stay on the CPU form.

The file is FAISS's own, with a line of JSON after it that names build, generation and hash: FAISS may crash on damaged
bytes, so nothing is handed to it unchecked. What is missing, stale or damaged is made again from the store.
"""

import hashlib
import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rag.index.files import scratch
from rag.index.store import Ids, Store
from rag.seams import Vectors

log = logging.getLogger("vouch.index")

EXACT_BELOW = 50_000
"""Chunks; above it an exact scan takes more than about 10 ms a query on two cores (384 dimensions)."""

_SLICE = 20_000
_SAMPLE = 20_000
_TAIL_BYTES = 4096
_EMPTY = -1


@dataclass(frozen=True, slots=True)
class _Label:
    """The last line of the file. `trained` is the number of chunks that SQ8's ranges were fitted to, 0 for Flat."""

    build: str
    generation: int
    dimension: int
    trained: int
    count: int
    bytes: int
    sha256: str


def device_count() -> int:
    """GPUs that this FAISS can use: 0 for faiss-cpu, and for faiss-gpu where no driver answers."""
    import faiss

    return int(faiss.get_num_gpus())


class VectorCache:
    """Follows a store. Not safe for concurrent use: its owner holds a lock (a GPU index needs one even for reading)."""

    def __init__(self, path: Path, build: str, dimension: int, exact_below: int = EXACT_BELOW) -> None:
        import faiss

        self._faiss: Any = faiss
        # One query runs on one thread anyway, and idle OpenMP threads spin beside the embedder's.
        faiss.omp_set_num_threads(1)
        self._path = path
        self._build = build
        self._dimension = dimension
        self._exact_below = exact_below
        self._devices = device_count()
        self._saved = _EMPTY
        self._device_copy: Any = None
        self._generation = _EMPTY
        self._start("Flat", 0)
        self._load()

    @property
    def generation(self) -> int:
        """That of the store when this last followed it; -1 when there is nothing yet."""
        return self._generation

    @property
    def is_saved(self) -> bool:
        return self._saved == self._generation

    @property
    def count(self) -> int:
        """Chunks held."""
        return int(self._index.ntotal)

    @property
    def form(self) -> str:
        return "SQ8" if self._trained else "Flat"

    def follow(self, store: Store) -> None:
        """Take in what the store has and this lacks; start afresh where that is no small step or does not add up."""
        with store.steady():
            changes = store.changes(self._generation)
            if changes.generation < self._generation or self._outgrown(changes.total):
                self._begin(store, changes.total)
                changes = store.changes(_EMPTY)
            self._take(store, changes.removed, changes.added)
            if self._index.ntotal != changes.total:
                self._begin(store, changes.total)
                self._take(store, (), store.changes(_EMPTY).added)
            self._generation = changes.generation
        self._device_copy = None

    def search(self, query: Vectors, k: int) -> list[tuple[int, float]]:
        """(chunk id, cosine) of at most `k` nearest, best first. `query` is (dimension,) and of unit length."""
        wanted = min(k, self._index.ntotal)
        if wanted == 0:
            return []
        row = np.ascontiguousarray(query.reshape(1, -1), dtype=np.float32)
        scores, ids = self._searcher().search(row, wanted)
        return [(int(id), float(score)) for id, score in zip(ids[0], scores[0], strict=True) if id != -1]

    def save(self) -> None:
        """Write the file if it is behind. The caller holds the writer lock."""
        if self._generation in (_EMPTY, self._saved):
            return
        with scratch(self._path) as draft:
            self._faiss.write_index(self._index, str(draft))
            size = draft.stat().st_size
            label = _Label(
                build=self._build,
                generation=self._generation,
                dimension=self._dimension,
                trained=self._trained,
                count=self._index.ntotal,
                bytes=size,
                sha256=_digest(draft, size),
            )
            with draft.open("ab") as file:
                file.write(b"\n" + json.dumps(asdict(label)).encode())
        self._saved = self._generation

    # --- inside ---

    def _start(self, form: str, trained: int) -> None:
        self._index = self._faiss.index_factory(self._dimension, f"IDMap2,{form}", self._faiss.METRIC_INNER_PRODUCT)
        self._trained = trained
        self._generation = _EMPTY

    def _begin(self, store: Store, total: int) -> None:
        """Empty, in the form that `total` chunks ask for. SQ8 on no GPU only: flat SQ8 cannot be copied to one."""
        if total < self._exact_below or self._devices:
            self._start("Flat", 0)
            return
        self._start("SQ8", total)
        ids = store.changes(_EMPTY).added
        _, sample = store.vectors(ids[:: max(1, len(ids) // _SAMPLE)])
        self._index.train(sample)

    def _outgrown(self, total: int) -> bool:
        """Whether Flat has become too slow, or SQ8's ranges were fitted to less than half of what there is now."""
        if self._trained:
            return total > 2 * self._trained
        return total >= self._exact_below and not self._devices

    def _take(self, store: Store, removed: tuple[int, ...], added: tuple[int, ...]) -> None:
        """Ids to be added are removed first, since FAISS would keep both copies."""
        if self._index.ntotal:
            gone = np.array(removed + added, dtype=np.int64)
            if len(gone):
                self._index.remove_ids(gone)
        for at in range(0, len(added), _SLICE):
            part = added[at : at + _SLICE]
            ids, vectors = store.vectors_between(part[0], part[-1])
            self._add(ids, vectors)

    def _add(self, ids: Ids, vectors: Vectors) -> None:
        self._index.add_with_ids(vectors, ids)

    def _searcher(self) -> Any:
        """The index, or its copy on the first GPU. (Copying to "all" of none would give an empty index, silently.)"""
        if self._devices == 0:
            return self._index
        if self._device_copy is None:
            resources = self._faiss.StandardGpuResources()
            resources.setTempMemory(256 << 20)  # the embedder may share the card
            options = self._faiss.GpuClonerOptions()
            options.useFloat16 = True
            self._device_copy = self._faiss.index_cpu_to_gpu(resources, 0, self._index, options)
        return self._device_copy

    def _load(self) -> None:
        """Take the file if it is whole and of this build; otherwise stay empty, which `follow` mends."""
        label = _label(self._path)
        if label and (label.build, label.dimension) == (self._build, self._dimension):
            index = self._faiss.read_index(str(self._path))
            if index.ntotal == label.count and index.d == self._dimension:
                self._index, self._trained = index, label.trained
                self._generation = self._saved = label.generation
                return
        if self._path.exists():
            log.warning("%s is damaged or of another build; it is made again from the store", self._path)


def _label(path: Path) -> _Label | None:
    """The file's last line, or None where the file is not there or not what was written."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            file.seek(max(0, size - _TAIL_BYTES))
            _, _, line = file.read().rpartition(b"\n")
    except FileNotFoundError:
        return None
    try:
        label = _Label(**json.loads(line))
    except (ValueError, TypeError):
        return None
    whole = size == label.bytes + 1 + len(line)
    return label if whole and _digest(path, label.bytes) == label.sha256 else None


def _digest(path: Path, size: int) -> str:
    """Hex SHA-256 of the first `size` bytes."""
    sha = hashlib.sha256()
    with path.open("rb") as file:
        while size > 0 and (part := file.read(min(size, 1 << 20))):
            sha.update(part)
            size -= len(part)
    return sha.hexdigest()
