"""One turn of a conversation, drawn: the question, how it was found, quotes, answer, what can be done with it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st

from app import exports, faults, render, render_ask, session, trail
from app.runs import Run
from app.session import STOPPED, Session, Turn
from app.settings import Settings
from app.words import Language, of_text, say
from rag.types import Answer

EVERY = 2.0  # seconds between two looks whether it is known what could be asked next


@dataclass(frozen=True, slots=True)
class Doing:
    """What a click on a turn does; `again` with other settings for that once. `add_sources` draws a link, `opinion` the
    thumbs under an answer, `save` the way into a note, `share` the link to it, `remedies` what can be tried where there
    is none."""

    add_sources: Callable[[], object]
    ask: Callable[[str], None]
    again: Callable[[str, Settings | None], None]
    opinion: Callable[[Answer], None]
    save: Callable[[Answer], None]
    share: Callable[[Answer], None]
    remedies: Callable[[Answer, Callable[[Settings], None]], None]


def show(language: Language, number: int, doing: Doing, last: bool) -> None:
    """`last` turns can be asked again and followed up."""
    mine = session.current()
    turn, versions = mine.turn(number), mine.turns[number].versions
    question(turn.question)
    with st.chat_message("assistant", avatar=":material/fact_check:"):
        if turn.asked_as:
            _understood(language, number, turn, doing if last else None)
        if turn.answer is None:
            why = {None: "unfinished", STOPPED: "stopped"}.get(turn.fault)
            st.html(render.notice(say(language, why)) if why else faults.notice(language, turn.fault or ""))
        else:
            given = turn.answer
            trail.show(language, number, versions.index(turn), given.steps)
            again = partial(doing.again, turn.asked_as)
            remedies = partial(doing.remedies, given, again) if last else None
            body(language, number, given, turn.fault or "", remedies, doing.add_sources)
        if last or turn.answer:
            _actions(language, number, turn, doing, last)
    if last and turn.answer:
        _suggested(language, mine, doing)


def question(text: str) -> None:
    with st.chat_message("user", avatar=":material/person:"):
        st.html(render.question(text))


def body(
    language: Language,
    number: int,
    given: Answer,
    fault: str = "",
    remedies: Callable[[], None] | None = None,
    add_sources: Callable[[], object] | None = None,
) -> None:
    """What an answer says, its quotes and its figures; `fault` is why it did not come to its end. Where it is none,
    `remedies` and `add_sources` draw what can be done."""
    if given.status == "answered":
        _answered(language, number, given)
    else:
        if fault:
            st.html(render.notice(say(language, "stopped") if fault == STOPPED else fault))
        else:
            st.html(render.abstained(given))
            if remedies:
                remedies()
            if add_sources:
                add_sources()
        _withheld(language, number, given)
    st.html(render.figures(language, given))


def _answered(language: Language, number: int, given: Answer) -> None:
    used, unused = render.by_use(given.quotes, given.sentences)
    st.html(render.answer(language, number, _rows(given), given.quotes))
    st.html(render.quotes(language, number, used, given.extract))
    if unused:
        with st.expander(say(language, "unused", count=len(unused))):
            st.html(render.quotes(language, number, unused))
    for sentence in given.sentences:
        if sentence.computation:
            with st.expander(say(language, "program"), icon=":material/calculate:"):
                st.html(render_ask.computation(language, number, sentence.computation))
    if given.conflicts:
        st.html(render.conflicts(language, number, given.conflicts))


def _withheld(language: Language, number: int, given: Answer) -> None:
    """What there is where there is no answer, on request."""
    spoken = of_text(given.language)
    if given.quotes:
        with st.expander(say(spoken, "nearest", count=len(given.quotes))):
            st.html(render.quotes(language, number, given.quotes, given.extract))
    if given.sentences:
        with st.expander(say(spoken, "refused draft")):
            st.html(render.answer(language, number, _rows(given), given.quotes))


def _rows(given: Answer) -> list[render.Row]:
    return [render.Row(one.text, one.citations, one.verdict) for one in given.sentences]


def _understood(language: Language, number: int, turn: Turn, doing: Doing | None) -> None:
    """What a follow-up was searched as; the last one can be put right and asked again."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.html(render_ask.understood(language, turn.asked_as), width="content")
        if doing is None:
            return
        opened = st.popover(say(language, "put right"), icon=":material/edit:", type="tertiary")
        with opened, st.form(f"understood-{number}", border=False):
            key = f"{session.UNDERSTOOD}-{number}"
            said = st.text_area(say(language, "understood help"), turn.asked_as, key=key, height=100)
            if st.form_submit_button(say(language, "ask again"), type="primary") and said.strip():
                doing.again(said.strip(), None)


def _actions(language: Language, number: int, turn: Turn, doing: Doing, last: bool) -> None:
    mine = session.current()
    versions = mine.turns[number].versions
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"actions-{number}"):
        if turn.answer and turn.answer.id:
            doing.opinion(turn.answer)
            doing.save(turn.answer)
        if last and st.button(
            say(language, "regenerate"), icon=":material/refresh:", type="tertiary", key=f"again-{number}"
        ):
            doing.again(turn.asked_as, None)
        if turn.answer and turn.answer.id:
            doing.share(turn.answer)
            export(language, number, turn.answer)
        if len(versions) > 1:
            _versions(language, number, versions)


def export(language: Language, number: int, given: Answer) -> None:
    """Made when it is clicked, not before."""
    with st.popover(say(language, "export"), icon=":material/download:", type="tertiary", key=f"export-{number}"):
        for name, form in exports.FORMS.items():
            st.download_button(
                name,
                partial(form.write, [given]),
                f"{given.id}.{form.ending}",
                form.media_type,
                key=f"export-{number}-{form.ending}",
                on_click="ignore",
                type="tertiary",
            )
        mine = session.current()
        whole = [turn.answer for turn in mine.turns if turn.answer and turn.answer.id]
        if len(whole) > 1:
            st.download_button(
                say(language, "export all"),
                partial(exports.FORMS["PDF"].write, whole),
                "conversation.pdf",
                "application/pdf",
                key=f"export-{number}-all",
                on_click="ignore",
                type="tertiary",
            )


def _versions(language: Language, number: int, versions: Sequence[Turn]) -> None:
    mine, key = session.current(), f"{session.VERSION}-{number}-{len(versions)}"
    st.session_state.setdefault(key, mine.looked_at.get(number, len(versions) - 1))

    def chosen() -> None:
        mine.looked_at[number] = st.session_state[key]

    st.segmented_control(
        say(language, "version"),
        range(len(versions)),
        key=key,
        format_func=lambda at: str(at + 1),
        required=True,
        label_visibility="collapsed",
        width="content",
        on_change=chosen,
    )


def _suggested(language: Language, mine: Session, doing: Doing) -> None:
    """What could be asked next. While it is being thought of, it is looked for every other second."""
    run = mine.following
    if run is None:
        return
    if not run.over:
        _waited(run)
        return
    if not run.told:
        return
    st.html(render.faint(say(language, "suggested")))
    with st.container(key="suggested", gap="small"):
        for at, question in enumerate(run.told):
            if st.button(render.label(question), key=f"suggested-{at}", icon=":material/subdirectory_arrow_right:"):
                doing.ask(question)


@st.fragment(run_every=EVERY)
def _waited(run: Run[str]) -> None:
    if run.over:
        st.rerun()
