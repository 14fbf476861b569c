"""An index that another embedder has made: the Sources page says so, and embeds it anew while it answers."""

from collections.abc import Callable

import streamlit as st

from app import door, faults, render
from app.runs import Run
from app.session import Session
from app.words import Language, say
from indexes.reembed import reembed
from rag import wiring
from rag.config import Config

EVERY = 0.5  # seconds between two looks


def show(config: Config, mine: Session, language: Language, name: str) -> None:
    """Nothing where there is nothing to do. Raises Fault."""
    if mine.reembedding and not mine.reembedding.over:
        return _watch(language, mine)
    if mine.reembedding and mine.reembedding.fault is not None:
        st.html(faults.notice(language, mine.reembedding.fault))
    made = wiring.embedder_of(config, name)
    if made == config.embedder:
        return
    st.html(render.notice(say(language, "embedded before", made=made.model, now=config.embedder.model)))
    if door.may_change(config) and st.button(say(language, "embed anew"), icon=":material/sync:", key="reembed"):
        _begin(config, mine, name)
        st.rerun()


def _begin(config: Config, mine: Session, name: str) -> None:
    door.require_change(config)

    def work(tell: Callable[[tuple[int, int]], None]) -> None:
        reembed(config, name, wiring.embedder(config), lambda done, total: tell((done, total)))

    mine.reembedding = Run(work)


@st.fragment(run_every=EVERY)
def _watch(language: Language, mine: Session) -> None:
    run = mine.reembedding
    if run is None or run.over:
        st.rerun()
    done, total = run.told[-1] if run.told else (0, 0)
    st.html(render.faint(say(language, "embedding anew", done=done, total=total)))
    st.progress(done / total if total else 0.0)
    if st.button(say(language, "stop"), icon=":material/stop_circle:", key="stop-reembedding"):
        run.stop()
