"""Saving to a note with one click: the note looked at or saved to last, else the one used last, else a new one."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from app import faults, resources, session, visitors
from app.words import Language, say
from rag.config import Config
from rag.errors import UsageFault
from rag.export.json import as_json
from rag.history.notes import Kind, Notes
from rag.types import Answer


def save(config: Config, language: Language, given: Answer) -> None:
    """The button under an answer."""
    _button(config, language, given, f"note-{given.id}", "answer", lambda: as_json(given))


def save_quote(config: Config, language: Language, given: Answer, number: int) -> None:
    """The button beside a quote of an answer."""

    def body() -> dict[str, Any]:
        told = as_json(given)
        quote = next(one for one in told["quotes"] if one["id"] == number)
        page: dict[str, str] = next((one for one in told["sources"] if one["sha256"] == quote["page_sha256"]), {})
        return {"answer": given.id, "question": given.question, "quote": quote, "page": page}

    _button(config, language, given, f"note-{given.id}-{number}", "quote", body)


def _button(
    config: Config, language: Language, given: Answer, key: str, kind: Kind, body: Callable[[], Mapping[str, Any]]
) -> None:
    if st.button(say(language, "note save"), icon=":material/bookmark_add:", type="tertiary", key=key):
        try:
            title = keep(config, kind, body(), given.question)
        except UsageFault as fault:
            st.html(faults.notice(language, str(fault)))
        else:
            st.toast(say(language, "note saved", title=title))


def keep(config: Config, kind: Kind, body: Mapping[str, Any], called: str) -> str:
    """Add an entry; a note that has to be made is `called` so. The note's title. Raises IndexFault; UsageFault where
    the note is full."""
    mine, kept, owner = session.current(), resources.notes(config), visitors.owner()
    ids = [note.id for note in kept.of(owner)]
    mine.note = added(kept, owner, mine.note if mine.note in ids else "".join(ids[:1]), kind, body, called)
    return next((note.title for note in kept.of(owner) if note.id == mine.note), called)


def added(kept: Notes, owner: str, note: str, kind: Kind, body: Mapping[str, Any], called: str) -> str:
    """Add an entry to `note`, or to a new one that is `called` so where it is not there, or not there any more: in
    another tab it may just have been deleted. The id of the note that has the entry."""
    if not kept.add(owner, note, kind, body):
        note = kept.begin(owner, called)
        kept.add(owner, note, kind, body)
    return note
