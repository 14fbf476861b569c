"""What kind of question it is: a linear head on the embedder's vector of it, fitted by `python -m training.kind`."""

from functools import cache
from pathlib import Path

import numpy as np

from rag.errors import ModelFault
from rag.protocols import Embedder, Vectors
from rag.types import Kind

HEAD = Path(__file__).with_name("kind.npz")


def kind_of(question: str, embedder: Embedder) -> Kind:
    """The likeliest kind; "fact" where the embedder is not the one that the head was fitted on. Raises ModelFault."""
    weight, bias, kinds = _head()
    vector = embedder.queries([question])[0]
    if vector.shape[0] != weight.shape[1]:
        return "fact"
    return kinds[int((weight @ vector + bias).argmax())]


@cache
def _head() -> tuple[Vectors, Vectors, tuple[Kind, ...]]:
    try:
        with np.load(HEAD, allow_pickle=False) as held:
            return held["weight"], held["bias"], tuple(held["kinds"].tolist())
    except (OSError, ValueError, KeyError) as error:
        raise ModelFault("model.part_unreadable", path=HEAD, error=repr(error)) from error
