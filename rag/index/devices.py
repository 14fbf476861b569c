"""Copies of a FAISS index on the GPUs of this machine. Not measured on any: none was at hand when this was written.

The file on the disk stays what counts; a copy is thrown away and made again. Exact search is held in half precision.
Several GPUs hold a part each. Temporary memory is bounded, since the embedder may share the cards. A search on a GPU is
not safe between threads, not even one that only reads, so `is_shareable` is false and the owner lets one in at a time.
"""

from typing import Any

import numpy as np

from rag.index.held import Found, Growing, without
from rag.index.store import Ids
from rag.index.wheels import faiss
from rag.protocols import Vectors

MOST = 2048
"""Neighbours that a GPU index gives at once."""

_TEMPORARY_BYTES = 256 << 20


class OnDevices:
    """Made from an index in memory, which may be let go afterwards."""

    is_shareable = False

    def __init__(self, held: Growing, devices: int) -> None:
        """`devices` is at least 1: of none FAISS would make an empty index and say nothing."""
        if devices < 1:
            raise ValueError("there is no GPU to copy an index to")
        library = faiss()
        self._resources = [library.StandardGpuResources() for _ in range(devices)]
        for resources in self._resources:
            resources.setTempMemory(_TEMPORARY_BYTES)
        options = library.GpuMultipleClonerOptions()
        options.useFloat16 = True
        options.shard = devices > 1
        plain, self._ids = held.plain()
        self._index: Any = library.index_cpu_to_gpu_multiple_py(self._resources, plain, options, list(range(devices)))

    @property
    def count(self) -> int:
        return int(self._index.ntotal)

    def search(self, queries: Vectors, k: int, gone: Ids) -> Found:
        """A GPU index cannot leave ids out, so more are asked for; `gone` is kept well below MOST by the owner."""
        rows = np.ascontiguousarray(queries, dtype=np.float32)
        scores, found = self._index.search(rows, min(MOST, self.count, k + len(gone)))
        ids = found if self._ids is None else np.where(found == -1, -1, self._ids[found])
        return without(scores, ids, gone, k)
