"""NoMIRACL: ten passages of one topic a question; in half of the questions none of them holds the answer.

There are no gold answers and no word on which passage is the relevant one. Lexical overlap tells nothing (AUROC .53),
so no threshold on it can win. The stored outputs of eleven models answer the very same items.
"""

from pathlib import Path
from typing import Any

from eval.data import rows
from eval.items import Question
from rag.types import Page

SET = "nomiracl"
PARTS = ("relevant", "non_relevant")


def load(folder: Path | None, language: str) -> list[Question]:
    """The questions of a language, the answerable ones first; pages are the passages in the set's order."""
    return [_question(row, language) for part in PARTS for row in rows(SET, f"{language}.{part}.jsonl", folder)]


def outputs(folder: Path | None, language: str, model: str) -> dict[str, str]:
    """What `model` wrote for each question, by id. Raises KeyError naming a model there are no outputs of."""
    found = {}
    for part in PARTS:
        for row in rows(SET, f"baseline_outputs.{language}.{part}.jsonl", folder):
            found[row["query_id"]] = row["results"][model]
    return found


def models(folder: Path | None, language: str) -> list[str]:
    """The models there are outputs of, sorted."""
    return sorted(rows(SET, f"baseline_outputs.{language}.{PARTS[0]}.jsonl", folder)[0]["results"])


def _question(row: dict[str, Any], language: str) -> Question:
    pages = tuple(
        Page(
            uri=f"nomiracl:{language}/{passage['docid']}",
            text=passage["text"],
            title=passage["text"].partition(": ")[0],  # a passage starts with its article's title
            language=language,
        )
        for passage in row["passages"]
    )
    return Question(row["query_id"], language, row["query"], answerable=row["relevant"], pages=pages)
