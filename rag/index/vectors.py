"""The dense leg: a FAISS cache of the store's vectors, by inner product of unit vectors, which is their cosine.

`forms` says which form it has at which size. What is saved is mapped and never changed; what comes after lies on top
of it, and what goes is remembered as gone, until there is so much of both that the file is written anew. On a machine
with GPUs the file is copied to them instead of being mapped. Where nothing is saved yet, or much is added, it grows in
memory.

What is missing, stale or damaged is made again from the store; `label` tells.
"""

import logging
from pathlib import Path

import numpy as np

from rag.index.devices import OnDevices
from rag.index.exact import NEAREST, QUERIES, Exact, slices, spread, tune
from rag.index.files import scratch
from rag.index.forms import Form, Policy, named
from rag.index.held import Base, Frozen, Growing, Layered
from rag.index.label import Label, last_line, sign, whole_label
from rag.index.store import Changes, Store
from rag.index.wheels import device_count
from rag.protocols import Vectors

log = logging.getLogger("vouch.index")

WAITING = 20_000
"""Changes that may lie beside the file: more of them and a query takes milliseconds longer."""

WAITING_ON_GPU = 1_000
_FRACTION = 10
_EMPTY = -1
_NONE = np.zeros(0, np.int64)


class VectorCache:
    """Follows a store. Searches may run side by side where `is_shareable`; everything else wants to be alone."""

    def __init__(
        self, path: Path, build: str, dimension: int, policy: Policy | None = None, devices: int | None = None
    ) -> None:
        """`devices`: how many GPUs to use; None: those that are there."""
        self._path = path
        self._build = build
        self._dimension = dimension
        self._policy = policy or Policy()
        self._devices = device_count() if devices is None else devices
        self._saved = self._generation = _EMPTY
        self._restart(Form("Flat"))
        label = self._ours()
        if label:
            self._freeze(label)
        elif path.exists():
            log.warning("%s is damaged or of another build; it is made again from the store", path)

    @property
    def generation(self) -> int:
        """That of the store when this last followed it; -1 when there is nothing yet."""
        return self._generation

    @property
    def is_saved(self) -> bool:
        """Whether the file has everything, or lacks so little that the next start applies it in no time."""
        if self._saved == self._generation:
            return True
        held = self._held
        return isinstance(held, Layered) and held.form.rank > 0 and held.waiting * _FRACTION <= held.count

    @property
    def is_shareable(self) -> bool:
        return self._held.is_shareable

    @property
    def count(self) -> int:
        """Chunks held."""
        return self._held.count

    @property
    def form(self) -> str:
        """FAISS's name for it: Flat, SQ8, IVF2048,SQ8."""
        return self._held.form.name

    @property
    def tuned(self) -> tuple[int, float]:
        """(lists that a query looks at, what that gave of exact search when measured); (1, 1.0) without lists."""
        return self._held.probes, self._recall

    def follow(self, store: Store) -> None:
        """Take in what the store has and this lacks; start afresh where that is no small step or does not add up."""
        with store.steady():
            changes = store.changes(self._generation)
            if isinstance(self._held, Layered) and self._is_much(self._held, changes):
                self._thaw()
                changes = store.changes(self._generation)
            if changes.generation < self._generation or self._is_outgrown(changes):
                self._begin(store)
            else:
                self._take(store, changes)
                if self._held.count != changes.total:
                    self._begin(store)
            self._generation = changes.generation

    def search(self, query: Vectors, k: int) -> list[tuple[int, float]]:
        """(chunk id, cosine) of at most `k` nearest, best first. `query` is (dimension,) and of unit length."""
        return self.search_many(query.reshape(1, -1), k)[0]

    def search_many(self, queries: Vectors, k: int) -> list[list[tuple[int, float]]]:
        """As `search`, for each of (n, dimension)."""
        wanted = min(k, self._held.count)
        if wanted == 0:
            return [[] for _ in queries]
        scores, ids = self._held.search(queries, wanted, _NONE)
        return [
            [(int(id), float(score)) for id, score in zip(row, some, strict=True) if id != -1]
            for row, some in zip(ids, scores, strict=True)
        ]

    def save(self, store: Store) -> None:
        """Write the file if it is behind. The caller holds the writer lock."""
        if self.is_saved or self._generation == _EMPTY:
            return
        if isinstance(self._held, Layered):
            self._thaw()
            self.follow(store)
        held = self._held
        assert isinstance(held, Growing)
        with scratch(self._path) as draft:
            held.write(draft)
            label = sign(draft, self._label(held))
        self._freeze(label)

    # --- inside ---

    def _restart(self, form: Form) -> None:
        """Empty and in memory."""
        self._held: Growing | Layered = Growing.empty(form, self._dimension)
        self._generation = _EMPTY
        self._fitted = self._since = self._last = 0
        self._recall = 1.0

    def _begin(self, store: Store) -> None:
        """Everything anew, in the form that so many chunks ask for."""
        everything = store.changes(_EMPTY)
        form = self._policy.form(everything.total, self._devices)
        self._restart(form)
        held = self._held
        assert isinstance(held, Growing)
        if form.sample:
            held.fit(store.vectors(spread(everything.added, form.sample))[1])
            self._fitted = everything.total
        queries = store.vectors(spread(everything.added, QUERIES))[1] if form.lists else None
        exact = Exact(queries, NEAREST + 1) if queries is not None else None
        for ids, vectors in slices(store, everything.added):
            held.add(ids, vectors)
            if exact:
                exact.see(vectors)
        if exact:
            self._recall = tune(held, exact, store)
        self._last = max(everything.added, default=0)

    def _take(self, store: Store, changes: Changes) -> None:
        """Ids to be added are removed first, since FAISS would keep both copies."""
        self._held.remove(changes.removed + changes.added)
        for ids, vectors in slices(store, changes.added):
            self._held.add(ids, vectors)
        self._since += len(changes.added)
        self._last = max((self._last, *changes.added[-1:]))

    def _is_outgrown(self, changes: Changes) -> bool:
        """Whether this form has become too slow, or as much has come as it was fitted to."""
        wanted = self._policy.form(changes.total, self._devices)
        if self._fitted and self._since + len(changes.added) > self._fitted:
            return True
        return wanted.rank > self._held.form.rank or (self._devices > 0 and wanted.rank < self._held.form.rank < 2)

    def _is_much(self, held: Layered, changes: Changes) -> bool:
        most = WAITING if held.is_shareable else WAITING_ON_GPU
        return held.waiting + len(changes.added) + len(changes.removed) > most

    def _ours(self) -> Label | None:
        """The label of the file, if that is whole and of this build."""
        label = whole_label(self._path)
        return label if label and (label.build, label.dimension) == (self._build, self._dimension) else None

    def _label(self, held: Growing) -> Label:
        return Label(
            build=self._build,
            generation=self._generation,
            dimension=self._dimension,
            form=held.form.name,
            fitted=self._fitted,
            since=self._since,
            probes=held.probes,
            recall=self._recall,
            count=held.count,
            last=self._last,
        )

    def _note(self, label: Label) -> None:
        self._generation = self._saved = label.generation
        self._fitted, self._since, self._recall, self._last = label.fitted, label.since, label.recall, label.last

    def _freeze(self, label: Label) -> None:
        """Map the file, or copy it to the GPUs; `label` is what it says."""
        form = named(label.form)
        while True:
            if self._devices and label.count >= self._policy.exact_below:
                base: Base = OnDevices(Growing.read(self._path, form, label.probes), self._devices)
            else:
                base = Frozen(self._path, form, label.probes)
            now = last_line(self._path)
            if now == label or now is None:
                break
            label, form = now, named(now.form)  # another process has just put a newer file there
        self._note(label)
        self._held = Layered(base, self._dimension, form, label.probes, label.last)

    def _thaw(self) -> None:
        """Read the file into memory, as it is there, to change it; without what lay on top."""
        label = self._ours()
        self._restart(Form("Flat"))
        if label:
            self._note(label)
            self._held = Growing.read(self._path, named(label.form), label.probes)
