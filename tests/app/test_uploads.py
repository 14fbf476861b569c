"""Names of uploaded files, and the folder they are kept in."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import uploads
from app.frame import acceptable
from rag.config import Config


@dataclass
class Upload:
    name: str
    content: bytes = b"text"

    def getvalue(self) -> bytes:
        return self.content


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("notes.txt", "notes.txt"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\年报.pdf", "年报.pdf"),
        ("..", "file"),
        ("", "file"),
        ("<img src=x>.html", "img src=x.html"),
        (".hidden", "hidden"),
        ("a\x00b\n.md", "ab.md"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
    ],
)
def test_a_safe_name_keeps_what_is_harmless(given, kept):
    assert uploads.safe_name(given) == kept


@settings(deadline=None)
@given(st.text(max_size=400))
def test_any_name_stays_in_its_folder(name):
    safe = uploads.safe_name(name)
    assert Path(safe).name == safe
    assert safe not in ("", ".", "..") and not safe.startswith(".")
    assert len(safe.encode()) <= uploads.LONGEST + 20


def test_the_suffix_survives_a_long_name():
    assert uploads.safe_name("长" * 300 + ".pdf").endswith("长.pdf")


def test_two_files_of_one_name_are_both_kept(tmp_path):
    saved = uploads.save([Upload("a.txt", b"one"), Upload("a.txt", b"two")], tmp_path)
    assert [path.name for path in saved] == ["a.txt", "a-2.txt"]
    assert [path.read_bytes() for path in saved] == [b"one", b"two"]


def test_the_same_name_later_replaces_the_file(tmp_path):
    first = uploads.save([Upload("a.txt", b"one")], tmp_path)
    assert uploads.save([Upload("a.txt", b"two")], tmp_path) == first
    assert first[0].read_bytes() == b"two"


def test_discarding_takes_uploads_only(tmp_path):
    config = Config(indexes=str(tmp_path / "built"))
    [mine] = uploads.save([Upload("a.txt")], uploads.folder(config, "books"))
    theirs = tmp_path / "a.txt"
    theirs.write_text("the user's own")
    for path in (mine, theirs):
        uploads.discard(str(path), config, "books")
    uploads.discard("https://example.org/a.txt", config, "books")
    assert not mine.exists()
    assert theirs.exists()


@pytest.mark.parametrize("name", ["", "a/b", "..", "a b", "demo", "Demo", "uploads", "x" * 41, "a.b"])
def test_an_index_may_not_be_called_so(name):
    assert not acceptable(name, ["demo"])


@pytest.mark.parametrize("name", ["books", "my-notes_2", "资料"])
def test_an_index_may_be_called_so(name):
    assert acceptable(name, ["demo"])
