"""Answers cut into claims, each judged: how much of what is said holds, and how much is made up."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.metrics.stats import mean, share
from rag.history.statistics import Figure, clustered

Flags = NDArray[np.bool_]
Verdicts = Sequence[bool | None]  # a claim each: supported, not supported, None where it could not be judged


@dataclass(frozen=True, slots=True)
class FactScore:
    score: Figure  # mean over answers of precision times length factor
    precision: Figure  # the same without the factor
    claims: Figure  # supported claims over all claims; n counts claims
    answered: Figure  # share of items that were answered: without it the others can be had by silence


def claim_precision(verdicts: Verdicts) -> float | None:
    """Supported claims over all claims of an answer; unjudged ones stay in the divisor. None without a claim."""
    return sum(one is True for one in verdicts) / len(verdicts) if verdicts else None


def length_factor(n: int, gamma: int = 10) -> float:
    """exp(1 - gamma / n) for an answer of n <= gamma claims, 1 above, 0 for none (Min et al. 2023, FActScore)."""
    if n > gamma:
        return 1.0
    return math.exp(1 - gamma / n) if n else 0.0


def factscore(answers: Sequence[Verdicts | None], gamma: int = 10) -> FactScore:
    """FActScore (Min et al. 2023): an answer's verdicts each, None where it abstained.

    Abstentions are out of the means and shown as `answered`. An answer without any claim has score 0 (the factor's
    limit) and no precision; the reference leaves its mean undefined.
    """
    given = [answer for answer in answers if answer is not None]
    return FactScore(
        score=mean((claim_precision(one) or 0.0) * length_factor(len(one), gamma) for one in given),
        precision=mean(claim_precision(one) for one in given),
        claims=clustered([sum(v is True for v in one) for one in given], [len(one) for one in given]),
        answered=share(answer is not None for answer in answers),
    )


@dataclass(frozen=True, slots=True)
class Entailment:
    """One item's judgements for RAGChecker: which claim is entailed by what.

    Rows of the two tables are claims, columns the retrieved chunks, in one order.
    """

    response_by_gold: Sequence[bool]  # a response claim each: does the gold answer entail it
    gold_by_response: Sequence[bool]  # a gold claim each: does the response entail it
    gold_by_chunks: Sequence[Sequence[bool]]  # gold claims x chunks
    response_by_chunks: Sequence[Sequence[bool]]  # response claims x chunks


def ragchecker(item: Entailment) -> dict[str, float | None]:
    """RAGChecker's figures of one item (Ru et al. 2024, computation.py), each 0 to 1.

    With r a response claim, g a gold claim, and a chunk *relevant* if it entails some g:
    precision: r entailed by gold; recall: g entailed by the response; f1 of the two;
    claim_recall: g in some chunk; context_precision: chunks that are relevant; context_utilization: of the g in some
    chunk, those the response holds;
    faithfulness: r in some chunk; noise_sensitivity_in_relevant: r wrong and in a relevant chunk;
    noise_sensitivity_in_irrelevant: r wrong, in an irrelevant chunk and in no relevant one;
    hallucination: r wrong and in no chunk; self_knowledge: r right and in no chunk.
    None where there is nothing to divide by (the reference says 0, which flatters an empty response).
    """
    right = np.array(item.response_by_gold, bool)
    held = np.array(item.gold_by_response, bool)
    gold = _table(item.gold_by_chunks, len(held))
    response = _table(item.response_by_chunks, len(right))
    relevant, recalled, faithful = np.any(gold, axis=0), np.any(gold, axis=1), np.any(response, axis=1)
    useful = _mean(relevant)
    if relevant.shape != (response.shape[1],):  # no gold claim or no response claim: its table has no columns
        relevant = np.zeros(response.shape[1], bool)
    in_relevant = np.any(response & relevant, axis=1)
    precision, recall = _mean(right), _mean(held)
    return {
        "precision": precision,
        "recall": recall,
        "f1": _harmonic(precision, recall),
        "claim_recall": _mean(recalled),
        "context_precision": useful,
        "context_utilization": _mean(held[recalled]),
        "noise_sensitivity_in_relevant": _mean(in_relevant & ~right),
        "noise_sensitivity_in_irrelevant": _mean(np.any(response & ~relevant, axis=1) & ~in_relevant & ~right),
        "hallucination": _mean(~faithful & ~right),
        "self_knowledge": _mean(~faithful & right),
        "faithfulness": _mean(faithful),
    }


@dataclass(frozen=True, slots=True)
class Hallucination:
    """How often something wrong was said; never read the first without the last."""

    of_all: Figure  # answered wrongly over all items
    of_answered: Figure  # answered wrongly over answered items
    answered: Figure  # answered over all items


def hallucination(outcomes: Sequence[bool | None]) -> Hallucination:
    """Hallucination rate of a question set: an item is True (answered rightly), False (wrongly) or None (abstained)."""
    given = [outcome for outcome in outcomes if outcome is not None]
    return Hallucination(
        of_all=share(outcome is False for outcome in outcomes),
        of_answered=share(not outcome for outcome in given),
        answered=share(outcome is not None for outcome in outcomes),
    )


def inconsistent(probabilities: Sequence[float | None], threshold: float = 0.5) -> Hallucination:
    """Vectara's hallucination rate: answers whose P(consistent with source) is below `threshold`; None abstained."""
    return hallucination([None if one is None else one >= threshold for one in probabilities])


def _table(rows: Sequence[Sequence[bool]], n: int) -> Flags:
    return np.array(rows, bool).reshape(n, -1) if n and len(rows) and len(rows[0]) else np.zeros((n, 0), bool)


def _mean(flags: Flags) -> float | None:
    return float(flags.mean()) if flags.size else None


def _harmonic(one: float | None, other: float | None) -> float | None:
    if one is None or other is None:
        return None
    return 2 * one * other / (one + other) if one + other else 0.0
