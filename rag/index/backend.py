"""What a build is searched by, beside its store. Real: FAISS and tantivy on this machine, Milvus on others.

Both follow the store, which stays the truth; each can be thrown away and made again without embedding anything.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from rag.index.store import Store
from rag.index.terms import TextHits
from rag.protocols import Vectors

Ranked = list[tuple[int, float]]
"""(chunk id, cosine), best first."""


class IndexBackend(Protocol):
    """Chunks are known by the store's ids, which are never used twice. Every method raises IndexFault."""

    def follow(self, store: Store) -> None:
        """Bring it to the store's generation; on return what came is found and what went is not. Repeating it, also
        after a crash in the middle, doubles nothing."""
        ...

    def looking(self) -> AbstractContextManager[None]:
        """Held while it is searched, so that it is not changed meanwhile."""
        ...

    def search_dense(self, queries: Vectors, k: int) -> list[Ranked]:
        """At most `k` nearest for each of (n, dimension) unit vectors."""
        ...

    def search_text(self, query: str, k: int, within: Sequence[int] | None = None) -> TextHits:
        """At most `k` (of the chunks `within`) that hold any of the query's terms; nothing where it does not rank by
        words."""
        ...

    def state(self) -> tuple[int, tuple[int, ...]]:
        """(generation followed, -1 for none; chunks in each leg that it has). Counted, not remembered."""
        ...

    @property
    def is_saved(self) -> bool:
        """Whether `save` has nothing to do."""
        ...

    def save(self, store: Store) -> None:
        """Make it last. The caller holds the writer lock."""
        ...

    def facts(self) -> dict[str, Any]:
        """What the manifest tells of it."""
        ...

    def promote(self) -> None:
        """Its build has become the current one."""
        ...

    def close(self) -> None: ...
