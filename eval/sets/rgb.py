"""RGB: five web passages a question, mixed from those that hold the answer and those that do not.

Passages are chosen and shuffled as the reference script does it, which seeds its generator with 2333 for every item.
What to know before comparing with published figures:
- English is here only as en_fact (100 questions); published English figures are of another file.
- Many items have fewer than three passages with the answer, or fewer than five without (28 of en_fact, 37 of zh_fact).
  The share of noise is then not the one asked for; the trait "noise" is the one asked for, "shown" what came of it.
- In the counterfactual sets the passages are those with the answer changed (up to five); nothing else is shown.
- At noise 1 nothing answers. The answers stay in the item, because the reference counts a right answer as success too.
"""

import math
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eval.data import rows
from eval.items import Question
from rag.types import Page

SET = "rgb"
SEED = 2333
PASSAGES = 5

Row = dict[str, Any]
Shown = list[tuple[str, str]]  # ("positive" | "negative" | "wrong", passage)


def noise(folder: Path | None, name: str, share: float) -> list[Question]:
    """Questions of the file `name` with that share of noise; at 1 they cannot be answered."""
    return [_question(row, name, _mixed(row, share), share, share < 1) for row in rows(SET, f"{name}.json", folder)]


def even(found: Sequence[Question]) -> list[Question]:
    """The questions for development: those with even numbers."""
    return [question for question in found if _number(question) % 2 == 0]


def odd(found: Sequence[Question]) -> list[Question]:
    """The questions for test: those with odd numbers."""
    return [question for question in found if _number(question) % 2 == 1]


def integration(folder: Path | None, share: float = 0.0) -> list[Question]:
    """Chinese questions whose answer has parts, each in passages of its own."""
    return [_question(row, "zh_int", _joined(row, share), share, True) for row in rows(SET, "zh_int.json", folder)]


def counterfactual(folder: Path | None, language: str) -> list[Question]:
    """Questions whose passages all say something false; the trait "false answer" is what they say."""
    name = f"{language}_fact"
    return [
        _question(row, name, _changed(row), 0.0, True, {"false answer": row["fakeanswer"]})
        for row in rows(SET, f"{name}.json", folder)
    ]


def _number(question: Question) -> int:
    return int(question.id.rpartition("-")[2])


def _mixed(row: Row, share: float) -> Shown:
    negatives = math.ceil(PASSAGES * share)
    positives = PASSAGES - negatives
    if share < 1 and negatives > len(row["negative"]):
        negatives = len(row["negative"])
        positives = PASSAGES - negatives
    elif share < 1 and positives > len(row["positive"]):
        positives = len(row["positive"])
        negatives = PASSAGES - positives
    shown = _marked("positive", row["positive"][:positives]) + _marked("negative", row["negative"][:negatives])
    random.Random(SEED).shuffle(shown)
    return shown


def _joined(row: Row, share: float) -> Shown:
    """One passage of each part, then second ones in turn as far as the share of noise leaves room."""
    generator = random.Random(SEED)
    parts = [list(part) for part in row["positive"]]
    for part in parts:
        generator.shuffle(part)
    wanted = PASSAGES - math.ceil(PASSAGES * share)
    in_turn = [part[turn] for turn in range(max(map(len, parts))) for part in parts if turn < len(part)]
    chosen = in_turn[: max(wanted, len(parts))]
    shown = _marked("positive", chosen) + _marked("negative", row["negative"][: max(0, PASSAGES - len(chosen))])
    generator.shuffle(shown)
    return shown


def _changed(row: Row) -> Shown:
    generator = random.Random(SEED)
    wrong = row["positive_wrong"]
    chosen = generator.sample(range(len(wrong)), min(len(wrong), PASSAGES))
    shown = _marked("wrong", [wrong[at] for at in chosen])
    generator.shuffle(shown)
    return shown


def _marked(mark: str, passages: Sequence[str]) -> Shown:
    return [(mark, passage) for passage in passages]


def _question(
    row: Row, name: str, shown: Shown, share: float, answerable: bool, more: dict[str, Any] | None = None
) -> Question:
    language = name[:2]
    # the uri says nothing of which passage holds the answer: a reader may see it
    pages = tuple(
        Page(uri=f"rgb:{name}/{row['id']}#{at}", text=passage, language=language)
        for at, (_, passage) in enumerate(shown)
    )
    answers = _groups(row["answer"])
    marks = [mark for mark, _ in shown]
    traits = {
        "noise": share,
        "shown": marks,
        "gold": [page.uri for page, mark in zip(pages, marks, strict=True) if mark == "positive"],
        **(more or {}),
    }
    return Question(
        id=f"{name}-{row['id']}",
        language=language,
        question=row["query"],
        answers=answers,
        golds=answers[0] if len(answers) == 1 else (),
        answerable=answerable,
        pages=pages,
        traits=traits,
    )


def _groups(answer: Any) -> tuple[tuple[str, ...], ...]:
    """Every element must stand in an answer; an element that is a list gives alternatives."""
    parts = answer if isinstance(answer, list) else [answer]
    return tuple(tuple(map(str, part)) if isinstance(part, list) else (str(part),) for part in parts)
