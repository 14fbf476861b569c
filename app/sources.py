"""The Sources page: what the index holds, ways to add to it, a search to try out, and its builds."""

from collections.abc import Callable, Sequence

import streamlit as st

from app import (
    adding,
    builds,
    door,
    following,
    playground,
    preview,
    reembedding,
    render,
    render_source,
    resources,
    session,
    tagging,
    uploads,
    views,
)
from app.confirm import confirm
from app.render_source import Shelved
from app.session import Place, Session
from app.words import Language, say
from rag.answering.adding import remove as take_out
from rag.config import Config
from rag.errors import Fault
from rag.index.attempts import Attempts
from rag.index.index import Index

ON_A_PAGE = 30
VIEWS = ("pages", "search", "builds")
STANDINGS = ("failed", "kept", "empty")


def page(config: Config, onward: Callable[[], object] = lambda: None) -> None:
    """`onward` draws the way to what sources are for. Raises Fault where the index cannot be opened."""
    mine, language = session.current(), session.language()
    name = session.index(config.index)
    index = resources.index(config, name)
    st.html(render.title(say(language, "sources title"), say(language, "sources lead")))
    reembedding.show(config, mine, language, name)
    match views.choose(language, VIEWS, session.VIEW):
        case "search":
            playground.show(language, mine, index)
        case "builds":
            builds.show(config, language, mine, index)
        case _:
            _pages(config, mine, language, index, onward)


def _pages(config: Config, mine: Session, language: Language, index: Index, onward: Callable[[], object]) -> None:
    may_change = door.may_change(config)
    if not may_change:
        st.html(render.notice(say(language, "read only")))
    way = adding.choose(language) if may_change else ""
    if mine.adding and not mine.adding.run.over:
        adding.watch(language, mine)
    else:
        adding.ended(language, mine, onward)
        if may_change:
            if way == "follow":
                following.form(config, language, index)
            else:
                adding.form(config, mine, language, index.name, way)
    following.show(config, language, index)
    _list(
        config,
        mine,
        language,
        render_source.shelf(index.pages(), Attempts(index.folder).all(), resources.twins(index)),
        index,
    )
    if mine.removing:
        _removing(config, mine, language, index)
    else:
        preview.show(language, mine, index)


def _list(config: Config, mine: Session, language: Language, shelf: Sequence[Shelved], index: Index) -> None:
    if not shelf:
        st.html(render.notice(say(language, "no sources")))
        return
    wanted = st.text_input(say(language, "filter"), key=session.FILTER).strip().casefold()
    wrong = [standing for standing in STANDINGS if any(one.standing == standing for one in shelf)]
    only = (
        st.pills(
            say(language, "standing"),
            wrong,
            selection_mode="multi",
            key=session.STANDING,
            format_func=lambda standing: say(language, f"standing {standing}"),
            label_visibility="collapsed",
        )
        if wrong
        else []
    )
    shown = [
        one
        for one in tagging.wanted(language, shelf)
        if wanted in f"{one.title}\n{one.uri}".casefold() and (not only or one.standing in only)
    ]
    if len(shelf) > 1:
        shown = _ordered(language, shown)
    st.html(render.faint(say(language, "count", shown=len(shown), total=len(shelf))))
    if not shown:
        st.html(render.notice(say(language, "no match")))
    leaf = 1
    if len(shown) > ON_A_PAGE:
        leaf = st.pagination(-(-len(shown) // ON_A_PAGE), key=session.LEAF) or 1
    tags, picked = st.container(), list[str]()
    for one in shown[(leaf - 1) * ON_A_PAGE : leaf * ON_A_PAGE]:
        if _row(config, mine, language, one, index.name):
            picked.append(one.uri)
    if shown and door.may_change(config):
        with tags:
            tagging.change(config, language, index, shown, picked)


def _ordered(language: Language, shown: Sequence[Shelved]) -> list[Shelved]:
    order = st.segmented_control(
        say(language, "order"),
        render_source.ORDERS,
        key=session.ORDER,
        format_func=lambda order: say(language, f"order {order}"),
        label_visibility="collapsed",
    )
    return sorted(shown, key=render_source.ORDERS[order]) if order else list(shown)


def _row(config: Config, mine: Session, language: Language, one: Shelved, name: str) -> bool:
    """A source with its buttons; those that change something only for those who may. Gives whether it is picked."""
    busy = bool(mine.adding and not mine.adding.run.over)
    picked = False
    with st.container(horizontal=True, vertical_alignment="center", key=f"row {one.uri}"):
        if one.standing != "failed" and door.may_change(config):
            label = say(language, "pick", title=one.title or one.uri)
            picked = st.checkbox(label, key=f"pick {one.uri}", label_visibility="collapsed")
        st.html(render_source.row(language, one), width="stretch")
        if one.standing != "failed" and st.button(
            say(language, "view"), key=f"view {one.uri}", type="tertiary", icon=":material/article:"
        ):
            mine.reading = Place(uri=one.uri)
            st.rerun()
        if not door.may_change(config):
            return False
        if st.button(
            say(language, "fetch again"),
            key=f"again {one.uri}",
            type="tertiary",
            icon=":material/refresh:",
            disabled=busy,
        ):
            adding.begin(config, mine, name, [one.uri])
            st.rerun()
        if st.button(say(language, "remove"), key=f"remove {one.uri}", type="tertiary", icon=":material/delete:"):
            mine.removing = one.uri
            st.rerun()
    return picked


def _removing(config: Config, mine: Session, language: Language, index: Index) -> None:
    """Ask before taking a source out."""

    def closed() -> None:
        mine.removing = ""

    def what() -> None:
        title = next((info.title for info in index.pages() if info.uri == mine.removing), "")
        st.html(render.notice(title or render.short(mine.removing), mine.removing if title else ""))
        st.html(render.faint(say(language, "removing what")))

    def act() -> None:
        remove(config, index, mine.removing)

    yes = "remove", ":material/delete:"
    confirm(language, "removing", what, yes, "keep", act, closed, "remove")


def remove(config: Config, index: Index, uri: str) -> None:
    """Take a source out, and the file with it where the page had saved it. Raises Fault."""
    door.require_change(config)
    take_out(uri, index)
    try:
        uploads.discard(uri, config, index.name)
    except OSError as error:
        raise Fault("index.file_stays", uri=uri, error=error.strerror) from error
