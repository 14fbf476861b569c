"""What a visitor thinks of an answer: a thumb, a word on each sentence, and what is right instead, which becomes a
source of theirs."""

import streamlit as st

from app import door, faults, render, resources, session, uploads, visitors
from app.words import Language, say
from rag.answering.corrections import correct
from rag.config import Config
from rag.errors import Fault
from rag.export.json import as_json
from rag.history.feedback import WORDS, Opinion, Remark
from rag.types import Answer


def show(config: Config, language: Language, index: str, given: Answer) -> None:
    """The thumbs, the words on sentences and, where this visitor may change the sources, the way to put the answer
    right."""
    _thumbs(config, given)
    if given.status == "answered":
        _remarks(config, language, given)
    if not door.may_change(config):
        return
    with (
        st.popover(say(language, "correct"), icon=":material/edit_note:", type="tertiary", key=f"correct-{given.id}"),
        st.form(f"correcting-{given.id}", border=False, clear_on_submit=True),
    ):
        said = st.text_area(say(language, "correct help"), key=f"{session.CORRECTED}-{given.id}", height=100)
        sent = st.form_submit_button(say(language, "correct save"), type="primary")
    if sent and said.strip():
        try:
            keep(config, index, given, said)
        except Fault as fault:
            st.html(faults.notice(language, str(fault)))
        else:
            st.toast(say(language, "correct kept"))


def keep(config: Config, index: str, given: Answer, said: str) -> None:
    """Keep what is right as a source, and as what this visitor thinks of the answer. Raises Fault."""
    door.require_change(config)
    opened, folder = resources.index(config, index), uploads.folder(config, index)
    for outcome in correct(given.id, given.question, said, folder, opened, config):
        if outcome.error:
            raise Fault(outcome.error)
    opened.flush()
    resources.feedback(config).say(Opinion(as_json(given), False, said), visitors.owner())


def _thumbs(config: Config, given: Answer) -> None:
    kept, owner, key = resources.feedback(config), visitors.owner(), f"{session.RATED}-{given.id}"
    before = kept.thumb(given.id, owner)
    if before is not None:
        st.session_state.setdefault(key, int(before))

    def rate() -> None:
        thumb = st.session_state[key]
        if thumb is None:
            kept.take_back(given.id, owner)
        else:
            kept.say(Opinion(as_json(given), bool(thumb)), owner)

    st.feedback("thumbs", key=key, on_change=rate)


def _remarks(config: Config, language: Language, given: Answer) -> None:
    """One word on each sentence, or none."""
    kept, owner = resources.feedback(config), visitors.owner()
    said = kept.words(given.id, owner)
    with st.popover(say(language, "remark"), icon=":material/rate_review:", type="tertiary", key=f"remarks-{given.id}"):
        for number, sentence in enumerate(given.sentences):
            key = session.remark(given.id, number)
            if number in said:
                st.session_state.setdefault(key, said[number])

            def remark(number: int = number, key: str = key) -> None:
                word = st.session_state[key]
                if word is None:
                    kept.unsay(given.id, number, owner)
                else:
                    kept.remark(Remark(as_json(given), number, word), owner)

            st.pills(
                render.label(sentence.text),
                WORDS,
                key=key,
                on_change=remark,
                format_func=lambda word: say(language, f"remark {word}"),
            )
