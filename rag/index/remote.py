"""Embeddings from any address that speaks OpenAI's API."""

import time
from collections.abc import Sequence
from urllib.parse import urlsplit

import httpx
import numpy as np

from rag.errors import ModelFault
from rag.index.hashed import encodable, estimated_ends
from rag.index.remembered import Prefixed
from rag.protocols import Vectors


class HttpEmbedder(Prefixed):
    """An address that speaks OpenAI's embeddings API: OpenAI itself, vLLM, infinity, TEI, llama.cpp, Ollama."""

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
        tries: int = 4,
        pause_seconds: float = 0.5,
        timeout_seconds: float = 60.0,
    ) -> None:
        """`address` up to and with `/v1`. One probe learns the dimension. Raises ModelFault."""
        self._address = address.rstrip("/").removesuffix("/embeddings") + "/embeddings"
        self._model = model
        self._client = httpx.Client(
            timeout=timeout_seconds, headers={"Authorization": f"Bearer {key}"} if key else {}, follow_redirects=False
        )
        self._batch, self._tries, self._pause = batch, tries, pause_seconds
        name = f"{model}@{urlsplit(self._address).netloc}"  # the weights behind an address cannot be hashed
        super().__init__(name, 0, max_tokens, query_prefix, passage_prefix)
        self.dimension = self._ask(["probe"]).shape[1]

    def token_ends(self, text: str) -> Sequence[int]:
        """An estimate on the high side: the tokenizer behind the address is not known."""
        return estimated_ends(text)

    def _encode(self, texts: Sequence[str]) -> Vectors:
        batches = [self._ask(texts[at : at + self._batch]) for at in range(0, len(texts), self._batch)]
        return np.concatenate([np.zeros((0, self.dimension), np.float32), *batches])

    def _ask(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of one batch. Busy and failing servers are asked again, waiting twice as long each time."""
        wanted = {"model": self._model, "input": [encodable(text) for text in texts], "encoding_format": "float"}
        told = ""
        for attempt in range(self._tries):
            if attempt:
                time.sleep(self._pause * 2 ** (attempt - 1))
            try:
                reply = self._client.post(self._address, json=wanted)
            except (httpx.TransportError, httpx.InvalidURL) as error:
                told = f"{type(error).__name__}: {error}"
                continue
            if reply.status_code == httpx.codes.TOO_MANY_REQUESTS or reply.status_code >= 500:
                told = f"status {reply.status_code}: {reply.text[:200]}"
                continue
            if reply.status_code != httpx.codes.OK:
                raise self._fault(f"it answered {reply.status_code}: {reply.text[:200]}")
            return self._vectors(reply, len(texts))
        raise self._fault(f"{self._tries} tries failed, the last with {told}")

    def _vectors(self, reply: httpx.Response, count: int) -> Vectors:
        try:
            rows = sorted(reply.json()["data"], key=lambda row: row["index"])
            vectors = np.array([row["embedding"] for row in rows], np.float32)
        except (ValueError, KeyError, TypeError) as error:
            raise self._fault(f"its reply is not an embeddings reply ({error!r})") from error
        wanted = count, self.dimension or (vectors.shape[1] if vectors.ndim == 2 else 0)
        if vectors.shape != wanted or 0 in wanted:
            raise self._fault(f"it gave vectors of shape {vectors.shape}, not {wanted}")
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.isfinite(lengths).all() or not lengths.all():
            raise self._fault("it gave a vector of no length")
        unit: Vectors = vectors / lengths
        return unit

    def _fault(self, reason: str) -> ModelFault:
        return ModelFault("embedder.silent", address=self._address, error=reason)
