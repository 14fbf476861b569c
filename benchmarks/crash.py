"""kill -9 in the middle of `python -m rag add`: what it had reported as added must be there, once, and usable.

    python -m benchmarks.crash --times 10

Each turn adds a folder of new pages, half Chinese, to one index through the real command with whatever embedder the
configuration names, and kills it at a random moment of the time that an undisturbed run takes, the start of the
program left out. After each kill the index is opened, checked and searched. At the end every folder is added once
more without a kill, and everything must be there.
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
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
    parser.add_argument("--pages", type=int, default=120, help="of each folder")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rebuild", action="store_true", help="kill rebuilds, too")
    parser.add_argument(
        "--hash", action="store_true", help="an embedder without a model, for many kills in little time"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        kind = '[embedder]\nkind = "hash"\n' if options.hash else ""
        (root / "vouch.toml").write_text(f"indexes = {json.dumps(str(root / 'built'))}\n{kind}", "utf-8")
        os.environ["VOUCH_CONFIG"] = str(root / "vouch.toml")
        if options.rebuild:
            faults = kill_rebuilds(root, options.times, options.pages, random.Random(options.seed))
            print(f"\n{options.times} kills: {faults} faults. {load()}")
            sys.exit(1 if faults else 0)
        folders = [write_sources(root / f"sources-{turn}", options.pages) for turn in range(options.times + 1)]
        chance = random.Random(options.seed)
        reported, first, whole = add(folders[0], None)
        print(f"undisturbed: {len(reported)} reported, the first after {first:.1f} s, all after {whole:.1f} s")
        faults = examine("undisturbed", reported)
        for turn, folder in enumerate(folders[1:], start=1):
            moment = chance.uniform(0.3 * first, whole)
            said, _, _ = add(folder, moment)
            reported |= said
            faults += examine(f"{turn:2} killed after {moment:5.1f} s, it had reported {len(said):3}", reported)
        for folder in folders:
            reported |= add(folder, None)[0]
        faults += examine("all added again", reported)
        faults += len(reported) != options.pages * len(folders)
        print(f"\n{options.times} kills: {faults} faults. {load()}")
    sys.exit(1 if faults else 0)


def kill_rebuilds(root: Path, times: int, pages: int, chance: random.Random) -> int:
    """Prints a line a kill; gives the number of faults."""
    made, folder = root / "crash.toml", root / "built" / "crash"
    made.write_text('[[sources]]\nkind = "folder"\npath = "pages"\n[checks]\nmax_removed = 1.0\n', "utf-8")
    versions = [write_version(root / "pages", pages, 0)]
    watch(build_command(made), None)
    versions.append(write_version(root / "pages", pages, 1))
    _, first, whole = beside(build_command(made), write_sources(root / "sources-0", 6), None)[0]
    print(f"undisturbed: the first page after {first:.1f} s, all after {whole:.1f} s")
    reported: set[str] = set()
    faults = 0
    for turn in range(1, times + 1):
        versions.append(write_version(root / "pages", pages, turn + 1))
        mine = write_sources(root / f"sources-{turn}", 6)
        moment = chance.uniform(0.8 * first, 1.2 * whole)
        reported |= beside(build_command(made), mine, moment)[1][0]
        faults += whole_version(f"{turn:2} killed after {moment:5.1f} s", root, versions, reported)
    versions.append(write_version(root / "pages", pages, times + 2))
    watch(build_command(made), None)
    faults += whole_version("rebuilt", root, versions[-1:], reported)
    extra = {path.name for path in folder.iterdir()} - {path.parent.name for path in folder.glob("*/manifest.json")}
    extra -= {"CURRENT", ".lock", ".rebuild.lock"}
    print(f"left over: {', '.join(sorted(extra)) or 'nothing'}")
    return faults + len(extra)


Watched = tuple[set[str], float, float]


def beside(command: list[str], sources: Path, kill_after: float | None) -> tuple[Watched, Watched]:
    """(of the command, of `add`), both at once."""
    with ThreadPoolExecutor(1) as pool:
        adding = pool.submit(add, sources, kill_after)
        return watch(command, kill_after), adding.result()


def build_command(made: Path) -> list[str]:
    return [sys.executable, "-m", "indexes.build", str(made), "--json"]


def write_version(folder: Path, count: int, version: int) -> dict[str, str]:
    """Every third page is of this version, one is new with it and one is gone. Gives texts by address."""
    folder.mkdir(exist_ok=True)
    texts = {
        (folder / f"{number:04}.txt").as_posix(): "".join(
            f"Line {line} of page {number} is of version {version if number % 3 == 0 else 0}. "
            f"第{number}页第{line}句讲的是河边的苍鹭和水獭。\n"
            for line in range(20)
        )
        for number in range(count)
    }
    texts[(folder / f"new-{version}.txt").as_posix()] = f"Only version {version} has this page about the heron."
    for path in folder.iterdir():
        if path.as_posix() not in texts:
            path.unlink()
    for name, text in texts.items():
        if not Path(name).exists() or Path(name).read_text("utf-8") != text:
            Path(name).write_text(text, "utf-8")
    return texts


def whole_version(what: str, root: Path, versions: list[dict[str, str]], reported: set[str]) -> int:
    """Prints a line and gives the number of faults of the build in use."""
    config = configuration()
    try:
        with wiring.index(config, "crash", wiring.embedder(config)) as index:
            index.examine()
            texts = {page.uri: index.page(page.uri).text.strip() for page in index.pages()}
            build, (pages, chunks) = index.build, index.store.counts()
    except Fault as fault:
        print(f"{what}: cannot be used: {fault}")
        return 1
    made = {uri: text for uri, text in texts.items() if uri.startswith((root / "pages").as_posix())}
    known = [number for number, one in enumerate(versions) if {uri: text.strip() for uri, text in one.items()} == made]
    lost = reported - texts.keys()
    version = f"version {known[-1]}" if known else "NO ONE VERSION"
    print(
        f"{what}; {build} has {pages} pages, {chunks} chunks, {version}; added by hand and lost {len(lost)}", flush=True
    )
    return len(lost) + (not known)


def examine(what: str, reported: set[str]) -> int:
    """Open, count and search the index as it was left; prints a line and gives the number of faults."""
    try:
        lost, doubled, there = check(configuration(), reported)
    except Fault as fault:
        print(f"{what}: cannot be opened: {fault}")
        return 1
    print(f"{what}; reported in all {len(reported):4}, in the index {there:4}, lost {len(lost)}, doubled {doubled}")
    return len(lost) + doubled


def write_sources(folder: Path, count: int) -> Path:
    """Pages of about a thousand characters, no two alike."""
    folder.mkdir()
    for number in range(count):
        name = f"{folder.name}-{number}"
        chinese = "".join(f"《{name}》第{line}句讲的是河边的苍鹭和水獭。" for line in range(40))
        english = " ".join(f"Sentence {line} of {name} is about herons and otters." for line in range(20))
        (folder / f"{number:04}.txt").write_text(chinese if number % 2 else english, "utf-8")
    return folder


def add(sources: Path, kill_after: float | None) -> tuple[set[str], float, float]:
    """Run `add`, and kill it after so many seconds. Gives (reported, seconds to the first report, seconds in all)."""
    return watch([sys.executable, "-m", "rag", "add", str(sources), "--index", "crash", "--json"], kill_after)


def watch(command: list[str], kill_after: float | None) -> tuple[set[str], float, float]:
    """As `add`, of any command that reports a page a line."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    killer = threading.Timer(kill_after, process.kill) if kill_after is not None else None
    if killer:
        killer.start()
    assert process.stderr is not None
    reported: set[str] = set()
    first = 0.0
    for line in process.stderr:
        match = _REPORTED.match(line.strip())
        if match:
            first = first or time.perf_counter() - began
            reported.add(match[2])
    process.wait()
    if killer:
        killer.cancel()
    return reported, first, time.perf_counter() - began


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
