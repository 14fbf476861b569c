"""A rebuild of what has not changed beside the first build of it: seconds, embeddings, and their ratio.

    python -m benchmarks.rebuild                          # HashEmbedder: everything but the model
    python -m benchmarks.rebuild --embedder configured    # the embedder of vouch.toml; minutes

A folder of pages, half Chinese, no two sentences alike, until there are at least `--chunks` chunks. First the whole is
built, then it is rebuilt `--times` times as it is, then with one page in a hundred changed. The first build pays for
embedding and the second does not, so the ratio is worst with HashEmbedder, which costs next to nothing.
"""

import argparse
import json
import statistics
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from benchmarks.corpora import load
from indexes import recipe
from indexes.rebuild import Report, rebuild
from rag import wiring
from rag.config import Config
from rag.config import load as configuration
from rag.index.hashed import HashEmbedder
from rag.protocols import Embedder

CHUNKS_A_PAGE = 10
LIMIT = 1 / 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chunks", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--embedder", choices=["hash", "configured"], default="hash")
    options = parser.parse_args()
    embedder = HashEmbedder() if options.embedder == "hash" else wiring.embedder(configuration())
    print(load())
    with tempfile.TemporaryDirectory() as scratch:
        sys.exit(0 if measure(Path(scratch), embedder, options.chunks, options.times) else 1)


def measure(root: Path, embedder: Embedder, chunks: int, times: int) -> bool:
    """Prints a line a run; whether nothing was embedded again and the ratio holds."""
    config = Config(indexes=str(root / "built"))
    made = recipe.read(recipe.find("folder"), str(root / "pages"), "bench")
    pages = -(-chunks // CHUNKS_A_PAGE)
    write(root / "pages", range(pages), 0)
    first = show("first build", rebuild(made, config, embedder))
    assert first.chunks >= chunks, f"{first.chunks} chunks: write longer pages"
    again = [show("unchanged", rebuild(made, config, embedder)) for _ in range(times)]
    write(root / "pages", range(0, pages, 100), 1)
    changed = show("1 page in 100 changed", rebuild(made, config, embedder))
    ratio = statistics.median(report.seconds for report in again) / first.seconds
    embedded = sum(report.embedded for report in again)
    ok = embedded == 0 and ratio <= LIMIT
    print(f"unchanged / first: 1/{1 / ratio:.0f} (at most 1/20 wanted); embedded again: {embedded}")
    print(f"1 in 100 changed / first: 1/{first.seconds / changed.seconds:.1f}")
    print(load())
    print(json.dumps({"embedder": embedder.name, "ratio": ratio, "first": asdict(first), "changed": asdict(changed)}))
    return ok


def show(what: str, report: Report) -> Report:
    print(
        f"{what:22} {report.seconds:7.2f} s  {report.pages} pages, {report.chunks} chunks, "
        f"{report.embedded} embedded, {report.reused} reused, {report.status}",
        flush=True,
    )
    return report


def write(folder: Path, numbers: range, version: int) -> None:
    """Pages of a few thousand characters; each sentence names its page, its number and the version."""
    folder.mkdir(exist_ok=True)
    for number in numbers:
        chinese = "\n".join(
            f"第{number}页第{line}句，第{version}版：苍鹭在浅水里站了{number + line}分钟，水獭游过去时它没有动。"
            for line in range(70)
        )
        english = "\n".join(
            f"Sentence {line} of page {number}, version {version}: the heron stood in the shallows for {number + line} "
            f"minutes and did not move when otter {line * number} swam by."
            for line in range(70)
        )
        (folder / f"{number:06}.txt").write_text(chinese if number % 2 else english, "utf-8")


if __name__ == "__main__":
    main()
