"""Embeddings from a server: any that speaks OpenAI's API, and Ollama by its own."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from rag.index.endpoint import Endpoint
from rag.index.hashed import encodable, estimated_ends
from rag.index.remembered import Prefixed
from rag.protocols import Vectors


class HttpEmbedder(Prefixed):
    """An address that speaks OpenAI's embeddings API: OpenAI itself, vLLM, infinity, TEI, llama.cpp, LM Studio."""

    def __init__(
        self,
        address: str,
        model: str,
        key: str = "",
        query_prefix: str = "",
        passage_prefix: str = "",
        *,
        max_tokens: int = 512,
        batch: int = 64,
        **patience: Any,
    ) -> None:
        """`address` up to and with `/v1`; `patience` is that of an Endpoint. One probe learns the dimension. Raises
        ModelFault."""
        self._endpoint = Endpoint(self._path(address.rstrip("/")), "embedder.silent", key, **patience)
        self._model = model
        self._batch = batch
        name = f"{model}@{urlsplit(address).netloc}"  # the weights behind an address cannot be hashed
        super().__init__(name, 0, max_tokens, query_prefix, passage_prefix)
        self.dimension = self._ask(["probe"]).shape[1]

    def token_ends(self, text: str) -> Sequence[int]:
        """An estimate on the high side: the tokenizer behind the address is not known."""
        return estimated_ends(text)

    def _encode(self, texts: Sequence[str]) -> Vectors:
        batches = [self._ask(texts[at : at + self._batch]) for at in range(0, len(texts), self._batch)]
        return np.concatenate([np.zeros((0, self.dimension), np.float32), *batches])

    def _path(self, address: str) -> str:
        return address.removesuffix("/embeddings") + "/embeddings"

    def _body(self, texts: list[str]) -> dict[str, Any]:
        return {"model": self._model, "input": texts, "encoding_format": "float"}

    def _rows(self, told: Any) -> list[list[float]]:
        return [row["embedding"] for row in sorted(told["data"], key=lambda row: row["index"])]

    def _ask(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of one batch."""
        told = self._endpoint.ask(self._body([encodable(text) for text in texts]))
        try:
            vectors = np.array(self._rows(told), np.float32)
        except (ValueError, KeyError, TypeError) as error:
            raise self._endpoint.fault(f"its reply is not an embeddings reply ({error!r})") from error
        wanted = len(texts), self.dimension or (vectors.shape[1] if vectors.ndim == 2 else 0)
        if vectors.shape != wanted or 0 in wanted:
            raise self._endpoint.fault(f"it gave vectors of shape {vectors.shape}, not {wanted}")
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.isfinite(lengths).all() or not lengths.all():
            raise self._endpoint.fault("it gave a vector of no length")
        unit: Vectors = vectors / lengths
        return unit


class OllamaEmbedder(HttpEmbedder):
    """Ollama by its own interface, at an address that may end in /v1 or not."""

    def _path(self, address: str) -> str:
        return address.removesuffix("/v1") + "/api/embed"

    def _body(self, texts: list[str]) -> dict[str, Any]:
        return {"model": self._model, "input": texts}

    def _rows(self, told: Any) -> list[list[float]]:
        rows: list[list[float]] = told["embeddings"]
        return rows
