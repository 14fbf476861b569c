"""kill -9 in the middle of `python -m rag add`: what it had reported as added must be there, once, and usable.

    python -m benchmarks.crash --times 10

Adds a folder of generated pages, half Chinese, through the real command with whatever embedder the configuration
names, kills it at a random moment, checks the index, and begins again on the same index until it was killed
`--times` times; then lets it finish and checks once more.
"""

import argparse
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.corpora import load
from rag import wiring
from rag.config import Config
from rag.config import load as configuration
from rag.errors import Fault

_REPORTED = re.compile(r"^(added|replaced|unchanged)\s+(\S.*)$")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=10, help="kills")
    parser.add_argument("--pages", type=int, default=120)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        sources, built = Path(scratch) / "sources", Path(scratch) / "built"
        write_sources(sources, options.pages)
        (Path(scratch) / "vouch.toml").write_text(f"indexes = {json.dumps(str(built))}\n", "utf-8")
        os.environ["VOUCH_CONFIG"] = str(Path(scratch) / "vouch.toml")
        chance = random.Random(options.seed)
        reported: set[str] = set()
        lost = doubled = unopened = 0
        for turn in range(options.times + 1):
            fresh = chance.randrange(1, max(2, options.pages // options.times))
            last = turn == options.times
            said, seconds = add(sources, None if last else len(reported) + fresh, chance.random())
            reported |= said
            try:
                missing, twice, pages = check(configuration(), reported)
            except Fault as fault:
                unopened += 1
                print(f"{turn + 1:3}  cannot be opened: {fault}")
                continue
            lost, doubled = lost + len(missing), doubled + twice
            end = "finished" if last else "killed"
            print(
                f"{turn + 1:3}  {end} after {seconds:5.1f} s; reported so far {len(reported):4}, in the index {pages:4}"
                f", lost {len(missing)}, doubled {twice}"
            )
        print(f"\n{options.times} kills: lost {lost}, doubled {doubled}, starts that failed {unopened}. {load()}")
    sys.exit(1 if lost or doubled or unopened or len(reported) < options.pages else 0)


def write_sources(folder: Path, count: int) -> None:
    """Pages of about a thousand characters with a different number in each."""
    folder.mkdir()
    for number in range(count):
        chinese = "".join(f"第{number}页的第{line}句讲的是河边的苍鹭和水獭。" for line in range(40))
        english = " ".join(f"Sentence {line} of page {number} is about herons and otters." for line in range(20))
        (folder / f"{number:04}.txt").write_text(chinese if number % 2 else english, "utf-8")


def add(sources: Path, kill_after: int | None, delay: float) -> tuple[set[str], float]:
    """Run `add`; kill it `delay` seconds after it reported `kill_after` sources. Gives what it had reported."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "rag", "add", str(sources), "--index", "crash", "--json"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    reported: set[str] = set()
    for line in process.stderr:
        match = _REPORTED.match(line.strip())
        if match:
            reported.add(match[2])
        if len(reported) == kill_after and process.poll() is None:
            time.sleep(delay)
            process.send_signal(signal.SIGKILL)
            kill_after = None
    process.wait()
    return reported, time.perf_counter() - began


def check(config: Config, reported: set[str]) -> tuple[set[str], int, int]:
    """(reported but not there, chunks or pages that are there twice, pages there). Searches, too. Raises IndexFault."""
    if not (config.built / "crash" / "CURRENT").exists():
        return set(reported), 0, 0
    with wiring.index(config, "crash", wiring.embedder(config)) as index:
        pages = index.pages()
        chunks = [chunk for page in pages for chunk in index.chunks(page.uri)]
        hits = [hit.chunk for hit in index.search("heron 苍鹭", 2 * len(chunks) + 1)]
        twice = len(pages) - len({page.uri for page in pages})
        twice += len(chunks) - len(set(chunks)) + len(hits) - len(set(hits))
        unfindable = {page.uri for page in pages} - {chunk.uri for chunk in hits}
        return (reported - {page.uri for page in pages}) | (reported & unfindable), twice, len(pages)


if __name__ == "__main__":
    main()
