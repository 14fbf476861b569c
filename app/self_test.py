"""The index tested on itself, on the Quality page: questions made of its sources, and how many came out right."""

import threading
from collections.abc import Callable

import streamlit as st

from app import door, faults, render, render_quality, resources, session
from app.runs import Run, StoppableReader, in_turns
from app.session import Session, Testing
from app.words import Language, say
from rag import wiring
from rag.config import Config
from rag.errors import UsageFault
from rag.setup.self_test import Asked, figures, keep, run

EVERY = 0.5  # seconds between two looks at a run
QUESTIONS = 20


def show(config: Config, language: Language, mine: Session) -> None:
    """Raises Fault where the index cannot be opened."""
    name = session.index(config.index)
    st.html(render.faint(say(language, "test lead", count=QUESTIONS)))
    testing = mine.testing
    if testing and not testing.run.over:
        _watch(language, mine)
        return
    if door.may_change(config) and st.button(
        say(language, "test index", name=name), type="primary", icon=":material/quiz:", key="test-index"
    ):
        begin(config, mine, name)
        st.rerun()
    if testing and testing.index == name:
        _ended(language, testing)


def begin(config: Config, mine: Session, name: str) -> None:
    """Ask in a thread; the figures are kept when all is asked. Raises Fault."""
    door.require_change(config)
    stopping = threading.Event()
    index, reader, turn = resources.index(config, name), resources.reader(config), resources.turn(config)

    def work(tell: Callable[[Asked], None]) -> None:
        asked = list[Asked]()
        for one in in_turns(run(config, index, StoppableReader(reader, stopping), QUESTIONS), turn):
            asked.append(one)
            tell(one)
        if not asked:
            raise UsageFault("test.none")
        keep(wiring.ledger(config), config, index, reader, asked)

    mine.testing = Testing(name, Run(work, None, stopping))


@st.fragment(run_every=EVERY)
def _watch(language: Language, mine: Session) -> None:
    testing = mine.testing
    if testing is None:
        return
    if testing.run.over:
        st.rerun()
    done = len(testing.run.told)
    st.progress(done / QUESTIONS, say(language, "test asked", done=done, total=QUESTIONS))
    st.html(render_quality.asked(language, testing.run.told))
    if st.button(say(language, "stop"), icon=":material/stop_circle:", key="stop"):
        testing.run.stop()
        testing.run.wait(EVERY)
        st.rerun()


def _ended(language: Language, testing: Testing) -> None:
    told = testing.run.told
    if testing.run.fault is not None:
        st.html(faults.notice(language, testing.run.fault))
    if told:
        st.html(render_quality.shares(language, figures(told)))
        st.html(render_quality.asked(language, told))
