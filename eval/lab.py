"""What all items of a run share under one configuration: its embedder, its remembered reader, its open indexes."""

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from time import perf_counter

from eval.store import RememberedReader, Store
from rag import models, wiring
from rag.answering.engine import Parts, carry_out
from rag.browsing.browser import Browser
from rag.config import Config, ReaderConfig, home
from rag.errors import ConfigFault
from rag.index.index import Index
from rag.learning.demonstrations import Demonstrations
from rag.protocols import Embedder, Judge, Reader
from rag.sources.chunk import chunk
from rag.types import Keep, Open, Page, Quote, Search


@dataclass
class Lab:
    """Close it when done. `index` names the index for questions that bring no pages; it may be set anew. `shared` holds
    the pages of indexes that the lab makes itself, once, when they are first asked; any other index is a built one.
    `asked` are the questions of the run, normalised: no answer to one of them is shown to the reader."""

    config: Config
    store: Store
    index: str = ""
    shared: dict[str, Sequence[Page]] = field(default_factory=dict)
    asked: frozenset[str] = frozenset()
    _open: ExitStack = field(default_factory=ExitStack)
    _corpora: dict[str, Index] = field(default_factory=dict)
    _named: dict[str, tuple[Parts, Index]] = field(default_factory=dict)

    @cached_property
    def embedder(self) -> Embedder:
        return wiring.embedder(self.config)

    @cached_property
    def reader(self) -> RememberedReader:
        name, sha256 = reader_identity(self.config.reader)
        named = self.config.reader
        return RememberedReader(name, f"{named.kind}:{named.address}:{name}:{sha256}", self._warm_reader, self.store)

    def named(self) -> tuple[Parts, Index]:
        """A run's parts over the index that is named, and the index. Raises IndexFault where there is none.

        Answers go into no ledger: an answer given again from the store would stand there twice."""
        name = self.index or self.config.index
        if name not in self._named:
            index = self._open.enter_context(self._index(name))
            self._named[name] = replace(wiring.parts(self.config, index, self.reader), ledger=None), index
        parts, index = self._named[name]
        return self._guarded(parts), index

    @cached_property
    def judge(self) -> Judge:
        """The judge that the loop uses."""
        return wiring.judge(self.config, self.reader)

    @cached_property
    def auditor(self) -> Judge | None:
        """The judge that reckons the loop's citations; None where the configuration names none."""
        return wiring.auditor(self.config)

    @contextmanager
    def _index(self, name: str) -> Iterator[Index]:
        if name in self.shared:
            yield self.corpus(name, self.shared[name])
            return
        with wiring.index(self.config, name, self.embedder) as index:
            yield index

    @contextmanager
    def _made(self, pages: Sequence[Page]) -> Iterator[Index]:
        """An index of these pages alone, made as `vouch add` makes one, for as long as it is open."""
        with tempfile.TemporaryDirectory(prefix="vouch-eval-") as folder:
            config = replace(self.config, indexes=folder)
            with wiring.index(config, "pages", self.embedder, create=True) as index:
                put(index, pages, self.config.chunk.tokens)
                yield index

    @contextmanager
    def over(self, pages: Sequence[Page]) -> Iterator[Parts]:
        """A run's parts over an index of these pages alone; over the index that is named where there are no pages."""
        if not pages:
            yield self.named()[0]
            return
        with self._made(pages) as index:
            yield self._guarded(replace(wiring.parts(self.config, index, self.reader), ledger=None))

    def _guarded(self, parts: Parts) -> Parts:
        """Without demonstrations that come from a question of the run itself."""
        known = parts.demonstrations
        guarded = replace(known, barred=self.asked) if isinstance(known, Demonstrations) else known
        return replace(parts, demonstrations=guarded)

    def corpus(self, name: str, pages: Sequence[Page]) -> Index:
        """The index of exactly these pages, kept in Vouch's home and brought up to date; open until the lab closes."""
        if name in self._corpora:
            return self._corpora[name]
        embedder = hashlib.sha256(self.embedder.name.encode()).hexdigest()[:8]
        index = Index.at(
            home() / "eval" / "indexes" / f"{name}-{embedder}", self.embedder, rrf=self.config.search.rrf, create=True
        )
        self._open.enter_context(index)
        wanted = {page.uri for page in pages}
        for left_over in [known.uri for known in index.pages() if known.uri not in wanted]:
            index.remove(left_over)
        put(index, pages, self.config.chunk.tokens)
        index.flush()
        self._corpora[name] = index
        return index

    def start(self) -> float:
        """The clock before an item; see `since`."""
        self.reader.remembered_seconds()
        self.reader.loading_seconds()
        return perf_counter()

    def since(self, began: float) -> tuple[float, bool]:
        """(seconds since, as if the reader had been ready and nothing remembered; whether that was not so)."""
        spent = perf_counter() - began
        remembered, loading = self.reader.remembered_seconds(), self.reader.loading_seconds()
        return spent - loading + remembered, remembered > 0 or loading > 0

    def close(self) -> None:
        self._open.close()

    def _warm_reader(self) -> Reader:
        reader = wiring.reader(self.config)
        if self.config.reader.kind == "local":  # others keep no prompt between calls, and may cost money
            wiring.warm(reader)
        return reader


def put(index: Index, pages: Sequence[Page], tokens: int) -> None:
    embedder = index.embedder
    for _ in index.put((page, chunk(page, embedder.token_ends, tokens, embedder.max_tokens)) for page in pages):
        pass


def quotes(question: str, parts: Parts) -> tuple[Quote, ...]:
    """The first passages of one search, whole: what plain retrieval shows the reader."""
    browser = Browser(question)
    carry_out(Search(question), browser, parts)
    for rank, hit in enumerate(browser.hits[: parts.limits.passages + 1], 1):
        carry_out(Open(rank), browser, parts)
        browser.position = hit.chunk.start
        carry_out(Keep(hit.chunk.text), browser, parts)
    return tuple(browser.quotes)


def reader_identity(named: ReaderConfig) -> tuple[str, str]:
    """(name, hash of its file; "" for a reader at an address)."""
    if named.kind == "local":
        known = models.MODELS.get(named.model)
        if known is None:
            raise ConfigFault(f"reader.model '{named.model}' is no local model; there are: {', '.join(models.MODELS)}.")
        return named.model, known.sha256
    if named.kind == "scripted":
        script = Path(named.model).read_bytes() if named.model else b""
        return "scripted", hashlib.sha256(script).hexdigest()
    return named.model, ""
