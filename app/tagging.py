"""Tags on the Sources page: to show by, and to give to or take from the sources that are picked."""

from collections.abc import Sequence

import streamlit as st

from app import door, render, session
from app.render_source import Shelved
from app.words import Language, say
from rag.config import Config
from rag.index.index import Index
from rag.text.tags import tags, without


def all_tags(shelf: Sequence[Shelved]) -> list[str]:
    """Each once, by name."""
    return sorted(tags(tag for one in shelf for tag in one.tags), key=str.casefold)


def wanted(language: Language, shelf: Sequence[Shelved]) -> list[Shelved]:
    """Those that have one of the tags chosen; all where none is."""
    known = all_tags(shelf)
    if not known:
        return list(shelf)
    chosen = st.pills(say(language, "tags"), known, selection_mode="multi", key=session.TAGS, format_func="#{}".format)
    return [one for one in shelf if len(without(one.tags, chosen)) < len(one.tags)] if chosen else list(shelf)


def change(config: Config, language: Language, index: Index, shown: Sequence[Shelved], picked: Sequence[str]) -> None:
    """A field and two buttons for the sources that are `picked`, or for all that are `shown`."""
    held = [one for one in shown if one.standing != "failed"]
    every = st.toggle(say(language, "pick all", count=len(held)), key=session.PICK_ALL)
    uris = [one.uri for one in held] if every else list(picked)
    if not uris:
        return
    with st.form("tagging", clear_on_submit=True):
        names: list[str] = st.multiselect(
            say(language, "tags of", count=len(uris)),
            all_tags(shown),
            key=session.NEW_TAGS,
            accept_new_options=True,
            placeholder=say(language, "tags placeholder"),
        )
        with st.container(horizontal=True):
            give = st.form_submit_button(say(language, "tag give"), icon=":material/label:", key="tag-give")
            take = st.form_submit_button(say(language, "tag take"), icon=":material/label_off:", key="tag-take")
    if not (give or take):
        return
    door.require_change(config)
    if not tags(names):
        st.html(render.notice(say(language, "tags none"), fault=True))
        return
    index.tag(uris, give=names if give else (), take=names if take else ())
    st.rerun()
