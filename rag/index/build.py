"""One build of an index: the store, what it is searched by, and the manifest that says what it is."""

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import rag
from rag.errors import IndexFault
from rag.index.backend import IndexBackend
from rag.index.exact import recall
from rag.index.files import MANIFEST, STORE, WriterLock, new_build, now, replace_json, write_faults
from rag.index.places import open_backend
from rag.index.search import Legs, ask
from rag.index.store import Identity, Store
from rag.protocols import Embedder, Vectors
from rag.types import Rate

log = logging.getLogger("vouch.index")


class Build:
    """What it is searched by follows the store before every search."""

    def __init__(self, folder: Path, name: str, lock: WriterLock) -> None:
        """Open the build `name` of the index in `folder`. Raises IndexFault."""
        self.path = folder / name
        self.store = Store(self.path / STORE)
        self.identity = self.store.identity
        self._writer = lock
        self._backend = open_backend(folder, self.identity, lock)

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

    @property
    def backend(self) -> IndexBackend:
        """What it is searched by."""
        return self._backend

    def follow(self) -> None:
        """Bring the backend to the store's generation, whichever process raised it."""
        self._backend.follow(self.store)

    def ask(self, query: str, vector: Vectors, depth: int, within: Sequence[int] | None = None) -> Legs:
        """Both legs over what the store holds now; `within`: over these chunks only."""
        self.follow()
        with self._backend.looking():
            return ask(query, vector, self._backend, self.store, depth, within)

    def save(self) -> None:
        """Write what is behind the store: the backend's files, the manifest."""
        self.follow()
        if self._backend.is_saved and self._manifest_is_whole():
            return
        with self._writer.held():
            self._backend.save(self.store)
            replace_json(self.path / MANIFEST, self.manifest())

    def promote(self) -> None:
        """Tell the backend that this is the current build now."""
        self._backend.promote()

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
            **self._backend.facts(),
            "recipe": self.store.origins.noted("sha256"),
            "code_version": rag.__version__,
        }

    def check(self) -> None:
        """Raises IndexFault unless the backend holds exactly what the store holds."""
        self.follow()
        generation, (_, chunks) = self.store.generation(), self.store.counts()
        followed, counts = self._backend.state()
        if followed != generation or set(counts) != {chunks}:
            raise IndexFault("index.cache_wrong", path=self.path, found=counts, wanted=chunks, store=STORE)

    def recall(self, sample: int, k: int) -> Rate:
        """See `exact.recall`."""
        self.follow()
        with self._backend.looking():
            return recall(self.store, self._backend.search_dense, sample, k)

    def close(self) -> None:
        self._backend.close()
        self.store.close()
