"""How many lists a query has to look at."""

import logging

import numpy as np

from rag.index.exact import Exact
from rag.index.forms import AIM
from rag.index.held import Growing
from rag.index.store import Store

log = logging.getLogger("vouch.index")

QUERIES = 200
NEAREST = 10
_NONE = np.zeros(0, np.int64)


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
        _, ids = held.search(exact.queries, NEAREST + 1, _NONE)
        hits = exact.hits([store.vectors([int(id) for id in row if id != -1])[1] for row in ids])
        share = max(0, hits - queries) / (NEAREST * queries)
        if share >= AIM:
            return share
        if probes >= held.form.lists:
            log.warning("The vector index gives %.3f of exact search with all its lists; %.2f is wanted", share, AIM)
            return share
        probes = probes * 3 // 2 if probes & (probes - 1) == 0 and probes > 1 else -(-probes * 4 // 3)
