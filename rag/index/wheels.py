"""The FAISS wheel that is installed: loaded in one place, its threads and its matrix switch set where they are needed.

OpenMP counts threads for each thread that calls it anew, so a number set once holds for nobody else; idle threads of a
parallel region spin for a while and take the processor from the embedder beside them. So every call says how many it
wants: one for a single query (FAISS would use no second one for it, and still wake it), all cores for building.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from rag.models.onnx import physical_cores


@cache
def faiss() -> Any:
    """The module. Waiting OpenMP threads sleep instead of spinning, unless the user said otherwise."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # read once, when the library is loaded
    import faiss as module

    return module


@cache
def _cores() -> int:
    return physical_cores()


def device_count() -> int:
    """GPUs that this FAISS can use: 0 for faiss-cpu, and for faiss-gpu where no driver answers."""
    return int(faiss().get_num_gpus())


@contextmanager
def threads(queries: int, dimension: int) -> Iterator[None]:
    """Search so many queries at once inside: one alone on one thread, more on all cores and by matrix product.

    FAISS 1.15 takes the matrix product only from 128,000 floats of queries on, 333 queries of 384 dimensions; from two
    on it is faster by far. The switch is the whole process's: it is set so that one query never passes it.
    """
    library = faiss()
    library.cvar.distance_compute_blas_threshold = 2 * dimension
    library.omp_set_num_threads(1 if queries == 1 else _cores())
    yield


def use_all_cores() -> None:
    """For building, in the thread that calls this."""
    faiss().omp_set_num_threads(_cores())
