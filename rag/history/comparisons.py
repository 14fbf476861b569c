"""Comparisons as lines of a file, to take along and to bring in: our own form, which is whole, and the one in which
WebGPT's were published (openai/webgpt_comparisons; Nakano et al. 2021, appendix K).

In the latter the texts of the quotes are there and their places are not; a score is the strength of a preference, of
which the sign counts. Its tokens are GPT-2's; lines that are written here have none.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args

from rag.errors import UsageFault
from rag.history.feedback import Choice, Mark, Pair
from rag.types import sha256

SCORES: Mapping[Choice, float] = {"left": 1.0, "right": -1.0, "tie": 0.0, "neither": 0.0}
SIDES = ("left", "right")


def read(lines: Iterable[str]) -> Iterator[tuple[str, str, Pair]]:
    """(id, when, pair) of lines in either form. One without an id is known by the hash of its content, so that what is
    read twice is there once. Raises UsageFault naming the line."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            if isinstance(row, list) or "answer_0" in row:
                yield sha256(line.strip())[:12], "", from_webgpt(row)
            else:
                yield str(row["id"]), str(row["at"]), _own(row)
        except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
            raise UsageFault("comparisons.line", number=number, error=repr(error)) from error


def from_webgpt(row: Any) -> Pair:
    """Of the flat form, or of the two objects {question, quotes, answer, score} that the original file has a line.
    Raises KeyError, TypeError, ValueError where it is neither."""
    if isinstance(row, list):
        one, other = row
        row = {"question": one["question"]}
        row |= {f"{name}_{at}": side[name] for at, side in enumerate((one, other)) for name in _FIELDS}
    question = str(row["question"]["full_text"])
    left, right = (
        {
            "id": sha256(f"{question}\0{row[f'answer_{at}']}")[:12],
            "question": question,
            "status": "answered",
            "answer": str(row[f"answer_{at}"]),
            "quotes": _quotes(row[f"quotes_{at}"]),
        }
        for at in (0, 1)
    )
    score = float(row["score_0"])
    choice: Choice = "left" if score > 0 else "right" if score < 0 else "tie"
    dataset = str(row["question"].get("dataset", ""))
    return Pair(question, left, right, dataset, dataset, choice)


_FIELDS = ("quotes", "answer", "score")


def to_webgpt(made: str, at: str, pair: Pair) -> dict[str, Any]:
    """The flat form."""
    row: dict[str, Any] = {"question": {"dataset": "vouch", "id": made, "full_text": pair.question}}
    for number, side in enumerate((pair.left, pair.right)):
        quotes = side.get("quotes", ())
        row |= {
            f"quotes_{number}": {
                "title": [str(quote.get("title", "")) for quote in quotes],
                "extract": [str(quote["text"]) for quote in quotes],
            },
            f"answer_{number}": str(side.get("answer", "")),
            f"tokens_{number}": {"prefix": [], "completion": []},
            f"score_{number}": SCORES[pair.choice] * (1 - 2 * number) or 0.0,
        }
    return {**row, "metadata": {"at": at, "names": [pair.left_name, pair.right_name], "choice": pair.choice}}


def _quotes(told: Mapping[str, list[str]]) -> list[dict[str, Any]]:
    pairs = zip(told["title"], told["extract"], strict=True)
    return [{"id": at, "title": title, "text": extract} for at, (title, extract) in enumerate(pairs, start=1)]


def _own(row: Mapping[str, Any]) -> Pair:
    if row["choice"] not in get_args(Choice):
        raise ValueError(row["choice"])
    left, right = ({**row[side], "quotes": list(row[side].get("quotes", ()))} for side in SIDES)
    if not all(isinstance(side.get("answer"), str) for side in (left, right)):
        raise KeyError("answer")
    marks = tuple(Mark(**mark) for mark in row.get("marks", ()))
    return Pair(str(row["question"]), left, right, str(row["left_name"]), str(row["right_name"]), row["choice"], marks)
