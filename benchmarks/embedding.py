"""Passages a second and query latency of the local embedder beside sentence-transformers, and what each retrieves.

    python -m benchmarks.embedding --questions ../shared/data/xquad

Passages are 200 tokens long, cut from XQuAD's articles (Artetxe et al. 2020, CC BY-SA 4.0), half English and half
Chinese. The contestants take turns, round after round, so that a busy machine slows them alike; medians are given.
Beside the clock stands processor time, all threads of the contestant together, which other programs disturb less.
sentence-transformers runs in float32 with its defaults (batch 32, sorted by length, all cores).
"""

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from rag import models
from rag.index import embed
from rag.protocols import Embedder

TOKENS = 200
LANGUAGES = ("en", "zh")


@dataclass(frozen=True, slots=True)
class Questions:
    """Paragraphs, and questions with the number of the paragraph that answers each."""

    paragraphs: tuple[str, ...]
    asked: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds by the clock, and of processor time over all threads."""

    clock: float
    processor: float


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--questions", type=Path, required=True, help="folder with xquad.en.json and xquad.zh.json")
    parser.add_argument("--passages", type=int, default=32, help="a language and round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--asked", type=int, default=400, help="questions a language for retrieval; 0 leaves it out")
    parser.add_argument("--without-torch", action="store_true", help="leave sentence-transformers out")
    chosen = parser.parse_args()

    folder = models.onnx_folder()
    contestants: dict[str, Embedder] = {
        "onnx int8, 1 thread": embed.local(folder, threads=1),
        "onnx int8, 2 threads": embed.local(folder, threads=2),
    }
    if not chosen.without_torch:
        contestants["torch float32, its defaults"] = embed.SentenceTransformerEmbedder(
            models.sentence_transformer_folder(), "cpu"
        )
    sets = {language: read(chosen.questions / f"xquad.{language}.json") for language in LANGUAGES}
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start")
    speed(contestants, sets, chosen.passages, chosen.rounds)
    latency(contestants, sets, chosen.rounds)
    if chosen.asked:
        retrieval(contestants, sets, chosen.asked)
    print(f"load {os.getloadavg()[0]:.1f} at the end")


def speed(contestants: dict[str, Embedder], sets: dict[str, Questions], count: int, rounds: int) -> None:
    """Passages a second, each contestant's median round."""
    tokenizer = next(iter(contestants.values()))
    passages = {language: cut(found.paragraphs, tokenizer, count) for language, found in sets.items()}
    print(f"\npassages of {TOKENS} tokens a second, median of {rounds} rounds of {count}")
    for language in LANGUAGES:
        taken = in_turn(contestants, rounds, partial(embed_passages, passages[language]))
        slowest = max(taken.values(), key=lambda spent: spent.clock)
        for name, spent in taken.items():
            print(
                f"  {language}  {name:28} {count / spent.clock:6.1f}  {slowest.clock / spent.clock:4.1f} times;"
                f"  a processor second {count / spent.processor:5.1f}  {slowest.processor / spent.processor:4.1f} times"
            )


def latency(contestants: dict[str, Embedder], sets: dict[str, Questions], rounds: int) -> None:
    """Milliseconds for one question that was not asked before."""
    print("\none question, milliseconds, median")
    for language in LANGUAGES:
        asked = [question for question, _ in sets[language].asked[: 10 * rounds]]
        for name, embedder in contestants.items():
            taken = [spend(partial(embedder.queries, [question])).clock for question in asked]
            print(f"  {language}  {name:28} {1000 * statistics.median(taken):6.1f}")


def retrieval(contestants: dict[str, Embedder], sets: dict[str, Questions], count: int) -> None:
    """R@1 and R@5 of the vectors alone; one ONNX contestant stands for all, since their vectors are the same."""
    print("\nretrieval by the vectors alone")
    for language in LANGUAGES:
        found = sets[language]
        asked = found.asked[:: max(1, len(found.asked) // count)][:count]
        gold = np.array([number for _, number in asked])
        for name, embedder in contestants.items():
            if name.endswith("1 thread"):
                continue
            scores = embedder.queries([question for question, _ in asked]) @ embedder.passages(found.paragraphs).T
            ranks = (scores > scores[np.arange(len(gold)), gold][:, None]).sum(axis=1)
            first, five = (ranks < 1).mean(), (ranks < 5).mean()
            print(
                f"  {language}  {name:28} R@1 {first:.3f}  R@5 {five:.3f}  "
                f"({len(found.paragraphs)} paragraphs, {len(asked)} questions)"
            )


def read(path: Path) -> Questions:
    """A file in SQuAD's format."""
    paragraphs: list[str] = []
    asked: list[tuple[str, int]] = []
    for article in json.loads(path.read_text("utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            asked += [(question["question"], len(paragraphs)) for question in paragraph["qas"]]
            paragraphs.append(paragraph["context"])
    return Questions(tuple(paragraphs), tuple(asked))


def cut(paragraphs: Sequence[str], embedder: Embedder, count: int) -> list[str]:
    """`count` pieces of the running text, TOKENS tokens each with the prefix and the special tokens."""
    text = "\n".join(paragraphs)
    ends = embedder.token_ends(text[: count * TOKENS * 8])
    length = TOKENS - 4  # "passage", ":", <s> and </s>
    pieces = [text[ends[at] : ends[at + length]] for at in range(0, len(ends) - length, length)]
    return pieces[:count]


def embed_passages(texts: Sequence[str], embedder: Embedder) -> object:
    return embedder.passages(texts)


def in_turn(contestants: dict[str, Embedder], rounds: int, work: Callable[[Embedder], object]) -> dict[str, Spent]:
    """Median seconds of each, the contestants taking turns; one round more than asked warms up."""
    taken: dict[str, list[Spent]] = {name: [] for name in contestants}
    for turn in range(rounds + 1):
        for name, embedder in contestants.items():
            spent = spend(partial(work, embedder))
            if turn:
                taken[name].append(spent)
    return {
        name: Spent(statistics.median(one.clock for one in spent), statistics.median(one.processor for one in spent))
        for name, spent in taken.items()
    }


def spend(work: Callable[[], object]) -> Spent:
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return Spent(time.perf_counter() - clock, time.process_time() - processor)


if __name__ == "__main__":
    main()
