"""Notes keep their entries in the order somebody gave them, and belong to one owner."""

import sqlite3
from contextlib import closing

import pytest

from rag.errors import UsageFault
from rag.history.notes import MOST_ENTRIES, Notes

ANSWER = {"id": "a1", "question": "When?", "answer": "In 1861."}
QUOTE = {"answer": "a2", "question": "Who?", "language": "en", "quote": {"id": 1, "text": "Ann built it."}}


@pytest.fixture
def notes(tmp_path):
    return Notes(tmp_path / "notes.sqlite")


def said(notes, note, owner="ann"):
    return [entry.body.get("text") or entry.kind for entry in notes.open(owner, note).entries]


def test_what_is_put_in_comes_back_in_order_after_it_was_moved(notes):
    note = notes.begin("ann", "  The \n lighthouse ")
    first = notes.add("ann", note, "answer", ANSWER)
    last = notes.add("ann", note, "quote", QUOTE)
    between = notes.add("ann", note, "text", {"text": "*Mine*"}, after=first)
    assert said(notes, note) == ["answer", "*Mine*", "quote"]
    notes.move("ann", note, last, up=True)
    assert said(notes, note) == ["answer", "quote", "*Mine*"]
    notes.move("ann", note, first, up=True)
    notes.move("ann", note, between, up=False)
    assert said(notes, note) == ["answer", "quote", "*Mine*"]
    notes.move("ann", note, first, up=False)
    notes.remove("ann", note, last)
    notes.edit("ann", note, between, "other words")
    opened = Notes(notes.path).open("ann", note)
    assert opened.title == "The lighthouse"
    assert [entry.body for entry in opened.entries] == [ANSWER, {"text": "other words"}]


def test_what_an_answer_says_cannot_be_edited(notes):
    note = notes.begin("ann", "n")
    entry = notes.add("ann", note, "answer", ANSWER)
    notes.edit("ann", note, entry, "In 1999.")
    assert notes.open("ann", note).entries[0].body == ANSWER


def test_the_note_last_used_is_first_and_an_empty_title_changes_nothing(notes):
    old, new = notes.begin("ann", "old"), notes.begin("ann", "new")
    assert [note.id for note in notes.of("ann")] == [new, old]
    notes.add("ann", old, "text", {"text": "x"})
    notes.rename("ann", old, "  ")
    assert [note.title for note in notes.of("ann")] == ["old", "new"]
    notes.rename("ann", old, "older")
    notes.delete("ann", new)
    assert [(owner, note.title) for owner, note in notes.everyones()] == [("ann", "older")]
    assert notes.open("ann", new) is None


def test_an_id_that_somebody_else_knows_opens_and_changes_nothing(notes):
    note = notes.begin("ann", "mine")
    one, two = (notes.add("ann", note, "text", {"text": text}) for text in ("a", "b"))
    assert notes.open("bob", note) is None and notes.of("bob") == []
    assert notes.add("bob", note, "text", {"text": "his"}) == ""
    notes.edit("bob", note, one, "his")
    notes.move("bob", note, two, up=True)
    notes.remove("bob", note, one)
    notes.rename("bob", note, "his")
    notes.delete("bob", note)
    theirs = notes.begin("bob", "his")
    notes.edit("bob", theirs, one, "his")
    notes.remove("bob", theirs, one)
    notes.move("bob", theirs, two, up=True)
    assert said(notes, note) == ["a", "b"] and notes.open("ann", note).title == "mine"


def test_a_forgotten_answer_goes_with_its_quotes_and_leaves_the_persons_own_words(notes):
    note = notes.begin("ann", "n")
    notes.add("ann", note, "answer", ANSWER | {"answer": "a secret of 1861"})
    notes.add("ann", note, "quote", QUOTE)
    notes.add("ann", note, "text", {"text": "mine"})
    assert notes.forget(["a1", "a9"]) == 1
    assert b"a secret of 1861" not in notes.path.read_bytes()
    assert notes.forget_older(1) == 0
    assert notes.forget_older(-1) == 1
    assert said(notes, note) == ["mine"]


def test_a_forgotten_question_is_not_left_behind_as_a_title(notes):
    """A note that the first click made is called as the question was."""
    alone, followed, written, named = (notes.begin("ann", title) for title in ("When?", "When?", "When?", "My tower"))
    for note in (alone, followed, written, named):
        notes.add("ann", note, "answer", ANSWER)
    notes.add("ann", followed, "quote", QUOTE)
    notes.add("ann", written, "text", {"text": "my\nwords"})
    assert notes.forget(["a1"]) == 4
    assert {note.id: note.title for note in notes.of("ann")} == {
        followed: "Who?",
        written: "my words",
        named: "My tower",
    }
    assert b"When?" not in notes.path.read_bytes()
    notes.forget_older(-1)
    assert {note.title for note in notes.of("ann")} == {"my words", "My tower"}


def test_a_note_that_is_full_takes_no_more_until_something_is_removed(notes):
    note = notes.begin("ann", "n")
    first = notes.add("ann", note, "text", {"text": "first"})
    other = notes.begin("ann", "other")
    with closing(sqlite3.connect(notes.path)) as database, database:
        rows = [(f"e{at}", note, at, "text", "", "{}", "2026-01-01") for at in range(2, MOST_ENTRIES + 1)]
        database.executemany("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    with pytest.raises(UsageFault) as refused:
        notes.add("ann", note, "answer", ANSWER)
    assert refused.value.code == "note.full" and notes.of("ann")[0].id == other
    assert notes.add("ann", other, "answer", ANSWER)
    notes.remove("ann", note, first)
    assert notes.add("ann", note, "answer", ANSWER)
