"""Answers as a PDF that reads on every machine: fpdf2 embeds the part of Noto Sans SC that is used."""

import logging
from collections.abc import Mapping, Sequence
from importlib.resources import as_file, files
from typing import Any
from urllib.parse import urlsplit

from fpdf import FPDF
from fpdf.enums import WrapMode, XPos, YPos

from app.words import Language, of_text, say
from rag.messages import say as told
from rag.text.language import language as written_in
from rag.text.locator import cite
from rag.text.plain import as_typed
from rag.types import Locator

FONT = "NotoSansSC-Regular.otf"  # in the package pylopdf-fonts-zh-cn (SIL Open Font License 1.1)
GREY, BLUE, BLACK = (105, 105, 105), (31, 95, 168), (20, 22, 26)

logging.getLogger("fpdf").setLevel(logging.ERROR)  # a sign the font lacks is a box on the paper, and no news
logging.getLogger("fontTools").setLevel(logging.ERROR)


def as_pdf(answers: Sequence[Mapping[str, Any]]) -> bytes:
    """`answers` (of `rag.export.json.as_json`), one after the other, each with its verdicts, sides and quotes."""
    pdf = FPDF(format="A4")
    pdf.set_margin(20)
    pdf.set_auto_page_break(True, 18)
    with as_file(files("pylopdf_fonts_zh_cn") / FONT) as font:
        pdf.add_font("text", "", font)
    pdf.set_title(answers[0]["question"] if answers else "Vouch")
    pdf.set_creator("Vouch")
    pdf.add_page()
    for answer in answers:
        _answer(pdf, answer)
    return bytes(pdf.output())


def _answer(pdf: FPDF, answer: Mapping[str, Any]) -> None:
    spoken = of_text(answer["language"])
    _line(pdf, answer["question"], 15, space=3)
    if answer["status"] != "answered":
        _line(pdf, say(spoken, "abstained"), 11, space=3)
    for sentence in answer["sentences"] if answer["status"] == "answered" else ():
        marks = "".join(f"[{mark}]" for mark in sentence["citations"])
        _line(pdf, f"{sentence['text']} {marks}", 11, space=0)
        _line(pdf, say(spoken, sentence["verdict"]), 8.5, GREY, space=2)
    for conflict in answer.get("conflicts", ()):
        _line(pdf, f"≠ {say(spoken, 'disagree')}: {conflict['differs']}", 11, space=1)
        for side in conflict["sides"]:
            _line(pdf, f"[{side['quote']}] {side['text']}", 10, space=1)
    if answer["quotes"]:
        pdf.ln(2)
        _line(pdf, say(spoken, "quotes"), 12, space=2)
    read = {source["sha256"]: source.get("read_at", "")[:10] for source in answer.get("sources", ())}
    for quote in answer["quotes"]:
        _quote(pdf, spoken, quote, read.get(quote["page_sha256"], ""))
    pdf.ln(6)


def _quote(pdf: FPDF, spoken: Language, quote: Mapping[str, Any], read_at: str) -> None:
    _line(pdf, f"[{quote['id']}] {quote['text']}", 10, space=0)
    when = f", {say(spoken, 'read on', date=read_at)}" if read_at else ""
    web = urlsplit(quote["source"]).scheme in ("http", "https")
    place = cite(as_typed(Locator | None, quote.get("locator")), spoken)
    by = quote.get("superseded", "")
    gone = f"; {told(spoken, 'quote.superseded', by=by)}" if by else ""
    about = f"{quote['title'] or quote['source']}{place and f', {place}'}{when}{gone}"
    _line(pdf, about, 8.5, BLUE if web else GREY, quote["source"] if web else "", space=2)


def _line(
    pdf: FPDF, text: str, size: float, colour: tuple[int, int, int] = BLACK, link: str = "", space: float = 1
) -> None:
    pdf.set_font("text", size=size)
    pdf.set_text_color(*colour)
    said = " ".join(text.split())
    wrapped = WrapMode.CHAR if written_in(said) == "zh" else WrapMode.WORD
    pdf.multi_cell(0, size * 0.55, said, align="L", link=link, new_x=XPos.LMARGIN, new_y=YPos.NEXT, wrapmode=wrapped)
    pdf.ln(space)
