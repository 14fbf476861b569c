"""The room's front door: one index, open for searching, reading and changing at once.

Safe for threads, and for several processes on one folder: writers take turns a batch at a time, and every search
first looks whether the store has moved on, so the next question sees what anybody has just added.
"""

import hashlib
import logging
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from rag.errors import IndexFault, Unreachable, UsageFault
from rag.index import staging
from rag.index.build import Build
from rag.index.files import (
    CURRENT,
    MANIFEST,
    STORE,
    WriterLock,
    current_build,
    index_names,
    replace_text,
    staged_build,
)
from rag.index.rerank import RERANKED, Reranker, rerank
from rag.index.search import LEG_DEPTH, fuse, hits
from rag.index.selection import SelectedIndex, selected
from rag.index.store import Outcome, Store
from rag.messages import english
from rag.protocols import Embedder
from rag.text.passage import passages
from rag.text.tags import tags
from rag.types import Chunk, Hit, Page, PageInfo, Rate, Selection

log = logging.getLogger("vouch.index")

BATCH_CHUNKS = 256
"""Chunks gathered over several pages before they are embedded together."""

REFRESHED_PAGES = 16
"""Pages that `refresh` embeds and writes in one turn."""

LINGER_SECONDS = 2.0
"""Pages that come slowly are not kept waiting for a full batch longer than this."""

Pair = tuple[Page, list[Chunk]]


class Index:
    """Implements `rag.protocols.SearchEngine`. Use `Index.at` to get one."""

    def __init__(
        self, folder: Path, build: Build, embedder: Embedder, rrf: int, reranker: Reranker | None, lock: WriterLock
    ) -> None:
        self._folder = folder
        self._build = build
        self._embedder = embedder
        self._rrf = rrf
        self._reranker = reranker
        self._writer = lock  # always taken before self._lock
        self._lock = threading.RLock()
        self._fingerprint: tuple[str, int, str] = ("", -1, "")
        self._staged = False
        self._embedded = 0
        self._closed = False

    @classmethod
    def at(
        cls, folder: Path, embedder: Embedder, rrf: int = 60, reranker: Reranker | None = None, create: bool = False
    ) -> "Index":
        """Open the index in `folder` (``built/<name>``); with `create`, make an empty one where there is none.

        Raises IndexFault when it is missing, damaged, or made with another embedder than this.
        """
        lock = WriterLock(folder)
        if current_build(folder) is None:
            if not create:
                raise _missing(folder)
            _begin(folder, embedder, lock)
        build = _open(folder, embedder, lock)
        if outdated := build.store.outdated():
            log.warning("%s: %s", folder.name, _advice(len(outdated), folder.name))
        return cls(folder, build, embedder, rrf, reranker, lock)

    @classmethod
    def stage(cls, folder: Path, embedder: Embedder, rrf: int = 60) -> "Index":
        """A build beside the current one, which goes on answering until `promote`: the one that a run before left
        unfinished, or else a copy of the current one (empty where that is of another embedder).

        One process at a time: take `staging.rebuilding` first. Raises IndexFault.
        """
        folder.mkdir(parents=True, exist_ok=True)
        lock = WriterLock(folder)
        staging.sweep(folder, lock)
        name = staged_build(folder)
        if name and staging.usable_stage(folder, embedder):
            build = Build(folder, name, lock)
        else:
            build = staging.begin_stage(folder, embedder, lock)
        index = cls(folder, build, embedder, rrf, None, lock)
        index._staged = True
        return index

    # --- what it is ---

    @staticmethod
    def describe(folder: Path) -> str:
        """One line on the index in `folder`, without any embedder. Raises IndexFault when it cannot be opened."""
        current = current_build(folder)
        if current is None:
            raise _missing(folder)
        store = Store(folder / current / STORE)
        pages, chunks = store.counts()
        outdated = len(store.outdated())
        store.close()
        said = f"{pages} pages, {chunks} chunks, build {current}, embedder {store.identity.embedder}"
        return f"{said}; {_advice(outdated, folder.name)}" if outdated else said

    @property
    def name(self) -> str:
        return self._folder.name

    @property
    def folder(self) -> Path:
        return self._folder

    @property
    def build(self) -> str:
        return self._now().identity.build

    @property
    def embedder(self) -> Embedder:
        return self._embedder

    @property
    def embedded(self) -> int:
        """Texts that this object has had embedded."""
        return self._embedded

    @property
    def store(self) -> Store:
        """What it holds, for those who make builds."""
        return self._now().store

    def fingerprint(self) -> str:
        """Hex SHA-256 over the embedder and every page with its chunk spans: equal for indexes that hold the same."""
        build = self._now()
        with self._lock:
            generation = build.store.generation()
            name, known, value = self._fingerprint
            if (name, known) != (build.identity.build, generation):
                sha = hashlib.sha256(build.identity.embedder.encode())
                for uri, digest in build.store.digests():
                    sha.update(f"\n{digest} {uri}".encode())
                value = sha.hexdigest()
                self._fingerprint = (build.identity.build, generation, value)
            return value

    # --- changing ---

    def put(
        self, pairs: Iterable[Pair], batch: int | None = None, linger: float = LINGER_SECONDS
    ) -> Iterator[tuple[str, Outcome]]:
        """Add or replace pages; yields (uri, outcome) once a page is on the disk and (unless staged) searchable.

        Takes `pairs` as they come and embeds over several pages at once, only texts without a stored vector: `batch`
        chunks (None: BATCH_CHUNKS), or what has come in `linger` seconds.
        Raises IndexFault; what was yielded before stays.
        """
        some: list[Pair] = []
        most = batch or BATCH_CHUNKS
        waiting, began = 0, time.monotonic()
        for page, chunks in pairs:
            some.append((page, chunks))
            waiting += len(chunks)
            if waiting >= most or time.monotonic() - began > linger:
                yield from self._write(some, most)
                some, waiting, began = [], 0, time.monotonic()
        if some:
            yield from self._write(some, most)

    def remove(self, uri: str) -> bool:
        """Take a page out; False if it was not there."""
        with self._writing() as build:
            removed = build.store.remove(uri)
            if removed and not self._staged:
                build.follow()
        return removed

    def tag(self, uris: Sequence[str], give: Sequence[str] = (), take: Sequence[str] = ()) -> None:
        """Give tags to pages, and take tags from them; they stay so when the pages are read again. Raises UsageFault
        for a tag without a letter, IndexFault."""
        if not tags((*give, *take)):
            raise UsageFault("tag.empty")
        with self._writing() as build:
            build.store.tags.change(uris, tags(give), tags(take))

    def refresh(self) -> Iterator[tuple[int, int]]:
        """Embed again, each once, the pages that were embedded in an earlier form (see `rag.text.passage.FORM`).

        Yields (pages done, pages in all) as they are on the disk and, unless staged, searchable.

        Every search answers meanwhile, from new vectors and old. What is broken off goes on at the next call.
        Raises IndexFault.
        """
        uris = self._now().store.outdated()
        for at in range(0, len(uris), REFRESHED_PAGES):
            some = uris[at : at + REFRESHED_PAGES]
            now = self._now()
            self._embed(now, now.store.page_passages(some), BATCH_CHUNKS)
            with self._writing() as build:
                self._embed(
                    build, build.store.page_passages(some), BATCH_CHUNKS
                )  # again: some may have changed meanwhile
                with build.store.together():
                    for uri in some:
                        build.store.renew(uri)
                if not self._staged:
                    build.follow()
            yield at + len(some), len(uris)

    def flush(self) -> None:
        """Write the FAISS file and the manifest, so that the next start need not make them."""
        self._now().save()

    def examine(self) -> None:
        """Raises IndexFault unless the database is whole and both caches hold what it holds."""
        build = self._now()
        build.store.examine()
        build.check()

    def recall(self, sample: int = 100, k: int = 10) -> Rate:
        """Of the nearest `k` chunks by exact search, how many the FAISS index gives, over a sample of its vectors."""
        return self._now().recall(sample, k)

    def promote(self) -> None:
        """Make a staged build the current one, after checking it; the one before stays on the disk.

        What was added to the current one or removed from it by hand meanwhile, is so in this one too.
        """
        with self._writing() as build:
            current = current_build(self._folder)
            came, went = staging.catch_up(build, self._folder)
            for uri in went:
                build.store.remove(uri)
            if current:
                self._bring(build, current, came)
            build.store.tidy()
            build.check()
            build.save()
            replace_text(self._folder / CURRENT, f"{build.identity.build}\n")
            build.promote()
            staging.release_stage(self._folder)
            self._staged = False

    def _bring(self, build: Build, current: str, uris: Sequence[str]) -> None:
        """Copy pages, and all tags given by hand, from the current build, which from now on is an older one and needs
        the manifest of one."""
        source = Build(self._folder, current, self._writer)
        for uri in uris:
            page = source.store.page(uri)
            if page is not None:
                chunks = source.store.chunks(uri)
                texts = passages(page, chunks)
                if source.identity.embedder == build.identity.embedder:
                    build.store.carry(source.store, texts)
                self._embed(build, texts, BATCH_CHUNKS)
                build.store.write(page, chunks)
        build.store.tags.replace(source.store.tags)
        if not (source.path / MANIFEST).exists():
            source.save()
        source.close()

    # --- reading ---

    def pages(self) -> list[PageInfo]:
        return self._now().store.pages()

    def open(self, uri: str) -> Page:
        """The page as it was read. Raises Unreachable when the index has none of this uri."""
        page = self._now().store.page(uri)
        if page is None:
            raise Unreachable("step.not_indexed", uri=uri, name=self.name)
        return page

    def page(self, uri: str) -> Page:
        """The same as `open`."""
        return self.open(uri)

    def chunks(self, uri: str) -> list[Chunk]:
        """In reading order; [] where the index has no such page."""
        return self._now().store.chunks(uri)

    def search(self, query: str, k: int, only: Selection | None = None) -> list[Hit]:
        """At most `k` chunks by fused rank, best first; [] for a blank query. With `only`, of the pages it selects.

        Raises UsageFault where it selects none.
        """
        if not query.strip():
            return []
        vector = self._embedder.queries([query])[0]
        build = self._now()
        within = build.store.chunk_ids(selected(build.store.pages(), only)) if only else None
        legs = build.ask(query, vector, max(k, LEG_DEPTH), within)
        fused = fuse([id for id, _ in legs.dense], [id for id, _ in legs.text.hits], self._rrf, legs.weight)
        if self._reranker is None:
            return hits(legs, fused[:k], vector, build.store)
        return rerank(query, hits(legs, fused[:RERANKED], vector, build.store), self._reranker)[:k]

    def selected(self, only: Selection) -> SelectedIndex:
        """Only the pages that `only` selects. Raises UsageFault where there are none."""
        selected(self.pages(), only)
        return SelectedIndex(self, only)

    def legs(self, query: str, k: int) -> tuple[list[Hit], list[Hit]]:
        """(dense, text): what each leg alone would show; scores are the cosine and the BM25."""
        vector = self._embedder.queries([query])[0]
        build = self._now()
        legs = build.ask(query, vector, k)
        return hits(legs, legs.dense, vector, build.store), hits(legs, legs.text.hits, vector, build.store)

    # --- closing ---

    def close(self) -> None:
        """Save the caches and let go of the files. Closing twice is closing once."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        if not self._staged:  # an unfinished build must not look like one that can be gone back to
            self._build.save()
        self._build.close()

    def __enter__(self) -> "Index":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- inside ---

    def _now(self) -> Build:
        """The build CURRENT names at this moment: another process may have promoted a new one.

        The one before is not closed, since another thread may be searching it; it goes when the last one lets go.
        """
        with self._lock:
            if not self._staged and not self._closed:
                current = current_build(self._folder)
                if current is None:
                    raise _missing(self._folder)
                if current != self._build.identity.build:
                    self._build = _open(self._folder, self._embedder, self._writer)
            return self._build

    @contextmanager
    def _writing(self) -> Iterator[Build]:
        with self._writer.held():
            yield self._now()

    def _write(self, batch: Sequence[Pair], most: int) -> Iterator[tuple[str, Outcome]]:
        """Embed first, without any lock; then write, and bring the caches up, in one turn."""
        texts = [text for page, chunks in batch for text in passages(page, chunks)]
        self._embed(self._now(), texts, most)
        with self._writing() as build:
            self._embed(build, texts, most)  # again: a page removed meanwhile takes vectors with it that only it used
            with build.store.together():
                outcomes = [(page.uri, build.store.write(page, chunks)) for page, chunks in batch]
            if not self._staged:  # nobody asks a staged build until it is checked: its caches are made once, then
                build.follow()
        yield from outcomes

    def _embed(self, build: Build, texts: Sequence[str], most: int) -> None:
        missing = build.store.missing(texts)
        for at in range(0, len(missing), most):
            part = missing[at : at + most]
            build.store.keep(part, self._embedder.passages(part))
            self._embedded += len(part)


def _begin(folder: Path, embedder: Embedder, lock: WriterLock) -> None:
    """Make the first build and point to it; of two processes that try at once, one does."""
    folder.mkdir(parents=True, exist_ok=True)
    with lock.held():
        if current_build(folder) is None:
            build = Build.create(folder, embedder, lock)
            build.close()
            replace_text(folder / CURRENT, f"{build.identity.build}\n")


def _open(folder: Path, embedder: Embedder, lock: WriterLock) -> Build:
    build = Build(folder, current_build(folder) or "", lock)
    made = build.identity
    if (made.embedder, made.dimension) != (embedder.name, embedder.dimension):
        build.close()
        raise IndexFault(
            "index.other_embedder",
            name=folder.name,
            made=made.embedder,
            made_dimension=made.dimension,
            embedder=embedder.name,
            dimension=embedder.dimension,
        )
    return build


def _advice(outdated: int, name: str) -> str:
    return (
        f"{outdated} pages were embedded without their titles and headings; they are found as before. "
        f"`python -m indexes.migrate {name}` embeds them again, once."
    )


def _missing(folder: Path) -> IndexFault:
    names = index_names(folder.parent)
    others = english("index.others", names=", ".join(names)) if names else english("index.no_others")
    return IndexFault("index.unknown", name=folder.name, others=others)
