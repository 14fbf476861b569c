"""Markdown as a Word file and as a PDF: markdown-it reads it, python-docx and fpdf2 write it.

Only what is said is carried over: HTML is shown as it stands, pictures are their words, and nothing is fetched. The PDF
embeds the part of Noto Sans SC that is used, so that Chinese reads on every machine.
"""

import io
import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import as_file, files
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

FONT = "NotoSansSC-Regular.otf"  # in the package pylopdf-fonts-zh-cn (SIL Open Font License 1.1); it has no bold
BLUE, RED, BLACK = (31, 95, 168), (165, 40, 40), (20, 22, 26)
_HEADINGS = (16.0, 13.0, 11.5)  # points; deeper ones as the last
_TEXT = 10.5
_BOLD = 0.25  # points of the line around a letter
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")  # no XML holds these


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text in one style; `link` is an address of the web."""

    text: str
    bold: bool = False
    italic: bool = False
    struck: bool = False
    link: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A line of its own: a heading of `level` 1 to 6 (0: none), with a list's sign, `depth` steps in; `quoted` stands
    in a block quote."""

    runs: tuple[Run, ...]
    level: int = 0
    sign: str = ""
    depth: int = 0
    quoted: bool = False


def blocks(markdown: str) -> Iterator[Block]:
    """What `markdown` says, line by line."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("strikethrough")
    lists: list[int] = []  # the number that comes next, -1 for a bullet
    level = quoted = 0
    sign = ""
    for token in reader.parse(_ILLEGAL.sub("", markdown)):
        name, opens = token.type.removesuffix("_open").removesuffix("_close"), token.nesting > 0
        if name == "heading":
            level = int(token.tag[1:]) if opens else 0
        elif name == "blockquote":
            quoted += token.nesting
        elif name in ("bullet_list", "ordered_list"):
            _nest(lists, token)
        elif name == "list_item":
            sign = _sign(lists) if opens else ""
        elif name == "inline":
            yield Block(tuple(_runs(token.children or ())), level, sign, len(lists), quoted > 0)
            sign = ""
        elif name in ("fence", "code_block"):
            yield from (Block((Run(line),), depth=len(lists) + 1) for line in token.content.splitlines())


def _nest(lists: list[int], token: Token) -> None:
    if token.nesting < 0:
        lists.pop()
    else:
        lists.append(int(token.attrs.get("start", 1)) if token.type.startswith("ordered") else -1)


def _sign(lists: list[int]) -> str:
    """Of the next item of the innermost list."""
    if lists[-1] < 0:
        return "•"
    lists[-1] += 1
    return f"{lists[-1] - 1}."


def as_docx(markdown: str, title: str, revisions: bool = False) -> bytes:
    """`title` is the file's own, as Word shows it among its properties. With `revisions`, what is struck out and
    what is strong beside it are Word's own revisions, to be accepted or rejected."""
    from docx import Document
    from docx.enum.text import WD_BREAK
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt, RGBColor

    made = Document()
    made.core_properties.title, made.core_properties.author = _ILLEGAL.sub("", title)[:255], "Vouch"
    made.styles["Normal"].font.size = Pt(_TEXT)
    made.styles["Normal"].element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "Microsoft YaHei")
    revised = 0
    for block in blocks(markdown):
        changes = revisions and any(run.struck for run in block.runs)
        line = made.add_heading(level=block.level) if block.level else made.add_paragraph()
        if block.depth or block.quoted:
            line.paragraph_format.left_indent = Mm(7 * (block.depth + block.quoted))
        if block.sign:
            line.paragraph_format.first_line_indent = Mm(-6)
            line.add_run(f"{block.sign}\u00a0")
        for run in block.runs:
            for at, part in enumerate(run.text.split("\n")):
                if at:
                    line.add_run().add_break(WD_BREAK.LINE)
                put = line.add_run(part)
                if part and changes and (run.struck or run.bold):
                    _revise(put, "del" if run.struck else "ins", revised := revised + 1)
                    continue
                put.bold, put.italic = run.bold or None, run.italic or None
                put.font.strike = run.struck or None
                if colour := _colour(run):
                    put.font.color.rgb = RGBColor(*colour)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _revise(run: Any, change: str, number: int) -> None:
    """Make a run of Word one that was put in ("ins") or taken out ("del")."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    mark = OxmlElement(f"w:{change}")
    told = {"id": str(number), "author": "Vouch", "date": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"}
    for name, value in told.items():
        mark.set(qn(f"w:{name}"), value)
    run._r.addprevious(mark)
    mark.append(run._r)
    for text in run._r.findall(qn("w:t")) if change == "del" else ():
        text.tag = qn("w:delText")


def as_pdf(markdown: str, title: str) -> bytes:
    """`title` as for `as_docx`."""
    from fpdf import FPDF

    # A sign that the font lacks is a box on the paper, and no news.
    for name in ("fpdf", "fontTools"):
        logging.getLogger(name).setLevel(logging.ERROR)
    pdf = FPDF(format="A4")
    pdf.set_margin(20)
    pdf.set_auto_page_break(True, 18)
    with as_file(files("pylopdf_fonts_zh_cn") / FONT) as font:
        pdf.add_font("text", "", font)
    pdf.set_title(title)
    pdf.set_creator("Vouch")
    pdf.add_page()
    for block in blocks(markdown):
        _print(pdf, block)
    return bytes(pdf.output())


def _print(pdf: Any, block: Block) -> None:
    from fpdf.enums import WrapMode

    size = _HEADINGS[min(block.level, len(_HEADINGS)) - 1] if block.level else _TEXT
    margin, height = pdf.l_margin, size * 0.55
    pdf.ln(height * 0.5 if block.level else 0)
    pdf.set_left_margin(margin + 6 * (block.depth + block.quoted))
    pdf.set_x(pdf.l_margin - (5 if block.sign else 0))
    for run in (*([Run(f"{block.sign} ")] if block.sign else []), *block.runs):
        pdf.set_font("text", "S" if run.struck else "", size)
        pdf.set_text_color(*(_colour(run) or BLACK))
        wrapped = WrapMode.CHAR if re.search("[\u3400-\u9fff]", run.text) else WrapMode.WORD
        with pdf.local_context(text_mode="FILL_STROKE" if run.bold or block.level else "FILL", line_width=_BOLD / 2.83):
            pdf.write(height, run.text, run.link, wrapmode=wrapped)
    pdf.set_left_margin(margin)
    pdf.ln(height + 1.5)


def _colour(run: Run) -> tuple[int, int, int] | None:
    return RED if run.struck else BLUE if run.link else None


def _runs(tokens: Sequence[Token]) -> Iterator[Run]:
    on = dict.fromkeys(("strong", "em", "s"), 0)
    link = ""
    for token in tokens:
        name = token.type.removesuffix("_open").removesuffix("_close")
        if name in on:
            on[name] += token.nesting
        elif name == "link":
            address = str(token.attrs.get("href", ""))
            link = address if token.nesting > 0 and address.startswith(("https://", "http://")) else ""
        else:
            said = {"softbreak": " ", "hardbreak": "\n"}.get(token.type, token.content)
            if text := _ILLEGAL.sub("", said):  # "&#12;" and "%01" in an address are read as such signs
                yield Run(text, on["strong"] > 0, on["em"] > 0, on["s"] > 0, link)


@dataclass(frozen=True, slots=True)
class Form:
    """`write` takes Markdown and the file's title."""

    name: str
    media_type: str
    write: Callable[[str, str], bytes]


FORMS: Mapping[str, Form] = {  # by the ending
    "md": Form("Markdown", "text/markdown", lambda markdown, title: markdown.encode()),
    "docx": Form("Word", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", as_docx),
    "pdf": Form("PDF", "application/pdf", as_pdf),
}
