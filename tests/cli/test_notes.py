"""`vouch note` lists, shows and writes out what was kept in the page."""

import json
import os

import pytest
from typer.testing import CliRunner

from rag.__main__ import app
from rag.errors import UsageFault
from rag.history.notes import Notes


@pytest.fixture
def vouch(tmp_path):
    config = tmp_path / "vouch.toml"
    config.write_text(f'indexes = "{tmp_path / "built"}"\n', "utf-8")

    def run(*words):
        ended = CliRunner().invoke(app, words, env={"VOUCH_CONFIG": str(config), "COLUMNS": "200"})
        if isinstance(ended.exception, UsageFault):
            raise ended.exception
        assert ended.exit_code == 0, ended.output
        return ended.stdout

    return run


@pytest.fixture
def notes(tmp_path):
    return Notes(tmp_path / "built" / "notes.sqlite")


def test_a_note_is_listed_shown_and_written_by_its_title_or_its_id(vouch, notes, tmp_path):
    assert vouch("note", "list") == ""
    made = notes.begin("browser:a", "The tower")
    notes.add("browser:a", made, "text", {"text": "My own words."})
    assert "The tower" in vouch("note", "list")
    assert [note["id"] for note in json.loads(vouch("note", "list", "--json"))["notes"]] == [made]
    assert vouch("note", "show", made[:6]) == vouch("note", "show", "The tower") == "# The tower\n\nMy own words.\n"
    assert json.loads(vouch("note", "show", made, "--json"))["entries"][0]["body"] == {"text": "My own words."}
    for name, begin in (("note.md", b"# The"), ("note.DOCX", b"PK"), ("note.pdf", b"%PDF")):
        vouch("note", "export", "The tower", "--to", str(tmp_path / name))
        assert (tmp_path / name).read_bytes().startswith(begin)


def test_what_cannot_be_meant_or_written_is_refused(vouch, notes, tmp_path):
    made = [notes.begin(owner, "Same") for owner in ("a", "b")]
    for words, code in (
        (("show", "Another"), "note.none"),
        (("show", "Same"), "note.several"),
        (("export", made[0], "--to", str(tmp_path / "note.odt")), "note.form"),
        (("export", made[0], "--to", str(tmp_path / "no" / "note.md")), "note.unwritable"),
    ):
        with pytest.raises(UsageFault) as refused:
            vouch("note", *words)
        assert refused.value.code == code


def test_what_a_visitor_wrote_does_not_steer_the_terminal(vouch, notes):
    made = notes.begin("a", "Mine")
    notes.add("a", made, "text", {"text": "one\x1b]0;owned\x07\n\tthree \x9b2J"})
    assert vouch("note", "show", "Mine") == "# Mine\n\none]0;owned\n\tthree 2J\n"


def test_a_file_that_is_there_is_replaced_only_on_request_and_whole(vouch, notes, tmp_path):
    to, before = tmp_path / "note.md", tmp_path / "before.md"
    to.write_text("somebody's", "utf-8")
    os.link(to, before)
    notes.begin("a", "Mine")
    with pytest.raises(UsageFault) as refused:
        vouch("note", "export", "Mine", "--to", str(to))
    assert refused.value.code == "note.there" and to.read_text("utf-8") == "somebody's"
    vouch("note", "export", "Mine", "--to", str(to), "--force")
    assert to.read_text("utf-8").startswith("# Mine")
    assert before.read_text("utf-8") == "somebody's"  # its bytes were not written over: a kill midway leaves them


def test_a_title_goes_before_the_beginning_of_an_id(vouch, notes):
    first = notes.begin("a", "First")
    notes.begin("b", first[:4])
    notes.begin("b", first)
    assert vouch("note", "show", first[:4]).startswith(f"# {first[:4]}\n")
    assert vouch("note", "show", first).startswith("# First")
    notes.begin("c", first[:4])
    with pytest.raises(UsageFault) as refused:
        vouch("note", "show", first[:4])
    assert refused.value.code == "note.several"
