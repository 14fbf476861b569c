"""kill -9 or a full disk in the middle of `put`: what was reported is there, nothing doubled, the next start works."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rag.index.embed import HashEmbedder
from rag.index.files import current_build
from rag.index.index import Index
from tests.index.earlier import make_earlier

KILLS = 10
PAGES_A_KILL = 20

PUT = """
import sys
from pathlib import Path
from rag.index import index as room
from rag.index.embed import HashEmbedder
from rag.types import Chunk, Page

room.BATCH_CHUNKS = 12  # small turns, so that a kill can strike anywhere in one

def pairs():
    for number in range(int(sys.argv[2])):
        text = f"Page {number} speaks of the heron and of otter{number}. " * 4
        page = Page(f"page/{number}", text)
        yield page, [Chunk(page.uri, page.sha256, at, at + 40, text[at:at + 40]) for at in range(0, len(text) - 40, 40)]

with room.Index.at(Path(sys.argv[1]), HashEmbedder(), create=True) as index:
    for uri, outcome in index.put(pairs()):
        print(uri, flush=True)
"""


def run_and_kill(folder: Path, pages: int, lines: int, delay: float) -> set[str]:
    """What was reported before the process was killed, `delay` seconds after it had reported `lines` pages."""
    command = [sys.executable, "-c", PUT, str(folder), str(pages)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    reported: set[str] = set()
    for line in process.stdout:
        reported.add(line.strip())
        if len(reported) == lines:
            time.sleep(delay)
            process.kill()
    assert process.wait() in (0, -signal.SIGKILL)
    return reported


def check(folder: Path, reported: set[str]) -> None:
    with Index.at(folder, HashEmbedder()) as index:
        pages = index.pages()
        found = [page.uri for page in pages]
        assert reported <= set(found)
        assert len(found) == len(set(found))
        for page in pages:
            assert page.chunks == len(index.chunks(page.uri)) == len(range(0, page.characters - 40, 40))
        dense, text = index.legs("heron", 10_000)
        total = sum(page.chunks for page in pages)
        assert len(dense) == len({hit.chunk for hit in dense}) == total
        assert len(text) == len({hit.chunk for hit in text}) == total  # each opens with the words of its page


def test_nothing_reported_is_lost_and_nothing_doubled(tmp_path: Path, request) -> None:
    chance = random.Random(20261121)
    folder = tmp_path / "notes"
    reported: set[str] = set()
    kills = request.config.getoption("kills") or KILLS
    pages = PAGES_A_KILL * kills
    for _ in range(kills):
        lines = min(pages, len(reported) + chance.randrange(1, PAGES_A_KILL))
        reported |= run_and_kill(folder, pages, lines, chance.random() * 0.03)
        check(folder, reported)
    reported |= run_and_kill(folder, pages, pages + 1, 0)
    assert len(reported) == pages
    check(folder, reported)


REFRESH = """
import sys
from pathlib import Path
from rag.index import index as room
from rag.index.embed import HashEmbedder

room.REFRESHED_PAGES = 2
with room.Index.at(Path(sys.argv[1]), HashEmbedder()) as index:
    for done, total in index.refresh():
        print(done, flush=True)
"""


def test_embedding_again_that_is_killed_goes_on_where_it_was(tmp_path: Path, request) -> None:
    chance = random.Random(20261130)
    folder, pages = tmp_path / "notes", 60
    run_and_kill(folder, pages, pages + 1, 0)
    make_earlier(folder / str(current_build(folder)))
    left = pages
    for _ in range(request.config.getoption("kills") or KILLS):
        process = subprocess.Popen([sys.executable, "-c", REFRESH, str(folder)], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        done = process.stdout.readline()
        time.sleep(chance.random() * 0.03)
        process.kill()
        process.wait()
        check(folder, {f"page/{number}" for number in range(pages)})
        with Index.at(folder, HashEmbedder()) as index:
            index.examine()
            before, left = left, len(index.store.outdated())
            assert left <= max(0, before - int(done or 0))
    with Index.at(folder, HashEmbedder()) as index:
        assert sum(1 for _ in index.refresh()) <= left
        assert index.store.outdated() == []
    check(folder, {f"page/{number}" for number in range(pages)})


FULL = """
import os, sys
from pathlib import Path
from rag.errors import IndexFault
from rag.index.hashed import HashEmbedder
from rag.index.files import current_build
from rag.index.index import Index
from tests.index.earlier import make_earlier
from rag.types import Chunk, Page

def pair(name, length):
    text = " ".join(f"{name}{number} stands in the river." for number in range(length))
    page = Page(name, text)
    return page, [Chunk(name, page.sha256, at, at + 40, text[at:at + 40]) for at in range(0, len(text) - 40, 40)]

disk = Path(sys.argv[1])
said = set()
with Index.at(disk / "notes", HashEmbedder(), create=True) as index:
    kept = [name for name, _ in index.put([pair("heron", 20)])]
    for left in (20_000, 120_000, 400_000):
        free = os.statvfs(disk)
        (disk / "filler").write_bytes(b"x" * max(0, free.f_bavail * free.f_frsize - left))
        try:
            kept += [name for name, _ in index.put([pair(f"otter-{left}", 2000)])]
        except IndexFault as fault:
            said.add(str(fault))
            print("fault", fault)
        (disk / "filler").unlink()
        assert index.search("heron17", 1)[0].chunk.uri == "heron"
with Index.at(disk / "notes", HashEmbedder()) as index:
    index.examine()
    assert set(kept) <= {page.uri for page in index.pages()}
    kept += [name for name, _ in index.put([pair("weir", 20)])]
    index.examine()
    print(index.search("weir17", 1)[0].chunk.uri)
"""


def test_a_disk_that_fills_up_while_pages_are_added_costs_only_what_was_not_reported(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = f"mount -t tmpfs -o size=24m none {disk} && "
    if subprocess.run(["unshare", "-rm", "sh", "-c", f"{mount}true"], capture_output=True).returncode:
        pytest.skip("this system does not let a test mount a small disk")
    script = f'{mount}exec "$0" -c "$1" "$2"'
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script, sys.executable, FULL, str(disk)],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": "/usr/bin:/bin"},
    )
    assert done.returncode == 0, done.stderr
    *faults, last = done.stdout.splitlines()
    assert last == "weir"
    assert len(faults) == 3
    assert all("ake room" in fault for fault in faults)
