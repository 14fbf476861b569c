"""PDF -> text, by pypdfium2; pages that are pictures by OCR.

pdfium knows the Chinese, Japanese and Korean character maps that old PDFs name without embedding, keeps the
order of the page's own content (columns come one after the other), and takes milliseconds a page where
pdfminer's layout analysis takes tenths of a second. It gives lines; `layout` makes paragraphs of them.
"""

import re
import threading
from collections.abc import Iterator
from typing import Any

from rag.errors import SourceFault
from rag.sources.layout import Line, paragraphs
from rag.sources.ocr import recognise
from rag.types import Page

_PDFIUM = threading.Lock()  # pdfium is not thread-safe
_SCAN_DPI = 200
_FEW = 8  # characters: a page with fewer is a picture with, at most, a page number
_UNREADABLE = re.compile("[\ufffd\ue000-\uf8ff\x00]")
_JUNK_TITLE = re.compile(
    r"^(?:untitled|microsoft (?:word|powerpoint|excel)|.*\.(?:docx?|pptx?|xlsx?|indd|tex|pdf)$|幻灯片|无标题)", re.I
)


def read_pdf(content: bytes, uri: str) -> Page:
    """The text of every page, a paragraph a line. Raises SourceFault for an encrypted or damaged file."""
    import pypdfium2

    with _PDFIUM:
        try:
            pdf = pypdfium2.PdfDocument(content)
        except pypdfium2.PdfiumError as error:
            if "password" in str(error).lower():
                raise SourceFault(f"{uri} is encrypted. Save a copy without a password.") from error
            raise SourceFault(f"{uri} is damaged and cannot be opened ({error}). Get a fresh copy.") from error
        try:
            pages = [_page_lines(pdf[number]) for number in range(len(pdf))]
            facts = pdf.get_metadata_dict()
        except pypdfium2.PdfiumError as error:
            raise SourceFault(f"{uri} is damaged: a page cannot be read ({error}). Get a fresh copy.") from error
        finally:
            pdf.close()
    title = facts.get("Title", "").strip()
    return Page(
        uri,
        "\n".join(paragraphs(pages)),
        title="" if _JUNK_TITLE.match(title) else title,
        author=facts.get("Author", "").strip(),
        date=_date(facts.get("CreationDate", "")),
    )


def _page_lines(page: Any) -> list[Line]:
    lines = list(_text_lines(page))
    text = "".join(line.text for line in lines)
    letters = len(text.replace(" ", ""))
    # A font without a character map gives letters nobody can read; OCR reads what is seen.
    readable = letters >= _FEW and len(_UNREADABLE.findall(text)) < 0.3 * letters
    if not readable and next(iter(page.get_objects(max_depth=3)), None) is not None:
        return recognise(page.render(scale=_SCAN_DPI / 72).to_pil())
    return lines


def _text_lines(page: Any) -> Iterator[Line]:
    """pdfium's characters, a line at a time. It ends its lines with "\\r\\n" of its own making."""
    from pypdfium2 import raw

    text = page.get_textpage()
    place = raw.FS_RECTF()  # the box of the font, not of the letter: as high for "a" as for "g"
    boxes: list[tuple[float, float, float, float]] = []
    characters: list[int] = []
    for index in range(text.count_chars()):
        code = raw.FPDFText_GetUnicode(text, index)
        if code in (10, 13):
            yield from _line(characters, boxes)
            characters, boxes = [], []
            continue
        if code in (0xFFFE, 0x0002):  # pdfium's mark for a hyphen that the line's end made
            characters.append(0x00AD)
            continue
        characters.append(code)
        if code > 32 and raw.FPDFText_GetLooseCharBox(text, index, place):
            boxes.append((place.left, place.right, place.bottom, place.top))
    yield from _line(characters, boxes)


def _line(characters: list[int], boxes: list[tuple[float, float, float, float]]) -> Iterator[Line]:
    units = b"".join(
        code.to_bytes(2, "little") if code < 0x10000 else chr(code).encode("utf-16-le") for code in characters
    )
    text = " ".join(units.decode("utf-16-le", "replace").split())
    if not text or not boxes:
        return
    lefts, rights, bottoms, tops = zip(*boxes, strict=True)
    top, bottom = max(tops), min(bottoms)
    yield Line(text, min(lefts), max(rights), bottom, top, max(top - bottom, 1.0))


def _date(stamp: str) -> str:
    """ "D:20240131…" -> "2024-01-31"."""
    match = re.match(r"D:(\d{4})(\d\d)(\d\d)", stamp)
    return "-".join(match.groups()) if match else ""
