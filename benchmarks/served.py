"""`vouch ask` asked of a running `vouch serve`, and alone: seconds side by side, with a scripted reader.

So what is measured is all but the language model.

    python -m benchmarks.served --rounds 10

Each round runs both commands as a shell would, one after the other, in turns as to which goes first. Then: what a
process takes for the small models alone (embedder and judge), which is what the page holds for itself beside a server.
"""

import argparse
import json
import os
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.load import write_pages
from rag.config import home
from rag.server import announced

MODELS = """
import json, time
from benchmarks.load import resident
from rag import wiring
from rag.config import load
before, began = resident(), time.perf_counter()
embedder = wiring.embedder(load())
embedder.queries(["How long is weir 3?"])
searching, loaded = resident(), time.perf_counter()
wiring.finder().states(["Weir 3 is 40 metres long."], "How long is weir 3?")
held = [resident() - before, resident() - searching]
print(json.dumps([time.perf_counter() - began, time.perf_counter() - loaded, *held]))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        environment = prepare(root)
        with serving(root, environment):
            taken: dict[str, list[tuple[float, float]]] = {"asked of a server": [], "alone": []}
            ways = {"asked of a server": [], "alone": ["--local"]}
            for number in range(rounds):
                for name in sorted(ways, reverse=bool(number % 2)):
                    words = ["ask", f"How long is weir {number}?", "--json", *ways[name]]
                    taken[name].append(run(words, environment))
        print("| `vouch ask` | n | median s | least | most | of a processor, median s |\n|---|---|---|---|---|---|")
        for name, each in taken.items():
            waited, worked = zip(*each, strict=True)
            row = [statistics.median(waited), min(waited), max(waited), statistics.median(worked)]
            print(f"| {name} | {rounds} | {' | '.join(f'{figure:.2f}' for figure in row)} |")
        both, judge, more, of_judge = json.loads(
            subprocess.run([sys.executable, "-c", MODELS], env=environment, check=True, capture_output=True).stdout
        )
        print(f"embedder and judge: {both:.1f} s, {more:.0f} MB; of it the judge {judge:.1f} s, {of_judge:.0f} MB")


def prepare(root: Path) -> Mapping[str, str]:
    """The environment of commands over an index in `root`, with the shipped small models."""
    write_pages(root / "pages", 0, 60)
    (root / "script.json").write_text(json.dumps({"replies": [["", "The weir is 40 metres long."]]}), "utf-8")
    settings = f'indexes = "{root / "built"}"\nindex = "work"\n[reader]\nkind = "scripted"\n'
    (root / "vouch.toml").write_text(f'{settings}model = "{root / "script.json"}"\n', "utf-8")
    environment = {**os.environ, "VOUCH_CONFIG": str(root / "vouch.toml")}
    run(["add", str(root / "pages"), "--json"], environment)
    return environment


@contextmanager
def serving(root: Path, environment: Mapping[str, str]) -> Iterator[None]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "rag", "serve", "--port", str(port)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            while not any(one.pid == process.pid and announced.answers(one) for one in announced.every(home())):
                time.sleep(0.1)
            yield
        finally:
            process.terminate()


def run(words: list[str], environment: Mapping[str, str]) -> tuple[float, float]:
    """(seconds by the clock, seconds that the command took of processors)."""
    began, worked = time.perf_counter(), worked_by_children()
    subprocess.run([sys.executable, "-m", "rag", *words], env=environment, check=True, capture_output=True)
    return time.perf_counter() - began, worked_by_children() - worked


def worked_by_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)  # of those that ended: not of the server
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
