"""Reading the best hits once more, question beside passage. Off unless the configuration names a cross-encoder."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from rag.config import expanded
from rag.errors import ModelFault
from rag.index.endpoint import Endpoint, Refused
from rag.models.onnx import physical_cores, session, tokenizer
from rag.text.passage import passage
from rag.types import Hit

Reranker = Callable[[str, Sequence[str]], Sequence[float]]
"""(query, n passages) -> n scores, higher is better."""

RERANKED = 30
"""Fused hits that a reranker reads."""

MOST_TOKENS = 512  # of a question with a passage, for a local model


def rerank(query: str, found: Sequence[Hit], score: Reranker) -> list[Hit]:
    """The first RERANKED hits in the order `score` gives them, with its scores; the others are dropped."""
    head = found[:RERANKED]
    scores = score(query, [passage(hit.title, hit.chunk) for hit in head])
    scored = [replace(hit, score=float(value)) for hit, value in zip(head, scores, strict=True)]
    return sorted(scored, key=lambda hit: -hit.score)


def onnx_model(folder: Path) -> Path | None:
    """The model of a folder that holds one for onnxruntime, as those of the hub do; None where it does not."""
    places = (folder / name for name in ("model.onnx", "onnx/model.onnx", "model_quantized.onnx"))
    return next((place for place in places if place.is_file()), None)


def cross_encoder(name: str) -> Reranker:
    """A cross-encoder by its folder, with onnxruntime where it holds such a model; else by its hub name or folder, with
    sentence-transformers, which needs the full set of requirements. Raises ModelFault."""
    folder = expanded(name)
    if model := onnx_model(folder):
        return OnnxReranker(model, folder / "tokenizer.json")
    return _sentence_transformer(name)


class OnnxReranker:
    """An ONNX cross-encoder and its tokenizer, on the CPU; passages are read side by side. Safe to share."""

    def __init__(self, model: Path, tokenizer_file: Path) -> None:
        """Raises ModelFault."""
        self._session = session(model)
        self._inputs = {one.name for one in self._session.get_inputs()}
        self._tokenizer = tokenizer(tokenizer_file)
        self._tokenizer.enable_truncation(MOST_TOKENS, strategy="only_second")
        self._workers = ThreadPoolExecutor(physical_cores(), "rerank")

    def __call__(self, query: str, passages: Sequence[str]) -> list[float]:
        return list(self._workers.map(self._score, self._tokenizer.encode_batch([(query, one) for one in passages])))

    def _score(self, pair: Any) -> float:
        """The last of its scores: the only one, or that of the class "relevant"."""
        rows = {"input_ids": pair.ids, "attention_mask": pair.attention_mask, "token_type_ids": pair.type_ids}
        given = {name: np.array([row], np.int64) for name, row in rows.items() if name in self._inputs}
        return float(np.asarray(self._session.run(None, given)[0]).reshape(-1)[-1])


@dataclass
class RemoteReranker:
    """An address that ends in /rerank, as Jina, Cohere, vLLM, llama.cpp and text-embeddings-inference have it; the last
    of them calls its passages otherwise, which is tried where the first form is refused."""

    endpoint: Endpoint
    model: str
    form: str = "documents"

    def __call__(self, query: str, passages: Sequence[str]) -> list[float]:
        """Raises ModelFault."""
        try:
            told = self.endpoint.ask(self._body(query, passages))
        except Refused:
            if self.form == "texts":
                raise
            self.form = "texts"
            told = self.endpoint.ask(self._body(query, passages))
        try:
            rows = told["results"] if isinstance(told, dict) else told
            scored = {row["index"]: float(row.get("relevance_score", row.get("score"))) for row in rows}
            return [scored[at] for at in range(len(passages))]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise self.endpoint.fault(f"its reply gives no score for every passage ({error!r})") from error

    def _body(self, query: str, passages: Sequence[str]) -> dict[str, Any]:
        if self.form == "texts":
            return {"query": query, "texts": list(passages), "truncate": True}
        return {"model": self.model, "query": query, "documents": list(passages), "top_n": len(passages)}


def at_address(address: str, model: str, key: str = "", **patience: Any) -> RemoteReranker:
    """`address` may be that of the API or end in /rerank; `patience` is that of an Endpoint."""
    address = address.rstrip("/").removesuffix("/rerank") + "/rerank"
    return RemoteReranker(Endpoint(address, "reranker.silent", key, **patience), model)


def _sentence_transformer(name: str) -> Reranker:
    try:
        from sentence_transformers import CrossEncoder
    except ImportError as error:
        raise ModelFault("reranker.needs_torch") from error
    try:
        model = CrossEncoder(name)
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelFault("reranker.not_loading", name=name, error=error) from error

    def score(query: str, passages: Sequence[str]) -> list[float]:
        return [float(value) for value in model.predict([(query, passage) for passage in passages])]

    return score
