"""What a person says is right becomes a source: found, quoted, cited and removed like any other."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from rag.answering.adding import add
from rag.config import Config
from rag.errors import UsageFault
from rag.index.index import Index
from rag.messages import say
from rag.sources.ingest import Outcome
from rag.text.language import question_language

TAG = "correction"


def correct(answer: str, question: str, said: str, folder: Path, index: Index, config: Config) -> Iterator[Outcome]:
    """Write `said`, which is right of `question`, into a file of `folder` and add that to the index, with the tag TAG.
    One file for an `answer` (its id): what is said of it later replaces it. Raises Fault; UsageFault where nothing is
    said."""
    if not said.strip():
        raise UsageFault("correction.empty")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"correction-{answer}.md"
    path.write_text(_document(question, said.strip(), f"{datetime.now(UTC):%Y-%m-%d}"), "utf-8")
    yield from add([str(path)], index, config)


def _document(question: str, said: str, date: str) -> str:
    language = question_language(question)
    title = say(language, "correction.title", date=date, question=" ".join(question.split()))
    return f"---\ntitle: {json.dumps(title, ensure_ascii=False)}\ndate: {date}\ntags: [{TAG}]\n---\n\n{said}\n"
