"""The Ask page: a question, the steps as they happen, the quotes, the answer, a verdict a sentence."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

from app import clicks, evidence, render, resources, session
from app.runs import Run
from app.session import Asking, Session, Turn
from app.words import Language, of_text, say
from indexes import demo
from rag import wiring
from rag.config import REPOSITORY, Config
from rag.research import research
from rag.types import Event, Quote

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
    for number, turn in enumerate(mine.turns):
        _turn(language, number, turn, link)
    if mine.asking:
        _watch(language, mine)
    asked = st.chat_input(say(language, "ask here"), key=session.QUESTION, disabled=bool(mine.asking) or not sources)
    if asked and asked.strip():
        begin(config, mine, name, asked.strip())
        st.rerun()
    evidence.show(config, language, mine, name)


def begin(config: Config, mine: Session, index: str, question: str) -> None:
    """Start answering `question` in a thread; the page looks at it from then on. Raises Fault."""
    opened, reader = resources.index(config, index), resources.reader(config)

    def work(tell: Callable[[Event], None]) -> None:
        for event in research(question, wiring.parts(config, opened, reader)):
            tell(event)

    run = Run(work, resources.turn(config.fingerprint()))
    mine.asking = Asking(question, run, lambda: not reader.rested.is_set())


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
def _watch(language: Language, mine: Session) -> None:
    """The answer in the making. It is drawn anew at each look; nothing in it is lost when the page is clicked."""
    asking = mine.asking
    if asking is None:
        return
    run = asking.run
    seen = render.progress(run.told)
    if run.over:
        mine.finish(Turn(asking.question, seen.answer, run.fault))
        st.rerun()
    number = len(mine.turns)
    _question(asking.question)
    with st.chat_message("assistant", avatar=":material/fact_check:"):
        stage = "busy" if run.waiting else seen.stage
        if stage == "weighing" and asking.loading():
            stage = "loading"
        with st.status(say(language, stage), expanded=not seen.quotes, state="running"):
            st.html(render.steps(language, seen.steps))
        if seen.quotes:
            st.html(render.quotes(language, number, seen.quotes))
        if seen.draft:
            st.html(render.answer(language, number, render.rows(seen.draft, seen.sentences), _ids(seen.quotes)))
        if st.button(say(language, "stop"), icon=":material/stop_circle:", key="stop"):
            run.stop()
            mine.finish(Turn(asking.question, None, say(language, "stopped")))
            st.rerun()


def _turn(language: Language, number: int, turn: Turn, link: Callable[[], object]) -> None:
    _question(turn.question)
    with st.chat_message("assistant", avatar=":material/fact_check:"):
        given = turn.answer
        if given is None:
            st.html(render.notice(turn.fault or say(language, "unforeseen"), fault=True))
            return
        with st.status(render.summary(language, given.steps), expanded=False, state="complete"):
            st.html(render.steps(language, given.steps))
        rows = [render.Row(s.text, s.citations, s.verdict) for s in given.sentences]
        if given.status == "answered":
            st.html(render.quotes(language, number, given.quotes))
            st.html(render.answer(language, number, rows, _ids(given.quotes)))
            if given.conflicts:
                st.html(render.conflicts(language, number, given.conflicts))
        else:
            st.html(render.abstained(given))
            link()
            spoken = of_text(given.language)
            if given.quotes:
                with st.expander(say(spoken, "nearest", count=len(given.quotes))):
                    st.html(render.quotes(language, number, given.quotes))
            if rows:
                with st.expander(say(spoken, "refused draft")):
                    st.html(render.answer(language, number, rows, _ids(given.quotes)))
        st.html(render.figures(language, given))


def _question(text: str) -> None:
    with st.chat_message("user", avatar=":material/person:"):
        st.html(render.question(text))


def _ids(quotes: Sequence[Quote]) -> list[int]:
    return [quote.id for quote in quotes]
