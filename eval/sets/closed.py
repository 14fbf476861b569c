"""Questions without pages: Chinese SimpleQA (short facts) and GSM8K (sums)."""

import re
from pathlib import Path

from eval.data import rows
from eval.items import Question
from rag.errors import EvalFault
from rag.types import sha256

_RESULT = re.compile(r"####\s*(\S.*)$")
_SUM = re.compile(r"<<([^>]*)>>")


def simpleqa_zh(folder: Path | None) -> list[Question]:
    return [
        Question(
            id=row["id"],
            language="zh",
            question=row["question"],
            answers=((row["answer"],),),
            golds=(row["answer"],),
            traits={"urls": row["urls"], "category": row["secondary_category"], "stratum": row["primary_category"]},
        )
        for row in rows("chinese_simpleqa", "chinese_simpleqa.jsonl", folder)
    ]


def gsm8k(folder: Path | None) -> list[Question]:
    """The trait "sums" holds the calculations written out in the gold solution, as "16-3-4=9"."""
    found = []
    for row in rows("gsm8k", "test.jsonl", folder):
        result = _RESULT.search(row["answer"].strip())
        if result is None:
            raise EvalFault("gsm8k: a solution ends without '#### result'. Get the file again.")
        gold = result.group(1).replace(",", "").strip()
        traits = {"sums": _SUM.findall(row["answer"])}
        found.append(Question(sha256(row["question"])[:12], "en", row["question"], ((gold,),), (gold,), traits=traits))
    return found
