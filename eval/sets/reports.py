"""Questions over many or long documents of one kind: RAGEval's company reports, and MultiFieldQA's documents.

All RAGEval questions of a language are asked over one index of its forty reports, which differ in little but names and
figures; each MultiFieldQA question is asked over its own document. A document is read as `vouch add` reads a text file.
"""

import gzip
import json
from pathlib import Path
from typing import Any

from eval.data import file, known, rows
from eval.grade import right
from eval.items import Question
from rag.config import FetchConfig
from rag.sources import ingest
from rag.sources.extract import extract
from rag.types import Page


def rageval(folder: Path | None, language: str) -> list[Question]:
    """The questions over the finance reports of a language; traits "category" and "stratum" are the kind: fact,
    compare, sequence, integrate, none (not answerable)."""
    return [
        Question(
            id=row["id"],
            language=language,
            question=row["question"],
            answers=tuple(map(tuple, row["answers"])),
            answerable=row["answerable"],
            traits={
                "index": f"rageval-finance-{language}",
                "gold": [f"{number}.txt" for number in row["docs"]],
                "category": row["kind"],
                "stratum": row["kind"],
            },
        )
        for row in rows(f"rageval_finance_{language}", "questions.jsonl", folder)
    ]


def rageval_pages(folder: Path | None, language: str) -> list[Page]:
    """The forty reports."""
    name = f"rageval_finance_{language}"
    documents = [pinned.name for pinned in known(folder)[name].files if pinned.name.startswith("docs/")]
    return [ingest.read(file(name, document, folder).absolute().as_posix(), FetchConfig()) for document in documents]


def multifieldqa_zh(folder: Path | None) -> list[Question]:
    """Where a gold answer stands in the document an answer is right that holds it; where it does not it is a sentence
    of the annotator's, which no right answer need hold (trait "sentence"), and only EM and F1 are told."""
    with gzip.open(file("multifieldqa_zh", "dev.jsonl.gz", folder), "rt", encoding="utf-8") as lines:
        return [_of_a_document(json.loads(line)) for line in lines]


def _of_a_document(row: dict[str, Any]) -> Question:
    golds = tuple(row["answers"])
    page = extract(row["document"].encode(), f"multifieldqa:{row['id']}.txt")
    traits = {"sentence": not right(page.text, [golds])}
    return Question(row["id"], "zh", row["question"], golds=golds, pages=(page,), traits=traits)
