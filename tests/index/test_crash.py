"""kill -9 or a full disk in the middle of `put`: what was reported is there, nothing doubled, the next start works."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rag.index.embed import HashEmbedder
from rag.index.files import current_build
from rag.index.index import Index
from tests.index.earlier import make_earlier

KILLS = 10
PAGES_A_KILL = 20

LAUNCHER = """
import json, os, sys
from pathlib import Path
from rag.index import index as room
from rag.index.hashed import HashEmbedder
from rag.index.wheels import faiss
from rag.types import Chunk, Page

faiss()  # or every turn would spend most of its life on loading it
room.BATCH_CHUNKS = 12  # small turns, so that a kill can strike anywhere in one
room.REFRESHED_PAGES = 2

def put(folder, pages):
    with room.Index.at(Path(folder), HashEmbedder(), create=True) as index:
        for uri, _ in index.put(map(pair, range(pages))):
            print(uri, flush=True)

def pair(number):
    text = f"Page {number} speaks of the heron and of otter{number}. " * 4
    page = Page(f"page/{number}", text)
    return page, [Chunk(page.uri, page.sha256, at, at + 40, text[at:at + 40]) for at in range(0, len(text) - 40, 40)]

def refresh(folder):
    with room.Index.at(Path(folder), HashEmbedder()) as index:
        for done, _ in index.refresh():
            print(done, flush=True)

for line in sys.stdin:  # a turn in a process of its own, without a start of the program each time
    turn, *asked = json.loads(line)
    pid = os.fork()
    if pid == 0:
        print(os.getpid(), flush=True)
        {"put": put, "refresh": refresh}[turn](*asked)
        os._exit(0)
    print("ended", os.waitpid(pid, 0)[1], flush=True)
"""

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")


@pytest.fixture
def killed() -> Iterator[Callable[..., set[str]]]:
    """(lines, delay, turn and what it is given) -> what a turn reported that was killed `delay` seconds after its
    `lines`th line, where it lived so long."""
    command = [sys.executable, "-c", LAUNCHER]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:

        def one(lines: int, delay: float, *turn: str | int) -> set[str]:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps(turn) + "\n")
            process.stdin.flush()
            pid = int(process.stdout.readline())
            reported: set[str] = set()
            while True:
                if len(reported) == lines:
                    time.sleep(delay)
                    os.kill(pid, signal.SIGKILL)  # until it is waited for, its number is nobody else's
                    lines = -1
                said = process.stdout.readline().strip()
                if said.startswith("ended"):
                    assert int(said.split()[1]) in (0, signal.SIGKILL)
                    return reported
                reported.add(said)

        yield one
        process.communicate()


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


def test_nothing_reported_is_lost_and_nothing_doubled(tmp_path: Path, killed, request) -> None:
    """Some kills strike while the index is opened, and mended after the kill before."""
    chance = random.Random(20261121)
    for number, kills in enumerate(rounds(request)):
        folder, pages, reported = tmp_path / f"notes-{number}", PAGES_A_KILL * kills, set()
        for _ in range(kills):
            lines = chance.choice([0, *[len(reported) + chance.randrange(PAGES_A_KILL)] * 4])
            reported |= killed(lines, chance.random() * 0.03, "put", str(folder), pages)
            if current_build(folder):
                check(folder, reported)
        reported |= killed(-1, 0, "put", str(folder), pages)
        assert len(reported) == pages
        check(folder, reported)


def test_embedding_again_that_is_killed_goes_on_where_it_was(tmp_path: Path, killed, request) -> None:
    chance = random.Random(20261130)
    pages = 60
    names = {f"page/{number}" for number in range(pages)}
    for number, kills in enumerate(rounds(request)):
        folder = tmp_path / f"notes-{number}"
        killed(-1, 0, "put", str(folder), pages)
        make_earlier(folder / str(current_build(folder)))
        left = pages
        for _ in range(kills):
            done = killed(chance.randrange(3), chance.random() * 0.03, "refresh", str(folder))
            check(folder, names)
            with Index.at(folder, HashEmbedder()) as index:
                index.examine()
                before, left = left, len(index.store.outdated())
                assert left <= max(0, before - max(map(int, done), default=0))
        with Index.at(folder, HashEmbedder()) as index:
            assert sum(1 for _ in index.refresh()) <= left
            assert index.store.outdated() == []
        check(folder, names)


def rounds(request) -> list[int]:
    """How many kills strike each index: few enough that the last ones still find work to break off."""
    kills = request.config.getoption("kills") or KILLS
    return [min(KILLS, kills - at) for at in range(0, kills, KILLS)]


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
