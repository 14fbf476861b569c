"""One build of an index: the store, its two caches, and the manifest that says what it is."""

import json
import logging
from pathlib import Path
from typing import Any

import rag
from rag.errors import IndexFault
from rag.index.files import MANIFEST, STORE, TERMS, VECTORS, WriterLock, new_build, now, replace_json, write_faults
from rag.index.recall import recall
from rag.index.search import Legs, ask
from rag.index.sharing import Sharing
from rag.index.store import Identity, Store
from rag.index.terms import TermCache
from rag.index.vectors import VectorCache
from rag.seams import Embedder, Vectors
from rag.types import Rate

log = logging.getLogger("vouch.index")


class Build:
    """Caches follow the store before every search. Searches run side by side, changes alone."""

    def __init__(self, folder: Path, name: str, lock: WriterLock) -> None:
        """Open the build `name` of the index in `folder`. Raises IndexFault."""
        self.path = folder / name
        self.store = Store(self.path / STORE)
        self.identity = self.store.identity
        self._writer = lock
        self._sharing = Sharing()
        self._vectors = VectorCache(self.path / VECTORS, self.identity.build, self.identity.dimension)
        self._terms = TermCache(self.path / TERMS, self.identity.build)

    @staticmethod
    def create(folder: Path, embedder: Embedder, lock: WriterLock) -> "Build":
        """A new and empty one beside the others; nothing points to it yet."""
        name = new_build()
        Build.begin(folder, name, embedder)
        return Build(folder, name, lock)

    @staticmethod
    def begin(folder: Path, name: str, embedder: Embedder) -> None:
        """Make the folder and the empty store of the build `name`. Raises IndexFault."""
        with write_faults(folder / name):
            (folder / name).mkdir()
        identity = Identity(name, embedder.name, embedder.dimension, "cosine", now())
        Store.create(folder / name / STORE, identity).close()

    def follow(self) -> None:
        """Bring both caches to the store's generation, whichever process raised it.

        The writer lock always comes before this build's own: a search that waited for a writer while that writer
        waited for the caches would wait for ever.
        """
        generation = self.store.generation()
        if self._terms.generation == self._vectors.generation == generation:
            return
        with self._sharing.alone():
            ready = self._terms.generation == generation or self._terms.load(self.store)
        if not ready:
            with self._writer.held(), self._sharing.alone():
                self._terms.follow(self.store)
        with self._sharing.alone():
            if self._vectors.generation != generation:
                self._vectors.follow(self.store)

    def ask(self, query: str, vector: Vectors, depth: int) -> Legs:
        """Both legs over what the store holds now."""
        self.follow()
        with self._sharing.shared() if self._vectors.is_shareable else self._sharing.alone():
            return ask(query, vector, self._vectors, self._terms, self.store, depth)

    def save(self) -> None:
        """Write the FAISS file and the manifest if they are behind the store."""
        self.follow()
        if self._vectors.is_saved and self._manifest_is_whole():
            return
        with self._writer.held(), self._sharing.alone():
            with write_faults(self.path / VECTORS):
                self._vectors.save(self.store)
            replace_json(self.path / MANIFEST, self.manifest())

    def _manifest_is_whole(self) -> bool:
        """Whether it is there and says what the store holds; one that is damaged is written again, and the log says
        so."""
        try:
            found = json.loads((self.path / MANIFEST).read_text("utf-8"))
        except FileNotFoundError:
            return False
        except ValueError:
            found = None
        if isinstance(found, dict) and found.get("build") == self.identity.build:
            return bool(found.get("generation") == self.store.generation())
        log.warning("%s was damaged; it is written again from the store", self.path / MANIFEST)
        return False

    def manifest(self) -> dict[str, Any]:
        pages, chunks = self.store.counts()
        probes, share = self._vectors.tuned
        return {
            "build": self.identity.build,
            "embedder": self.identity.embedder,
            "dimension": self.identity.dimension,
            "metric": self.identity.metric,
            "created_at": self.identity.created_at,
            "written_at": now(),
            "generation": self.store.generation(),
            "pages": pages,
            "chunks": chunks,
            "vectors": self._vectors.form,
            "probes": probes,
            "probes_recall": round(share, 4),
            "recipe": self.store.origins.noted("sha256"),
            "code_version": rag.__version__,
        }

    def check(self) -> None:
        """Raises IndexFault unless both caches hold exactly what the store holds."""
        self.follow()
        generation, (_, chunks) = self.store.generation(), self.store.counts()
        caches = self._vectors.generation, self._terms.generation, self._vectors.count, self._terms.count
        if caches != (generation, generation, chunks, chunks):
            raise IndexFault(
                f"The caches of {self.path} do not follow its store. Delete {VECTORS} and {TERMS} in it and try again."
            )

    def recall(self, sample: int, k: int) -> Rate:
        """See `recall.recall`."""
        self.follow()
        with self._sharing.alone():
            return recall(self.store, self._vectors, sample, k)

    def close(self) -> None:
        with self._sharing.alone():
            self.store.close()
