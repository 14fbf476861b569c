"""An Answer as the one JSON object that `ask --json` prints and the ledger keeps."""

from collections.abc import Mapping
from typing import Any

from rag.types import Answer, Conflict, Quote, Rate, Sentence, Side, Step


def as_json(answer: Answer) -> dict[str, Any]:
    """Plain types only. A Rate is {"hits", "n", "value"}; value is null where n is 0."""
    return {
        "id": answer.id,
        "question": answer.question,
        "language": answer.language,
        "status": answer.status,
        "answer": answer.text,
        "reason": answer.reason,
        "draft": answer.draft,
        "sentences": [_sentence(sentence) for sentence in answer.sentences],
        "conflicts": [_conflict(conflict) for conflict in answer.conflicts],
        "quotes": [_quote(quote) for quote in answer.quotes],
        "steps": [_step(step) for step in answer.steps],
        "metrics": plain(answer.metrics),
        "timings": {name: round(seconds, 3) for name, seconds in answer.timings.items()},
        "index": dict(answer.index),
        "config_sha256": answer.config_sha256,
        "prompts_sha256": answer.prompts_sha256,
    }


def plain(metrics: Mapping[str, Rate | float | int | None]) -> dict[str, Any]:
    return {
        name: {"hits": value.hits, "n": value.n, "value": value.value} if isinstance(value, Rate) else value
        for name, value in metrics.items()
    }


def _sentence(sentence: Sentence) -> dict[str, Any]:
    verdict = sentence.verdict
    return {
        "text": sentence.text,
        "citations": list(sentence.citations),
        "verdict": verdict.label,
        "probability": None if verdict.probability is None else round(verdict.probability, 4),
        "judge": verdict.judge,
        "revised_from": sentence.revised_from,
    }


def _conflict(conflict: Conflict) -> dict[str, Any]:
    probability = conflict.probability
    return {
        "differs": conflict.differs,
        "probability": None if probability is None else round(probability, 4),
        "sides": [_side(side) for side in (conflict.left, conflict.right)],
    }


def _side(side: Side) -> dict[str, Any]:
    return {
        "quote": side.quote,
        "text": side.text,
        "value": side.value,
        "source": side.source,
        "title": side.title,
        "date": side.date,
        "read_at": side.read_at,
    }


def _quote(quote: Quote) -> dict[str, Any]:
    return {
        "id": quote.id,
        "text": quote.text,
        "source": quote.uri,
        "title": quote.title,
        "page_sha256": quote.page_sha256,
        "start": quote.start,
        "end": quote.end,
    }


def _step(step: Step) -> dict[str, Any]:
    shown: dict[str, Any] = {"action": step.action, "detail": step.detail, "seconds": round(step.seconds, 3)}
    if step.setback:
        shown["setback"] = True
    return shown
