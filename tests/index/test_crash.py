"""kill -9 in the middle of `put`, ten times: what was reported is there, nothing is doubled, the next start works."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from rag.index.embed import HashEmbedder
from rag.index.index import Index

KILLS = 10
PAGES = 200

PUT = f"""
import sys
from pathlib import Path
from rag.index import index as room
from rag.index.embed import HashEmbedder
from rag.types import Chunk, Page

room.BATCH_CHUNKS = 12  # small turns, so that a kill can strike anywhere in one

def pairs():
    for number in range({PAGES}):
        text = f"Page {{number}} speaks of the heron and of otter{{number}}. " * 4
        page = Page(f"page/{{number}}", text)
        yield page, [Chunk(page.uri, page.sha256, at, at + 40, text[at:at + 40]) for at in range(0, len(text) - 40, 40)]

with room.Index.at(Path(sys.argv[1]), HashEmbedder(), create=True) as index:
    for uri, outcome in index.put(pairs()):
        print(uri, flush=True)
"""


def run_and_kill(folder: Path, lines: int, delay: float) -> set[str]:
    """What was reported before the process was killed, `delay` seconds after it had reported `lines` pages."""
    process = subprocess.Popen([sys.executable, "-c", PUT, str(folder)], stdout=subprocess.PIPE, text=True)
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
        assert len(text) == len({hit.chunk for hit in text}) == sum("heron" in hit.chunk.text for hit in dense)


def test_nothing_reported_is_lost_and_nothing_doubled(tmp_path: Path) -> None:
    chance = random.Random(20261121)
    folder = tmp_path / "notes"
    reported: set[str] = set()
    for _ in range(KILLS):
        lines = min(PAGES, len(reported) + chance.randrange(1, 20))
        reported |= run_and_kill(folder, lines, chance.random() * 0.03)
        check(folder, reported)
    reported |= run_and_kill(folder, PAGES + 1, 0)
    assert len(reported) == PAGES
    check(folder, reported)
