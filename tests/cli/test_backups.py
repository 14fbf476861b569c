"""All that is kept comes back as it was, also where it was being changed; nothing is overwritten unasked."""

import json
import shutil
import sqlite3
import tarfile
import threading
from contextlib import closing
from pathlib import Path

import pytest

from rag.cli.backups import CONTENTS, backup, restore
from rag.errors import IndexFault, UsageFault
from rag.history.conversations import Conversations
from rag.history.ledger import Ledger
from rag.history.works import Works
from rag.index.files import current_build
from rag.index.followed import Followed
from rag.index.hashed import HashEmbedder
from rag.index.index import Index
from rag.types import Chunk, Page
from tests.history.test_ledger import answer


def pair(name: str, words: str = "stands in the shallow river") -> tuple[Page, list[Chunk]]:
    page = Page(name, f"The {name} {words}.")
    return page, [Chunk(name, page.sha256, 0, len(page.text), page.text)]


UPLOADS = ("salt.txt", "manifest.json", "a.lock", "b.part", "c.sqlite", "CURRENT.md")  # names that are ours elsewhere


class NoEmbedder(HashEmbedder):
    def passages(self, texts):
        raise AssertionError("what was kept is embedded again")


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """Two indexes, an upload, an answer, a conversation."""
    built = tmp_path / "built"
    for name in ("notes", "papers"):
        with Index.at(built / name, HashEmbedder(), create=True) as index:
            list(index.put([pair("heron"), pair("otter")]))
    (built / "uploads" / "notes").mkdir(parents=True)
    for name in UPLOADS:
        (built / "uploads" / "notes" / name).write_text("The salt road.")
    Ledger(built / "ledger.sqlite").add(answer(1), "scripted", ())
    Conversations(built / "conversations.sqlite").begin("me", "When?", {})
    Works(built / "works.sqlite").add(Works(built / "works.sqlite").begin("me", "check", "notes"), "c", "The dam", "{}")
    return built


def texts(folder: Path) -> dict[str, str]:
    with Index.at(folder, NoEmbedder()) as index:
        index.examine()
        return {info.uri: index.page(info.uri).text for info in index.pages()}


def test_it_comes_back_on_another_machine_without_embedding_anything(built: Path, tmp_path: Path) -> None:
    kept = backup(built, tmp_path / "b.tar")
    assert (tmp_path / "b.tar").stat().st_mode & 0o777 == 0o600
    ours = [one.path for one in kept if not one.path.startswith("uploads/")]
    assert not any(path.endswith((".faiss", ".lock", "-wal")) or "/terms/" in path for path in ours)
    there = tmp_path / "there"
    assert restore(tmp_path / "b.tar", there) is None
    assert texts(there / "notes") == texts(built / "notes") and texts(there / "papers") == texts(built / "papers")
    with Index.at(there / "notes", HashEmbedder()) as index:
        assert index.search("heron", 1)[0].chunk.uri == "heron"
    assert sorted(path.name for path in (there / "uploads" / "notes").iterdir()) == sorted(UPLOADS)
    assert Ledger(there / "ledger.sqlite").answers() == Ledger(built / "ledger.sqlite").answers() != []
    assert len(Conversations(there / "conversations.sqlite").of("me")) == 1
    assert len(Works(there / "works.sqlite").of("me", "check")) == 1
    assert not list(tmp_path.glob(".*")) and not list(there.glob(".*"))


def test_tags_and_followed_folders_come_back(built: Path, tmp_path: Path) -> None:
    with Index.at(built / "notes", HashEmbedder()) as index:
        index.tag(["heron"], give=["river"])
    Followed(built / "notes").add("/home/ada/papers")
    backup(built, tmp_path / "b.tar")
    restore(tmp_path / "b.tar", tmp_path / "there")
    with Index.at(tmp_path / "there" / "notes", NoEmbedder()) as index:
        assert {page.uri: page.tags for page in index.pages()} == {"heron": ("river",), "otter": ()}
    assert Followed(tmp_path / "there" / "notes").all() == ["/home/ada/papers"]


def test_what_is_there_is_kept_aside_and_only_by_force(built: Path, tmp_path: Path) -> None:
    backup(built, tmp_path / "b.tar")
    with Index.at(built / "notes", HashEmbedder()) as index:
        list(index.put([pair("newt")]))
    (built / "uploads" / "later").mkdir()
    (built / "uploads" / "later" / "a.txt").write_text("Not in the backup.")
    with pytest.raises(UsageFault, match=r"notes.*--force"):
        restore(tmp_path / "b.tar", built)
    assert "newt" in texts(built / "notes")
    aside = restore(tmp_path / "b.tar", built, force=True)
    assert aside is not None
    assert sorted(texts(built / "notes")) == ["heron", "otter"] and "newt" in texts(aside / "notes")
    assert (built / "uploads" / "later" / "a.txt").exists() and (aside / "uploads" / "notes" / "salt.txt").exists()


def test_an_index_that_is_open_shows_the_restored_state_with_its_next_search(built: Path, tmp_path: Path) -> None:
    backup(built, tmp_path / "b.tar")
    with Index.at(built / "notes", HashEmbedder()) as running:
        list(running.put([pair("newt")]))
        assert running.search("newt", 1)[0].chunk.uri == "newt"
        restore(tmp_path / "b.tar", built, force=True)
        assert {info.uri for info in running.pages()} == {"heron", "otter"}
        assert running.search("heron", 1)[0].chunk.uri == "heron"
        list(running.put([pair("weir")]))
    assert sorted(texts(built / "notes")) == ["heron", "otter", "weir"]


def test_a_backup_made_while_pages_come_and_go_holds_one_moment(built: Path, tmp_path: Path) -> None:
    """Pages are put by two at once, in one transaction: a backup has both or none."""
    stop = threading.Event()

    def change() -> None:
        with Index.at(built / "notes", HashEmbedder()) as index:
            number = 0
            while not stop.is_set():
                list(index.put([pair("left", f"is of {number}"), pair("right", f"is of {number}")]))
                number += 1

    writer = threading.Thread(target=change)
    writer.start()
    try:
        for number in range(5):
            backup(built, tmp_path / f"{number}.tar")
    finally:
        stop.set()
        writer.join()
    for number in range(5):
        restore(tmp_path / f"{number}.tar", tmp_path / str(number))
        found = texts(tmp_path / str(number) / "notes")
        assert found.get("left", "").removeprefix("The left") == found.get("right", "").removeprefix("The right")


@pytest.mark.parametrize("damage", ["cut", "changed", "not a tar", "missing file", "link", "way out"])
def test_a_damaged_backup_is_told_and_changes_nothing(built: Path, tmp_path: Path, damage: str) -> None:
    file, there = tmp_path / "b.tar", tmp_path / "there"
    backup(built, file)
    content = bytearray(file.read_bytes())
    match damage:
        case "cut":
            file.write_bytes(content[: len(content) // 2])
        case "changed":
            at = content.index(b"The salt road.")
            content[at] ^= 1
            file.write_bytes(content)
        case "not a tar":
            file.write_text("hello")
        case _:
            with tarfile.open(file) as old, tarfile.open(tmp_path / "new.tar", "w") as new:
                for member in old.getmembers():
                    if damage == "missing file" and member.name.endswith("salt.txt"):
                        continue
                    new.addfile(member, old.extractfile(member))
                odd = tarfile.TarInfo("../../owned" if damage == "way out" else "notes/link")
                odd.type = tarfile.REGTYPE if damage == "way out" else tarfile.SYMTYPE
                odd.linkname = "/etc/passwd"
                if damage != "missing file":
                    new.addfile(odd)
            (tmp_path / "new.tar").replace(file)
    with pytest.raises(UsageFault, match=r"b\.tar"):
        restore(file, there)
    assert list(there.iterdir()) == [] and not (tmp_path.parent / "owned").exists()


def test_a_damaged_database_is_not_kept_as_if_it_were_whole(built: Path, tmp_path: Path) -> None:
    store = built / "notes" / str(current_build(built / "notes")) / "store.sqlite"
    store.write_bytes(store.read_bytes()[:5000])
    for ending in ("-wal", "-shm"):
        store.with_name(f"{store.name}{ending}").unlink(missing_ok=True)
    with pytest.raises(IndexFault, match=r"store\.sqlite"):
        backup(built, tmp_path / "b.tar")
    assert not (tmp_path / "b.tar").exists() and not list(tmp_path.glob(".*"))


def test_nothing_is_no_backup_and_a_later_form_is_told(built: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match="nothing to keep"):
        backup(tmp_path / "none", tmp_path / "b.tar")
    with pytest.raises(UsageFault, match="cannot be written"):
        backup(built, tmp_path / "no" / "where.tar")
    backup(built, tmp_path / "b.tar")
    with tarfile.open(tmp_path / "b.tar") as archive:
        archive.extractall(tmp_path / "out", filter="data")
    contents = json.loads((tmp_path / "out" / CONTENTS).read_text())
    (tmp_path / "out" / CONTENTS).write_text(json.dumps(contents | {"format": 99, "version": "9.9"}))
    with tarfile.open(tmp_path / "c.tar", "w") as archive:
        for path in (tmp_path / "out").iterdir():
            archive.add(path, path.name)
    with pytest.raises(UsageFault, match=r"later version of Vouch \(9\.9\)"):
        restore(tmp_path / "c.tar", tmp_path / "there")


def test_what_was_deleted_is_in_no_backup(built: Path, tmp_path: Path) -> None:
    with Index.at(built / "notes", HashEmbedder()) as index:
        list(index.put([pair("kingfisher", "dives like nothing else")]))
        index.remove("kingfisher")
    shutil.rmtree(built / "papers")
    backup(built, tmp_path / "b.tar")
    assert b"dives like nothing else" not in (tmp_path / "b.tar").read_bytes()
    with closing(sqlite3.connect(built / "ledger.sqlite")) as database:
        assert database.execute("PRAGMA quick_check").fetchone() == ("ok",)
