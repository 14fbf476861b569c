"""What is searched: FAISS indexes that grow, in memory; those that are frozen, on the disk; and layers on frozen ones.

A frozen one has no way to be changed. That is a type and not a promise because FAISS ends the whole process, with
nothing to catch, where something is added to an index that was mapped from a file.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from rag.index.forms import Form
from rag.index.store import Ids
from rag.index.wheels import faiss, threads, use_all_cores
from rag.protocols import Vectors

Found = tuple[Vectors, Ids]
"""(n, k) cosines and chunk ids, best first; -1 where there are fewer than k."""

_FETCH_MORE = 256
"""Up to so many removed ids it is faster to ask for more and drop them than to have FAISS test every id."""


class Base(Protocol):
    """What layers can lie on. Real: `Frozen`, and `devices.OnDevices`."""

    @property
    def count(self) -> int: ...

    @property
    def is_shareable(self) -> bool:
        """Whether several threads may search at once."""
        ...

    def search(self, queries: Vectors, k: int, gone: Ids) -> Found:
        """`gone` are ids that must not be found. `queries` is (n, dimension), unit length."""
        ...


class _Index:
    """A FAISS index that can be searched."""

    is_shareable = True

    def __init__(self, index: Any, form: Form, probes: int) -> None:
        self._index, self._form, self._probes = index, form, probes

    @property
    def count(self) -> int:
        return int(self._index.ntotal)

    def search(self, queries: Vectors, k: int, gone: Ids) -> Found:
        return _search(self._index, self._form, self._probes, queries, k, gone)


class Growing(_Index):
    """In memory; can be fitted, added to, taken from and written. Not to be searched while it is changed."""

    @staticmethod
    def empty(form: Form, dimension: int) -> "Growing":
        name = form.name if form.lists else f"IDMap2,{form.name}"
        return Growing(faiss().index_factory(dimension, name, faiss().METRIC_INNER_PRODUCT), form, 1)

    @staticmethod
    def read(path: Path, form: Form, probes: int) -> "Growing":
        """A file that was written by `write`, the whole of it."""
        return Growing(faiss().read_index(str(path)), form, probes)

    @property
    def form(self) -> Form:
        return self._form

    @property
    def probes(self) -> int:
        return self._probes

    def fit(self, sample: Vectors) -> None:
        use_all_cores()
        self._index.train(sample)

    def probe(self, lists: int) -> None:
        """Let queries look at so many lists from now on."""
        self._probes = self._index.nprobe = lists

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """None of `ids` may be there: FAISS would keep both copies."""
        use_all_cores()
        self._index.add_with_ids(vectors, ids)

    def remove(self, ids: Sequence[int] | Ids) -> None:
        """Those that are not there are passed over."""
        if self.count and len(ids):
            self._index.remove_ids(np.asarray(ids, dtype=np.int64))

    def write(self, path: Path) -> None:
        """Raises RuntimeError where the disk does not take it."""
        faiss().write_index(self._index, str(path))

    def plain(self) -> tuple[Any, Ids | None]:
        """(FAISS's index without ids, the id at each position), or (one that knows ids, None): to be copied from."""
        if self._form.lists:
            return self._index, None
        return faiss().downcast_index(self._index.index), faiss().vector_to_array(self._index.id_map)


class Frozen(_Index):
    """A file, mapped: the system reads what is looked at, and all processes share it. There is nothing to change it."""

    def __init__(self, path: Path, form: Form, probes: int) -> None:
        library = faiss()
        flags = library.IO_FLAG_MMAP | library.IO_FLAG_READ_ONLY if form.lists else library.IO_FLAG_MMAP_IFC
        super().__init__(library.read_index(str(path), flags), form, probes)
        if form.lists:  # or each query would start threads that read ahead what is in memory already
            library.downcast_InvertedLists(self._index.invlists).prefetch_nthread = 0


class Layered:
    """A base that stays as it is, what came since on top of it, and the ids in it that are gone."""

    def __init__(self, base: Base, dimension: int, form: Form, probes: int, last: int) -> None:
        """`last` is the highest id in the base; ids only ever rise."""
        self._base = base
        self._form = form
        self._probes = probes
        self._last = last
        self._top = Growing.empty(Form("Flat"), dimension)
        self._gone: set[int] = set()
        self._hidden = np.zeros(0, np.int64)

    @property
    def form(self) -> Form:
        return self._form

    @property
    def probes(self) -> int:
        return self._probes

    @property
    def is_shareable(self) -> bool:
        return self._base.is_shareable

    @property
    def count(self) -> int:
        return self._base.count - len(self._gone) + self._top.count

    @property
    def waiting(self) -> int:
        """Changes that are not in the base."""
        return len(self._gone) + self._top.count

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """As `Growing.add`."""
        self._top.add(ids, vectors)

    def remove(self, ids: Sequence[int] | Ids) -> None:
        """Those that are not there are passed over."""
        self._top.remove(ids)
        self._gone.update(int(id) for id in ids if id <= self._last)
        self._hidden = np.fromiter(self._gone, np.int64, len(self._gone))

    def search(self, queries: Vectors, k: int, gone: Ids) -> Found:
        """`gone` is empty here: these layers know what is."""
        below = self._base.search(queries, k, self._hidden)
        if not self._top.count:
            return below
        above = self._top.search(queries, k, gone)
        scores = np.concatenate([below[0], above[0]], axis=1)
        ids = np.concatenate([below[1], above[1]], axis=1)
        return _best(scores, ids, k)


def _search(index: Any, form: Form, probes: int, queries: Vectors, k: int, gone: Ids) -> Found:
    library = faiss()
    options = library.SearchParametersIVF(nprobe=probes) if form.lists else None
    wanted = k
    if len(gone) and (form.lists or len(gone) > _FETCH_MORE):
        selector = library.IDSelectorNot(library.IDSelectorBatch(gone))
        options = options or library.SearchParameters()
        options.sel = selector
    elif len(gone):
        wanted = k + len(gone)
    with threads(len(queries), index.d):
        scores, ids = index.search(np.ascontiguousarray(queries, dtype=np.float32), wanted, params=options)
    return without(scores, ids, gone, k) if wanted > k else (scores, ids)


def without(scores: Vectors, ids: Ids, gone: Ids, k: int) -> Found:
    """The k best that are not gone."""
    lost = np.isin(ids, gone)
    return _best(np.where(lost, -np.inf, scores).astype(np.float32), np.where(lost, -1, ids), k)


def _best(scores: Vectors, ids: Ids, k: int) -> Found:
    scores = np.where(ids == -1, -np.inf, scores).astype(np.float32)
    order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(scores, order, axis=1), np.take_along_axis(ids, order, axis=1)
