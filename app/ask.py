"""The Ask page: a question, the steps as they happen, the quotes, the answer, a verdict a sentence."""

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import streamlit as st

from app import clicks, evidence, options, render, render_ask, resources, session, turns, visitors
from app.conversations import Kept
from app.runs import Run, StoppableReader
from app.session import Asking, Session, Turn
from app.settings import applied
from app.words import Language, say
from indexes import demo
from rag import wiring
from rag.config import REPOSITORY, Config
from rag.errors import Fault
from rag.research import research
from rag.text import language as written_in
from rag.types import Answer, Answered, Event

QUESTIONS = REPOSITORY / "tests" / "fixtures" / "questions.jsonl"
EVERY = 0.3  # seconds between two looks at a run


def page(config: Config, link: Callable[[], object]) -> None:
    """`link` draws the way to the sources. Raises Fault where the index cannot be opened."""
    mine, language = session.current(), session.language()
    name = session.index(config.index)
    sources = len(resources.index(config, name).pages())
    clicks.listen(session.CITED, mine.cite)
    if not mine.turns and not mine.asking:
        _welcome(config, mine, language, name, sources)
        if not sources:
            link()

    def ask(question: str) -> None:
        begin(config, mine, name, question)
        st.rerun()

    def again(asked_as: str) -> None:
        begin(config, mine, name, mine.turns[-1].question, asked_as, again=True)
        st.rerun()

    doing = turns.Doing(link, ask, again)
    for number in range(len(mine.turns)):
        turns.show(language, number, doing, last=number == len(mine.turns) - 1 and not mine.asking)
    if mine.asking:
        _watch(config, language, mine)
    with st.bottom:
        options.line(config, language, mine)
        waiting = bool(mine.asking) or not sources
        asked = st.chat_input(say(language, "ask here"), key=session.QUESTION, disabled=waiting)
    if asked and asked.strip():
        ask(asked.strip())
    evidence.show(config, language, mine, name)


def begin(config: Config, mine: Session, index: str, question: str, asked_as: str = "", again: bool = False) -> None:
    """Start answering `question`, or what it was understood as, in a thread; the page looks at it from then on, and
    what comes of it is kept even where nobody looks. With `again` it becomes the next version of the last turn. Raises
    Fault."""
    mine.settings = replace(mine.settings, index=index)
    chosen = applied(config, mine.settings)
    opened, reader = resources.index(chosen, index), resources.reader(chosen)
    earlier = mine.turns.pop().versions if again else ()
    kept, owner, number = resources.conversations(config.built), visitors.owner(), len(mine.turns)
    conversation = mine.conversation or kept.begin(owner, question, mine.settings)
    mine.conversation = conversation

    def keep(answer: Answer | None, fault: str = "") -> None:
        kept.keep(owner, conversation, Kept(number, len(earlier), question, asked_as, answer, fault))

    stopping = threading.Event()
    parts = wiring.parts(chosen, opened, StoppableReader(reader, stopping))

    def work(tell: Callable[[Event], None]) -> None:
        try:
            for event in research(asked_as or question, parts):
                if isinstance(event, Answered):
                    keep(event.answer)
                tell(event)
        except Fault as fault:
            keep(None, str(fault))
            raise

    keep(None)
    kept.settle(owner, conversation, mine.settings)
    run = Run(work, resources.turn(chosen), stopping)
    mine.asking = Asking(question, run, lambda: not reader.rested.is_set(), asked_as, earlier)


def stop(config: Config, mine: Session, asking: Asking) -> None:
    """End the run; what it had found by then is the turn."""
    asking.run.stop()
    found, fault = partial(asking), say(session.language(), "stopped")
    number = len(mine.turns)
    mine.finish(Turn(asking.question, found, fault, asking.asked_as, asking.earlier))
    turn = Kept(number, len(asking.earlier), asking.question, asking.asked_as, found, fault)
    resources.conversations(config.built).keep(visitors.owner(), mine.conversation, turn)


def partial(asking: Asking) -> Answer | None:
    """The steps and quotes that a run told before it was stopped, as an answer that says nothing; None where there are
    none."""
    seen = render.progress(asking.run.told)
    if not seen.steps:
        return None
    return Answer(
        question=asking.asked_as or asking.question,
        language=written_in(asking.question) or "en",
        status="abstained",
        text="",
        reason="stopped",
        sentences=(),
        quotes=seen.quotes,
        steps=seen.steps,
        pages=(),
        metrics={},
        timings={"total": sum(step.seconds for step in seen.steps)},
    )


def _welcome(config: Config, mine: Session, language: Language, name: str, sources: int) -> None:
    st.html(render.title(say(language, "ask title"), say(language, "ask lead")))
    if not sources:
        st.html(render.notice(say(language, "no sources")))
        return
    st.html(render.faint(say(language, "ask from", name=name, pages=sources)))
    offered = examples(QUESTIONS) if name == demo.NAME else []
    if not offered:
        return
    st.html(render.faint(say(language, "examples")))
    with st.container(key="examples", gap="small"):
        for number, question in enumerate(offered):
            if st.button(render.label(question), key=f"example-{number}", width="stretch"):
                begin(config, mine, name, question)
                st.rerun()


def examples(file: Path) -> list[str]:
    """Two questions in each language from the demo's own, of which the last English one has no answer there."""
    if not file.exists():
        return []
    entries = [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()]

    def first(count: int, language: str, answerable: bool) -> list[str]:
        fitting = [e["question"] for e in entries if e["language"] == language and e["answerable"] == answerable]
        return fitting[:count]

    return [*first(2, "zh", True), *first(1, "en", True), *first(1, "en", False)]


@st.fragment(run_every=EVERY)
def _watch(config: Config, language: Language, mine: Session) -> None:
    """The answer in the making. It is drawn anew at each look; nothing in it is lost when the page is clicked."""
    asking = mine.asking
    if asking is None:
        return
    run = asking.run
    seen = render.progress(run.told)
    if run.over:
        mine.finish(Turn(asking.question, seen.answer, run.fault, asking.asked_as, asking.earlier))
        st.rerun()
    number = len(mine.turns)
    turns.question(asking.question)
    with st.chat_message("assistant", avatar=":material/fact_check:"):
        if asking.asked_as:
            st.html(render_ask.understood(language, asking.asked_as))
        stage = "busy" if run.waiting else seen.stage
        if stage == "weighing" and asking.loading():
            stage = "loading"
        with st.status(say(language, stage), expanded=not seen.quotes, state="running"):
            st.html(render.steps(language, seen.steps))
        if seen.quotes:
            st.html(render.quotes(language, number, seen.quotes))
        if seen.draft:
            st.html(render.answer(language, number, render.rows(seen.draft, seen.sentences), turns.ids(seen.quotes)))
        if st.button(say(language, "stop"), icon=":material/stop_circle:", key="stop"):
            stop(config, mine, asking)
            st.rerun()
