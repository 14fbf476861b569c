"""The text leg beside bm25s on the same paragraphs: index time, latency, and what is found.

    python -m venv --system-site-packages ../bm25s && ../bm25s/bin/pip install --no-deps bm25s==0.3.16
    ../bm25s/bin/python -m benchmarks.words

Paragraphs whole, not chunked; half of the questions' paragraphs are XQuAD's or CMRC's, the rest distractors. bm25s once
with its own tokenizer and once with Vouch's terms, so that engine and words can be told apart. It lives in memory and
takes no additions; ours lies on the disk and does. Turn by turn in one run; R@5 with 95% intervals.
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.corpora import Question, chinese, data_folder, english, load
from rag.history.statistics import wilson
from rag.index.hashed import HashEmbedder
from rag.index.store import Identity, Store
from rag.index.terms import TermCache
from rag.index.words import terms
from rag.text.passage import passages
from rag.types import Chunk, Page

DEPTH = 5
Find = Callable[[str], list[str]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    data_folder(parser)
    parser.add_argument("--questions", type=int, default=500)
    options = parser.parse_args()
    print(load())
    print("| corpus | paragraphs | engine | index s (processor s) | median ms | p95 ms | R@5 [95%] |")
    print("|---|---|---|---|---|---|---|")
    for name, load_set in (("en", english), ("zh", chinese)):
        pages, questions, others = load_set(options.data)
        asked = questions if name == "en" else questions + others
        asked = random.Random(3).sample(asked, min(options.questions, len(asked)))
        with tempfile.TemporaryDirectory() as scratch:
            store = stored(Path(scratch), pages)
            for engine, make in (
                ("Vouch", lambda: ours(store, Path(scratch))),  # noqa: B023
                ("bm25s, own tokenizer", lambda: theirs(pages, tokens_of_theirs)),  # noqa: B023
                ("bm25s, Vouch's terms", lambda: theirs(pages, lambda texts: [terms(text) for text in texts])),  # noqa: B023
            ):
                row(name, len(pages), engine, make, asked)
            store.close()
    print(load())


def row(name: str, count: int, engine: str, make: Callable[[], Find], asked: Sequence[Question]) -> None:
    began, worked = time.perf_counter(), time.process_time()
    find = make()
    seconds, processor = time.perf_counter() - began, time.process_time() - worked
    find(asked[0].text)
    times, hits = [], 0
    for question in asked:
        start = time.perf_counter()
        found = find(question.text)
        times.append(time.perf_counter() - start)
        hits += question.uri in found
    low, high = wilson(hits, len(asked))
    cuts = statistics.quantiles(times, n=20)
    shown = f"{1e3 * statistics.median(times):.2f} | {1e3 * cuts[-1]:.2f}"
    recall = f"{hits / len(asked):.3f} [{low:.3f}, {high:.3f}], n={len(asked)}"
    print(f"| {name} | {count} | {engine} | {seconds:.1f} ({processor:.1f}) | {shown} | {recall} |", flush=True)


def stored(folder: Path, pages: Sequence[Page]) -> Store:
    """The paragraphs in a store, a chunk each; not counted."""
    embedder = HashEmbedder()
    store = Store.create(folder / "store.sqlite", Identity("words", embedder.name, embedder.dimension, "cosine", "now"))
    with store.together():
        for page in pages:
            chunk = Chunk(page.uri, page.sha256, 0, len(page.text), page.text)
            texts = passages(page, [chunk])
            store.keep(texts, embedder.passages(texts))
            store.write(page, [chunk])
    return store


def ours(store: Store, folder: Path) -> Find:
    cache = TermCache(folder / "terms", "words")
    cache.follow(store)

    def find(text: str) -> list[str]:
        rows = store.rows([id for id, _ in cache.search(text, DEPTH).hits])
        return [chunk.uri for chunk, _ in rows.values()]

    return find


def tokens_of_theirs(texts: Sequence[str]) -> list[list[str]]:
    import bm25s

    split: list[list[str]] = bm25s.tokenize(list(texts), stopwords="en", return_ids=False, show_progress=False)
    return split


def theirs(pages: Sequence[Page], tokens: Callable[[Sequence[str]], list[list[str]]]) -> Find:
    import bm25s

    engine = bm25s.BM25()
    engine.index(tokens([page.text for page in pages]), show_progress=False)

    def find(text: str) -> list[str]:
        rows, _ = engine.retrieve(tokens([text]), k=DEPTH, show_progress=False)
        return [pages[int(at)].uri for at in rows[0]]

    return find


if __name__ == "__main__":
    main()
