"""How an answer was found, step by step: a timeline that can be walked through and played."""

from collections.abc import Sequence

import streamlit as st

from app import render, render_ask, session
from app.words import Language, say
from rag.types import Step

EVERY = 1.2  # seconds a step is shown for while the trail is played


def show(language: Language, number: int, version: int, taken: Sequence[Step]) -> None:
    """Under a line that says what the steps amount to; drawn only where it is opened."""
    name = f"{number}-{version}"
    opened = st.expander(
        render.summary(language, taken), icon=":material/route:", key=f"{session.TRAIL}-{name}", on_change="rerun"
    )
    if not opened.open or not taken:
        return
    with opened:
        if name in session.current().played:
            _play(language, name, taken)
        else:
            _walk(language, name, taken)


@st.fragment
def _walk(language: Language, name: str, taken: Sequence[Step]) -> None:
    """One step, chosen with a slider (arrow keys move it)."""
    at = 1
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"walk-{name}"):
        if len(taken) > 1:
            at = st.slider(say(language, "trail step"), 1, len(taken), key=f"{session.TRAIL_AT}-{name}")
        if st.button(say(language, "trail play"), icon=":material/play_arrow:", key=f"play-{name}"):
            session.current().played[name] = 0
            st.rerun()
    _moment(language, taken, at - 1)


@st.fragment(run_every=EVERY)
def _play(language: Language, name: str, taken: Sequence[Step]) -> None:
    """A step further at each look; after the last one the slider is there again."""
    played = session.current().played
    at = played.get(name, len(taken))
    if at >= len(taken):
        played.pop(name, None)
        st.rerun()
    played[name] = at + 1
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"walk-{name}"):
        st.progress((at + 1) / len(taken), text=f"{at + 1} / {len(taken)}")
        if st.button(say(language, "stop"), icon=":material/stop_circle:", key=f"pause-{name}"):
            played.pop(name, None)
            st.rerun()
    _moment(language, taken, at)


def _moment(language: Language, taken: Sequence[Step], at: int) -> None:
    left, right = st.columns([2, 3])
    with left:
        st.html(render_ask.trail(language, taken, at))
    with right:
        st.html(render_ask.moment(language, taken, at))
