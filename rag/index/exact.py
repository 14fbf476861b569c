"""Exact search over vectors that stream by: what an approximate one leaves out, and how many lists it has to look at.

Counted by cosine and not by id, as ann-benchmarks does it (Aumueller, Bernhardsson and Faithfull 2020), so that chunks
that are equally near may stand for one another.
"""

import logging
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from rag.index.backend import Ranked
from rag.index.forms import AIM
from rag.index.held import Growing
from rag.index.store import Ids, Store
from rag.protocols import Vectors
from rag.types import Rate

log = logging.getLogger("vouch.index")

QUERIES = 200
NEAREST = 10
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


def tune(held: Growing, exact: Exact, store: Store) -> float:
    """Set the fewest lists of 1, 2, 3, 4, 6, 8, 12 … that give AIM of the NEAREST that exact search gives; returns
    what they give, 0 to 1.

    The queries of `exact` are stored vectors, and it was asked for one more than NEAREST: each finds itself, which is
    no achievement and is not counted.
    """
    queries = len(exact.queries)
    share, probes = 0.0, 1
    while True:
        held.probe(min(probes, held.form.lists))
        _, ids = held.search(exact.queries, NEAREST + 1, np.zeros(0, np.int64))
        hits = exact.hits([store.vectors([int(id) for id in row if id != -1])[1] for row in ids])
        share = max(0, hits - queries) / (NEAREST * queries)
        if share >= AIM:
            return share
        if probes >= held.form.lists:
            log.warning("The vector index gives %.3f of exact search with all its lists; %.2f is wanted", share, AIM)
            return share
        probes = probes * 3 // 2 if probes & (probes - 1) == 0 and probes > 1 else -(-probes * 4 // 3)
