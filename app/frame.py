"""The sidebar: which index is asked, a new one, the conversations, and the interface's language."""

import re
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from app import clicks, door, history, render, render_readers, resources, session, works
from app.settings import applied
from app.words import LANGUAGES, NAMES, Language, say
from rag.config import Config
from rag.errors import IndexFault
from rag.index.files import index_folder

# What in the sidebar leads to something on the page, and up to which width (Streamlit's own) it lies over the page.
LEADS = "[data-testid=stSidebarNavLink], .st-key-begin-anew button, [class*='st-key-open-'] button"
NARROW = 768
_NAME = re.compile(r"\w[\w-]{0,39}")


def sidebar(config: Config, to_ask: Callable[[], object]) -> None:
    """`to_ask` goes to the page where conversations are. Raises Fault where a new index cannot be made."""
    mine, language = session.current(), session.language()
    history.restore(config, mine)
    works.restore(config, mine)
    clicks.uncover(session.UNCOVER, LEADS, NARROW)
    clicks.name_parts()
    with st.sidebar:
        door.warn_if_open(config, language)
        choice, making = st.container(), st.container()
        with making:  # first, though it stands below: what it makes is chosen above
            made = _new_index(config, language) if door.may_change(config) else ""
        with choice:
            chosen = made or session.index(config.index)
            session.choose_index(chosen)
            names = sorted({*resources.names(config), chosen})
            st.selectbox(say(language, "index"), names, key=session.INDEX, help=say(language, "index help"))
        if history.sidebar(config, language):
            to_ask()
        session.choose_language(language)
        st.segmented_control(
            say(language, "language"),
            LANGUAGES,
            key=session.LANGUAGE,
            format_func=lambda code: NAMES[code],
            required=True,
        )
        st.html(render_readers.line(language, applied(config, mine.settings).reader))
        door.way_out(config, language)


def _new_index(config: Config, language: Language) -> str:
    """A field for a new index's name; the name once it is made, else ""."""
    with st.popover(say(language, "new index"), icon=":material/add:", width="stretch"):
        with st.form("new-index-form", border=False):
            name = st.text_input(say(language, "new index name"), key=session.NEW_INDEX, max_chars=40).strip()
            asked = st.form_submit_button(say(language, "new index make"), type="primary")
        if not asked:
            return ""
        if not acceptable(name, resources.names(config)):
            st.html(render.notice(say(language, "new index refused"), fault=True))
            return ""
    door.require_change(config)
    resources.index(config, name, create=True)
    return name


def acceptable(name: str, taken: list[str]) -> bool:
    """Whether an index may be called so. Its folder lies beside the others and beside `uploads` and `originals`."""
    known = {other.casefold() for other in taken} | {"uploads", "originals"}
    try:
        index_folder(Path(), name)
    except IndexFault:
        return False
    return bool(_NAME.fullmatch(name)) and name.casefold() not in known
