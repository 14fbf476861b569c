"""The Ask page: a question, the steps as they happen, the quotes, the answer, a verdict a sentence."""

import functools
import json
import threading
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import streamlit as st

from app import (
    clicks,
    evidence,
    noting,
    opinions,
    options,
    remedies,
    render,
    render_ask,
    resources,
    session,
    sharing,
    turns,
    visitors,
)
from app.runs import Run, StoppableReader
from app.session import STOPPED, Asking, Session, Told, Turn
from app.settings import Settings, applied
from app.words import Language, say
from indexes import demo
from rag import wiring
from rag.answering.conversation import exchanges, remembering, standalone
from rag.answering.engine import Parts
from rag.answering.followups import follow_ups
from rag.answering.recording import answer as research
from rag.answering.samples import DrawnReader
from rag.config import Config
from rag.errors import Fault
from rag.history.conversations import Kept, new_id
from rag.index.index import Index
from rag.protocols import Reader
from rag.text.language import language as written_in
from rag.types import Answer, Answered

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
            with st.container(key="no-sources"):
                link()

    def ask(question: str) -> None:
        begin(config, mine, name, question)
        st.rerun()

    def again(asked_as: str, settings: Settings | None) -> None:
        begin(config, mine, name, mine.turns[-1].question, asked_as, again=True, settings=settings)
        st.rerun()

    opinion = functools.partial(opinions.show, config, language, name)
    save = functools.partial(noting.save, config, language)
    share = functools.partial(sharing.offer, config, language, sharing.links(config))
    doing = turns.Doing(link, ask, again, opinion, save, share, functools.partial(remedies.show, config, language))
    for number in range(len(mine.turns)):
        turns.show(language, number, doing, last=number == len(mine.turns) - 1 and not mine.asking)
    if mine.asking:
        _watch(config, language, mine)
    if mine.asking or len(mine.turns) > 1:
        clicks.reveal_question(mine.asking.turn if mine.asking else mine.turns[-1].id)
    with st.bottom:
        options.line(config, language, mine)
        waiting = bool(mine.asking) or not sources
        asked = st.chat_input(say(language, "ask here"), key=session.QUESTION, disabled=waiting)
    if asked and asked.strip():
        ask(asked.strip())

    def about(uri: str) -> None:
        mine.reading = None
        mine.settle(replace(mine.settings, sources=(), tags=(), uris=(uri,)))
        st.rerun()

    evidence.show(config, language, mine, name, about)


def begin(
    config: Config,
    mine: Session,
    index: str,
    question: str,
    asked_as: str = "",
    again: bool = False,
    settings: Settings | None = None,
) -> None:
    """Start answering `question`, or what it was understood as, in a thread; the page looks at it from then on, and
    what comes of it is kept even where nobody looks. With `again` it becomes the next version of the last turn;
    `settings` are for this once in place of the conversation's. Raises Fault."""
    mine.settings = replace(mine.settings, index=index)
    settings = replace(settings or mine.settings, index=index)
    mine.follow(None)
    chosen = applied(config, settings)
    opened, reader = resources.index(chosen, index), resources.reader(chosen)
    earlier = mine.turns.pop().versions if again else ()
    turn, version = earlier[0].id if earlier else new_id(), new_id()
    kept, owner = resources.conversations(config), visitors.owner()
    answers = [one.answer for one in mine.turns if one.answer and one.answer.reason != STOPPED]
    conversation = mine.conversation or kept.begin(owner, question, asdict(mine.settings))
    mine.conversation = conversation

    def keep(answer: Answer | None, put: str, fault: str = "") -> None:
        kept.keep(owner, conversation, Kept(turn, version, question, put, answer, fault))

    stopping = threading.Event()
    stoppable = StoppableReader(reader, stopping)

    def work(tell: Callable[[Told], None]) -> None:
        put = asked_as
        try:
            made = parts_of(chosen, settings, opened, stoppable, owner)
            if not put and answers:
                said = standalone(question, exchanges(answers), stoppable)
                put = said.question if said.rewritten else ""
                tell(said)
            for event in research(put or question, remembering(made, answers, opened.embedder)):
                if isinstance(event, Answered):
                    keep(event.answer, put)
                tell(event)
        except Fault as fault:
            keep(None, put, str(fault))
            raise

    keep(None, asked_as)
    kept.settle(owner, conversation, asdict(mine.settings))
    run = Run(work, resources.turn(chosen), stopping)
    mine.asking = Asking(question, run, lambda: not reader.rested.is_set(), asked_as, earlier, turn, version)


def following(config: Config, mine: Session, given: Answer) -> Run[str]:
    """What could be asked next, made while the answer is read. It ends where anybody asks something. Raises Fault."""
    chosen, stopping = applied(config, mine.settings), threading.Event()
    opened = resources.index(chosen, mine.settings.index)
    made = parts_of(chosen, mine.settings, opened, StoppableReader(resources.reader(chosen), stopping))

    def work(tell: Callable[[str], None]) -> None:
        for question in follow_ups(given, made):
            tell(question)

    return Run(work, resources.turn(chosen).aside(stopping), stopping)


def parts_of(config: Config, settings: Settings, opened: Index, reader: Reader, owner: str = "") -> Parts:
    """All of a run with these settings, for one question of this owner. Raises ConfigFault where the live web is not
    set up, UsageFault where none of the chosen sources is there any more."""
    reader = DrawnReader(reader, settings.seed) if settings.seed else reader
    if settings.web:
        return wiring.live_parts(config, opened, reader, opened.embedder)
    return wiring.parts(config, opened, reader, settings.only, owner)


def stop(config: Config, mine: Session, asking: Asking) -> None:
    """End the run; what it had found by then is the turn."""
    asking.run.stop()
    found, fault, put = partial(asking), STOPPED, asking.put
    mine.finish(Turn(asking.question, found, fault, put, asking.earlier, asking.turn))
    turn = Kept(asking.turn, asking.version, asking.question, put, found, fault)
    resources.conversations(config).keep(visitors.owner(), mine.conversation, turn)


def partial(asking: Asking) -> Answer | None:
    """The steps and quotes that a run told before it was stopped, as an answer that says nothing; None where there are
    none."""
    seen = render.progress(asking.events)
    if not seen.steps:
        return None
    return Answer(
        question=asking.put or asking.question,
        language=written_in(asking.question) or "en",
        status="abstained",
        text="",
        reason=STOPPED,
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
    offered = examples(demo.EXAMPLES, language) if name == demo.NAME else []
    if not offered:
        return
    st.html(render.faint(say(language, "examples")))
    with st.container(key="examples", gap="small"):
        for number, question in enumerate(offered):
            if st.button(render.label(question), key=f"example-{number}", width="stretch"):
                begin(config, mine, name, question)
                st.rerun()


def examples(file: Path, language: Language) -> list[str]:
    """The questions that the demo offers, first those in `language`."""
    entries = json.loads(file.read_text("utf-8"))
    ordered = sorted(entries, key=lambda entry: entry["language"] != language)
    return [entry["question"] for entry in ordered]


@st.fragment(run_every=EVERY)
def _watch(config: Config, language: Language, mine: Session) -> None:
    """The answer in the making. It is drawn anew at each look; nothing in it is lost when the page is clicked."""
    asking = mine.asking
    if asking is None:
        return
    run = asking.run
    seen, put = render.progress(asking.events), asking.put
    if run.over:
        mine.finish(Turn(asking.question, seen.answer, run.fault, put, asking.earlier, asking.turn))
        if seen.answer:
            mine.follow(following(config, mine, seen.answer))
        st.rerun()
    number = len(mine.turns)
    turns.question(asking.question)
    with st.chat_message("assistant", avatar=":material/fact_check:"):
        if put:
            st.html(render_ask.understood(language, put))
        stage = "busy" if run.waiting else "following" if mine.turns and not run.told else seen.stage
        if stage == "weighing" and asking.loading():
            stage = "loading"
        # Above what grows, so that it neither moves under the pointer nor leaves a gap when it goes.
        with st.container(horizontal=True, vertical_alignment="top", gap="small", key="making"):
            with st.status(say(language, stage), expanded=not seen.quotes, state="running"):
                st.html(render.steps(language, seen.steps))
            stopped = st.button(say(language, "stop"), icon=":material/stop_circle:", key="stop")
        if seen.quotes:
            st.html(render.quotes(language, number, seen.quotes, seen.extract))
        if seen.draft:
            st.html(render.answer(language, number, render.rows(seen.draft, seen.sentences), seen.quotes))
    if stopped:
        stop(config, mine, asking)
        st.rerun()
