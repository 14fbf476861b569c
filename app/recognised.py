"""What reading made of a source and what it left out, told as each one ends."""

import re
from dataclasses import dataclass

from app.words import NAMES, Language, say
from rag.sources.ingest import Outcome
from rag.text.locator import locator
from rag.types import Page

PICTURED = ("[Picture] ", "[图片] ")  # what `rag.sources.pictures` writes before a line that it reads in a picture
CELLS = " | "  # what `rag.sources.tables` writes between the cells of a row
LEFT_OUT = re.compile(r"Not read of .*?: (.*)\.", re.DOTALL)  # as `rag.sources.ingest.left_out` has it
UNITS = {  # as the readers of `rag.sources` count what they leave out
    "picture": "幅图片",
    "attachment": "个附件",
    "hidden sheet": "张隐藏的工作表",
    "hidden row": "个隐藏的行",
    "hidden column": "个隐藏的列",
    "hidden slide": "张隐藏的幻灯片",
    "unreckoned formula": "个没有算出结果的公式",
    "damaged chapter": "个损坏的章节",
    "line of doubtful letters in pictures": "行图片中看不清的文字",
    "lines of doubtful letters in pictures": "行图片中看不清的文字",
}
_COUNTED = re.compile(rf"(\d+) ({'|'.join(map(re.escape, sorted(UNITS, key=len, reverse=True)))})s?\b")
_PAGES = re.compile(r"pages (\d[\d, -]*\d|\d)( but by OCR)?")


@dataclass(frozen=True, slots=True)
class Recognised:
    """Of a page that was read: how many `parts` it has where it has pages, slides or seconds (the `unit`), lines of
    tables, lines that were read in pictures."""

    characters: int
    chunks: int
    unit: str = ""
    parts: int = 0
    rows: int = 0
    seen: int = 0
    language: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """How a source ended, and what was made of it where it was read."""

    outcome: Outcome
    known: Recognised | None = None


def recognise(page: Page, chunks: int) -> Recognised:
    lines = [line for line in page.text.splitlines() if line.strip()]
    place = locator(page, (0, 0)) if page.page_starts else None
    return Recognised(
        len(page.text),
        chunks,
        place.unit if place else "",
        len(page.page_starts),
        sum(CELLS in line for line in lines),
        len(lines) if page.media_type.startswith("image/") else sum(line.startswith(PICTURED) for line in lines),
        page.language,
        page.date[:10],
    )


def facts(language: Language, known: Recognised) -> str:
    """In a line."""
    if not known.chunks:
        return say(language, "standing empty")
    told = (
        say(language, f"has {known.unit}", count=known.parts) if known.unit in ("page", "slide") else "",
        say(language, "has characters", count=f"{known.characters:,}"),
        say(language, "chunks", count=known.chunks),
        say(language, "has rows", count=known.rows) if known.rows else "",
        say(language, "has seen", count=known.seen) if known.seen else "",
        NAMES.get(known.language, known.language),
        say(language, "has date", date=known.date) if known.date else "",
    )
    return " · ".join(filter(None, told))


def left_out(language: Language, outcome: Outcome) -> str:
    """What was not read of a source that was; "" where all was, or none."""
    found = LEFT_OUT.fullmatch(outcome.error) if outcome.status not in ("failed", "skipped") else None
    if found is None:
        return ""
    what = found[1]
    if language == "zh":
        what = _COUNTED.sub(lambda one: f"{one[1]} {UNITS[one[2]]}", _PAGES.sub(_pages, what))
    return say(language, "left out", what=what)


def _pages(found: re.Match[str]) -> str:
    return f"第 {found[1]} 页{'的文字层（已由 OCR 识别）' if found[2] else ''}"
