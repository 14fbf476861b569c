"""Exact search over vectors that stream by, for measuring what an approximate one leaves out.

Counted by cosine and not by id, as ann-benchmarks does it (Aumueller, Bernhardsson and Faithfull 2020), so that chunks
that are equally near may stand for one another.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from rag.index.store import Ids, Store
from rag.protocols import Vectors

_SLICE = 20_000
_ROUNDING = 1e-5  # of float32 products summed in another order


class Exact:
    """The `k` best cosines of each query, (n, dimension) unit vectors."""

    def __init__(self, queries: Vectors, k: int) -> None:
        self.queries = queries
        self._best = np.full((len(queries), k), -2.0, np.float32)

    def see(self, vectors: Vectors) -> None:
        k = self._best.shape[1]
        both = np.concatenate([self._best, self.queries @ vectors.T], axis=1)
        self._best = -np.partition(-both, k - 1, axis=1)[:, :k]

    def hits(self, found: Sequence[Vectors]) -> int:
        """How many of the vectors found for each query, (m, dimension), are among its `k` best."""
        rows = zip(self.queries, self._best.min(axis=1), found, strict=True)
        return sum(int(np.count_nonzero(some @ query >= worst - _ROUNDING)) for query, worst, some in rows)


def slices(store: Store, ids: Sequence[int]) -> Iterator[tuple[Ids, Vectors]]:
    """All of `ids`, ascending and without a gap in the store, with their vectors, some at a time."""
    for at in range(0, len(ids), _SLICE):
        part = ids[at : at + _SLICE]
        yield store.vectors_between(part[0], part[-1])


def spread(ids: Sequence[int], count: int) -> Sequence[int]:
    """At most `count` of them, from all over."""
    return ids[:: max(1, len(ids) // count)][:count]
