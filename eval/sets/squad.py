"""Sets in SQuAD's form: XQuAD (parallel in its languages) and CMRC 2018.

A question's pages are the paragraph it was asked of and four others: of the same article where it has as many, else
of the whole set, chosen and put in order by a seed made from the question's id.
"""

import gzip
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from eval.data import file
from eval.items import Question
from rag.types import Page, Span

OTHERS = 4
SEED = 2026
DEVELOPMENT = 100  # the first so many questions of a file are for development, the others for test


@dataclass(frozen=True, slots=True)
class _Asked:
    id: str
    question: str
    golds: tuple[str, ...]
    spans: tuple[Span, ...]
    paragraph: int  # position in the set


@dataclass(frozen=True, slots=True)
class _Set:
    pages: tuple[Page, ...]
    articles: tuple[str, ...]  # of each page
    asked: tuple[_Asked, ...]
    of_article: Mapping[str, tuple[int, ...]]  # positions of its pages


def xquad(folder: Path | None, language: str) -> list[Question]:
    found = _read(file("xquad", f"xquad.{language}.json", folder), f"xquad:{language}", language)
    return [_question(found, asked, language) for asked in found.asked]


def xquad_across(folder: Path | None, asked_in: str = "zh", read_in: str = "en") -> list[Question]:
    """Questions in one language over paragraphs in another; answers in either language are right."""
    over = _read(file("xquad", f"xquad.{read_in}.json", folder), f"xquad:{read_in}", read_in)
    golds = {asked.id: asked.golds for asked in over.asked}
    of = {asked.id: asked for asked in over.asked}
    found = []
    for question in xquad(folder, asked_in):
        there = _question(over, of[question.id], asked_in)
        found.append(
            Question(
                id=question.id,
                language=asked_in,
                question=question.question,
                answers=(tuple(dict.fromkeys((*question.golds, *golds[question.id]))),),
                golds=question.golds,
                pages=there.pages,
                traits=there.traits,
            )
        )
    return found


def cmrc(folder: Path | None, part: str = "dev") -> list[Question]:
    found = _read(file("cmrc2018", f"cmrc2018_{part}.json", folder), "cmrc2018", "zh")
    return [_question(found, asked, "zh") for asked in found.asked]


def first(found: Sequence[Question]) -> list[Question]:
    """Those for development, of a file's questions in its order."""
    return list(found[:DEVELOPMENT])


def rest(found: Sequence[Question]) -> list[Question]:
    """Those for test, of a file's questions in its order."""
    return list(found[DEVELOPMENT:])


def unanswered(found: Sequence[Question]) -> list[Question]:
    """The questions without the paragraph they were asked of, where no gold answer stands in what is left."""
    made = []
    for question in found:
        left = tuple(page for page in question.pages if page.uri not in question.traits["gold"])
        if not any(gold.casefold() in page.text.casefold() for gold in question.golds for page in left):
            made.append(replace(question, answers=(), golds=(), answerable=False, pages=left))
    return made


def paragraphs(folder: Path | None, set_name: str, name: str, language: str) -> list[Page]:
    """All paragraphs of a file, the corpus for retrieval; their uris are those of the questions' trait "gold"."""
    prefix = f"xquad:{language}" if set_name == "xquad" else set_name
    return list(_read(file(set_name, name, folder), prefix, language).pages)


def wiki2(folder: Path | None) -> list[Page]:
    """6,119 English passages that answer none of these questions on purpose: distractors for retrieval."""
    path = file("wiki2_corpus", "2wikimultihopqa_corpus.json.gz", folder)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [
            Page(uri=f"wiki2:{at}", text=row["text"], title=row["title"], language="en")
            for at, row in enumerate(json.load(lines))
        ]


@lru_cache(maxsize=4)
def _read(path: Path, prefix: str, language: str) -> _Set:
    pages: list[Page] = []
    articles: list[str] = []
    asked: list[_Asked] = []
    for number, article in enumerate(_articles(path)):
        title = article.get("title", "")
        for paragraph in article["paragraphs"]:
            text = paragraph["context"]
            pages.append(Page(f"{prefix}/{len(pages)}", text, title.replace("_", " "), language=language))
            articles.append(title or f"#{number}")
            for row in paragraph["qas"]:
                golds = tuple(dict.fromkeys(answer["text"] for answer in row["answers"]))
                spans = tuple(dict.fromkeys(_spans(text, row["answers"])))
                asked.append(_Asked(row["id"], row["question"], golds, spans, len(pages) - 1))
    of_article: dict[str, tuple[int, ...]] = {}
    for at, title in enumerate(articles):
        of_article[title] = (*of_article.get(title, ()), at)
    return _Set(tuple(pages), tuple(articles), tuple(asked), of_article)


def _articles(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["data"]
    return found


def _spans(text: str, answers: list[dict[str, Any]]) -> Iterator[Span]:
    """Where the answers stand; an offset that does not hold its answer (XQuAD has some) is left out."""
    for answer in answers:
        start, end = answer["answer_start"], answer["answer_start"] + len(answer["text"])
        if text[start:end] == answer["text"]:
            yield start, end


def _question(found: _Set, asked: _Asked, language: str) -> Question:
    generator = random.Random(f"{SEED}:{asked.id}")
    gold, article = found.pages[asked.paragraph], found.articles[asked.paragraph]
    near = [at for at in found.of_article[article] if at != asked.paragraph]
    others = generator.sample(near, min(OTHERS, len(near)))
    if len(others) < OTHERS:
        same = set(found.of_article[article])
        far = [at for at in range(len(found.pages)) if at not in same]
        others += generator.sample(far, min(OTHERS - len(others), len(far)))
    pages = [gold, *(found.pages[at] for at in others)]
    generator.shuffle(pages)
    return Question(
        id=asked.id,
        language=language,
        question=asked.question,
        answers=(asked.golds,),
        golds=asked.golds,
        pages=tuple(pages),
        traits={"gold": [gold.uri], "spans": asked.spans, "stratum": article},
    )
