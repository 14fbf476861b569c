"""PDF -> text, by pypdfium2; pages that are pictures by OCR.

pdfium knows the Chinese, Japanese and Korean character maps that old PDFs name without embedding, keeps the
order of the page's own content (columns come one after the other), and takes milliseconds a page where
pdfminer's layout analysis takes tenths of a second. It gives lines; `layout` makes paragraphs of them.
"""

import hashlib
import logging
import re
import threading
from collections.abc import Iterator, Sequence
from ctypes import c_ushort
from typing import Any

import pypdfium2
from pypdfium2 import raw

from rag.errors import SourceFault
from rag.sources import glyphs
from rag.sources.layout import paragraphs
from rag.sources.ocr import recognise
from rag.sources.paged import paged
from rag.sources.printed import Line
from rag.types import Page

log = logging.getLogger("vouch.sources")

_PDFIUM = threading.Lock()  # pdfium is not thread-safe
_SCAN_DPI = 200
_MOST_PIXELS = 12_000_000  # of a page that is drawn for OCR: A3 at 200 dpi has 8 million
_STAMP = 400  # characters: what a page with fewer says beside a large picture may be a stamp, and the picture a scan
_LARGE = 0.4  # of its area
_FEW = 8  # characters: a page with fewer is a picture with, at most, a page number
_UNREADABLE = re.compile("[\ufffd\ue000-\uf8ff\x00]")
_JUNK_TITLE = re.compile(
    r"^(?:untitled|microsoft (?:word|powerpoint|excel)|.*\.(?:docx?|pptx?|xlsx?|indd|tex|pdf)$|幻灯片|无标题)", re.I
)


def read_pdf(content: bytes, uri: str) -> Page:
    """The text of every page, a paragraph or a row of a table a line, then what is filled into its form. A page that
    cannot be read is left out. Raises SourceFault for an encrypted or damaged file."""
    with _PDFIUM:
        try:
            pdf = pypdfium2.PdfDocument(content)
        except pypdfium2.PdfiumError as error:
            if "password" in str(error).lower():
                raise SourceFault(f"{uri} is encrypted. Save a copy without a password.") from error
            raise SourceFault(f"{uri} is damaged and cannot be opened ({error}). Get a fresh copy.") from error
        try:
            pdf.init_forms()
            pages = [_page_lines(pdf, number) for number in range(len(pdf))]
            facts = pdf.get_metadata_dict()
        finally:
            pdf.close()
    if pages and all(page is None for page in pages):
        raise SourceFault(f"{uri} is damaged: none of its pages can be read. Get a fresh copy.")
    text, starts = paged("\n".join(paragraphs([page or [] for page in pages])))
    title = facts.get("Title", "").strip()
    unread = [str(number) for number, page in enumerate(pages, 1) if page is None]
    return Page(
        uri,
        text,
        title="" if _JUNK_TITLE.match(title) else title,
        author=facts.get("Author", "").strip(),
        date=_date(facts.get("CreationDate", "")),
        page_starts=starts,
        file_sha256=hashlib.sha256(content).hexdigest(),
        left_out=f"pages {', '.join(unread)}" if unread else "",
    )


def _page_lines(pdf: Any, number: int) -> list[Line] | None:
    """None where the page cannot be read."""
    try:
        page = pdf[number]
        lines = glyphs.lines(page)
        text = "".join(line.text for line in lines)
        letters = len(text.replace(" ", ""))
        drawn = next(iter(page.get_objects(max_depth=3)), None) is not None
        if drawn and letters and len(_UNREADABLE.findall(text)) >= 0.3 * letters:
            lines = _seen(page)  # a font without a character map gives letters nobody can read
        elif drawn and (letters < _FEW or (letters < _STAMP and glyphs.image_share(page) > _LARGE)):
            lines += [line for line in _seen(page) if not any(_overlap(line, known) for known in lines)]
        return [*lines, *_filled(page, pdf.formenv, lines)] if pdf.formenv else lines
    except pypdfium2.PdfiumError as error:
        log.warning("page %d cannot be read (%s)", number + 1, error)
        return None


def _seen(page: Any) -> list[Line]:
    """What OCR reads on a page, in points as its characters are."""
    width, height = page.get_size()
    scale = min(_SCAN_DPI / 72, (_MOST_PIXELS / (width * height)) ** 0.5)
    return [
        Line(
            line.text, line.left / scale, line.right / scale, height + line.bottom / scale, height + line.top / scale,
            line.size / scale,
        )
        for line in recognise(page.render(scale=scale).to_pil())
    ]  # fmt: skip


def _overlap(one: Line, other: Line) -> bool:
    return one.left < other.right and other.left < one.right and one.bottom < other.top and other.bottom < one.top


def _filled(page: Any, forms: Any, lines: Sequence[Line]) -> Iterator[Line]:
    """What is written or ticked in a form, after the text that stands nearest beside it, or the name of the field."""
    texts = [cell for line in lines for cell in line.cells or (line,)]
    place = raw.FS_RECTF()
    for index in range(raw.FPDFPage_GetAnnotCount(page)):
        field = raw.FPDFPage_GetAnnot(page, index)
        value = ""
        if raw.FPDFAnnot_GetSubtype(field) == raw.FPDF_ANNOT_WIDGET and raw.FPDFAnnot_GetRect(field, place):
            value = _told(raw.FPDFAnnot_GetFormFieldValue, forms, field)
        if value and value != "Off":  # of a box that is not ticked
            beside = [text for text in texts if text.bottom < place.top and place.bottom < text.top]
            nearest = min(beside, key=lambda text: _distance(text, place), default=None)
            label = nearest.text.rstrip(" :：") if nearest else _told(raw.FPDFAnnot_GetFormFieldName, forms, field)
            yield Line(f"{label}: {value}", 0.0, 1.0, -index - 0.5, -float(index), 0.1)
        raw.FPDFPage_CloseAnnot(field)


def _distance(text: Line, place: Any) -> float:
    """From side to side, and three times as much for not standing at one height."""
    height = abs(text.top + text.bottom - place.top - place.bottom) / 2
    return float(3 * height + max(text.left - place.right, place.left - text.right, 0.0))


def _told(ask: Any, forms: Any, field: Any) -> str:
    """A text of pdfium's, which is asked for its length first."""
    size = ask(forms, field, None, 0)
    buffer = (c_ushort * (size // 2 + 1))()
    ask(forms, field, buffer, size)
    return bytes(buffer)[: max(0, size - 2)].decode("utf-16-le", "replace").strip()


def _date(stamp: str) -> str:
    """ "D:20240131…" -> "2024-01-31"."""
    match = re.match(r"D:(\d{4})(\d\d)(\d\d)", stamp)
    return "-".join(match.groups()) if match else ""
