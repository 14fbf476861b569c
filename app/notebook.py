"""The Notebook page: a note's answers, quotes and words of one's own, in an order of one's own, to take along."""

import functools
from collections.abc import Callable

import streamlit as st

from app import clicks, evidence, faults, past, render, resources, session, visitors
from app.confirm import confirm
from app.session import NOTED, Session
from app.words import Language, say
from rag.config import Config
from rag.errors import Fault
from rag.export.note import note_as_markdown
from rag.export.paper import FORMS
from rag.history.notes import Entry, Note, Notes, OpenNote
from rag.types import sha256

LONGEST = 20_000  # characters of a person's own words


def page(config: Config) -> None:
    """Raises Fault where the notes cannot be read."""
    mine, language = session.current(), session.language()
    kept, owner = resources.notes(config), visitors.owner()
    clicks.listen(session.CITED, mine.cite)
    st.html(render.title(say(language, "note title"), say(language, "note lead")))
    there = kept.of(owner)
    if there and mine.note not in {note.id for note in there}:
        mine.note = there[0].id
    _choose(language, mine, kept, owner, there)
    _rescue(language, mine, kept, owner)
    note = kept.open(owner, mine.note) if there else None
    if note is None:
        st.html(render.notice(say(language, "note none")))
        return
    _forms(note)
    for number in [number for number in mine.shown if number >= NOTED]:
        del mine.shown[number]
    for at, entry in enumerate(note.entries):
        with st.container(border=True, key=f"entry-{entry.id}"):
            _draw(language, mine, entry, NOTED + at)
            _actions(language, mine, kept, owner, note, at)
    with st.form(f"write-{note.id}", border=False, clear_on_submit=True):
        key = f"words-{note.id}"
        st.text_area(say(language, "note words"), key=key, height=110, max_chars=LONGEST)
        add = functools.partial(_add, kept, owner, note.id)
        st.form_submit_button(say(language, "note add"), icon=":material/add:", on_click=_keep, args=(mine, key, add))
    evidence.show(config, language, mine, session.index(config.index))


def _choose(language: Language, mine: Session, kept: Notes, owner: str, there: list[Note]) -> None:
    """Which note, a new one, another name for it, away with it."""
    titles = {note.id: note.title for note in there}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if there:
            key = f"note-chosen-{mine.note}"

            def look() -> None:
                mine.note = st.session_state[key]

            st.selectbox(
                say(language, "note choose"),
                list(titles),
                list(titles).index(mine.note),
                key=key,
                format_func=lambda note: titles.get(note, note),
                on_change=look,
            )
        with (
            st.popover(say(language, "note new"), icon=":material/add:"),
            st.form("note-new", border=False, clear_on_submit=True),
        ):
            title = st.text_input(say(language, "note name"), key="note-called", max_chars=80)
            if st.form_submit_button(say(language, "note make"), type="primary") and title.strip():
                mine.note = kept.begin(owner, title)
                st.rerun()
        if there:
            _change(language, mine, kept, owner, titles[mine.note])


def _change(language: Language, mine: Session, kept: Notes, owner: str, before: str) -> None:
    note = mine.note
    with (
        st.popover(say(language, "rename"), icon=":material/edit:"),
        st.form(f"note-rename-{note}", border=False),
    ):
        title = st.text_input(say(language, "note name"), before, key=f"note-title-{note}", max_chars=80)
        if st.form_submit_button(say(language, "rename"), type="primary") and title.strip():
            kept.rename(owner, note, title)
            st.rerun()
    if st.button(say(language, "delete"), icon=":material/delete:", key="note-delete"):
        mine.reading, mine.deleting = None, note  # one dialog at a time
    if mine.deleting != note:
        return

    def closed() -> None:
        mine.deleting = ""

    def what() -> None:
        st.html(render.question(before))
        st.html(render.faint(say(language, "note delete what")))

    yes = "delete", ":material/delete:"
    confirm(language, "note delete", what, yes, "keep", lambda: kept.delete(owner, note), closed, "delete-note")


def _forms(note: OpenNote) -> None:
    """Made when it is clicked, not before."""

    def written(ending: str) -> bytes:
        told = note_as_markdown(note.title, [(entry.kind, entry.body) for entry in note.entries])
        return FORMS[ending].write(told, note.title)

    with st.container(horizontal=True):
        for ending, form in FORMS.items():
            st.download_button(
                form.name,
                functools.partial(written, ending),
                f"note-{note.id[:8]}.{ending}",
                form.media_type,
                key=f"note-form-{ending}",
                on_click="ignore",
                icon=":material/download:",
            )


def _draw(language: Language, mine: Session, entry: Entry, number: int) -> None:
    match entry.kind:
        case "answer":
            st.html(render.question(entry.body["question"]))
            past.draw(mine, language, entry.body, number)
        case "quote":
            mine.shown[number] = past.quotes({"quotes": [entry.body["quote"]]})
            st.html(render.quotes(language, number, mine.shown[number]))
        case "text":
            st.markdown(entry.body["text"])


def _actions(language: Language, mine: Session, kept: Notes, owner: str, note: OpenNote, at: int) -> None:
    entry, last = note.entries[at], len(note.entries) - 1
    act = functools.partial(st.button, type="tertiary")
    with st.container(horizontal=True, gap="small"):
        for up, word, icon, off in ((True, "note up", "upward", at == 0), (False, "note down", "downward", at == last)):
            act(
                say(language, word),
                icon=f":material/arrow_{icon}:",
                key=f"{word}-{entry.id}",
                disabled=off,
                on_click=kept.move,
                args=(owner, note.id, entry.id, up),
            )
        if entry.kind == "text":
            edit = functools.partial(kept.edit, owner, note.id, entry.id)
            _write(language, mine, "note edit", entry.body["text"], f"edit-{entry.id}", edit)
        act(
            say(language, "note remove"),
            icon=":material/close:",
            key=f"remove-{entry.id}",
            on_click=kept.remove,
            args=(owner, note.id, entry.id),
        )
        if at < last:
            add = functools.partial(_add, kept, owner, note.id, after=entry.id)
            _write(language, mine, "note between", "", f"after-{entry.id}", add)


def _write(language: Language, mine: Session, word: str, before: str, form: str, keep: Callable[[str], object]) -> None:
    with (
        st.popover(say(language, word), icon=":material/edit_note:", type="tertiary"),
        st.form(form, border=False, clear_on_submit=not before),
    ):
        longest, key = max(LONGEST, len(before)), f"words-{form}"
        st.text_area(say(language, "note words"), before, key=key, height=110, max_chars=longest)
        st.form_submit_button(say(language, "note keep"), type="primary", on_click=_keep, args=(mine, key, keep))


def _add(kept: Notes, owner: str, note: str, said: str, after: str = "") -> bool:
    """Whether the note is there, and has the words now. Raises UsageFault."""
    return bool(kept.add(owner, note, "text", {"text": said}, after))


def _keep(mine: Session, key: str, keep: Callable[[str], object]) -> None:
    """Write down the words of a field, before the page is drawn, whose field may be there no more: in another tab the
    note may have been deleted meanwhile. Words that cannot be written are not lost."""
    said = str(st.session_state[key]).strip()
    if not said:
        return
    try:
        if not keep(said):
            mine.unkept = said, ""
    except Fault as fault:
        mine.unkept = said, str(fault)


def _rescue(language: Language, mine: Session, kept: Notes, owner: str) -> None:
    """The words that could not be written, why, and ways to keep them."""
    said, why = mine.unkept
    if not said:
        return
    st.html(faults.notice(language, why) if why else render.notice(say(language, "note gone"), fault=True))
    with st.form("unkept"):
        words = st.text_area(
            say(language, "note unkept"), said, key=f"words-{sha256(said)}", height=150, max_chars=LONGEST
        ).strip()
        with st.container(horizontal=True):
            anew = st.form_submit_button(say(language, "note anew"), type="primary", icon=":material/note_add:")
            away = st.form_submit_button(say(language, "note unkept away"), icon=":material/delete:")
    if anew and words:
        mine.note = kept.begin(owner, words)
        kept.add(owner, mine.note, "text", {"text": words})
    if away or (anew and words):
        mine.unkept = "", ""
        st.rerun()
