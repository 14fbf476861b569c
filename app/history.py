"""The conversations in the sidebar: open, search, rename, delete."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from app import render, resources, session, visitors
from app.confirm import confirm
from app.session import Session, Turn
from app.settings import Settings
from app.words import Language, say
from rag import wiring
from rag.config import Config
from rag.history.conversations import Kept

LISTED = 12
PARAMETER = "conversation"  # of the page's address, so that a reload comes back to it


def sidebar(config: Config, language: Language) -> bool:
    """Draw the list. Whether a conversation was opened or begun, which wants its page. Raises Fault."""
    mine, kept = session.current(), resources.conversations(config)
    visitors.remember()
    if mine.turns or mine.asking:
        st.button(
            say(language, "clear"),
            key="begin-anew",
            icon=":material/edit_square:",
            width="stretch",
            on_click=_come,
            args=(_begin_anew,),
        )
    searched = st.session_state.get(session.WANTED, "")
    found = kept.of(visitors.owner(), searched)
    if not found and not searched:
        return _came(mine)
    st.text_input(
        say(language, "conversations"),
        key=session.WANTED,
        placeholder=say(language, "conversations search"),
        icon=":material/search:",
    )
    if not found:
        st.html(render.faint(say(language, "conversations none")))
    more = len(found) > LISTED and not st.session_state.get(session.ALL_LISTED)
    for one in found[:LISTED] if more else found:
        with st.container(horizontal=True, gap=None, vertical_alignment="center", key=f"conversation-{one.id}"):
            st.button(
                render.label(one.title),
                key=f"open-{one.id}",
                type="secondary" if one.id == mine.conversation else "tertiary",
                width="stretch",
                on_click=_come,
                args=(partial(open_, config, mine, one.id),),
            )
            done = st.menu_button(
                "",
                ["rename", "delete"],
                key=f"do-{one.id}",
                icon=":material/more_horiz:",
                type="tertiary",
                help=say(language, "conversation more"),
                format_func=lambda what: say(language, what),
            )
        if done:
            mine.reading, mine.removing = None, ""  # one dialog at a time
            mine.renaming, mine.deleting = (one.id, "") if done == "rename" else ("", one.id)
    if more:
        st.toggle(say(language, "conversations all", count=len(found)), key=session.ALL_LISTED)
    _dialogs(config, language, mine, {one.id: one.title for one in found})
    return _came(mine)


def _come(open_one: Callable[[], object]) -> None:
    """Before the page is drawn, as the button may not be there any more when it is."""
    open_one()
    session.current().coming = True


def _came(mine: Session) -> bool:
    came, mine.coming = mine.coming, False
    return came


def _begin_anew() -> None:
    session.current().leave()
    st.query_params.pop(PARAMETER, None)


def restore(config: Config, mine: Session) -> None:
    """Come back to the conversation that the page's address names, where it is this visitor's."""
    named = st.query_params.get(PARAMETER, "")
    if mine.conversation:
        if named != mine.conversation:
            st.query_params[PARAMETER] = mine.conversation
    elif named and not mine.turns and not open_(config, mine, named):
        st.query_params.pop(PARAMETER, None)


def open_(config: Config, mine: Session, conversation: str) -> bool:
    """Show a conversation of this visitor, before the index's field is drawn. False where there is none."""
    found = resources.conversations(config).open(visitors.owner(), conversation, wiring.ledger(config).text)
    if found is None:
        return False
    mine.leave()
    mine.conversation, mine.settings = found.id, Settings.of(found.settings)
    mine.turns = turns(found.turns)
    if mine.settings.index in resources.names(config):
        session.choose_index(mine.settings.index)
    return True


def turns(kept: tuple[Kept, ...]) -> list[Turn]:
    """The versions of a turn as one, the last of them in front."""
    made: list[Turn] = []
    for one in kept:
        earlier = made.pop().versions if made and made[-1].id == one.turn else ()
        made.append(Turn(one.question, one.answer, one.fault or None, one.asked_as, earlier, one.turn))
    return made


def _dialogs(config: Config, language: Language, mine: Session, titles: dict[str, str]) -> None:
    kept, owner = resources.conversations(config), visitors.owner()

    def closed() -> None:
        mine.renaming = mine.deleting = ""

    def rename() -> None:
        with st.form("rename", border=False):
            said = st.text_input(
                say(language, "conversation title"), titles[mine.renaming], key=session.TITLE, max_chars=80
            )
            if st.form_submit_button(say(language, "rename"), type="primary") and said.strip():
                kept.rename(owner, mine.renaming, said)
                closed()
                st.rerun()

    def what() -> None:
        st.html(render.question(titles[mine.deleting]))
        st.html(render.faint(say(language, "conversation delete what")))

    def delete() -> None:
        kept.delete(owner, mine.deleting)
        if mine.deleting == mine.conversation:
            _begin_anew()

    if mine.renaming in titles:
        st.dialog(say(language, "rename"), on_dismiss=closed)(rename)()
    elif mine.deleting in titles:
        yes = "delete", ":material/delete:"
        confirm(language, "conversation delete", what, yes, "keep", delete, closed, "delete")
