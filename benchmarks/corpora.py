"""The public sets the benchmarks read, from the folder that `--data`, VOUCH_DATA or ../shared/data names."""

import argparse
import gzip
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.config import REPOSITORY, ChunkConfig
from rag.protocols import Embedder
from rag.types import Chunk, Page

Pair = tuple[Page, list[Chunk]]


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the uri of the one paragraph that answers it."""

    text: str
    uri: str


def data_folder(parser: argparse.ArgumentParser) -> None:
    """Add `--data` to a benchmark's options."""
    default = Path(os.environ.get("VOUCH_DATA", REPOSITORY.parent / "shared" / "data"))
    parser.add_argument("--data", type=Path, default=default, help="folder with xquad, cmrc2018 and wiki2_corpus")


def squad(path: Path, prefix: str) -> tuple[list[Page], list[Question]]:
    """A file in SQuAD's format: a page a paragraph, named ``prefix:n`` (parallel sets get parallel names)."""
    pages: list[Page] = []
    questions: list[Question] = []
    for article in json.loads(path.read_text("utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            uri = f"{prefix}:{len(pages)}"
            pages.append(Page(uri, paragraph["context"]))
            questions += [Question(item["question"], uri) for item in paragraph["qas"]]
    return pages, questions


def wiki(path: Path) -> list[Page]:
    """HippoRAG's 2WikiMultihopQA passages, as distractors."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows: list[dict[str, Any]] = json.load(file)
    return [Page(f"wiki2:{number}", row["text"]) for number, row in enumerate(rows)]


def english(data: Path) -> tuple[list[Page], list[Question], list[Question]]:
    """240 XQuAD paragraphs among 6,119 others; their questions in English, and the same ones in Chinese."""
    pages, questions = squad(data / "xquad" / "xquad.en.json", "xquad")
    _, chinese_questions = squad(data / "xquad" / "xquad.zh.json", "xquad")
    return pages + wiki(data / "wiki2_corpus" / "2wikimultihopqa_corpus.json.gz"), questions, chinese_questions


def chinese(data: Path) -> tuple[list[Page], list[Question], list[Question]]:
    """240 XQuAD, 848 CMRC dev and 256 CMRC trial paragraphs; XQuAD's questions, CMRC dev's questions."""
    pages, questions = squad(data / "xquad" / "xquad.zh.json", "xquad")
    dev, dev_questions = squad(data / "cmrc2018" / "cmrc2018_dev.json", "cmrc")
    trial, _ = squad(data / "cmrc2018" / "cmrc2018_trial.json", "trial")
    return pages + dev + trial, questions, dev_questions


def chunked(pages: Sequence[Page], embedder: Embedder) -> Iterator[Pair]:
    """Pages with their chunks, cut as `vouch add` cuts them."""
    from rag.sources.chunk import chunk

    for page in pages:
        yield page, chunk(page, embedder.token_ends, ChunkConfig().tokens, embedder.max_tokens)


def load() -> str:
    """How busy the machine is, for the foot of a table."""
    one, five, _ = os.getloadavg()
    return f"load average {one:.1f} (1 min), {five:.1f} (5 min), {os.cpu_count()} processors"
