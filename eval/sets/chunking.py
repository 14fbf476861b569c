"""Chunking evaluation: questions over long texts, with the spans that answer them."""

import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path

from eval.data import file, known
from rag.errors import EvalFault
from rag.types import Page, Span, sha256

SET = "chunking_eval"


@dataclass(frozen=True, slots=True)
class SpanQuestion:
    """`spans` are offsets into the text of `page`; together they hold all that answers the question."""

    id: str
    language: str
    question: str
    page: Page
    spans: tuple[Span, ...]
    stratum: str


def load(folder: Path | None) -> list[SpanQuestion]:
    """The questions over those corpora that sets.toml pins. Raises EvalFault where a span does not hold its text."""
    pages = {}
    for pinned in known(folder)[SET].files:
        if pinned.name.startswith("corpora/"):
            name = Path(pinned.name).stem
            # newlines as they are: the offsets count them
            text = file(SET, pinned.name, folder).read_bytes().decode("utf-8")
            pages[name] = Page(f"chunking:{name}", text, name.replace("_", " "), language="en")
    table = io.StringIO(file(SET, "questions_df.csv", folder).read_text("utf-8"))
    return [_question(row, pages[row["corpus_id"]]) for row in csv.DictReader(table) if row["corpus_id"] in pages]


def _question(row: dict[str, str], page: Page) -> SpanQuestion:
    spans = []
    for reference in json.loads(row["references"]):
        span = reference["start_index"], reference["end_index"]
        if page.text[slice(*span)] != reference["content"]:
            raise EvalFault(f"{SET}: a reference of {row['corpus_id']} is not where it says. Get the files again.")
        spans.append(span)
    name = row["corpus_id"]
    return SpanQuestion(sha256(f"{name} {row['question']}")[:12], "en", row["question"], page, tuple(spans), name)
