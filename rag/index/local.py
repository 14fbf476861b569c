"""The backend of one machine: FAISS for the dense leg, tantivy for words, both in the build's folder."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from rag.index.backend import Ranked
from rag.index.files import TERMS, VECTORS, WriterLock, write_faults
from rag.index.sharing import Sharing
from rag.index.store import Identity, Store
from rag.index.terms import TermCache, TextHits
from rag.index.vectors import VectorCache
from rag.protocols import Vectors


class LocalBackend:
    """Searches run side by side (one at a time on a GPU), changes alone."""

    def __init__(self, path: Path, identity: Identity, writer: WriterLock) -> None:
        """`path` is the build's folder. The writer lock always comes before this one's own: a search that waited for a
        writer while that writer waited for the caches would wait for ever."""
        self._path = path
        self._writer = writer
        self._sharing = Sharing()
        self._vectors = VectorCache(path / VECTORS, identity.build, identity.dimension)
        self._terms = TermCache(path / TERMS, identity.build)

    def follow(self, store: Store) -> None:
        generation = store.generation()
        if self._terms.generation == self._vectors.generation == generation:
            return
        with self._sharing.alone():
            ready = self._terms.generation == generation or self._terms.load(store)
        if not ready:
            with self._writer.held(), self._sharing.alone():
                self._terms.follow(store)
        with self._sharing.alone():
            if self._vectors.generation != generation:
                self._vectors.follow(store)

    def looking(self) -> AbstractContextManager[None]:
        return self._sharing.shared() if self._vectors.is_shareable else self._sharing.alone()

    def search_dense(self, queries: Vectors, k: int) -> list[Ranked]:
        return self._vectors.search_many(queries, k)

    def search_text(self, query: str, k: int, within: Sequence[int] | None = None) -> TextHits:
        return self._terms.search(query, k, within)

    def state(self) -> tuple[int, tuple[int, ...]]:
        """The lower generation of the two."""
        followed = min(self._vectors.generation, self._terms.generation)
        return followed, (self._vectors.count, self._terms.count)

    @property
    def is_saved(self) -> bool:
        return self._vectors.is_saved

    def save(self, store: Store) -> None:
        with self._sharing.alone(), write_faults(self._path / VECTORS):
            self._vectors.save(store)

    def facts(self) -> dict[str, Any]:
        probes, share = self._vectors.tuned
        return {"vectors": self._vectors.form, "probes": probes, "probes_recall": round(share, 4)}

    def promote(self) -> None:
        """Nothing: CURRENT says it."""

    def close(self) -> None:
        with self._sharing.alone():
            pass  # whoever is searching ends first
