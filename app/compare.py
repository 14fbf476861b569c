"""The Compare page: two to four answers to one question, side by side, and nobody knows which is which until one is
chosen, or all are ranked."""

import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Literal

import streamlit as st

from app import clicks, evidence, faults, options, render, resources, session, visitors
from app.ask import parts_of
from app.runs import Run, StoppableReader
from app.session import COMPARED, Compared, Comparing, Session
from app.settings import BUDGETS, Settings, applied, readers
from app.words import Language, say
from rag.answering.recording import answer as research
from rag.config import Config
from rag.export.json import as_json
from rag.history.feedback import Choice, Feedback, Mark, Pair, all_pairs
from rag.types import Answer, Answered

EVERY = 0.5  # seconds between two looks at a run
CHOICES: tuple[Choice, ...] = ("left", "right", "tie", "neither")
COUNTS = (2, 3, 4)  # answers
LETTERS = "ABCD"


def page(config: Config) -> None:
    """Raises Fault where the index cannot be opened."""
    mine, language = session.current(), session.language()
    name = session.index(config.index)
    clicks.listen(session.CITED, mine.cite)
    st.html(render.title(say(language, "compare title"), say(language, "compare lead")))
    if not resources.index(config, name).pages():
        st.html(render.notice(say(language, "no sources")))
        return
    if mine.comparing:
        _watch(language, mine)
    elif mine.compared:
        _both(config, language, mine, mine.compared)
    else:
        _form(config, language, mine, name)
        _so_far(config, language)
    evidence.show(config, language, mine, name)


def begin(config: Config, mine: Session, question: str, sides: Sequence[Settings]) -> None:
    """Answer `question` with all settings, in an order drawn at random, in a thread; with the same ones twice by two
    samples of them. Raises Fault."""
    sides = [
        replace(side, seed=1 + secrets.randbelow(2**31 - 1)) if list(sides).count(side) > 1 else side for side in sides
    ]
    drawn = sorted(sides, key=lambda side: secrets.token_bytes(8))
    stopping, made = threading.Event(), []
    for side in drawn:
        chosen = applied(config, side)
        opened, reader = resources.index(chosen, side.index), resources.reader(chosen)
        made.append(parts_of(chosen, side, opened, StoppableReader(reader, stopping), visitors.owner()))

    def work(tell: Callable[[Answer], None]) -> None:
        for parts in made:
            for event in research(question, parts):
                if stopping.is_set() or isinstance(event, Answered):
                    tell(event.answer if isinstance(event, Answered) else _nothing(question))

    run = Run(work, resources.turn(config), stopping)
    mine.comparing = Comparing(question, tuple(drawn), run)


def _nothing(question: str) -> Answer:
    """What a stopped run tells: telling ends it."""
    return Answer(question, "en", "abstained", "", "stopped", (), (), (), (), {}, {})


def _form(config: Config, language: Language, mine: Session, index: str) -> None:
    offered = contestants(config, index)
    asked_last = mine.turns[-1].question if mine.turns else ""
    count: int = st.segmented_control(
        say(language, "compare count"), COUNTS, default=COUNTS[0], key=session.COMPARE_COUNT, required=True
    )
    with st.form("compare", border=False):
        question = st.text_area(
            say(language, "compare question"), session.current().question or asked_last, key=session.COMPARE, height=80
        )
        columns = st.columns(count)
        sides = [
            column.selectbox(
                say(language, "compare side", number=at + 1),
                offered,
                index=min(at, len(offered) - 1) if at < COUNTS[0] else 0,
                key=f"{session.SIDE}-{at}",
                format_func=lambda side: options.said(config, language, side),
            )
            for at, column in enumerate(columns)
        ]
        st.html(render.faint(say(language, "compare blind")))
        go = st.form_submit_button(say(language, "compare"), type="primary", icon=":material/balance:")
    if not go:
        return
    if not question.strip():
        st.html(render.notice(say(language, "compare empty"), fault=True))
    else:
        begin(config, mine, question.strip(), sides)
        st.rerun()


def contestants(config: Config, index: str) -> list[Settings]:
    """All settings that can be held against one another; the usual ones first."""
    usual = Settings(index)
    found = [usual, *(replace(usual, budget=budget) for budget in BUDGETS if budget != usual.budget)]
    found += [replace(usual, reader=reader) for reader in readers(config) if reader]
    return [*found, replace(usual, web=True)] if config.web.engine else found


@st.fragment(run_every=EVERY)
def _watch(language: Language, mine: Session) -> None:
    """Nothing of an answer is shown before both are there: neither its pace nor its length says whose it is."""
    comparing = mine.comparing
    if comparing is None:
        return
    run = comparing.run
    if run.over:
        mine.comparing = None
        mine.compared = Compared(comparing.question, comparing.sides, tuple(run.told), run.fault)
        mine.show_compared()
        st.rerun()
    st.html(render.question(comparing.question))
    numbers = {"number": min(len(run.told) + 1, len(comparing.sides)), "count": len(comparing.sides)}
    stage = say(language, "busy") if run.waiting else say(language, "compare writing", **numbers)
    with st.status(stage, state="running"):
        st.html(render.faint(say(language, "compare wait")))
    if st.button(say(language, "stop"), icon=":material/stop_circle:", key="stop"):
        run.stop()
        mine.comparing, mine.question = None, comparing.question
        st.rerun()


def _both(config: Config, language: Language, mine: Session, compared: Compared) -> None:
    st.html(render.question(compared.question))
    if len(compared.answers) < len(compared.sides):
        st.html(faults.notice(language, compared.fault or ""))
    else:
        columns = st.columns(len(compared.sides), gap="medium")
        for at, (column, answer) in enumerate(zip(columns, compared.answers, strict=True)):
            with column, st.container(border=True, key=f"compared-{at}"):
                _side(config, language, compared, at, answer)
        if compared.answers[0].text and len({answer.text for answer in compared.answers}) == 1:
            st.html(render.notice(say(language, "compare equal")))
        if compared.over:
            st.html(render.notice(_chosen(language, compared), say(language, "compare kept")))
        elif len(compared.sides) == COUNTS[0]:
            _vote(config, language, mine, compared)
        else:
            _rank(config, language, mine, compared)
    if st.button(say(language, "compare anew"), icon=":material/refresh:", key="compare-anew"):
        mine.compared, mine.question = None, compared.question
        st.rerun()
    if compared.over:
        _so_far(config, language)


def _side(config: Config, language: Language, compared: Compared, at: int, answer: Answer) -> None:
    """What made it and what it cost are hidden until the choice."""
    st.html(render.question(say(language, "compare answer", letter=LETTERS[at])))
    if compared.over:
        st.html(render.faint(options.said(config, language, compared.sides[at])))
    if answer.status == "abstained":
        st.html(render.abstained(answer))
    for number, sentence in enumerate(answer.sentences if answer.status == "answered" else ()):
        row = render.Row(sentence.text, sentence.citations, sentence.verdict)
        st.html(render.answer(language, COMPARED + at, [row], answer.quotes))
        st.feedback("thumbs", key=session.mark(at, number), disabled=compared.over)
    if answer.quotes:
        with st.expander(say(language, "quotes")):
            st.html(render.quotes(language, COMPARED + at, answer.quotes))
    if compared.over:
        st.html(render.figures(language, answer))


def _vote(config: Config, language: Language, mine: Session, compared: Compared) -> None:
    with st.container(horizontal=True, horizontal_alignment="center", key="vote"):
        for choice in CHOICES:
            if st.button(say(language, f"vote {choice}"), key=f"vote-{choice}"):
                left, right = compared.answers
                names = [options.named(config, side) for side in compared.sides]
                marks = _marks(compared, 0, 1)
                pair = Pair(compared.question, as_json(left), as_json(right), names[0], names[1], choice, marks)
                resources.feedback(config).add(pair, visitors.owner())
                mine.compared = replace(compared, choice=choice)
                st.rerun()


def _rank(config: Config, language: Language, mine: Session, compared: Compared) -> None:
    """Of more than two answers each has a place; those that share one are equally good."""
    places = range(1, len(compared.sides) + 1)
    with st.form("rank", border=False):
        st.html(render.faint(say(language, "rank help")))
        given = [
            column.segmented_control(say(language, "rank", letter=LETTERS[at]), places, key=session.rank(at))
            for at, column in enumerate(st.columns(len(compared.sides)))
        ]
        sent = st.form_submit_button(say(language, "rank keep"), type="primary")
    if not sent:
        return
    ranks = [place for place in given if place is not None]
    if len(ranks) < len(given):
        st.html(render.notice(say(language, "rank missing"), fault=True))
        return
    names = [options.named(config, side) for side in compared.sides]
    pairs = all_pairs(compared.question, [as_json(answer) for answer in compared.answers], names, ranks)
    sides = combinations(range(len(ranks)), 2)
    for pair, (left, right) in zip(pairs, sides, strict=True):
        resources.feedback(config).add(replace(pair, marks=_marks(compared, left, right)), visitors.owner())
    mine.compared = replace(compared, ranks=tuple(ranks))
    st.rerun()


def _chosen(language: Language, compared: Compared) -> str:
    if compared.choice is not None:
        return say(language, f"chose {compared.choice}")
    order = sorted(zip(compared.ranks, LETTERS, strict=False))
    return say(language, "ranked", order=", ".join(f"{letter} {place}" for place, letter in order))


def _marks(compared: Compared, left: int, right: int) -> tuple[Mark, ...]:
    """What was said of the sentences of the answers at these two places. Thumbs up is 1, thumbs down 0, and most
    sentences have neither."""
    sides: tuple[tuple[Literal["left", "right"], int], ...] = (("left", left), ("right", right))
    given = [
        Mark(side, number, bool(thumb))
        for side, at in sides
        for number in range(len(compared.answers[at].sentences))
        if (thumb := st.session_state.get(session.mark(at, number))) is not None
    ]
    return tuple(given)


def _so_far(config: Config, language: Language) -> None:
    store: Feedback = resources.feedback(config)
    owner = visitors.owner()
    kept, tallies = store.count(owner), store.tallies(owner)
    if not kept:
        return
    st.html(render.faint(say(language, "compare tally", count=kept)))
    for tally in tallies:
        counts = {"won": tally.won.hits, "n": tally.won.n, "ties": tally.ties}
        st.html(render.faint(say(language, "compare won", one=tally.one, other=tally.other, **counts)))
    st.download_button(
        say(language, "compare export"),
        lambda: "".join(store.lines(owner)),
        "pairs.jsonl",
        "application/jsonl",
        key="compare-export",
        on_click="ignore",
        icon=":material/download:",
        type="tertiary",
    )
