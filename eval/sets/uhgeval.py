"""UHGEval: made-up continuations of Chinese news, with a verdict on each of their keywords.

Never to be used as sentence pairs: the rest of the article begins with the real continuation, so that comparing a made
up sentence with the real one only finds the copy. The keywords of the made-up one against the article are sound; that
the keyword stands in the article gives AUROC .733.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from eval.data import rows
from eval.items import Label, Pair

_CLAUSE = re.compile(r"[^，。；！？：,;!?\n]+")
_AGAINST = re.compile("冲突|不一致|不符|矛盾|相反|应为|应该是|而不是|而非|错误")


def keywords(folder: Path | None) -> list[Pair]:
    """One pair a keyword: the claim is the keyword; traits "sentence" and "at" (its first offset) say where."""
    found = []
    for row in rows("uhgeval", "dataset_uhgeval_concise.jsonl", folder):
        told = row["hallucinatedContinuation"].strip()
        for number, (keyword, label, reason) in enumerate(_verdicts(row)):
            traits = {"sentence": told, "at": told.find(keyword), "reason": reason, "stratum": row["type"]}
            found.append(Pair(f"{row['id']}-{number}", "zh", keyword, (_article(row),), label, traits))
    return found


def clauses(folder: Path | None) -> list[Pair]:
    """One pair a clause that holds keywords: supported where all are sound, else labelled by the first that is not.

    Our own reading of the keyword labels: a clause is something a verifier can judge, a keyword alone often is not.
    """
    found = []
    for row in rows("uhgeval", "dataset_uhgeval_concise.jsonl", folder):
        told = row["hallucinatedContinuation"].strip()
        placed = [(told.find(keyword), len(keyword), label) for keyword, label, _ in _verdicts(row)]
        for number, clause in enumerate(_CLAUSE.finditer(told)):
            labels = [label for at, size, label in placed if clause.start() <= at and at + size <= clause.end()]
            if labels:
                worst: Label = next((label for label in labels if label != "supported"), "supported")
                traits = {"sentence": told, "stratum": row["type"]}
                found.append(Pair(f"{row['id']}-c{number}", "zh", clause.group(), (_article(row),), worst, traits))
    return found


def _article(row: dict[str, Any]) -> str:
    text: str = row["newsBeginning"] + row["newsRemainder"]
    return text.strip()


def _verdicts(row: dict[str, Any]) -> Iterator[tuple[str, Label, str]]:
    for annotation in row["annotations"]:
        keyword, _, verdict = annotation.partition("<sep>")
        if verdict.startswith("不合理"):
            yield keyword, "contradicted" if _AGAINST.search(verdict) else "not enough", verdict
        else:
            yield keyword, "supported", ""
