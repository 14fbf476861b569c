"""What embedders with a model have in common: prefixes, and the vectors of the queries asked last."""

import threading
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable, Sequence

import numpy as np

from rag.protocols import Vectors


class Remembered:
    """The vectors of the last `room` texts, so that a query asked again costs nothing. Safe between threads."""

    def __init__(self, room: int = 256) -> None:
        self._room = room
        self._vectors: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = threading.Lock()

    def through(self, texts: Sequence[str], encode: Callable[[list[str]], Vectors]) -> Vectors:
        """(n, dimension), in order; `encode` is called once, with the texts not remembered."""
        with self._lock:
            known = {text: self._vectors[text] for text in texts if text in self._vectors}
        new = [text for text in dict.fromkeys(texts) if text not in known]
        fresh = encode(new)
        known.update(zip(new, fresh, strict=True))
        with self._lock:
            for text, vector in known.items():
                self._vectors[text] = vector
                self._vectors.move_to_end(text)
            while len(self._vectors) > self._room:
                self._vectors.popitem(last=False)
        return np.stack([known[text] for text in texts]) if texts else fresh


class Prefixed(ABC):
    """An embedder whose model wants something in front of a query, of a passage, or of both."""

    def __init__(self, name: str, dimension: int, max_tokens: int, query_prefix: str, passage_prefix: str) -> None:
        self.name, self.dimension, self.max_tokens = name, dimension, max_tokens
        self._query_prefix, self._passage_prefix = query_prefix, passage_prefix
        self._remembered = Remembered()

    def passages(self, texts: Sequence[str]) -> Vectors:
        return self._encode([self._passage_prefix + text for text in texts])

    def queries(self, texts: Sequence[str]) -> Vectors:
        return self._remembered.through(texts, lambda new: self._encode([self._query_prefix + text for text in new]))

    @abstractmethod
    def _encode(self, texts: Sequence[str]) -> Vectors:
        """(n, dimension) float32, unit length; texts may hold lone surrogates."""
