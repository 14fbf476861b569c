"""Multiple choice: TruthfulQA in its three forms, and HalluQA.

The files put the right choice first, or in an order of their own. Here the order of TruthfulQA's choices follows from
the hash of the question: a reader that likes the first choice gains nothing.
"""

import csv
import io
import random
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from eval.data import file, tree
from eval.items import Choice
from rag.errors import EvalFault
from rag.types import sha256

_LETTER = re.compile(r"(?:^|\s)([A-E])[:：]")


def truthfulqa_binary(folder: Path | None) -> list[Choice]:
    """The form of 2025: best answer against best wrong one. "Shares fewer words with the question" gives .742."""
    text = file("truthfulqa", "TruthfulQA.csv", folder).read_text("utf-8")
    found = [
        _shuffled(row["Question"], [row["Best Answer"], row["Best Incorrect Answer"]], 1, row["Category"])
        for row in csv.DictReader(io.StringIO(text))
    ]
    return [replace(choice, traits={**choice.traits, "stratum": choice.right[0]}) for choice in found]


def truthfulqa_mc(folder: Path | None, form: int) -> list[Choice]:
    """Form 1 has one right choice, form 2 several."""
    found = []
    for row in tree("truthfulqa", "mc_task.json", folder):
        targets: dict[str, int] = row[f"mc{form}_targets"]
        ordered = sorted(targets, key=lambda text: -targets[text])
        found.append(_shuffled(row["question"], ordered, sum(targets.values()), ""))
    return found


def halluqa(folder: Path | None) -> list[Choice]:
    """Two to five choices, in the set's own order, which is shuffled already."""
    categories = {row["question_id"]: row["Category"] for row in tree("halluqa", "HalluQA.json", folder)}
    return [_halluqa(row, categories) for row in tree("halluqa", "HalluQA_mc.json", folder)]


def _shuffled(question: str, choices: list[str], right: int, category: str) -> Choice:
    """`choices` start with the `right` many right ones."""
    question = question.strip()
    digest = sha256(question)
    order = list(range(len(choices)))
    random.Random(digest).shuffle(order)
    return Choice(
        id=digest[:12],
        language="en",
        question=question,
        choices=tuple(choices[at].strip() for at in order),
        right=tuple(place for place, at in enumerate(order) if at < right),
        traits={"category": category} if category else {},
    )


def _halluqa(row: dict[str, Any], categories: dict[int, str]) -> Choice:
    text = row["question"].removeprefix("Question:").strip()
    asked, *rest = _LETTER.split(text)
    letters, choices = rest[::2], tuple(choice.strip() for choice in rest[1::2])
    right = row["answer"].removeprefix("Answer:").strip()
    if right not in letters or letters != list("ABCDE")[: len(letters)]:
        raise EvalFault(
            f"HalluQA, question {row['question_id']}: the choices cannot be told apart. Get the file again."
        )
    category = categories[row["question_id"]]
    return Choice(
        id=str(row["question_id"]),
        language="zh",
        question=asked.strip(),
        choices=choices,
        right=(letters.index(right),),
        traits={"category": category},
    )
