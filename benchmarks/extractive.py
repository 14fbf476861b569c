"""What the small judge does alone: puts the passage that answers first, and points at the words that answer.

    python -m benchmarks.extractive --sample 200                   # the first 100 questions of a file are never asked
    python -m benchmarks.extractive --sample 200 --development     # only these are
    python -m benchmarks.extractive --sample 200 --trained FOLDER  # another adaptation than the finder's

Corpora and indexes are those of `benchmarks.retrieval`: 6,359 English and 1,344 Chinese paragraphs. Of each question
the first 20 passages of the search are ranked as an answer ranks them. Span F1 is SQuAD's, in Chinese CMRC's, of what
is pointed at in the passage ranked first, over a list of 20 that holds the right one (it takes the last place where the
search had missed it). Seconds are of this machine, with whatever else runs on it.
"""

import argparse
import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.corpora import Question as Asked
from benchmarks.corpora import chinese, data_folder, english, load
from benchmarks.retrieval import corpus
from eval.metrics.text import f1
from rag import models, wiring
from rag.answering.ranking import about_first, rank
from rag.checking.encoder import Encoder
from rag.config import Config, home
from rag.index.index import Index
from rag.types import Hit

LISTED = 20
DEVELOPMENT = 100  # as in eval/sets/squad.py: so many of a file's first questions are for development


@dataclass
class Told:
    """Of each question: the rank of its paragraph, before and after (0: not in the list), F1, seconds."""

    before: list[int] = field(default_factory=list)
    after: list[int] = field(default_factory=list)
    f1: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def row(self, name: str) -> str:
        figures = [self.recall(self.before, 1), self.recall(self.before, 5), self.recall(self.after, 1)]
        figures += [self.recall(self.after, 5), interval(self.f1), f"{np.median(self.seconds):.2f}"]
        return f"| {name} | {len(self.f1)} | " + " | ".join(figures) + " |"

    def recall(self, ranks: Sequence[int], k: int) -> str:
        return interval([float(0 < one <= k) for one in ranks])


def interval(values: Sequence[float]) -> str:
    """The mean and its 2.5 and 97.5 percentiles over 1,000 draws of the items."""
    drawn = np.random.default_rng(3).choice(np.array(values), (1000, len(values))).mean(axis=1)
    low, high = np.percentile(drawn, [2.5, 97.5])
    return f"{np.mean(values):.3f} [{low:.2f}, {high:.2f}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    data_folder(parser)
    parser.add_argument("--sample", type=int, default=200, help="questions a set")
    parser.add_argument("--development", action="store_true", help="the first 100 questions of each file instead")
    parser.add_argument("--trained", type=Path, help="folder with lora.npz and judge.json")
    parser.add_argument("--keep", type=Path, default=home() / "benchmarks", help="where the indexes stay")
    options = parser.parse_args()
    folder = models.judge_folder(models.FINDER, trained=options.trained)
    judge, embedder = Encoder(folder), wiring.embedder(Config())
    xquad, cmrc = options.data / "xquad", options.data / "cmrc2018" / "cmrc2018_dev.json"
    said = {name: golds(path) for name, path in (
        ("en", xquad / "xquad.en.json"), ("zh", xquad / "xquad.zh.json"), ("cmrc", cmrc))}  # fmt: skip
    print("| set | n | R@1 search | R@5 search | R@1 ranked | R@5 ranked | span F1 | seconds |")
    print("|---|---|---|---|---|---|---|---|")
    pages, asked, crossing = english(options.data)
    with corpus(options.keep / "english", pages, embedder) as index:
        print(measure(index, judge, chosen(asked, said["en"], options), "en").row("XQuAD en"), flush=True)
        print(measure(index, judge, chosen(crossing, said["en"], options), "en").row("XQuAD zh over en"), flush=True)
    pages, asked, native = chinese(options.data)
    with corpus(options.keep / "chinese", pages, embedder) as index:
        print(measure(index, judge, chosen(asked, said["zh"], options), "zh").row("XQuAD zh"), flush=True)
        print(measure(index, judge, chosen(native, said["cmrc"], options), "zh").row("CMRC 2018 dev"), flush=True)
    print(f"\nJudge {judge.name}, embedder {embedder.name}; {load()}")


def golds(path: Path) -> list[tuple[str, ...]]:
    """Of each question of a file in SQuAD's form, in its order, the right answers."""
    return [
        tuple(one["text"] for one in item["answers"])
        for article in json.loads(path.read_text("utf-8"))["data"]
        for paragraph in article["paragraphs"]
        for item in paragraph["qas"]
    ]


def chosen(
    asked: Sequence[Asked], answers: Sequence[tuple[str, ...]], options: argparse.Namespace
) -> list[tuple[Asked, tuple[str, ...]]]:
    both = list(zip(asked, answers, strict=True))
    part = both[:DEVELOPMENT] if options.development else both[DEVELOPMENT:]
    return random.Random(2026).sample(part, min(options.sample, len(part)))


def measure(index: Index, judge: Encoder, questions: Sequence[tuple[Asked, tuple[str, ...]]], language: str) -> Told:
    told = Told()
    for one, answers in questions:
        began = time.perf_counter()
        hits = index.search(one.text, LISTED)
        order = [each.hit for each in rank(one.text, hits, judge.states)]
        took = time.perf_counter() - began
        told.before.append(place(hits, one.uri))
        told.after.append(place(order, one.uri))
        if not told.before[-1]:  # the last of the list makes room
            right = [hit for hit in index.search(one.text, 1000) if hit.chunk.uri == one.uri][:1]
            order = [each.hit for each in rank(one.text, [*hits[:-1], *right], judge.states)]
        began = time.perf_counter()
        text = about_first(order[0].about, order[0].chunk.text)
        where = judge.states([text], one.text)[0]
        told.seconds.append(took + time.perf_counter() - began)
        told.f1.append(f1(text[where.start : where.end], answers, language))
    return told


def place(hits: Sequence[Hit], uri: str) -> int:
    """From 1; 0 where no hit is of this paragraph."""
    return next((at for at, hit in enumerate(hits, 1) if hit.chunk.uri == uri), 0)


if __name__ == "__main__":
    main()
