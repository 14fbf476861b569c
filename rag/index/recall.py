"""How much of exact search an approximate one gives."""

from collections.abc import Callable

from rag.index.backend import Ranked
from rag.index.exact import Exact, slices, spread
from rag.index.store import Store
from rag.protocols import Vectors
from rag.types import Rate


def recall(store: Store, search: Callable[[Vectors, int], list[Ranked]], sample: int, k: int) -> Rate:
    """Recall@k: of the `k` nearest chunks by exact search, how many `search` gives, over `sample` stored vectors as
    queries."""
    with store.steady():
        ids = store.changes(-1).added
        if not ids:
            return Rate(0, 0)
        _, queries = store.vectors(spread(ids, sample))
        nearest = min(k, len(ids))
        exact = Exact(queries, nearest)
        for _, vectors in slices(store, ids):
            exact.see(vectors)
        found = search(queries, nearest)
        hits = exact.hits([store.vectors([id for id, _ in some])[1] for some in found])
    return Rate(hits, len(queries) * nearest)
