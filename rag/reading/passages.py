"""Which sentences of the hits are worth keeping: the guided policy's eye."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rag.seams import Embedder
from rag.text import CJK, sentences
from rag.types import Hit

CHUNKS = 8  # hits whose sentences are looked at
LEAST = 6  # characters; a shorter sentence is a heading or a fragment: kept as a neighbour, never for itself
WIDEST = 320  # characters of one passage
_WORD = re.compile(rf"[^\W_{CJK}]+|[{CJK}]+")


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence with its neighbours, as a span of the page; `rank` is its hit's."""

    uri: str
    start: int
    end: int
    text: str
    rank: int
    score: float

    def overlaps(self, other: "Passage") -> bool:
        return self.uri == other.uri and self.start < other.end and other.start < self.end


def choose(
    question: str, hits: Sequence[Hit], embedder: Embedder, count: int, characters: int, kept: Sequence[Passage] = ()
) -> list[Passage]:
    """At most `count` passages of together at most `characters`, best first, none overlapping another or `kept`."""
    candidates = _candidates(hits[:CHUNKS])
    if not candidates:
        return []
    ranked = sorted(_scored(question, candidates, embedder), key=lambda passage: -passage.score)
    chosen: list[Passage] = []
    for passage in ranked:
        fits = sum(len(other.text) for other in chosen) + len(passage.text) <= characters
        if fits and not any(passage.overlaps(other) for other in [*chosen, *kept]):
            chosen.append(passage)
        if len(chosen) == count:
            break
    return chosen


def _candidates(hits: Sequence[Hit]) -> list[tuple[str, Passage]]:
    """(core sentence, passage around it) of every sentence in the hits."""
    found = []
    for rank, hit in enumerate(hits, start=1):
        text = hit.chunk.text
        spans = sentences(text)
        for at, (start, end) in enumerate(spans):
            if end - start < LEAST and len(spans) > 1:
                continue
            left, right = _widen(spans, at)
            base = hit.chunk.start
            passage = Passage(hit.chunk.uri, base + left, base + right, text[left:right], rank, 0.0)
            found.append((text[start:end], passage))
    return found


def _widen(spans: Sequence[tuple[int, int]], at: int) -> tuple[int, int]:
    """The sentence and, as far as they fit, the one after it and the one before it."""
    first = last = at
    for follow in (1, -1):
        if follow > 0 and last + 1 < len(spans) and spans[last + 1][1] - spans[first][0] <= WIDEST:
            last += 1
        if follow < 0 and first > 0 and spans[last][1] - spans[first - 1][0] <= WIDEST:
            first -= 1
    return spans[first][0], spans[last][1]


def _scored(question: str, candidates: Sequence[tuple[str, Passage]], embedder: Embedder) -> list[Passage]:
    """Cosine of the core sentence and of the passage with the question, plus the share of the question's rare terms
    in the passage: a name or a number in the question must weigh, and embeddings blur both."""
    texts = [core for core, _ in candidates] + [passage.text for _, passage in candidates]
    cosines = embedder.passages(texts) @ embedder.queries([question])[0]
    cores, wides = np.split(cosines, 2)
    bags = [set(terms(passage.text)) for _, passage in candidates]
    seen = Counter(term for bag in bags for term in bag)
    wanted = {term: math.log(1 + len(bags) / (1 + seen[term])) for term in set(terms(question)) if term in seen}
    total = sum(wanted.values()) or 1.0
    return [
        Passage(
            p.uri,
            p.start,
            p.end,
            p.text,
            p.rank,
            float(core + wide) / 2 + 0.1 * sum(wanted[t] for t in bag & wanted.keys()) / total,
        )
        for (_, p), core, wide, bag in zip(candidates, cores, wides, bags, strict=True)
    ]


def terms(text: str) -> list[str]:
    """Words of alphabets, case folded, and pairs of neighbouring characters of Chinese, Japanese and Korean."""
    found: list[str] = []
    for run in _WORD.findall(text.casefold()):
        if re.match(f"[{CJK}]", run):
            found += [run[at : at + 2] for at in range(max(1, len(run) - 1))]
        else:
            found.append(run)
    return found


def learned(question: str, queries: Sequence[str], quotes: Sequence[str]) -> str:
    """The next query: the question with the words that recur in what was kept and that it does not have yet.

    "" when nothing new was learned.
    """
    known = set(terms(" ".join([question, *queries])))
    words = Counter(word for text in quotes for word in set(_WORD.findall(text)) if len(word) > 1)
    fresh = [word for word, _ in words.most_common() if not set(terms(word)) <= known and len(word) <= 12][:3]
    return f"{question} {' '.join(fresh)}" if fresh else ""
