"""Asking before something is done that cannot be taken back by a click."""

from collections.abc import Callable

import streamlit as st

from app.words import Language, say


def confirm(
    language: Language,
    title: str,
    what: Callable[[], None],
    yes: tuple[str, str],
    no: str,
    act: Callable[[], None],
    closed: Callable[[], None],
    key: str,
) -> None:
    """A dialog with two buttons: `what` draws what it is about, `yes` is (word, icon) of the one that does `act`.
    However it ends, `closed` is called. `title`, `no` and the word are keys of the words. `act` may raise Fault."""

    def inside() -> None:
        what()
        with st.container(horizontal=True):
            word, icon = yes
            if st.button(say(language, word), key=f"{key}-yes", type="primary", icon=icon):
                act()
                closed()
                st.rerun()
            if st.button(say(language, no), key=f"{key}-no"):
                closed()
                st.rerun()

    st.dialog(say(language, title), on_dismiss=closed)(inside)()
