"""Sets of our own: a user's JSON-lines file, and the questions this repository ships."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from eval.data import file, jsonl, known
from eval.items import Question
from rag.config import REPOSITORY, FetchConfig, expanded
from rag.errors import EvalFault, SourceFault
from rag.sources import ingest
from rag.text.language import language
from rag.types import Page, sha256

OPEN = REPOSITORY / "eval" / "questions" / "open.jsonl"
SEEDS = REPOSITORY / "eval" / "questions" / "seeds.jsonl"
FIXTURE = REPOSITORY / "tests" / "fixtures" / "questions.jsonl"
TWO_HOP = REPOSITORY / "tests" / "fixtures" / "two_hop.jsonl"
TWO_HOP_HELD_OUT = TWO_HOP.with_name("two_hop_held_out.jsonl")
CORPUS = REPOSITORY / "indexes" / "demo_corpus"
ARTICLES = "seeds"  # the data set that holds the articles of SEEDS
KEYS = {"id", "language", "question", "answers", "golds", "answerable", "sources", "traits"}


def load(path: Path, config: FetchConfig | None = None) -> list[Question]:
    """The questions of a JSON-lines file, with the pages of their sources read.

    A line: {"question": "…", "answers": [["1987", "nineteen eighty-seven"], "Tromsø"], "sources": ["page.html"]}.
    An answer is right where every element of `answers` stands in it; an element that is a list gives alternatives.
    `sources` are files or folders, relative to the file, or web addresses. `answerable` is true where there are
    answers, unless the line says otherwise; `id`, `language`, `golds` and `traits` may be given.
    Raises EvalFault naming the line and the key.
    """
    if not path.is_file():
        raise EvalFault(f"There is no file {path}. Name a file of JSON lines with question, answers and sources.")
    read: dict[str, tuple[Page, ...]] = {}
    found: list[Question] = []
    seen: set[str] = set()
    for number, row in _numbered(path):
        question = _question(row, f"{path}, line {number}", path.parent, config or FetchConfig(), read)
        if question.id in seen:
            raise EvalFault(f"{path}, line {number}: the id '{question.id}' stands on an earlier line. Give another.")
        seen.add(question.id)
        found.append(question)
    if not found:
        raise EvalFault(f"{path} holds no question. Write one JSON object a line.")
    return found


def shipped(path: Path, index: str) -> list[Question]:
    """Questions of this repository; their pages stand in the index the trait "index" names, and are not given."""
    return [
        Question(
            id=row["id"],
            language=row["language"],
            question=row["question"],
            answers=tuple(map(tuple, row["answers"])),
            answerable=row["answerable"],
            traits={
                "index": index,
                "gold": row["pages"],
                "evidence": row["evidence"],
                "category": row["kind"],
                "stratum": row["language"],
            },
        )
        for row in jsonl(path)
    ]


def opened() -> list[Question]:
    """The open questions: why, how, comparison, list, summary, definition. Their answers are key points (the trait of
    that name is true), and all are asked over one index of the demo's pages and the seed articles."""
    return [
        replace(question, traits={**question.traits, "key points": True, "stratum": question.traits["category"]})
        for question in shipped(OPEN, "open")
    ]


def open_pages(folder: Path | None) -> list[Page]:
    """The demo's pages and the seed articles, read as `vouch add` reads files. Raises EvalFault."""
    articles = [file(ARTICLES, pinned.name, folder).absolute() for pinned in known(folder)[ARTICLES].files]
    return [ingest.read(path, FetchConfig()) for path in [*ingest.find(str(CORPUS)), *map(Path.as_posix, articles)]]


def _numbered(path: Path) -> list[tuple[int, dict[str, Any]]]:
    lines = [(number, line) for number, line in enumerate(path.read_text("utf-8").split("\n"), 1) if line.strip()]
    return [(number, row) for (number, _), row in zip(lines, jsonl(path), strict=True)]


def _question(
    row: dict[str, Any], place: str, folder: Path, config: FetchConfig, read: dict[str, tuple[Page, ...]]
) -> Question:
    unknown = sorted(set(row) - KEYS)
    if unknown:
        raise EvalFault(f"{place}: unknown key '{unknown[0]}'. Known: {', '.join(sorted(KEYS))}.")
    text = row.get("question")
    if not isinstance(text, str) or not text.strip():
        raise EvalFault(f"{place}: 'question' must be a text that is not empty.")
    answers = _answers(row.get("answers", []), place)
    answerable = row.get("answerable", bool(answers))
    if not isinstance(answerable, bool):
        raise EvalFault(f"{place}: 'answerable' must be true or false.")
    if answerable and not answers:
        raise EvalFault(f"{place}: 'answers' must list what a right answer holds; leave 'answerable' out if none does.")
    pages: list[Page] = []
    for source in _texts(row.get("sources", []), "sources", place):
        if source not in read:
            read[source] = _pages(source, place, folder, config)
        pages += read[source]
    default = answers[0] if len(answers) == 1 else ()
    return Question(
        id=str(row.get("id") or sha256(json.dumps([text, row.get("sources", [])]))[:12]),
        language=row.get("language") or language(text),
        question=text.strip(),
        answers=answers,
        golds=_texts(row["golds"], "golds", place) if "golds" in row else default,
        answerable=answerable,
        pages=tuple(pages),
        traits=row.get("traits") or {},
    )


def _answers(value: Any, place: str) -> tuple[tuple[str, ...], ...]:
    remedy = f"{place}: 'answers' must be a list of texts, or of lists of texts (alternatives)."
    if not isinstance(value, list):
        raise EvalFault(remedy)
    groups = [[group] if isinstance(group, str) else group for group in value]
    for group in groups:
        if not isinstance(group, list) or not group or not all(isinstance(text, str) and text for text in group):
            raise EvalFault(remedy)
    return tuple(map(tuple, groups))


def _texts(value: Any, key: str, place: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(text, str) and text for text in value):
        raise EvalFault(f"{place}: '{key}' must be a list of texts.")
    return tuple(value)


def _pages(source: str, place: str, folder: Path, config: FetchConfig) -> tuple[Page, ...]:
    target = source if "://" in source else str(folder / expanded(source))
    try:
        return tuple(ingest.read(uri, config) for uri in ingest.find(target))
    except SourceFault as fault:
        raise EvalFault(f"{place}, 'sources': {fault}") from fault
