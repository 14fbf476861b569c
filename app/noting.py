"""Saving to a note with one click: the note looked at or saved to last, else the one used last, else a new one."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from app import resources, session, visitors
from app.words import Language, say
from rag.config import Config
from rag.export.json import as_json
from rag.history.notes import Kind
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
        title = keep(config, kind, body(), given.question)
        st.toast(say(language, "note saved", title=title))


def keep(config: Config, kind: Kind, body: Mapping[str, Any], called: str) -> str:
    """Add an entry; a note that has to be made is `called` so. The note's title. Raises IndexFault."""
    mine, kept, owner = session.current(), resources.notes(config), visitors.owner()
    there = kept.of(owner)
    if not there:
        kept.begin(owner, called)
        there = kept.of(owner)
    note = next((note for note in there if note.id == mine.note), there[0])
    kept.add(owner, note.id, kind, body)
    mine.note = note.id
    return note.title
