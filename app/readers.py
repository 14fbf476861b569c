"""Settings: which reader answers, whether text leaves the machine for it, and what else could answer here."""

from collections.abc import Callable

import streamlit as st

from app import door, faults, render, render_readers, resources, session
from app.runs import Run
from app.session import Session, Trying
from app.words import Language, say
from rag.config import Config
from rag.setup import choice, offers, trial
from rag.setup.offers import Offer

EVERY = 0.5  # seconds between two looks at a trial


def page(config: Config) -> None:
    """Raises Fault."""
    mine, language = session.current(), session.language()
    st.html(render.title(say(language, "settings"), say(language, "reader lead")))
    st.html(render_readers.current(language, config.reader, trial.kept(config.reader)))
    if not door.may_change(config):
        st.html(render.notice(say(language, "reader fixed")))
        return
    if earlier := choice.before():
        back_button(config, language, say(language, "reader back", name=earlier.model))
    if mine.trying:
        _watch(config, language, mine)
        return
    st.html(render.heading(say(language, "reader others"), say(language, "reader others lead")))
    if not mine.looked and st.button(say(language, "reader look"), icon=":material/search:", key="look"):
        door.require_change(config)
        mine.looked = True
        st.rerun()
    if mine.looked:
        st.html(render.faint(say(language, "reader looked")))
    if mine.untried is not None:
        st.html(faults.notice(language, mine.untried))
    if door.may_name_paths(config):
        label = say(language, "reader address")
        asked = st.text_input(label, mine.address, key=session.ADDRESS, placeholder="http://host:8000/v1")
        mine.address = asked.strip()
    if mine.address and not _at(mine.address):
        st.html(render.notice(say(language, "reader nobody", address=mine.address), fault=True))
    for number, offer in enumerate([*_at(mine.address), *_offers(mine.looked)]):
        _offer(config, language, mine, number, offer)


def back_button(config: Config, language: Language, words: str) -> None:
    if st.button(words, icon=":material/undo:", key="reader-back"):
        door.require_change(config)
        choice.back()
        st.rerun()


@st.cache_data(ttl=20, show_spinner=False)
def _offers(look: bool) -> list[Offer]:
    return offers.offers(look)


@st.cache_data(ttl=20, show_spinner=False)
def _at(address: str) -> list[Offer]:
    return offers.at(address) if address else []


def _offer(config: Config, language: Language, mine: Session, number: int, offer: Offer) -> None:
    tried = trial.kept(offer.reader)
    about, buttons = st.columns([4, 1], vertical_alignment="center")
    about.html(render_readers.offer(language, offer, tried))
    with buttons:
        if offer.reader.model == config.reader.model and offer.reader.address == config.reader.address:
            st.html(render_readers.answering(language))
            return
        if st.button(say(language, "reader try"), key=f"try-{number}", icon=":material/speed:"):
            _begin(config, mine, offer)
        if tried and st.button(say(language, "reader use"), key=f"use-{number}", type="primary"):
            door.require_change(config)
            choice.choose(trial.suited(offer.reader, tried), config.reader)
            st.rerun()


def _begin(config: Config, mine: Session, offer: Offer) -> None:
    door.require_change(config)

    def work(tell: Callable[[tuple[str, int, int]], None]) -> None:
        trial.try_out(offer.reader, config, lambda what, done, total: tell((what, done, total)))

    mine.untried, mine.trying = None, Trying(offer, Run(work, resources.turn(config)))
    st.rerun()


@st.fragment(run_every=EVERY)
def _watch(config: Config, language: Language, mine: Session) -> None:
    """The trial in the making."""
    trying = mine.trying
    if trying is None:
        return
    run = trying.run
    if run.over:
        mine.trying, mine.untried = None, run.fault
        st.rerun()
    st.html(render_readers.offer(language, trying.offer, None))
    what, done, total = run.told[-1] if run.told else ("speed", 0, 0)
    st.html(
        render.faint(say(language, "busy") if run.waiting else render_readers.progress(language, what, done, total))
    )
    st.progress(min(1.0, done / total) if total else 0.0)
    if st.button(say(language, "stop"), icon=":material/stop_circle:", key="stop-trial"):
        run.stop()
        mine.trying = None
        st.rerun()
