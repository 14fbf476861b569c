"""What lies on the disk can be damaged by anybody: it is told, with the way back, and never begun anew over."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from rag.errors import IndexFault
from rag.history.conversations import Conversations
from rag.history.feedback import Feedback
from rag.history.ledger import Ledger
from rag.index import staging
from rag.index.embed import HashEmbedder
from rag.index.files import CURRENT, STAGED, WriterLock, current_build
from rag.index.index import Index

HERON = "The heron waits for fish in the shallow water. " * 5


@pytest.fixture
def made(folder: Path, pair) -> Path:
    with Index.at(folder, HashEmbedder(), create=True) as index:
        list(index.put([pair("page/heron", HERON)]))
    return folder


def make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


POINTERS: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "blank": lambda path: path.write_text(" \n"),
    "no text": lambda path: path.write_bytes(b"\xff\xfe\x00"),
    "a way out": lambda path: path.write_text("../../other\n"),
    "a folder": make_folder,
}


@pytest.mark.parametrize("damage", POINTERS.values(), ids=POINTERS)
def test_a_damaged_pointer_is_told_and_the_build_gone_back_to(made: Path, damage) -> None:
    before = current_build(made)
    damage(made / CURRENT)
    for create in (False, True):
        with pytest.raises(IndexFault, match=r"CURRENT.*rollback notes"):
            Index.at(made, HashEmbedder(), create=create)
    with pytest.raises(IndexFault, match="CURRENT"):
        staging.sweep(made, WriterLock(made))
    assert staging.roll_back(made, WriterLock(made)) == before
    with Index.at(made, HashEmbedder()) as index:
        assert index.search("heron", 1)[0].chunk.uri == "page/heron"


@pytest.mark.parametrize("content", [b"\xff", b"", b"../x\n"])
def test_a_damaged_mark_of_a_build_in_the_making_costs_that_build(made: Path, content: bytes) -> None:
    (made / STAGED).write_bytes(content)
    with Index.at(made, HashEmbedder()) as index:
        assert index.search("heron", 1)
    with Index.stage(made, HashEmbedder()) as staged:
        staged.promote()
    with Index.at(made, HashEmbedder()) as index:
        assert index.search("heron", 1)


@pytest.mark.parametrize("name", ["x" * 300, "a/b"])
def test_a_name_that_is_no_folder_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "a").write_text("a file")
    with pytest.raises(IndexFault, match="cannot hold an index"):
        Index.at(tmp_path / name, HashEmbedder(), create=True)


SCRIPTS = {
    "no embedder": "DELETE FROM meta WHERE key = 'embedder'",
    "no number": "UPDATE meta SET value = 'x' WHERE key = 'dimension'",
    "no generation": "DELETE FROM meta WHERE key = 'generation'",
}


def changed(folder: Path, script: str) -> None:
    with closing(sqlite3.connect(folder / str(current_build(folder)) / "store.sqlite")) as database, database:
        database.executescript(script)


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_a_store_that_does_not_say_what_it_is_is_told(made: Path, script: str) -> None:
    changed(made, script)
    with pytest.raises(IndexFault, match=r"store\.sqlite is damaged"):
        Index.at(made, HashEmbedder())


def test_vectors_cut_short_are_told_when_they_are_read(made: Path) -> None:
    changed(made, "UPDATE vectors SET vector = substr(vector, 1, 10)")
    (made / str(current_build(made)) / "vectors.faiss").unlink()
    with pytest.raises(IndexFault, match=r"store\.sqlite is damaged"), Index.at(made, HashEmbedder()) as index:
        index.search("heron", 1)


READING = """
import os, subprocess, sys
from pathlib import Path
from rag.errors import IndexFault
from rag.history.conversations import Conversations
from rag.history.feedback import Feedback
from rag.history.ledger import Ledger
from rag.history.ledger import Ledger
from rag.index.hashed import HashEmbedder
from rag.index.index import Index
from rag.types import Chunk, Page

def read(when):
    with Index.at(disk / "notes", HashEmbedder()) as index:
        print(when, index.search("heron", 1)[0].chunk.uri, len(index.pages()))
    print(when, len(Ledger(disk / "ledger.sqlite").sums()))

def write(when):
    page = Page("otter", "The otter sleeps. " * 5000)
    try:
        with Index.at(disk / "notes", HashEmbedder()) as index:
            list(index.put([(page, [Chunk("otter", page.sha256, 0, 90, page.text[:90])])]))
    except IndexFault as fault:
        print(when, fault)

disk = Path(sys.argv[1])
page = Page("heron", "The heron waits for fish.")
with Index.at(disk / "notes", HashEmbedder(), create=True) as index:
    list(index.put([(page, [Chunk("heron", page.sha256, 0, 25, page.text)])]))
Ledger(disk / "ledger.sqlite")
try:
    (disk / "filler").write_bytes(b"x" * 30_000_000)
except OSError:
    print("full")
read("full")
write("full")
(disk / "filler").unlink()
subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
read("locked")
write("locked")
"""


def test_on_a_full_disk_and_on_one_that_is_read_only_all_can_be_read(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = f"mount -t tmpfs -o size=8m none {disk} && "
    if subprocess.run(["unshare", "-rm", "sh", "-c", f"{mount}true"], capture_output=True).returncode:
        pytest.skip("this system does not let a test mount a small disk")
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", f'{mount}exec "$0" -c "$1" "$2"', sys.executable, READING, str(disk)],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": "/usr/bin:/bin"},
    )
    assert done.returncode == 0, done.stderr
    filled, search, ledger, told, read_search, read_ledger, read_told = done.stdout.splitlines()
    assert (filled, search, ledger) == ("full", "full heron 1", "full 0")
    assert "ake room" in told
    assert (read_search, read_ledger) == ("locked heron 1", "locked 0")
    assert "permissions" in read_told


def renamed(folder: Path, name: str) -> None:
    """The current build as if it had been made at another time."""
    changed(folder, f"UPDATE meta SET value = '{name}' WHERE key = 'build'")
    (folder / str(current_build(folder))).rename(folder / name)
    (folder / CURRENT).write_text(f"{name}\n")


def test_a_clock_that_was_set_back_does_not_change_which_build_is_the_newer(made: Path, pair) -> None:
    future = "20991231T235959Z-0000000"
    renamed(made, future)
    for number in range(2):
        with Index.stage(made, HashEmbedder()) as staged:
            list(staged.put([pair(f"page/{number}", "The otter sleeps. " * 5)]))
            staged.promote()
        assert str(current_build(made)) > future
    assert staging.roll_back(made, WriterLock(made)) > future
    assert staging.roll_back(made, WriterLock(made)) == future
    with Index.at(made, HashEmbedder()) as index:
        assert [page.uri for page in index.pages()] == ["page/heron"]


def test_a_folder_that_was_moved_is_the_same_index(made: Path, tmp_path: Path, pair) -> None:
    moved = tmp_path / "elsewhere" / "notes"
    moved.parent.mkdir()
    made.rename(moved)
    with Index.at(moved, HashEmbedder()) as index:
        assert index.search("heron", 1)[0].chunk.uri == "page/heron"
        list(index.put([pair("page/otter", "The otter sleeps. " * 5)]))
        index.examine()
    with pytest.raises(IndexFault, match="There is no index notes"):
        Index.at(made, HashEmbedder())


JUNK = {"junk": b"junk" * 2000, "a cut header": b"SQLite format 3\x00" + b"\x10" * 40, "zeros": b"\x00" * 8192}


@pytest.mark.parametrize("content", JUNK.values(), ids=JUNK)
@pytest.mark.parametrize("what", [Ledger, Conversations, Feedback])
def test_a_damaged_file_of_answers_is_told_and_left_as_it_is(tmp_path: Path, what, content: bytes) -> None:
    path = tmp_path / "kept.sqlite"
    path.write_bytes(content)
    with pytest.raises(IndexFault, match=r"kept\.sqlite cannot be used.*ove the file away"):
        what(path)
    assert path.read_bytes() == content
