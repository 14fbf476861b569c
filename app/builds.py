"""The builds of an index: which is in use, which can be gone back to."""

import streamlit as st

from app import door, render, render_source, session
from app.confirm import confirm
from app.session import Session
from app.words import Language, say
from rag.config import Config
from rag.index import staging
from rag.index.builds import BuildInfo, builds
from rag.index.files import WriterLock
from rag.index.index import Index


def show(config: Config, language: Language, mine: Session, index: Index) -> None:
    """Raises Fault where the folder cannot be read."""
    st.html(render.faint(say(language, "builds lead")))
    there = builds(index.folder)
    for build in there:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.html(render_source.build(language, build), width="stretch")
            back = build.standing == "older" and not build.problem and door.may_change(config)
            if back and st.button(
                say(language, "go back"),
                key=f"{session.BUILD} {build.name}",
                type="tertiary",
                icon=":material/history:",
            ):
                mine.returning = build.name
                st.rerun()
    if len(there) == 1:
        st.html(render.notice(say(language, "builds one"), say(language, "builds how", name=index.name)))
    if mine.returning:
        _returning(config, language, mine, index, there)


def _returning(config: Config, language: Language, mine: Session, index: Index, there: list[BuildInfo]) -> None:
    """Ask before going back."""
    build = next((one for one in there if one.name == mine.returning), None)
    if build is None:
        mine.returning = ""
        return

    def closed() -> None:
        mine.returning = ""

    def what() -> None:
        st.html(render_source.build(language, build))
        st.html(render.faint(say(language, "going back what")))

    def act() -> None:
        go_back(config, index, build.name)

    yes = "go back", ":material/history:"
    confirm(language, "going back", what, yes, "stay", act, closed, "return")


def go_back(config: Config, index: Index, build: str) -> None:
    """Use an older build again; the one in use now is kept. Raises Fault, also while the index is being rebuilt."""
    door.require_change(config)
    with staging.rebuilding(index.folder):
        staging.roll_back(index.folder, WriterLock(index.folder), build)
