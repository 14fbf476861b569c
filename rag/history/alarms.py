"""Figures over many answers, and which of them cross a threshold."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rag.config import AlarmsConfig
from rag.types import Rate


@dataclass(frozen=True, slots=True)
class Alarm:
    """`value` over `n` (answers, sentences or citations) is on the wrong side of `threshold`."""

    name: str
    value: float
    threshold: float
    n: int


def rates(sums: Mapping[str, Any]) -> dict[str, Rate]:
    """The shares of one row of `Ledger.sums`. Of sentences: faithfulness, contradicted, unjudged, citation recall; of
    citations: precision; of answers: abstained."""
    return {
        "faithfulness": Rate(sums["supported"], sums["sentences"]),
        "citation_recall": Rate(sums["recall_hits"], sums["recall_n"]),
        "citation_precision": Rate(sums["precision_hits"], sums["precision_n"]),
        "abstained": Rate(sums["abstained"], sums["answers"]),
        "contradicted": Rate(sums["contradicted"], sums["sentences"]),
        "unjudged": Rate(sums["unjudged"], sums["sentences"]),
    }


def alarms(sums: Mapping[str, Any], limits: AlarmsConfig) -> list[Alarm]:
    """What crosses its limit; nothing over fewer than `limits.min_answers` answers."""
    if sums["answers"] < max(1, limits.min_answers):
        return []
    shares, found = rates(sums), []
    for name in ("faithfulness", "citation_precision"):
        rate, least = shares[name], getattr(limits, name)
        if rate.value is not None and rate.value < least:
            found.append(Alarm(name, rate.value, least, rate.n))
    for name in ("abstained", "contradicted", "unjudged"):
        rate, most = shares[name], getattr(limits, name)
        if rate.value is not None and rate.value > most:
            found.append(Alarm(name, rate.value, most, rate.n))
    mean = sums["seconds"] / sums["answers"]
    if limits.seconds and mean > limits.seconds:
        found.append(Alarm("seconds", mean, limits.seconds, sums["answers"]))
    return found
