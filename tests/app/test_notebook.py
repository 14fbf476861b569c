"""Answers are saved with a click, put in order, written between and taken along."""

import sqlite3
from contextlib import closing

import pytest
from streamlit.testing.v1 import AppTest

from app import noting, resources
from app.session import NOTED, Session
from rag.config import REPOSITORY
from rag.errors import UsageFault
from rag.history.notes import MOST_ENTRIES
from tests.app.conftest import SOON, shown, state
from tests.app.test_page import ask, button

LIT, TEA = "When was the lighthouse lit?", "首届雁枕春茶节是哪一年举办的？"


def notebook_page() -> None:
    from app import notebook
    from rag.config import load

    notebook.page(load())


def open_notebook(secret: str = "one", note: str = "") -> AppTest:
    test = AppTest.from_function(notebook_page, default_timeout=SOON)
    test.session_state["vouch"] = Session(secret=secret, note=note)
    return test.run()


def owner_of(secret: str) -> str:
    from rag.types import sha256

    return "browser:" + sha256(secret)


def labelled(test: AppTest, label: str):
    return [found for found in test.button if found.label == label]


@pytest.fixture
def saved(site):
    """Two answers, each saved with a click under it."""
    test = AppTest.from_file(str(REPOSITORY / "app" / "main.py"), default_timeout=SOON)
    test.session_state["vouch"] = Session(secret="one")
    test = ask(test.run(), LIT)
    test = labelled(test, "Save to note")[-1].click().run()
    test = ask(test, TEA)
    test = labelled(test, "Save to note")[-1].click().run()
    assert not test.exception
    return test


def entries(site) -> list[str]:
    kept = resources.notes(site.config)
    [note] = kept.of(owner_of("one"))
    return [entry.body.get("question") or entry.body["text"] for entry in kept.open(owner_of("one"), note.id).entries]


def test_the_first_click_makes_a_note_and_the_next_adds_to_it(site, saved):
    [note] = resources.notes(site.config).of(owner_of("one"))
    assert note.title == LIT and entries(site) == [LIT, TEA]
    html = shown(open_notebook())
    assert html.count('<li class="supported">') >= 2 and f'data-cite="{NOTED}:1"' in html


def test_entries_are_moved_written_between_edited_and_removed(site, saved):
    test = open_notebook()
    test = labelled(test, "Move down")[0].click().run()
    assert entries(site) == [TEA, LIT]
    test.text_area[0].set_value("*Between*")
    test = labelled(test, "Keep it")[0].click().run()
    assert entries(site) == [TEA, "*Between*", LIT]
    assert "*Between*" in [found.value for found in test.markdown]
    test.text_area[1].set_value("Other words")
    test = labelled(test, "Keep it")[1].click().run()
    assert entries(site) == [TEA, "Other words", LIT]
    test = labelled(test, "Remove")[0].click().run()
    test.text_area[-1].set_value("At the end")
    test = labelled(test, "Add to the note")[0].click().run()
    assert not test.exception and entries(site) == ["Other words", LIT, "At the end"]


def test_a_citation_in_a_note_opens_its_page_at_the_quote(site, saved):
    test = open_notebook()
    state(test).cite(f"{NOTED}:1")
    assert '<mark id="quote">' in shown(test.run())


def test_a_quote_is_saved_from_the_page_where_it_stands(site, saved):
    state(saved).cite("0:1")
    test = saved.run()
    one = next(found for found in test.button if found.key == f"note-{state(test).turns[0].answer.id}-1")
    assert not one.click().run().exception
    kept = resources.notes(site.config)
    [note] = kept.of(owner_of("one"))
    last = kept.open(owner_of("one"), note.id).entries[-1]
    assert last.kind == "quote" and last.body["quote"]["text"] == state(test).turns[0].answer.quotes[0].text
    assert last.body["answer"] == state(test).turns[0].answer.id and last.body["page"]["source"]
    assert last.body["quote"]["text"] in shown(open_notebook())


def test_a_note_is_renamed_and_deleted_after_asking_and_others_are_chosen(site):
    kept, owner = resources.notes(site.config), owner_of("one")
    first, second = kept.begin(owner, "First"), kept.begin(owner, "Second")
    test = open_notebook()
    assert test.selectbox[0].value == second
    test = test.selectbox[0].set_value(first).run()
    assert state(test).note == first and test.selectbox[0].value == first
    next(found for found in test.text_input if found.key == f"note-title-{first}").set_value("Renamed")
    test = next(found for found in labelled(test, "Rename")).click().run()
    assert {note.title for note in kept.of(owner)} == {"Renamed", "Second"}
    test = button(test, "note-delete").click().run()
    assert len(kept.of(owner)) == 2
    test = button(test, "delete-note-yes").click().run()
    assert not test.exception and [note.title for note in kept.of(owner)] == ["Second"]
    next(found for found in test.text_input if found.key == "note-called").set_value("Third")
    test = labelled(test, "Make it")[0].click().run()
    assert test.selectbox[0].value == kept.of(owner)[0].id and kept.of(owner)[0].title == "Third"


def test_a_note_is_its_owners_and_can_be_taken_along_in_three_forms(site, saved):
    [note] = resources.notes(site.config).of(owner_of("one"))
    assert {"Markdown", "Word", "PDF"} <= {one.proto.label for one in open_notebook().get("download_button")}
    other = open_notebook("two", note.id)
    assert "There is no note yet" in shown(other) and LIT not in shown(other)


def test_what_is_saved_to_a_note_that_is_gone_begins_another(site):
    """It may have been deleted in another tab between the look at the list and the saving."""
    kept, owner = resources.notes(site.config), owner_of("one")
    gone = kept.begin(owner, "Gone")
    kept.delete(owner, gone)
    made = noting.added(kept, owner, gone, "answer", {"id": "a1", "question": "When?"}, "When?")
    again = noting.added(kept, owner, made, "answer", {"id": "a2", "question": "Who?"}, "Who?")
    assert again == made != gone and [note.title for note in kept.of(owner)] == ["When?"]
    assert [entry.body["id"] for entry in kept.open(owner, made).entries] == ["a1", "a2"]


def test_a_full_note_says_so_under_the_answer(site, saved):
    kept, owner = resources.notes(site.config), owner_of("one")
    [note] = kept.of(owner)
    with closing(sqlite3.connect(kept.path)) as database, database:
        rows = [(f"e{at}", note.id, at, "text", "", '{"text": "x"}', "2026-01-01") for at in range(2, MOST_ENTRIES)]
        database.executemany("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    test = labelled(saved, "Save to note")[-1].click().run()
    assert not test.exception and str(UsageFault("note.full", most=MOST_ENTRIES)) in shown(test)
    assert len(kept.open(owner, note.id).entries) == MOST_ENTRIES


def test_own_words_have_an_end(site):
    resources.notes(site.config).begin(owner_of("one"), "First")
    assert open_notebook().text_area[-1].proto.max_chars > 0


WORDS = "What I think of it, at length."


def rescue(test: AppTest, site) -> list[str]:
    """Keep the words that are on the screen in a new note; the titles of all notes."""
    assert not test.exception and WORDS in [area.value for area in test.text_area]
    test = labelled(test, "Keep it in a new note")[0].click().run()
    assert not test.exception and WORDS in [found.value for found in test.markdown]
    assert not labelled(test, "Keep it in a new note")  # nothing is left to be kept
    return [note.title for note in resources.notes(site.config).of(owner_of("one"))]


@pytest.mark.parametrize("another", [False, True])
def test_words_for_a_note_that_was_deleted_meanwhile_stay_on_the_screen(site, another):
    kept, owner = resources.notes(site.config), owner_of("one")
    other = kept.begin(owner, "Other") if another else ""
    gone = kept.begin(owner, "Gone")
    test = open_notebook(note=gone)
    test.text_area[-1].set_value(WORDS)
    kept.delete(owner, gone)
    test = labelled(test, "Add to the note")[0].click().run()
    assert "were not written" in shown(test)
    assert rescue(test, site) == [WORDS, *(["Other"] if another else [])]
    assert not another or kept.open(owner, other).entries == ()


def test_other_words_for_an_entry_that_was_removed_meanwhile_stay_on_the_screen(site):
    kept, owner = resources.notes(site.config), owner_of("one")
    note = kept.begin(owner, "First")
    entry = kept.add(owner, note, "text", {"text": "old"})
    test = open_notebook(note=note)
    test.text_area[0].set_value(WORDS)
    kept.remove(owner, note, entry)
    test = labelled(test, "Keep it")[0].click().run()
    assert "were not written" in shown(test) and rescue(test, site) == [WORDS, "First"]


def test_words_that_could_not_be_written_are_discarded_on_request(site):
    kept, owner = resources.notes(site.config), owner_of("one")
    gone = kept.begin(owner, "Gone")
    test = open_notebook(note=gone)
    test.text_area[-1].set_value(WORDS)
    kept.delete(owner, gone)
    test = labelled(test, "Add to the note")[0].click().run()
    test = labelled(test, "Discard")[0].click().run()
    assert not test.exception and "were not written" not in shown(test) and not test.text_area
    assert kept.of(owner) == []
