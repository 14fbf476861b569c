"""Reading the best hits once more, question beside passage. Off unless the configuration names a cross-encoder."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from rag.text.passage import passage
from rag.types import Hit

Reranker = Callable[[str, Sequence[str]], Sequence[float]]
"""(query, n passages) -> n scores, higher is better."""

RERANKED = 30
"""Fused hits that a reranker reads."""


def rerank(query: str, found: Sequence[Hit], score: Reranker) -> list[Hit]:
    """The first RERANKED hits in the order `score` gives them, with its scores; the others are dropped."""
    head = found[:RERANKED]
    scores = score(query, [passage(hit.title, hit.chunk) for hit in head])
    scored = [replace(hit, score=float(value)) for hit, value in zip(head, scores, strict=True)]
    return sorted(scored, key=lambda hit: -hit.score)


def cross_encoder(name: str) -> Callable[[str, Sequence[str]], list[float]]:
    """A sentence-transformers cross-encoder, by its name or folder. Needs the full set of requirements."""
    from sentence_transformers import CrossEncoder

    model = CrossEncoder(name)

    def score(query: str, passages: Sequence[str]) -> list[float]:
        return [float(value) for value in model.predict([(query, passage) for passage in passages])]

    return score
