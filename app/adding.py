"""The ways in to an index: files, a folder, addresses, a list of addresses; and how far the reading has come."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

import streamlit as st

from app import door, faults, render, render_source, resources, session, uploads
from app.recognised import Recognised, Told, recognise
from app.runs import Run
from app.session import Adding, Session
from app.words import Language, say
from indexes.gather import Asking, gather
from indexes.recipe import Crawl, Feed, FetchPart, Sitemap
from rag.answering import adding
from rag.config import Config
from rag.errors import SourceFault, Unreachable, UsageFault
from rag.index.index import Index
from rag.sources.chunk import chunk
from rag.sources.ingest import Outcome, Status
from rag.sources.kinds import EXTENSIONS
from rag.sources.originals import Originals
from rag.sources.stopping import NEVER
from rag.types import Chunk, Page

STATUSES: tuple[Status, ...] = ("added", "replaced", "unchanged", "skipped", "failed")
WAYS = ("files", "folder", "addresses", "list", "follow")
KINDS: tuple[Literal["sitemap", "feed", "crawl"], ...] = ("sitemap", "feed", "crawl")
MOST = 200  # pages of a list, when nothing else is said
WEB = ("http://", "https://")
LAST = 8  # sources that have ended, and that wait, shown while more are coming
MOST_TOLD = 100  # shown once all have


@dataclass(frozen=True, slots=True)
class Listed:
    """An address that lists others: a sitemap, a feed, or a page whose links are followed (two clicks deep, within its
    own folder). robots.txt is respected."""

    kind: Literal["sitemap", "feed", "crawl"]
    address: str
    most: int = MOST


def begin(config: Config, mine: Session, index: str, targets: list[str]) -> None:
    """Start reading `targets` (files, folders, addresses) into `index`, in a thread. Raises Fault."""
    begun: list[str] = []
    stop = threading.Event()

    def read(opened: Index) -> Iterator[Outcome]:
        yield from adding.add(targets, opened, config, begun.append, stop)
        if stop.is_set():
            known = [*begun, *(page.uri for page in opened.pages())]
            for target in targets:
                if not any(uri.startswith(target) for uri in known):
                    uploads.discard(target, config, index)

    _begin(config, mine, index, read, stop, targets, begun)


def begin_list(config: Config, mine: Session, index: str, listed: Listed) -> None:
    """The same for the pages that an address lists. Raises Fault."""
    if not listed.address.startswith(("http://", "https://")):
        raise UsageFault("page.no_address", address=listed.address)
    stop, targets, begun = threading.Event(), list[str](), list[str]()

    def read(opened: Index) -> Iterator[Outcome]:
        return adding.noted(outcomes(listed, opened, config, stop, targets, begun), opened)

    _begin(config, mine, index, read, stop, targets, begun)


def _begin(
    config: Config,
    mine: Session,
    index: str,
    read: Callable[[Index], Iterable[Outcome]],
    stop: threading.Event,
    targets: Sequence[str] = (),
    begun: list[str] | None = None,
) -> None:
    """`stop` ends what `read` reads, which then tells what came of it; `begun` is told each source."""
    door.require_change(config)
    opened = resources.index(config, index)

    def work(tell: Callable[[Told], None]) -> None:
        for outcome in read(opened):
            if outcome.status == "failed" and not opened.chunks(outcome.uri):
                uploads.discard(outcome.uri, config, index)
            tell(Told(outcome, _known(opened, outcome)))
        opened.flush()  # this process keeps the index open; the next start should not have to make its caches

    mine.adding = Adding(index, Run(work, stopping=stop, winds_up=True), targets, begun if begun is not None else [])


def _known(index: Index, outcome: Outcome) -> Recognised | None:
    """What was made of a source that is in the index now."""
    if outcome.status in ("failed", "skipped"):
        return None
    try:
        return recognise(index.open(outcome.uri), outcome.chunks)
    except Unreachable:  # taken out meanwhile
        return None


def outcomes(
    listed: Listed,
    index: Index,
    config: Config,
    stop: threading.Event = NEVER,
    targets: list[str] | None = None,
    begun: list[str] | None = None,
) -> Iterator[Outcome]:
    """Read and shelve what an address lists, an outcome a page. Raises SourceFault where the list cannot be read. Once
    `stop` is set, what was read is shelved and the rest left. `targets` gets the pages as they become known, `begun`
    those that are asked for."""
    reading = _Reading(listed, index, config, stop, [] if targets is None else targets, [] if begun is None else begun)
    for uri, status in index.put(reading.pairs()):
        yield from reading.ended()
        yield reading.outcome(uri, status, *reading.read[uri])
    yield from reading.ended()


@dataclass
class _Reading:
    """The count of one list: what was read, and what failed or was left alone and was not told yet."""

    listed: Listed
    index: Index
    config: Config
    stop: threading.Event
    targets: list[str]
    begun: list[str]
    read: dict[str, tuple[str, int]] = field(default_factory=dict)
    untold: list[tuple[str, Status, str]] = field(default_factory=list)
    done: int = 0
    total: int = 0

    def pairs(self) -> Iterator[tuple[Page, list[Chunk]]]:
        """Each page that can be read, with its chunks; the others are noted."""
        try:
            yield from self._pairs()
        except SourceFault:
            if not self.stop.is_set():
                raise

    def _pairs(self) -> Iterator[tuple[Page, list[Chunk]]]:
        sizes = self.config.chunk.tokens, self.index.embedder.max_tokens
        asking = Asking(
            self.config.fetch,
            FetchPart(),
            (),
            self._more,
            self._left,
            self.stop,
            self.targets.extend,
            self.begun.append,
        )
        for found in gather(_source(self.listed), {}, asking):
            if found.page is None:
                self.untold.append((found.address, "failed", found.why))
            elif found.page.uri in self.read:
                self.untold.append((found.address, "skipped", f"It leads to {found.page.uri}, which was read already."))
            else:
                Originals.beside(self.index.folder, self.config.fetch.originals_megabytes).keep(
                    found.page, found.content
                )
                chunks = chunk(found.page, self.index.embedder.token_ends, *sizes)
                self.read[found.page.uri] = (found.page.title, len(chunks))
                yield found.page, chunks

    def ended(self) -> Iterator[Outcome]:
        """What failed or was left alone since this was last asked."""
        while self.untold:
            uri, status, error = self.untold.pop(0)
            yield self.outcome(uri, status, error=error)

    def outcome(self, uri: str, status: Status, title: str = "", chunks: int = 0, error: str = "") -> Outcome:
        self.done += 1
        return Outcome(uri, status, title, chunks, error, self.done, max(self.done, self.total))

    def _more(self, count: int) -> None:
        self.total += count

    def _left(self, why: str) -> None:
        self.untold.append((self.listed.address, "skipped", why))


def _source(listed: Listed) -> Sitemap | Feed | Crawl:
    match listed.kind:
        case "sitemap":
            return Sitemap("sitemap", listed.address, listed.most)
        case "feed":
            return Feed("feed", listed.address)
        case "crawl":
            return Crawl("crawl", listed.address, limit=listed.most)


# --- on the page ----------------------------------------------------------------------------


def choose(language: Language) -> str:
    """Which way in. Drawn while sources are being read as well, or it would be forgotten meanwhile."""
    return st.segmented_control(
        say(language, "way"),
        WAYS,
        default=WAYS[0],
        key=session.WAY,
        format_func=lambda way: say(language, f"way {way}"),
        required=True,
    )


def form(config: Config, mine: Session, language: Language, name: str, way: str) -> None:
    """One way in at a time."""
    with st.form("add", clear_on_submit=True):
        match way:
            case "addresses":
                submitted = _addresses(config, mine, language, name)
            case "list":
                submitted = _list(config, mine, language, name)
            case _:
                submitted = _files(config, mine, language, name, folder=way == "folder")
    if submitted:
        st.rerun()


def _files(config: Config, mine: Session, language: Language, name: str, folder: bool) -> bool:
    most = max(1, int(config.fetch.max_megabytes))
    st.html(render_source.uploader(language, most))
    given = st.file_uploader(
        say(language, "folder" if folder else "files"),
        type=[kind.removeprefix(".") for kind in EXTENSIONS] if folder else None,
        accept_multiple_files="directory" if folder else True,
        max_upload_size=most,
        help=say(language, "files help"),
        key=session.FOLDER if folder else session.UPLOADS,
    )
    if not _asked(language):
        return False
    kept = [file for file in given or [] if not file.name.rpartition("/")[2].startswith(".")]
    if not kept:
        return _nothing(language)
    begin(config, mine, name, [str(path) for path in uploads.save(kept, uploads.folder(config, name))])
    return True


def _addresses(config: Config, mine: Session, language: Language, name: str) -> bool:
    paths = door.may_name_paths(config)
    lines = st.text_area(
        say(language, "addresses" if paths else "addresses only"),
        placeholder=say(language, "addresses help" if paths else "addresses only help"),
        key=session.ADDRESSES,
        height=120,
    )
    if not _asked(language):
        return False
    targets = [line.strip() for line in lines.splitlines() if line.strip()]
    if not targets:
        return _nothing(language)
    require_paths(config, targets)
    begin(config, mine, name, targets)
    return True


def _list(config: Config, mine: Session, language: Language, name: str) -> bool:
    kind = st.radio(
        say(language, "list kind"),
        KINDS,
        key=session.LISTED_KIND,
        format_func=lambda kind: say(language, f"list {kind}"),
        horizontal=True,
    )
    address = st.text_input(say(language, "list address"), placeholder="https://…", key=session.LISTED).strip()
    most = st.number_input(say(language, "list most"), 1, 5000, MOST, key=session.LISTED_MOST)
    if not _asked(language):
        return False
    if not address:
        return _nothing(language)
    begin_list(config, mine, name, Listed(kind, address, int(most)))
    return True


def require_paths(config: Config, targets: Iterable[str]) -> None:
    """Raises UsageFault where a path of this machine is named by somebody who may not."""
    if door.may_name_paths(config):
        return
    named = [target for target in targets if not target.startswith(("http://", "https://"))]
    if named:
        raise UsageFault("page.no_server_files", address=named[0])


def _asked(language: Language) -> bool:
    return bool(st.form_submit_button(say(language, "add"), type="primary", icon=":material/add:"))


def _nothing(language: Language) -> bool:
    st.html(render.notice(say(language, "addresses empty"), fault=True))
    return False


@st.fragment(run_every=0.5)
def watch(language: Language, mine: Session) -> None:
    """The reading, drawn anew at each look."""
    now = mine.adding
    if now is None or now.run.over:
        st.rerun()
    told = now.run.told
    last = told[-1].outcome if told else None
    label = say(language, "adding", done=last.done, total=last.total) if last else say(language, "adding begins")
    with st.status(label, expanded=True, state="running"):
        st.progress(last.done / last.total if last and last.total else 0.0)
        st.html(render_source.states(language, told[-LAST:], *in_hand(now), LAST))
        if st.button(say(language, "stop"), icon=":material/stop_circle:", key="stop-adding"):
            now.run.stop()


def in_hand(now: Adding) -> tuple[list[str], list[str]]:
    """(the sources that were begun and have not ended, the last of them being read; those that wait, as far as they are
    known before)."""
    begun, outcomes = list(now.begun), [told.outcome for told in now.run.told]
    ends = {one.uri for one in outcomes}
    # A page may end under another address than it was asked by, so how many are left is counted.
    left = len(begun) - sum(one.status != "skipped" or one.uri in begun for one in outcomes)
    reading = [uri for uri in begun if uri not in ends][-left:] if left > 0 else []
    known, files = {*begun, *ends}, [uri for uri in begun if not uri.startswith(WEB)]
    waiting = [one for one in list(now.targets) if one not in known]
    folders = {one for one in waiting if not one.startswith(WEB) and any(uri.startswith(f"{one}/") for uri in files)}
    waiting = [one for one in waiting if one not in folders]
    return reading, waiting


def ended(language: Language, mine: Session, onward: Callable[[], object]) -> None:
    """What came of the last adding, until it is closed; `onward` draws the way to what sources are for."""
    now = mine.adding
    if now is None:
        return
    told = now.run.told
    counts = {status: sum(one.outcome.status == status for one in told) for status in STATUSES}
    summary = " · ".join(f"{count} {say(language, status)}" for status, count in counts.items() if count)
    wrong = bool(counts["failed"]) or now.run.fault is not None
    with st.status(summary or "0", expanded=wrong or len(told) <= LAST, state="error" if wrong else "complete"):
        if now.run.fault is not None:
            st.html(faults.notice(language, now.run.fault))
        ordered = sorted(told, key=lambda one: one.outcome.status != "failed")
        st.html(render_source.states(language, ordered[:MOST_TOLD]))
        if len(ordered) > MOST_TOLD:
            st.html(render.faint(say(language, "told more", count=len(ordered) - MOST_TOLD)))
        with st.container(horizontal=True, vertical_alignment="center"):
            onward()
            closed = st.button(say(language, "close"), key="close")
    if closed:
        mine.adding = None
        st.rerun()
