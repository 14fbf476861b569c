"""Claims against evidence, to measure a verifier: AttributionBench, FEVER-Symmetric, Fool Me Twice, OCNLI, HaluEval.

Print a lexical floor beside every score: on some of these word overlap alone goes far.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eval.data import rows
from eval.items import Label, Pair
from rag.types import sha256

FACT: Mapping[str, Label] = {"SUPPORTS": "supported", "REFUTES": "contradicted", "NOT ENOUGH INFO": "not enough"}
NLI: Mapping[str, Label] = {"entailment": "supported", "contradiction": "contradicted", "neutral": "not enough"}


def attributionbench(folder: Path | None, name: str = "dev_all_subset_balanced.jsonl") -> list[Pair]:
    """Sentences of real systems' answers with what they cited. "not attributable" does not say contradicted."""
    return [
        Pair(
            id=row["id"],
            language="en",
            claim=row["claim"],
            evidence=tuple(row["references"]),
            label="supported" if row["attribution_label"] == "attributable" else "not enough",
            traits={"question": row["question"], "stratum": row["src_dataset"]},
        )
        for row in rows("attributionbench", name, folder)
    ]


def fever_symmetric(folder: Path | None, part: str = "dev") -> list[Pair]:
    """Minimal pairs: each claim stands with evidence for it and against it. The text is tokenised, as FEVER's is."""
    return [
        Pair(str(row["id"]), "en", row["claim"], (row["evidence"],), FACT[row["label"]])
        for row in rows("fever_symmetric", f"fever_symmetric_{part}.jsonl", folder)
    ]


def fool_me_twice(folder: Path | None, part: str = "dev") -> list[Pair]:
    """Claims written to mislead, with the sentences of Wikipedia that decide them."""
    return [
        Pair(
            id=row["id"],
            language="en",
            claim=row["text"],
            evidence=tuple(piece["text"] for piece in row["gold_evidence"]),
            label=FACT[row["label"]],
            traits={"page": row["wikipedia_page"], "category": row["category"]},
        )
        for row in rows("fool_me_twice", f"{part}.jsonl", folder)
    ]


def is_half_a(group: str) -> bool:
    """Whether the items of a group (a page, claims that share evidence) are in half A, which the small judge is trained
    on and which may be looked at; half B is for test. By hash, the same on every machine."""
    return int(hashlib.sha256(group.encode()).hexdigest()[:8], 16) / 16**8 < 0.5


def fever_half(folder: Path | None, a: bool) -> list[Pair]:
    """One half of FEVER-Symmetric's dev file; items that share a claim or an evidence are in the same half."""
    found = fever_symmetric(folder)
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        while parent.setdefault(key, key) != key:
            key = parent[key]
        return key

    for pair in found:
        parent[root("c" + pair.claim)] = root("e" + pair.evidence[0])
    return [pair for pair in found if is_half_a(root("e" + pair.evidence[0])) == a]


def fm2_half(folder: Path | None, a: bool) -> list[Pair]:
    """One half of Fool Me Twice's dev file; claims about the same page are in the same half."""
    return [pair for pair in fool_me_twice(folder) if is_half_a(str(pair.traits["page"])) == a]


def ocnli(folder: Path | None, name: str = "dev.json") -> list[Pair]:
    """Chinese inference; the lines the annotators did not agree on ("-") are left out."""
    return [
        Pair(
            id=str(row["id"]),
            language="zh",
            claim=row["sentence2"],
            evidence=(row["sentence1"],),
            label=NLI[row["label"]],
            traits={"stratum": row["genre"]},
        )
        for row in rows("ocnli", name, folder)
        if row["label"] in NLI
    ]


def halueval_qa(folder: Path | None, balanced: bool = False) -> list[Pair]:
    """Right and made-up answers against the passage; never a headline: two shortcuts solve it.

    "The answer stands in the passage" separates 95.5% from 0.5% (trait "stands"), "the shorter is right" holds in
    96.9%. `balanced` keeps the questions whose right answer is the longer, and as many of the others.
    The made-up answers are labelled "not enough"; which of them the passage contradicts is not known.
    """
    found: list[Pair] = []
    longer: list[tuple[Pair, Pair]] = []
    shorter: list[tuple[Pair, Pair]] = []
    for at, row in enumerate(rows("halueval", "dataset_halueval_qa.jsonl", folder)):
        right, wrong = _halueval(row, at)
        found += [right, wrong]
        difference = len(row["right_answer"]) - len(row["hallucinated_answer"])
        if difference:
            (longer if difference > 0 else shorter).append((right, wrong))
    if not balanced:
        return found
    chosen = sorted(shorter, key=lambda both: sha256(both[0].id))[: len(longer)]
    return [pair for both in sorted(longer + chosen, key=lambda both: both[0].id) for pair in both]


def _halueval(row: dict[str, Any], at: int) -> tuple[Pair, Pair]:
    def pair(kind: str, label: Label) -> Pair:
        answer = row[f"{kind}_answer"]
        traits = {"answer": answer, "stands": answer.lower() in row["knowledge"].lower()}
        return Pair(f"{at}-{kind}", "en", f"{row['question']} {answer}", (row["knowledge"],), label, traits)

    return pair("right", "supported"), pair("hallucinated", "not enough")
