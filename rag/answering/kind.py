"""What kind of question it is, and towards what a comparison asks: linear heads on the embedder's vector of the
question and on which of a few terms it has, fitted by `python -m training.kind`. Where the head is not sure of the
kind, the reader is asked for one word; docs/evaluation.md has what each is worth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from rag.errors import ModelFault
from rag.generation import prompts
from rag.protocols import Embedder, Prompt, Reader, Vectors
from rag.text.language import question_language
from rag.text.terms import terms
from rag.types import Direction, Kind

HEADS = Path(__file__).with_name("kind.npz")
NEITHER = "neither"
SURE = 0.9  # P of the likeliest kind from which the reader is not asked
WORDS: Mapping[Kind, float] = {"fact": 0.1, "list": 0.25, "explain": 0.25, "summary": 0.25, "compare": 0.25}
"""What the reader may say, and how often it says so: of facts it says so too rarely."""
LEAST = 0.01  # P; a reader that gives no probabilities is not believed more than this allows


@dataclass(frozen=True, slots=True)
class Heads:
    """`weights`: by head, (labels, dimension + terms); `biases`, `labels` likewise."""

    terms: tuple[str, ...]
    weights: dict[str, Vectors]
    biases: dict[str, Vectors]
    labels: dict[str, tuple[str, ...]]

    def shares(self, head: str, question: str, embedder: Embedder) -> dict[str, float]:
        """P of each label; empty where the embedder is not the one that the heads were fitted on."""
        vector = features([question], embedder, self.terms)[0]
        weight = self.weights[head]
        if vector.shape[0] != weight.shape[1]:
            return {}
        scores = weight @ vector + self.biases[head]
        powers = np.exp(scores - scores.max())
        return dict(zip(self.labels[head], (powers / powers.sum()).tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class KindOf:
    """A question's likeliest kind, by the head and, where that is not sure, by the reader's word too."""

    embedder: Embedder
    reader: Reader

    def __call__(self, question: str) -> Kind:
        """Raises ModelFault, ReaderFault."""
        by_head: dict[Kind, float] = heads().shares("kind", question, self.embedder)  # type: ignore[assignment]
        if max(by_head.values(), default=0.0) < SURE:
            said = self.reader.choose(prompt_of(question, question_language(question)), list(WORDS)) or WORDS
            even = 1 / len(WORDS)  # of a kind that it is not asked for it knows nothing
            by_head = {
                kind: by_head.get(kind, even) * (max(said[kind], LEAST) / WORDS[kind] if kind in WORDS else 1.0)
                for kind in by_head or WORDS
            }
        return max(by_head, key=lambda kind: by_head[kind])


def prompt_of(question: str, language: str) -> Prompt:
    """The prompt by which the reader says in one word what kind of question this is."""
    return prompts.prompt("kind", "word", language, 1, question=prompts.tidy(question))


def direction_of(question: str, embedder: Embedder) -> Direction | None:
    """Whether a comparison asks for what has more or comes later, or for what has less or comes first; None where it
    asks for neither. Raises ModelFault."""
    shares = heads().shares("direction", question, embedder)
    said = max(shares, key=lambda label: shares[label], default=NEITHER)
    return None if said == NEITHER else said  # type: ignore[return-value]


def features(questions: Sequence[str], embedder: Embedder, known: Sequence[str]) -> Vectors:
    """(questions, dimension + terms): the embedder's vectors, and 1 for each of the `known` terms that one has."""
    place = {term: at for at, term in enumerate(known)}
    has = np.zeros((len(questions), len(known)), np.float32)
    for row, question in enumerate(questions):
        has[row, [place[term] for term in terms(question) if term in place]] = 1.0
    return np.hstack([embedder.queries(list(questions)), has])


@cache
def heads() -> Heads:
    """Those that ship. Raises ModelFault."""
    try:
        with np.load(HEADS, allow_pickle=False) as held:
            named = ("kind", "direction")
            return Heads(
                tuple(held["terms"].tolist()),
                {name: held[f"{name}.weight"].astype(np.float32) for name in named},
                {name: held[f"{name}.bias"].astype(np.float32) for name in named},
                {name: tuple(held[f"{name}.labels"].tolist()) for name in named},
            )
    except (OSError, ValueError, KeyError) as error:
        raise ModelFault("model.part_unreadable", path=HEADS, error=repr(error)) from error
