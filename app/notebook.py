"""The Notebook page: a note's answers, quotes and words of one's own, in an order of one's own, to take along."""

import functools
from collections.abc import Callable

import streamlit as st

from app import clicks, evidence, faults, past, render, resources, session, visitors
from app.confirm import confirm
from app.session import NOTED, Session
from app.words import Language, say
from rag.config import Config
from rag.errors import UsageFault
from rag.export.note import note_as_markdown
from rag.export.paper import FORMS
from rag.history.notes import Entry, Note, Notes, OpenNote

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
            _actions(language, kept, owner, note, at)
    with st.form(f"write-{note.id}", border=False, clear_on_submit=True):
        said = st.text_area(say(language, "note words"), key=f"words-{note.id}", height=110, max_chars=LONGEST)
        if st.form_submit_button(say(language, "note add"), icon=":material/add:") and said.strip():
            _keep(language, lambda: kept.add(owner, note.id, "text", {"text": said.strip()}))
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


def _actions(language: Language, kept: Notes, owner: str, note: OpenNote, at: int) -> None:
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
            _write(
                language,
                "note edit",
                entry.body["text"],
                f"edit-{entry.id}",
                lambda said: kept.edit(owner, note.id, entry.id, said),
            )
        act(
            say(language, "note remove"),
            icon=":material/close:",
            key=f"remove-{entry.id}",
            on_click=kept.remove,
            args=(owner, note.id, entry.id),
        )
        if at < last:
            _write(
                language,
                "note between",
                "",
                f"after-{entry.id}",
                lambda said: kept.add(owner, note.id, "text", {"text": said}, after=entry.id),
            )


def _write(language: Language, word: str, before: str, key: str, keep: Callable[[str], object]) -> None:
    with (
        st.popover(say(language, word), icon=":material/edit_note:", type="tertiary"),
        st.form(key, border=False, clear_on_submit=not before),
    ):
        longest = max(LONGEST, len(before))
        said = st.text_area(say(language, "note words"), before, key=f"words-{key}", height=110, max_chars=longest)
        if st.form_submit_button(say(language, "note keep"), type="primary") and said.strip():
            _keep(language, lambda: keep(said.strip()))


def _keep(language: Language, keep: Callable[[], object]) -> None:
    """Look at the note anew, or say why it could not be written to."""
    try:
        keep()
    except UsageFault as fault:
        st.html(faults.notice(language, str(fault)))
    else:
        st.rerun()
