"""Retrieval on pooled public corpora: BM25 (our text leg alone), dense alone, fused.

    python -m benchmarks.retrieval                 # everything; about 14,000 chunks are embedded once and kept
    python -m benchmarks.retrieval --sample 300    # the same corpora, 300 questions of each set

A paragraph is a page, cut into chunks as `vouch add` cuts it; a question's rank is that of the first chunk of its one
right paragraph, counted in distinct paragraphs. The indexes stay in VOUCH_HOME/benchmarks, so a second run embeds
the questions only.
"""

import argparse
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.corpora import Question, chinese, chunked, data_folder, english, load
from rag import wiring
from rag.config import Config, home
from rag.history.statistics import wilson
from rag.index.index import Index
from rag.protocols import Embedder
from rag.types import Hit, Page

DEPTH = 100
LEGS = ("bm25", "dense", "fused")


@dataclass(frozen=True, slots=True)
class Row:
    set: str
    leg: str
    ranks: tuple[int, ...]  # 0: not among the first DEPTH chunks

    def recall(self, k: int) -> tuple[float, float, float]:
        """(rate, low, high) of questions whose paragraph is among the first `k`; Wilson 95%."""
        hits = sum(0 < rank <= k for rank in self.ranks)
        return (hits / len(self.ranks), *wilson(hits, len(self.ranks)))

    def mrr(self) -> float:
        return sum(1 / rank for rank in self.ranks if 0 < rank <= 10) / len(self.ranks)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    data_folder(parser)
    parser.add_argument("--sample", type=int, default=0, help="questions a set; 0: all")
    parser.add_argument("--keep", type=Path, default=home() / "benchmarks", help="where the indexes stay")
    options = parser.parse_args()
    embedder = wiring.embedder(Config())
    english_pages, english_questions, crossing_questions = english(options.data)
    chinese_pages, chinese_questions, native_questions = chinese(options.data)
    rows: list[Row] = []
    with corpus(options.keep / "english", english_pages, embedder) as index:
        rows += ask(index, "XQuAD en", english_questions, options.sample)
        rows += ask(index, "XQuAD zh questions, en text", crossing_questions, options.sample)
    with corpus(options.keep / "chinese", chinese_pages, embedder) as index:
        rows += ask(index, "XQuAD zh", chinese_questions, options.sample)
        rows += ask(index, "CMRC 2018 dev", native_questions, options.sample)
    print(
        f"\nEmbedder {embedder.name}; {len(english_pages)} English, {len(chinese_pages)} Chinese paragraphs; {load()}"
    )
    print(f"\n{table(rows)}")


def corpus(folder: Path, pages: Sequence[Page], embedder: Embedder) -> Index:
    """The index of `pages`, made or brought up to date."""
    index = Index.at(folder, embedder, create=True)
    began, done = time.perf_counter(), 0
    for done, (uri, _) in enumerate(index.put(chunked(pages, embedder)), start=1):
        if done % 500 == 0:
            print(f"{folder.name}: {done}/{len(pages)} paragraphs, {time.perf_counter() - began:.0f} s, last {uri}")
    index.flush()
    return index


def ask(index: Index, name: str, questions: Sequence[Question], sample: int) -> list[Row]:
    chosen = random.Random(2026).sample(questions, sample) if 0 < sample < len(questions) else questions
    ranks: dict[str, list[int]] = {leg: [] for leg in LEGS}
    began = time.perf_counter()
    for question in chosen:
        dense, text = index.legs(question.text, DEPTH)
        for leg, hits in zip(LEGS, (text, dense, index.search(question.text, DEPTH)), strict=True):
            ranks[leg].append(rank(hits, question.uri))
    print(f"{name}: {len(chosen)} questions in {time.perf_counter() - began:.0f} s")
    return [Row(name, leg, tuple(found)) for leg, found in ranks.items()]


def rank(hits: Sequence[Hit], uri: str) -> int:
    """From 1, in distinct paragraphs; 0 when it is not there."""
    order = list(dict.fromkeys(hit.chunk.uri for hit in hits))
    return order.index(uri) + 1 if uri in order else 0


def table(rows: Sequence[Row]) -> str:
    lines = ["| set | n | leg | R@1 [95%] | R@5 [95%] | MRR@10 |", "|---|---|---|---|---|---|"]
    for row in rows:
        first, five = (f"{rate:.3f} [{low:.3f}, {high:.3f}]" for rate, low, high in (row.recall(1), row.recall(5)))
        lines.append(f"| {row.set} | {len(row.ranks)} | {row.leg} | {first} | {five} | {row.mrr():.3f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
