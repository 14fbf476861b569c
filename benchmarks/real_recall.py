"""Does a number of lists that was chosen on stored vectors hold for real questions? Recall@10 with real embeddings.

    python -m benchmarks.real_recall --chunks 6000 --questions 300

Windows of 100 characters (50 Chinese ones) of XQuAD, CMRC and wiki2, embedded by the default model, in each form that
there is, whatever the size would ask for; XQuAD's and CMRC's questions, embedded as questions. Of what exact search
finds, how much each form does; 95% intervals over the neighbours. What was embedded stays for the next run.
"""

import argparse
import random
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.corpora import chinese, data_folder, english, load
from benchmarks.scale import windows
from rag import models
from rag.config import home
from rag.history.statistics import wilson
from rag.index import embed
from rag.index.exact import Exact, slices
from rag.index.forms import Policy
from rag.index.store import Identity, Store
from rag.index.vectors import VectorCache
from rag.protocols import Embedder
from rag.text.passage import passages
from rag.types import Page

PAGES_A_TURN = 32
NEVER = 10**9
FORMS = {"Flat": Policy(NEVER, NEVER), "SQ8": Policy(1, NEVER), "IVF,SQ8": Policy(1, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    data_folder(parser)
    parser.add_argument("--chunks", type=int, default=6000)
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--keep", type=Path, default=home() / "benchmarks" / "real", help="where the vectors stay")
    options = parser.parse_args()
    embedder = embed.local(models.onnx_folder())
    some = english(options.data), chinese(options.data)
    pages = [page for pages, _, _ in some for page in pages[: options.chunks // 8]]
    asked = [question.text for _, first, _ in some for question in first]
    asked = random.Random(2).sample(asked, options.questions)
    store = stored(options.keep / f"n{options.chunks}", embedder, pages, options.chunks)
    queries = embedder.queries(asked)
    known = store.changes(-1).added
    exact = Exact(queries, 10)
    for _, vectors in slices(store, known):
        exact.see(vectors)
    print(f"{len(known)} chunks, {len(asked)} questions, {embedder.name}. {load()}")
    with tempfile.TemporaryDirectory() as scratch:
        print("| form | lists looked at | recall@10 on stored vectors | recall@10 on questions [95%] |")
        print("|---|---|---|---|")
        for name, policy in FORMS.items():
            cache = VectorCache(Path(scratch) / name, "real", embedder.dimension, policy, devices=0)
            cache.follow(store)
            found = cache.search_many(queries, 10)
            hits, n = exact.hits([store.vectors([id for id, _ in row])[1] for row in found]), 10 * len(asked)
            low, high = wilson(hits, n)
            tuned = f"{cache.tuned[1]:.3f}" if policy.lists_from == 1 else ""
            shown = f"{hits / n:.3f} [{low:.3f}, {high:.3f}], n={n}"
            print(f"| {cache.form} | {cache.tuned[0]} | {tuned} | {shown} |", flush=True)


def stored(folder: Path, embedder: Embedder, pages: Sequence[Page], count: int) -> Store:
    """At least `count` chunks with their vectors; what a run before has embedded is there already."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "store.sqlite"
    identity = Identity("real", embedder.name, embedder.dimension, "cosine", "now")
    store = Store(file) if file.exists() else Store.create(file, identity)
    for at in range(0, len(pages), PAGES_A_TURN):
        if store.counts()[1] >= count:
            break
        cut = [
            windows(page.uri, page.text, 100 if page.text.isascii() else 50) for page in pages[at : at + PAGES_A_TURN]
        ]
        missing = store.missing([text for page, chunks in cut for text in passages(page, chunks)])
        if missing:
            store.keep(missing, embedder.passages(missing))
        with store.together():
            for page, chunks in cut:
                store.write(page, chunks)
    return store


if __name__ == "__main__":
    main()
