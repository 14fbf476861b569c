"""What kind of question it is, and towards what a comparison asks: linear heads on the embedder's vector of the
question and on which of a few terms it has, fitted by `python -m training.kind`."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from rag.errors import ModelFault
from rag.protocols import Embedder, Vectors
from rag.text.terms import terms
from rag.types import Direction, Kind

HEADS = Path(__file__).with_name("kind.npz")
NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Heads:
    """`weights`: by head, (labels, dimension + terms); `biases`, `labels` likewise."""

    terms: tuple[str, ...]
    weights: dict[str, Vectors]
    biases: dict[str, Vectors]
    labels: dict[str, tuple[str, ...]]

    def likeliest(self, head: str, question: str, embedder: Embedder) -> str | None:
        """The label of `question`; None where the embedder is not the one that the heads were fitted on."""
        vector = features([question], embedder, self.terms)[0]
        weight = self.weights[head]
        if vector.shape[0] != weight.shape[1]:
            return None
        return self.labels[head][int((weight @ vector + self.biases[head]).argmax())]


def kind_of(question: str, embedder: Embedder) -> Kind:
    """The likeliest kind; "fact" where nobody can say. Raises ModelFault."""
    return heads().likeliest("kind", question, embedder) or "fact"  # type: ignore[return-value]


def direction_of(question: str, embedder: Embedder) -> Direction | None:
    """Whether a comparison asks for what has more or comes later, or for what has less or comes first; None where it
    asks for neither. Raises ModelFault."""
    said = heads().likeliest("direction", question, embedder)
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
