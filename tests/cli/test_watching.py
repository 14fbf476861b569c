"""An index that follows a folder: what comes, changes, moves and goes, by real events of a real folder."""

import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from rag import wiring
from rag.answering.following import brought
from rag.config import load
from rag.errors import UsageFault

SOON = 60.0  # seconds


@pytest.fixture
def config(tmp_path):
    file = tmp_path / "vouch.toml"
    file.write_text(f'indexes = "{tmp_path / "built"}"\nindex = "notes"\n[embedder]\nkind = "hash"\n', "utf-8")
    return load(file)


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "a.txt").write_text("The ferry sails at nine.", "utf-8")
    return folder


@pytest.fixture
def index(config):
    with wiring.index(config, "notes", wiring.embedder(config), create=True) as opened:
        yield opened


def held(index) -> dict[str, str]:
    return {Path(page.uri).name: index.page(page.uri).text for page in index.pages()}


def statuses(changes) -> list[str]:
    return sorted(change.status for change in changes)


def test_what_changed_is_read_and_what_went_is_taken_out(index, root, config):
    other = root / "b.txt"
    other.write_text("The pier is long.", "utf-8")
    assert statuses(brought({root}, root, index, config)) == ["added", "added"]
    (root / "a.txt").write_text("The ferry sails at ten.", "utf-8")
    other.unlink()
    assert statuses(brought({root / "a.txt", other}, root, index, config)) == ["removed", "replaced"]
    assert held(index) == {"a.txt": "The ferry sails at ten."}


def test_only_what_is_told_of_is_looked_at_and_other_sources_stay(index, root, config, tmp_path):
    outside = tmp_path / "elsewhere.txt"
    outside.write_text("Elsewhere.", "utf-8")
    list(brought({root}, root, index, config))
    list(brought({outside.parent}, outside.parent, index, config))
    before = held(index)
    (root / "a.txt").write_text("Changed.", "utf-8")
    assert not list(brought({root / "nothing.txt"}, root, index, config))
    assert held(index) == before and "elsewhere.txt" in before


def test_a_folder_that_moves_takes_its_sources_along(index, root, config):
    (root / "old").mkdir()
    (root / "old" / "c.txt").write_text("A heron.", "utf-8")
    list(brought({root}, root, index, config))
    (root / "old").rename(root / "new")
    list(brought({root / "old", root / "new"}, root, index, config))
    assert {Path(page.uri).relative_to(root).as_posix() for page in index.pages()} == {"a.txt", "new/c.txt"}


def test_a_folder_that_is_gone_as_a_whole_takes_nothing_out(index, root, config):
    list(brought({root}, root, index, config))
    shutil.rmtree(root)
    with pytest.raises(UsageFault, match="stay as they are"):
        list(brought({root}, root, index, config))
    assert list(held(index)) == ["a.txt"]


def test_the_command_follows_the_folder_until_it_is_ended(root, config, tmp_path):
    env = {**os.environ, "VOUCH_CONFIG": str(tmp_path / "vouch.toml")}
    command = [sys.executable, "-m", "rag", "watch", str(root)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=env) as watch:
        lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=lambda: [lines.put(line) for line in watch.stderr], daemon=True).start()
        assert lines.get(timeout=SOON).startswith("added")
        assert "watching" in lines.get(timeout=SOON)
        draft = root / ".b.txt.part"
        draft.write_text("The pier ", "utf-8")
        time.sleep(0.1)
        draft.rename(root / "b.txt")
        assert lines.get(timeout=SOON).startswith("added") and (root / "b.txt").exists()
        (root / "a.txt").unlink()
        assert lines.get(timeout=SOON).startswith("removed")
        watch.send_signal(signal.SIGINT)
        assert watch.wait(SOON) == 0
    with wiring.index(config, "notes", wiring.embedder(config)) as opened:
        assert list(held(opened)) == ["b.txt"]
