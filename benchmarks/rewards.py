"""How well a reward learned from people's preferences tells which of two answers other people prefer.

    python -m benchmarks.rewards                     # the table of docs/learning.md; four minutes of the small models
    python -m benchmarks.rewards --keep features.json   # the features are kept there, and taken from there
    python -m benchmarks.rewards --reference 70         # with the reference for evidence, of the first 70 questions

RAGChecker's human preferences (560 votes on 280 pairs; Ru et al. 2024) and ALCE's outputs rated for utility (100
questions, 4 outputs each, all their pairs; Gao et al. 2023). Both are test sets: nothing is chosen on them, and each
margin is of a fit that has not seen the question (ten folds, seed 0). Neither tells what the answers were written from.
Of RAGChecker the reference answer stands in for the evidence, as it does in `eval.run ragchecker`; and once there is
none, as there is none for ALCE.
"""

import json
from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from eval import data
from eval.sets import ragchecker
from rag import wiring
from rag.config import Config
from rag.learning.features import LENGTH, NAMES, Candidate, Features, unmarked
from rag.learning.learn import agreement
from rag.learning.reward import differences, out_of_fold
from rag.types import sha256


@dataclass(frozen=True, slots=True)
class Votes:
    """Pairs of candidates; `preferred` is 1 for the left, 0 for the right, 1/2 for a tie."""

    title: str
    pairs: list[tuple[Candidate, Candidate]]
    preferred: list[float]


def of_ragchecker(folder: Path | None, evidence: bool, most: int = 0) -> Votes:
    """`most`: of so many questions only, by the hash of their text; 0 for all."""
    rows = ragchecker.load(folder)
    if most:
        kept = set(sorted({row.question for row in rows}, key=sha256)[:most])
        rows = [row for row in rows if row.question in kept]
    pairs = [
        tuple(
            Candidate(row.question, unmarked(text), (row.gold,) if evidence else ()) for text in (row.first, row.second)
        )
        for row in rows
    ]
    title = "RAGChecker, the reference for evidence" if evidence else "RAGChecker, no evidence"
    return Votes(title, pairs, [0.5 - 0.5 * float(np.sign(row.overall)) for row in rows])  # type: ignore[arg-type]


def of_alce(folder: Path | None) -> Votes:
    rated = defaultdict(list)
    for systems in data.tree("alce", "human_eval_utility_completed.json", folder).values():
        for outputs in systems.values():
            for one in outputs.values():
                if one.get("utility_score") is not None:
                    rated[one["question"]].append((unmarked(one["output"]), one["utility_score"]))
    made = [
        (asked, *two) for asked, outputs in rated.items() for two in combinations(outputs, 2) if two[0][0] != two[1][0]
    ]
    pairs = [(Candidate(asked, one), Candidate(asked, other)) for asked, (one, _), (other, _) in made]
    return Votes("ALCE, no evidence", pairs, [0.5 + 0.5 * float(np.sign(a - b)) for _, (_, a), (_, b) in made])


def main(
    folder: Annotated[Path | None, typer.Option(help="The data folder; VOUCH_DATA names it as well.")] = None,
    keep: Annotated[Path | None, typer.Option(help="Features are kept here.")] = None,
    reference: Annotated[int, typer.Option(help="With the reference: of so many questions; 0 for all.")] = 0,
) -> None:
    config, at = Config(), data.folder(folder)
    known: dict[str, dict[str, float]] = json.loads(keep.read_text()) if keep and keep.exists() else {}
    reckon = Features(wiring.embedder(config), wiring.verifier())
    print(
        "| votes | n, no ties | length alone | support alone | reward | with length | r with length: before | after |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for votes in (of_ragchecker(at, False), of_alce(at), of_ragchecker(at, True, reference)):
        sides = [one for pair in votes.pairs for one in pair]
        new = list({name(one): one for one in sides if name(one) not in known}.values())
        for start in range(0, len(new), 8):
            known |= zip(map(name, new[start : start + 8]), reckon(new[start : start + 8]), strict=True)
            if keep:
                keep.write_text(json.dumps(known))
        print(row(votes, known), flush=True)


def name(one: Candidate) -> str:
    return sha256(json.dumps([one.question, one.text, one.evidence]))


def row(votes: Votes, known: dict[str, dict[str, float]]) -> str:
    found = differences([(known[name(left)], known[name(right)]) for left, right in votes.pairs])
    preferred, groups = np.array(votes.preferred), [left.question for left, _ in votes.pairs]
    debiased = out_of_fold(found, preferred, groups)
    whole = out_of_fold(found, preferred, groups, names=(*NAMES, LENGTH), debias=False)
    told = [found[LENGTH], np.nan_to_num(found["supported"]), debiased, whole]
    figures = [agreement(margins, preferred, groups) if margins.any() else None for margins in told]
    shown = ["–" if one is None else f"{one.value:.1%} ({one.low:.0%}–{one.high:.0%})" for one in figures]
    before, after = (float(np.corrcoef(margins, found[LENGTH])[0, 1]) for margins in (whole, debiased))
    decided = sum(said != 0.5 for said in votes.preferred)
    return f"| {votes.title} | {decided} of {len(votes.pairs)} | {' | '.join(shown)} | {before:.2f} | {after:.2f} |"


if __name__ == "__main__":
    typer.run(main)
