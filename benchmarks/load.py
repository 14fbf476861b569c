"""Eight people asking at once while the index is rebuilt, with a scripted reader: errors, memory, fairness, search.

    python -m benchmarks.load --minutes 10              # asking and rebuilding
    python -m benchmarks.load --files 5000 --minutes 0  # only the adding of many small files

Searches are timed before and under load in the same process: what counts is the ratio. Memory is the slope of what the
process holds, by least squares over the second half, when all that is kept on purpose is there.
"""

import argparse
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from indexes import recipe
from indexes.rebuild import rebuild
from rag import wiring
from rag.answering import adding
from rag.config import CheckingConfig, Config, EmbedderConfig, ReaderConfig
from rag.errors import Fault
from rag.generation.reader import ScriptedReader
from rag.index.hashed import HashEmbedder
from rag.protocols import Prompt
from rag.server.service import Service

PEOPLE = 8
PAGES = 120
RECIPE = (
    '[[sources]]\nkind = "folder"\npath = "pages"\n[checks]\nfree_megabytes = 0\nmax_removed = 1.0\n[index]\nkeep = 1\n'
)


@dataclass
class Loaded:
    """What came of it: `held` is (seconds, megabytes) of resident memory, `quiet` and `searches` are of a search."""

    answers: list[int] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    rebuilds: int = 0
    faults: list[str] = field(default_factory=list)
    held: list[tuple[float, float]] = field(default_factory=list)
    quiet: list[float] = field(default_factory=list)
    searches: list[float] = field(default_factory=list)

    @property
    def slope(self) -> float:
        """Megabytes a minute over the second half."""
        later = self.held[len(self.held) // 2 :]
        if len(later) < 3:
            return 0.0
        return 60 * statistics.linear_regression([at for at, _ in later], [held for _, held in later]).slope


def write_pages(folder: Path, version: int, count: int = PAGES) -> None:
    """Every fourth page is of this version."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        if version == 0 or number % 4 == 0:
            lines = (f"Weir {number} is {number + line} metres long, by survey {version}." for line in range(12))
            (folder / f"{number:05}.txt").write_text("\n".join(lines), "utf-8")


def obliging(prompt: Prompt) -> str:
    time.sleep(0.01)  # a reader takes its time; the others wait for their turn meanwhile
    return "The weir is 40 metres long."


def under_load(root: Path, seconds: float, people: int = PEOPLE) -> Loaded:
    """Ask, search and rebuild for so long, all over one index in `root`."""
    write_pages(root / "pages", 0)
    (root / "notes.toml").write_text(RECIPE, "utf-8")
    made_from = recipe.read(root / "notes.toml")
    config = Config(
        indexes=str(root / "built"),
        index="notes",
        embedder=EmbedderConfig(kind="hash"),
        reader=ReaderConfig(kind="local"),  # so that questions take turns; the reader itself is scripted
        checking=CheckingConfig(judge="reader", auditor=""),
    )
    embedder = HashEmbedder()
    rebuild(made_from, config, embedder)
    service = Service(config, embedder, ScriptedReader(obliging), wiring.ledger(config))
    told = Loaded(answers=[0] * people)
    for number in range(200):
        told.quiet.append(_timed(lambda number=number: service.search(f"weir {number} metres", 10)))  # type: ignore[misc]
    end = time.monotonic() + seconds
    jobs: list[Callable[[], None]] = [
        *(lambda who=who: _ask(service, told, who) for who in range(people)),  # type: ignore[misc]
        lambda: told.searches.append(_timed(lambda: service.search("weir survey metres", 10))),
        lambda: _rebuild(root, made_from, config, told),
        lambda: _look(told),
    ]
    threads = [threading.Thread(target=_again, args=(job, end, told)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    service.close()
    return told


def _again(job: Callable[[], None], end: float, told: Loaded) -> None:
    while time.monotonic() < end:
        try:
            job()
        except Exception as error:  # noqa: BLE001  # every one of them is a finding
            told.faults.append(f"{type(error).__name__}: {error}"[:300])
            time.sleep(0.1)


def _ask(service: Service, told: Loaded, who: int) -> None:
    service.reader.asked.clear()  # type: ignore[attr-defined]  # the fake keeps every prompt for its tests
    told.waits.append(_timed(lambda: service.answer(f"How long is weir {told.answers[who] % PAGES}?")))
    told.answers[who] += 1


def _rebuild(root: Path, made_from: recipe.Recipe, config: Config, told: Loaded) -> None:
    write_pages(root / "pages", told.rebuilds + 1)
    rebuild(made_from, config, HashEmbedder())
    told.rebuilds += 1
    time.sleep(0.2)


def _look(told: Loaded) -> None:
    told.held.append((time.monotonic(), resident()))
    time.sleep(0.25)


def _timed(job: Callable[[], object]) -> float:
    began = time.perf_counter()
    job()
    return time.perf_counter() - began


def resident() -> float:
    """Megabytes that this process holds."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def add_many(root: Path, count: int) -> tuple[float, float, int]:
    """(seconds, megabytes that the process grew by at most, sources told with how many are left) for so many files."""
    write_pages(root / "many", 0, count)
    config = Config(indexes=str(root / "built"), index="many", embedder=EmbedderConfig(kind="hash"))
    began, before, most, told = time.perf_counter(), resident(), 0.0, 0
    with wiring.index(config, "many", HashEmbedder(), create=True) as index:
        for outcome in adding.add([str(root / "many")], index, replace(config)):
            told += outcome.total == count and outcome.status == "added"
            if outcome.done % 100 == 0:
                most = max(most, resident() - before)
    return time.perf_counter() - began, most, told


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--files", type=int, default=0, help="small files to add, before that")
    options = parser.parse_args()
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        if options.files:
            for count in (options.files // 5, options.files):
                try:
                    seconds, most, told = add_many(Path(folder) / str(count), count)
                except Fault as fault:
                    faults.append(str(fault))
                    continue
                each = f"{seconds:.1f} s, {1e3 * seconds / count:.1f} ms a file, {most:.0f} MB more at most"
                print(f"{count} files: {each}; {told} told with how many are left", flush=True)
        if options.minutes:
            told_of = under_load(Path(folder), 60 * options.minutes)
            faults += told_of.faults
            quiet, loaded = (statistics.quantiles(some, n=20)[-1] for some in (told_of.quiet, told_of.searches))
            waits = statistics.quantiles(told_of.waits, n=20)
            answers, each = told_of.answers, f"{min(told_of.answers)} to {max(told_of.answers)} each"
            print(
                f"{sum(answers)} answers to {PEOPLE} people ({each}), {told_of.rebuilds} rebuilds, {len(faults)} errors"
            )
            print(f"an answer after {waits[9]:.2f} s in the median, p95 {waits[-1]:.2f} s")
            steps = told_of.held[:: max(1, len(told_of.held) // 12)]
            print("memory, MB: " + " ".join(f"{held:.0f}" for _, held in steps))
            print(f"memory {told_of.held[-1][1]:.0f} MB, {told_of.slope:+.2f} MB a minute over the second half")
            print(
                f"search p95: {1e3 * quiet:.1f} ms alone, {1e3 * loaded:.1f} ms under load, {loaded / quiet:.1f} times"
            )
    for line in dict.fromkeys(faults):
        print(line, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
