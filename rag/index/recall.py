"""How much of exact search a FAISS index gives."""

import numpy as np

from rag.index.store import Store
from rag.index.vectors import VectorCache
from rag.types import Rate

_SLICE = 20_000
_ROUNDING = 1e-5  # of float32 products summed in another order


def recall(store: Store, cache: VectorCache, sample: int, k: int) -> Rate:
    """Recall@k: of the `k` nearest chunks by exact search, how many `cache` gives, over `sample` stored vectors as
    queries.

    Counted by cosine and not by id, as ann-benchmarks does it (Aumueller, Bernhardsson and Faithfull 2020), so that
    chunks that are equally near may stand for one another.
    """
    with store.steady():
        ids = store.changes(-1).added
        if not ids:
            return Rate(0, 0)
        _, queries = store.vectors(ids[:: max(1, len(ids) // sample)][:sample])
        best = np.full((len(queries), min(k, len(ids))), -2.0, np.float32)
        for at in range(0, len(ids), _SLICE):
            part = ids[at : at + _SLICE]
            _, vectors = store.vectors_between(part[0], part[-1])
            both = np.concatenate([best, queries @ vectors.T], axis=1)
            best = -np.partition(-both, best.shape[1] - 1, axis=1)[:, : best.shape[1]]
        hits = 0
        for query, nearest in zip(queries, best, strict=True):
            _, found = store.vectors([id for id, _ in cache.search(query, best.shape[1])])
            hits += int(np.count_nonzero(found @ query >= nearest.min() - _ROUNDING))
    return Rate(hits, best.size)
