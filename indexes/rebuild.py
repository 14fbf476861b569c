"""Recipe -> a new build of its index, in which only what has changed is read and only new text is embedded.

1. Every source is asked what has changed since the last run (`gather`). Nothing has: nothing is built.
2. At the first change a build is staged, as a copy of the current one. Changed pages go into it as they come, each with
   its origin after it, so that a run that is killed is taken up by the next one where it stopped.
3. Pages that are gone leave. A page or a source that fails keeps what it had.
4. The build is checked, takes the place of the current one, and builds that are too old go.
"""

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Literal

from indexes import checks, recipe
from indexes.checks import Check
from indexes.gather import Asking, gather
from indexes.recipe import Recipe
from rag.config import Config
from rag.errors import IndexFault, SourceFault
from rag.index import made_with, staging
from rag.index.files import STORE, WriterLock, current_build, staged_build
from rag.index.index import LINGER_SECONDS, Index
from rag.index.rows import page_digest
from rag.index.store import Store
from rag.protocols import Embedder
from rag.sources.chunk import chunk
from rag.sources.look import Found, cutting
from rag.sources.originals import Originals
from rag.sources.stopping import NEVER
from rag.text.passage import passages
from rag.types import Chunk, Origin, Page

_BEGAN = "began"
CUT = "cut"
AIM = "tokens"
_FLUSH = 64
_LINGER = 60.0
"""Seconds for which pages wait for a large batch to fill."""

_STILL_NEWS = 3600.0
"""Seconds for which what a broken-off run was told by a web page need not be asked again."""

Status = Literal["added", "replaced", "unchanged", "removed", "failed"]


@dataclass(frozen=True, slots=True)
class Progress:
    """One address or page has ended: `done` of the `total` addresses listed so far."""

    status: Status
    uri: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Failure:
    """What could not be read, and whether an earlier version of it stays in the index."""

    source: str
    address: str
    error: str
    kept: bool


@dataclass(frozen=True, slots=True)
class Report:
    """How a run ended. "built": `build` is the current one now; "unchanged": there was nothing to do; "refused": a
    check failed and `previous` goes on; "planned": a dry run, the counts are what would be done.

    `pages` and `chunks` are those of `build`; added + replaced + unchanged = pages, all against `previous`. `embedded`
    counts texts, `reused` chunks whose vectors were there.
    """

    status: Literal["built", "unchanged", "refused", "planned"]
    recipe: str
    index: str
    build: str
    previous: str
    pages: int
    chunks: int
    added: int
    replaced: int
    removed: int
    unchanged: int
    failed: tuple[Failure, ...]
    skipped: tuple[str, ...]
    embedded: int
    reused: int
    checks: tuple[Check, ...]
    pruned: tuple[str, ...]
    resumed: bool
    seconds: float


Tell = Callable[[Progress], None]


def rebuild(
    made_from: Recipe,
    config: Config,
    embedder: Embedder,
    keep: int | None = None,
    dry_run: bool = False,
    tell: Tell = lambda progress: None,
    batch: int | None = None,
    stop: threading.Event = NEVER,
) -> Report:
    """Bring the recipe's index up to date. Raises Fault, also once `stop` is set; the current build goes on then, and
    the next run takes up what this one had done. `batch` texts are embedded together; None: as many as suit an embedder
    in this process."""
    began = time.perf_counter()
    folder = config.built / made_from.index.name
    with staging.rebuilding(folder):
        staging.release_stage(folder)
        with _Run(made_from, config, embedder, folder, tell, stop) as run:
            report = run.plan() if dry_run else run.build(made_from.index.keep if keep is None else keep, batch)
    return replace(report, seconds=round(time.perf_counter() - began, 3))


class _Run:
    """What is known of one run: the origins as they will be, what failed, what goes."""

    def __init__(
        self, made_from: Recipe, config: Config, embedder: Embedder, folder: Path, tell: Tell, stop: threading.Event
    ) -> None:
        self._recipe = made_from
        self._config = config
        self._embedder = embedder
        self._folder = folder
        self._tell = tell
        self._stop = stop
        self._lock = WriterLock(folder)
        self._began = datetime.now(UTC).isoformat(timespec="microseconds")
        self._aim = made_from.chunk.tokens or config.chunk.tokens
        self._cut = cutting(self._aim, embedder.max_tokens, embedder.name)
        self._previous = current_build(folder)
        self._current = Store(folder / self._previous / STORE) if self._previous else None
        self._resumed = staging.usable_stage(folder, embedder)
        self._staged = Store(folder / (staged_build(folder) or "") / STORE) if self._resumed else None
        self._carries = self._current is not None and self._current.identity.embedder != embedder.name
        # A stage that was begun as a copy knows all; one that was begun empty has to be looked at before the current.
        self._stores = [store for store in (self._staged, self._current) if store]
        if self._staged and not self._carries:
            self._stores = [self._staged]
        self._recuts = any(store.origins.noted(CUT) not in ("", self._cut) for store in self._stores)
        self._known: dict[tuple[str, str], Origin] = {}
        for store in reversed(self._stores):
            there = {uri for uri, _ in store.digests()}  # a page that was removed by hand is read afresh
            self._known |= {(one.source, one.address): one for one in store.origins.all() if one.uri in there}
        self._origins: dict[tuple[str, str], Origin] = {}
        self._unwritten: dict[str, list[Origin]] = {}
        self._shelf: list[Origin] = []
        self._looked: dict[str, str] = {}
        self._tagged: dict[str, str] = {}
        self._failed: list[Failure] = []
        self._skipped: list[str] = []
        self._put: set[str] = set()
        self._done = self._total = 0
        self._originals: Originals | None = None  # of a dry run, which keeps nothing

    def __enter__(self) -> "_Run":
        return self

    def __exit__(self, *error: object) -> None:
        for store in (self._staged, self._current):
            if store:
                store.close()

    # --- the two ways to end ---

    def plan(self) -> Report:
        """What `build` would do; nothing is written."""
        texts: dict[str, None] = {}
        old = self._digests()
        added = 0
        for page, chunks in self._pairs():
            texts |= dict.fromkeys(passages(page, chunks))
            added += page.uri not in old
        gone = len(self._gone())
        texts |= dict.fromkeys(self._outdated_passages())
        missing = list(texts)
        for store in self._stores:
            if store.identity.embedder == self._embedder.name:
                missing = store.missing(missing)
        counts = self._current.counts() if self._current else (0, 0)
        replaced = len(self._put & old.keys())
        unchanged = len(old) - replaced - gone
        return self._report("planned", *counts, added, replaced, gone, unchanged, embedded=len(missing), reused=0)

    def build(self, keep: int, batch: int | None) -> Report:
        self._originals = Originals.beside(self._folder, self._config.fetch.originals_megabytes)
        pairs = self._pairs()
        first = next(pairs, None)
        left = self._current if not (self._carries or self._resumed or self._gone()) else None
        if first is None and left and not left.outdated():
            return self._nothing(left)
        with Index.stage(self._folder, self._embedder, self._config.search.rrf) as index:
            index.store.origins.note(_BEGAN, self._resumed_from() or self._began)
            linger = _LINGER if batch else LINGER_SECONDS
            for uri, _ in index.put(chain([first] if first else [], pairs), batch, linger):
                self._shelved(index.store, uri)
            return self._finish(index, keep)

    def _nothing(self, current: Store) -> Report:
        self._write_origins(current)
        staging.drop_stage(self._folder)  # one that failed its checks, of sources that are as they were again
        pages, chunks = current.counts()
        return self._report("unchanged", pages, chunks, unchanged=pages, embedded=0, reused=chunks)

    def _finish(self, index: Index, keep: int) -> Report:
        """Take out what is gone, check, promote, prune."""
        before, old = len({origin.uri for origin in self._known.values()}), self._digests()
        gone = self._gone()
        for uri in chain(gone, self._strays(index.store)):
            index.store.remove(uri)
            self._say("removed", uri)
        for _ in index.refresh():  # what was added by hand, in an earlier form
            self._go_on()
        self._write_origins(index.store)
        index.store.origins.note(_BEGAN, "")  # what was asked until here is asked again, should the rest be broken off
        done = checks.examine(index, self._recipe.checks, before, len(gone))
        self._go_on()
        pruned: list[str] = []
        ok = all(check.ok for check in done)
        if ok:
            index.promote()
            pruned = staging.prune(self._folder, self._lock, keep)
            if gone and self._originals:
                self._originals.sweep(index.store.files())
        else:
            index.store.origins.note(staging.FAILED, "yes")  # the next run looks anew, and takes over the vectors only
        new = dict(index.store.digests())
        pages, chunks = index.store.counts()
        return self._report(
            "built" if ok else "refused",
            pages,
            chunks,
            added=len(new.keys() - old.keys()),
            replaced=sum(new[uri] != old[uri] for uri in new.keys() & old.keys()),
            removed=len(old.keys() - new.keys()),
            unchanged=sum(new[uri] == old[uri] for uri in new.keys() & old.keys()),
            embedded=index.embedded,
            reused=max(0, chunks - index.embedded),
            build=index.build,
            checks=tuple(done),
            pruned=tuple(pruned),
        )

    def _report(
        self,
        status: Literal["built", "unchanged", "refused", "planned"],
        pages: int,
        chunks: int,
        added: int = 0,
        replaced: int = 0,
        removed: int = 0,
        unchanged: int = 0,
        *,
        embedded: int,
        reused: int,
        build: str = "",
        checks: tuple[Check, ...] = (),
        pruned: tuple[str, ...] = (),
    ) -> Report:
        return Report(
            status=status,
            recipe=self._recipe.name,
            index=self._recipe.index.name,
            build=build or self._previous or "",
            previous=self._previous or "",
            pages=pages,
            chunks=chunks,
            added=added,
            replaced=replaced,
            removed=removed,
            unchanged=unchanged,
            failed=tuple(sorted(self._failed, key=lambda failure: (failure.source, failure.address))),
            skipped=tuple(self._skipped),
            embedded=embedded,
            reused=reused,
            checks=checks,
            pruned=pruned,
            resumed=self._resumed,
            seconds=0.0,
        )

    # --- asking the sources ---

    def _pairs(self) -> Iterator[tuple[Page, list[Chunk]]]:
        """Each page that has changed, or has to be cut anew, with its chunks. The rest is noted."""
        for source in self._recipe.sources:
            label = recipe.label(source)
            known = {address: origin for (of, address), origin in self._known.items() if of == label}
            if self._noted(f"tags {label}") != (tagged := json.dumps(source.tags)):
                known = {address: replace(origin, reading="") for address, origin in known.items()}  # to be read again
            elif known and not self._due(label, recipe.seconds(source.every)):
                self._keep(known.values())
                continue
            try:
                for found in gather(source, known, self._asking()):
                    self._go_on()
                    pair = self._taken(label, known, found)
                    if pair:
                        yield pair
                self._looked[label], self._tagged[label] = self._began, tagged
            except SourceFault as fault:
                self._go_on()
                rest = [origin for key, origin in self._known.items() if key[0] == label and key not in self._origins]
                self._failed.append(Failure(label, label, str(fault), bool(rest)))
                self._keep(rest)
        if self._recuts or self._carries:
            yield from self._remaining()

    def _asking(self) -> Asking:
        since = self._resumed_from()
        if since and (datetime.now(UTC) - datetime.fromisoformat(since)).total_seconds() > _STILL_NEWS:
            since = ""
        done = {key for key, origin in self._known.items() if since and origin.checked_at >= since}
        return Asking(self._config.fetch, self._recipe.fetch, done, self._more, self._skipped.append, self._stop)

    def _go_on(self) -> None:
        """Raises IndexFault where the run is to stop: a source that was broken off is not one that failed."""
        if self._stop.is_set():
            raise IndexFault("rebuild.stopped", name=self._recipe.index.name, build=self._previous or "-")

    def _more(self, count: int) -> None:
        self._total += count

    def _taken(self, label: str, known: Mapping[str, Origin], found: Found) -> tuple[Page, list[Chunk]] | None:
        """Note one answer; gives the page and its chunks where they are new."""
        self._done += 1
        before = known.get(found.address)
        match found.status:
            case "same" if found.origin:
                self._keep([found.origin])
                self._say("unchanged", found.origin.uri)
            case "changed" if found.page and found.origin:
                chunks = chunk(found.page, self._embedder.token_ends, self._aim, self._embedder.max_tokens)
                if self._originals:
                    self._originals.keep(found.page, found.content)
                self._keep([found.origin])
                if not self._carries and self._digest(found.page.uri) == page_digest(found.page, chunks):
                    self._say("unchanged", found.page.uri)
                    return None
                self._put.add(found.page.uri)
                self._unwritten.setdefault(found.page.uri, []).append(found.origin)
                return found.page, chunks
            case "gone" if before:
                pass  # its origin is not kept, so `_gone` has it
            case _:
                self._failed.append(Failure(label, found.address, found.why, before is not None))
                self._say("failed", found.address)
                if before:
                    self._keep([before])
        return None

    def _remaining(self) -> Iterator[tuple[Page, list[Chunk]]]:
        """The pages that have not changed, from the text that is kept, cut anew. Those that were added by hand only
        where the new build has nothing at all of them: they were cut as the configuration says."""
        gone, mine = set(self._gone()), {origin.uri for origin in self._origins.values()}
        for uri in {uri: None for store in self._stores for uri, _ in store.digests()}:
            if uri in self._put or uri in gone or not (self._carries or uri in mine):
                continue
            page = next(page for store in self._stores if (page := store.page(uri)))
            yield page, chunk(page, self._embedder.token_ends, self._aim, self._embedder.max_tokens)

    def _outdated_passages(self) -> list[str]:
        """Of the pages that stay as they are and were embedded in an earlier form."""
        if not self._current or self._carries:
            return []
        leaving = self._put.union(self._gone())
        return self._current.page_passages([uri for uri in self._current.outdated() if uri not in leaving])

    def _due(self, label: str, every: float) -> bool:
        """Whether a source is to be looked at again: `every` seconds after it last was, or where the clock was set back
        since."""
        last = self._noted(f"looked {label}")
        if not every or not last:
            return True
        passed = (datetime.now(UTC) - datetime.fromisoformat(last)).total_seconds()
        return not 0 <= passed < every

    def _noted(self, key: str) -> str:
        """The last that either build has noted."""
        return max((store.origins.noted(key) for store in self._stores), default="")

    def _resumed_from(self) -> str:
        """When the run began that this one goes on with; "" where there is none."""
        return self._staged.origins.noted(_BEGAN) if self._staged else ""

    # --- keeping books ---

    def _keep(self, origins: Iterable[Origin]) -> None:
        self._origins |= {(origin.source, origin.address): origin for origin in origins}

    def _gone(self) -> list[str]:
        """The pages that a recipe answered for and does so no more."""
        there = {origin.uri for origin in self._origins.values()}
        return sorted({origin.uri for origin in self._known.values()} - there)

    def _strays(self, store: Store) -> list[str]:
        """The pages that a broken-off run put in, was killed before it noted their origins, and that are gone since.
        What was added by hand was there when the build was begun."""
        there, begun_with = {origin.uri for origin in self._origins.values()}, set(store.base().values())
        return [uri for uri, _ in store.digests() if uri not in there and uri not in begun_with]

    def _digest(self, uri: str) -> str:
        return next((digest for store in self._stores if (digest := store.digest(uri))), "")

    def _digests(self) -> dict[str, str]:
        return dict(self._current.digests()) if self._current else {}

    def _shelved(self, store: Store, uri: str) -> None:
        """A page is on the disk: now its origins may say so. They are written some at a time."""
        self._say("replaced" if self._digest(uri) else "added", uri)
        self._shelf += self._unwritten.pop(uri, [])
        if len(self._shelf) >= _FLUSH:
            store.origins.write(self._shelf)
            self._shelf = []

    def _write_origins(self, store: Store) -> None:
        """All as they are now; those of addresses that are gone, and of sources the recipe has no more, go."""
        store.origins.write(self._origins.values())
        stale = [one for one in store.origins.all() if (one.source, one.address) not in self._origins]
        store.origins.forget(stale)
        self._note(store)

    def _note(self, store: Store) -> None:
        for label, moment in self._looked.items():
            store.origins.note(f"looked {label}", moment)
            store.origins.note(f"tags {label}", self._tagged[label])
        store.origins.note(CUT, self._cut)
        store.origins.note(AIM, str(self._aim))
        store.origins.note("sha256", self._recipe.sha256)
        made_with.note(store.origins, self._config.embedder)

    def _say(self, status: Status, uri: str) -> None:
        self._tell(Progress(status, uri, self._done, max(self._done, self._total)))
