"""The vectors of the queries asked last."""

import threading
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
