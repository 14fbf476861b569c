"""Passages embedded on many machines by Ray Data; queries and everything else by the embedder here.

A text is asked for by its position and its vector comes back with it, so a machine that dies in the middle costs time
and nothing else: Ray gives its share to others, and every position is filled exactly once or the call is a fault. What
was embedded is kept by the hash of its text as always, so a run that is broken off altogether is not paid for twice.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from rag.errors import ModelFault
from rag.protocols import Embedder, Vectors

TEXTS_A_CALL = 8192
"""Worth the start of a job on a cluster: the model is loaded anew for each."""

_ROWS = 64
_ROWS_A_BLOCK = 256


class ScatteredEmbedder:
    """`here` and what `make` gives on each machine must be the same embedder."""

    def __init__(self, here: Embedder, make: Callable[[], Embedder], address: str, workers: int) -> None:
        """`address` is a cluster's, or "auto" for the one this machine belongs to; `workers` embedders run on it, one
        processor each. Raises ModelFault where Ray is missing or there is no cluster."""
        try:
            import ray
        except ImportError as error:
            raise ModelFault("Embedding on several machines needs Ray: pip install -r requirements-ray.txt.") from error
        if not ray.is_initialized():
            try:
                ray.init(address=address, log_to_driver=False)
            except (ConnectionError, RuntimeError) as error:
                raise ModelFault(
                    f"No Ray cluster answers at {address} ({error}). Start one: `ray start --head` here, `ray start "
                    "--address HOST:6379` on the others."
                ) from error
        self._here = here
        self._make = make
        self._workers = workers

    @property
    def name(self) -> str:
        return self._here.name

    @property
    def dimension(self) -> int:
        return self._here.dimension

    @property
    def max_tokens(self) -> int:
        return self._here.max_tokens

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Raises ModelFault where a text came back twice or not at all, or from another embedder."""
        import ray

        if len(texts) < _ROWS:  # sooner done than handed out
            return self._here.passages(texts)
        rows = [{"at": at, "text": text} for at, text in enumerate(texts)]
        blocks = -(-len(rows) // _ROWS_A_BLOCK)
        made = ray.data.from_items(rows, override_num_blocks=blocks).map_batches(
            _Worker,
            fn_constructor_args=(self._make, self.name),
            batch_size=_ROWS,
            concurrency=self._workers,
            num_cpus=1,
        )
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        filled = np.zeros(len(texts), np.int64)
        for part in made.iter_batches(batch_size=None, batch_format="numpy"):
            where = part["at"].astype(np.int64)
            vectors[where] = np.stack(part["vector"])
            np.add.at(filled, where, 1)
        if (filled != 1).any():
            raise ModelFault(
                f"Of {len(texts)} texts {int((filled == 0).sum())} came back without a vector and "
                f"{int((filled > 1).sum())} more than once. Run it again: what was kept is not embedded anew."
            )
        return vectors

    def queries(self, texts: Sequence[str]) -> Vectors:
        return self._here.queries(texts)

    def token_ends(self, text: str) -> Sequence[int]:
        return self._here.token_ends(text)


class _Worker:
    """One embedder on some machine."""

    def __init__(self, make: Callable[[], Embedder], name: str) -> None:
        self._embedder = make()
        if self._embedder.name != name:
            raise ModelFault(f"A worker has the embedder {self._embedder.name}, not {name}. Install the same on all.")

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        return {"at": batch["at"], "vector": self._embedder.passages([str(text) for text in batch["text"]])}
