"""A page's views: which of them is looked at."""

from collections.abc import Sequence

import streamlit as st

from app.words import Language, say


def choose(language: Language, views: Sequence[str], key: str, words: str = "view") -> str:
    """The first until another is pressed. `words` with a view after it is the key of its name."""
    chosen: str = st.segmented_control(
        say(language, "view of"),
        views,
        default=views[0],
        key=key,
        format_func=lambda view: say(language, f"{words} {view}"),
        required=True,
        label_visibility="collapsed",
    )
    return chosen
