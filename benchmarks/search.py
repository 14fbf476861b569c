"""Search latency, the embedding of the question included, on an index of real chunks.

    python -m benchmarks.search --questions 200

Uses the indexes that `python -m benchmarks.retrieval` keeps (making them if they are not there). Every question is
asked once, so nothing is remembered from an earlier time.
"""

import argparse
import random
import statistics
import time
from pathlib import Path

from benchmarks.corpora import chinese, data_folder, english, load
from benchmarks.retrieval import corpus
from rag import wiring
from rag.config import Config, SearchConfig, home

TARGET_MS = 60.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    data_folder(parser)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--keep", type=Path, default=home() / "benchmarks", help="where the indexes stay")
    options = parser.parse_args()
    embedder = wiring.embedder(Config())
    rows = [
        "| index | chunks | n | open ms | median ms | p95 ms | of it embedding, median ms |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, load_set in (("english", english), ("chinese", chinese)):
        pages, questions, _ = load_set(options.data)
        corpus(options.keep / name, pages, embedder).close()
        began = time.perf_counter()
        with wiring.index(Config(indexes=str(options.keep)), name, embedder) as index:
            index.search("warm up 预热", 1)
            opened = time.perf_counter() - began
            embedding, whole = [], []
            for question in random.Random(7).sample(questions, min(options.questions, len(questions))):
                start = time.perf_counter()
                embedder.queries([f"{question.text} "])
                embedding.append(time.perf_counter() - start)
                start = time.perf_counter()
                index.search(question.text, SearchConfig().k)
                whole.append(time.perf_counter() - start)
            chunks = sum(page.chunks for page in index.pages())
        cuts = statistics.quantiles(whole, n=20)
        rows.append(
            f"| {name} | {chunks} | {len(whole)} | {1e3 * opened:.0f} | {1e3 * statistics.median(whole):.1f} |"
            f" {1e3 * cuts[-1]:.1f} | {1e3 * statistics.median(embedding):.1f} |"
        )
    print("\n".join(rows))
    print(f"\nTarget: median at most {TARGET_MS:.0f} ms. {load()}")


if __name__ == "__main__":
    main()
