"""The Sources page: what the index holds; adding, viewing and removing, with every error in a sentence."""

from collections.abc import Callable

import streamlit as st

from app import door, evidence, render, resources, session, uploads
from app.runs import Run
from app.session import Adding, Place, Session
from app.words import Language, say
from rag.config import Config
from rag.errors import Fault
from rag.index.index import Index
from rag.sources.ingest import Outcome, ingest
from rag.types import PageInfo

ON_A_PAGE = 30
STATUSES = ("added", "replaced", "unchanged", "skipped", "failed")


def page(config: Config) -> None:
    """Raises Fault where the index cannot be opened."""
    mine, language = session.current(), session.language()
    name = session.index(config.index)
    index = resources.index(config, name)
    st.html(render.title(say(language, "sources title"), say(language, "sources lead")))
    if mine.adding and not mine.adding.run.over:
        _watch(language, mine)
    else:
        _told(language, mine)
        if door.may_change(config):
            _add(config, mine, language, name)
        else:
            st.html(render.notice(say(language, "read only")))
    _list(index.pages(), mine, language)
    if mine.removing:
        _removing(config, mine, language, index)
    else:
        evidence.show(config, language, mine, name)


def begin(config: Config, mine: Session, index: str, targets: list[str]) -> None:
    """Start reading `targets` (files, folders, addresses) into `index`, in a thread. Raises Fault."""
    opened, embedder = resources.index(config, index), resources.embedder(config)

    def work(tell: Callable[[Outcome], None]) -> None:
        sizes = config.chunk.tokens, embedder.max_tokens
        for outcome in ingest(targets, opened.put, embedder.token_ends, *sizes, config.fetch):
            if outcome.status == "failed":
                uploads.discard(outcome.uri, config, index)
            tell(outcome)
        opened.flush()  # this process keeps the index open; the next start should not have to make its caches

    mine.adding = Adding(index, Run(work))


def _add(config: Config, mine: Session, language: Language, name: str) -> None:
    with st.form("add", clear_on_submit=True):
        files = st.file_uploader(
            say(language, "files"),
            accept_multiple_files=True,
            max_upload_size=max(1, int(config.fetch.max_megabytes)),
            help=say(language, "files help"),
            key=session.UPLOADS,
        )
        lines = st.text_area(
            say(language, "addresses"),
            placeholder=say(language, "addresses help"),
            key=session.ADDRESSES,
            height=90,
        )
        asked = st.form_submit_button(say(language, "add"), type="primary", icon=":material/add:")
    if not asked:
        return
    targets = [str(path) for path in uploads.save(files or [], uploads.folder(config, name))]
    targets += [line.strip() for line in lines.splitlines() if line.strip()]
    if not targets:
        st.html(render.notice(say(language, "addresses empty"), fault=True))
        return
    begin(config, mine, name, targets)
    st.rerun()


@st.fragment(run_every=0.5)
def _watch(language: Language, mine: Session) -> None:
    adding = mine.adding
    if adding is None or adding.run.over:
        st.rerun()
    told = adding.run.told
    last = told[-1] if told else None
    label = say(language, "adding", done=last.done, total=last.total) if last else say(language, "adding begins")
    with st.status(label, expanded=True, state="running"):
        st.progress(last.done / last.total if last and last.total else 0.0)
        st.html(render.outcomes(language, [(o.status, o.uri, o.error) for o in told[-8:]]))


def _told(language: Language, mine: Session) -> None:
    """What came of the last adding, until it is closed."""
    adding = mine.adding
    if adding is None:
        return
    told = adding.run.told
    counts = {
        status: sum(o.status == status for o in told)
        for status in ("added", "replaced", "unchanged", "skipped", "failed")
    }
    summary = " · ".join(f"{count} {say(language, status)}" for status, count in counts.items() if count)
    wrong = bool(counts["failed"]) or adding.run.fault is not None
    with st.status(summary or "0", expanded=wrong, state="error" if wrong else "complete"):
        if adding.run.fault is not None:
            st.html(render.notice(adding.run.fault or say(language, "unforeseen"), fault=True))
        st.html(render.outcomes(language, [(o.status, o.uri, o.error) for o in told]))
        if st.button(say(language, "close"), key="close"):
            mine.adding = None
            st.rerun()


def _list(pages: list[PageInfo], mine: Session, language: Language) -> None:
    wanted = st.text_input(say(language, "filter"), key=session.FILTER).strip().casefold()
    shown = [info for info in reversed(pages) if wanted in f"{info.title}\n{info.uri}".casefold()]
    st.html(render.faint(say(language, "count", shown=len(shown), total=len(pages))))
    if not shown:
        st.html(render.notice(say(language, "no match" if pages else "no sources")))
    leaf = 1
    if len(shown) > ON_A_PAGE:
        leaf = st.pagination(-(-len(shown) // ON_A_PAGE), key=session.LEAF) or 1
    for info in shown[(leaf - 1) * ON_A_PAGE : leaf * ON_A_PAGE]:
        _row(info, mine, language)


def _row(info: PageInfo, mine: Session, language: Language) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(render.source(language, info), width="stretch")
        if st.button(say(language, "view"), key=f"view {info.uri}", type="tertiary", icon=":material/article:"):
            mine.reading = Place(uri=info.uri)
            st.rerun()
        if st.button(say(language, "remove"), key=f"remove {info.uri}", type="tertiary", icon=":material/delete:"):
            mine.removing = info.uri
            st.rerun()


def _removing(config: Config, mine: Session, language: Language, index: Index) -> None:
    """Ask before taking a source out."""

    def closed() -> None:
        mine.removing = ""

    def inside() -> None:
        title = next((info.title for info in index.pages() if info.uri == mine.removing), "")
        st.html(render.notice(title or render.short(mine.removing), mine.removing if title else ""))
        st.html(render.faint(say(language, "removing what")))
        with st.container(horizontal=True):
            if st.button(say(language, "remove"), key="remove-yes", type="primary", icon=":material/delete:"):
                remove(config, index, mine.removing)
                mine.removing = ""
                st.rerun()
            if st.button(say(language, "keep"), key="remove-no"):
                mine.removing = ""
                st.rerun()

    st.dialog(say(language, "removing"), on_dismiss=closed)(inside)()


def remove(config: Config, index: Index, uri: str) -> None:
    """Take a source out, and the file with it where the page had saved it. Raises Fault."""
    index.remove(uri)
    try:
        uploads.discard(uri, config, index.name)
    except OSError as error:
        raise Fault(
            f"{uri} left the index, but its file cannot be deleted: {error.strerror}. Delete it yourself."
        ) from error
