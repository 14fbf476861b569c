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
from contextlib import contextmanager
from typing import Any

import pypdfium2

from rag.errors import SourceFault
from rag.sources import annotations, glyphs, ruled, wrapped
from rag.sources.layout import paragraphs
from rag.sources.legible import agree, is_doubtful
from rag.sources.ocr import doubted, recognise
from rag.sources.paged import paged
from rag.sources.printed import Line
from rag.types import Page

log = logging.getLogger("vouch.sources")

_PDFIUM = threading.Lock()  # pdfium is not thread-safe
_SCAN_DPI = 200
_MOST_PIXELS = 12_000_000  # of a page that is drawn for OCR: A3 at 200 dpi has 8 million
_STAMP = 400  # characters: what a page with fewer says beside a large picture may be a stamp, and the picture a scan
_LARGE = 0.4  # of its area
_HOPELESS = 200  # pages of which none could be read
_FEW = 8  # characters: a page with fewer is a picture with, at most, a page number
_UNREADABLE = re.compile("[\ufffd\ue000-\uf8ff\x00]")
_JUNK_TITLE = re.compile(
    r"^(?:untitled|microsoft (?:word|powerpoint|excel)|.*\.(?:docx?|pptx?|xlsx?|indd|tex|pdf)$|幻灯片|无标题)", re.I
)


def read_pdf(content: bytes, uri: str) -> Page:
    """The text of every page, a paragraph or a row of a table a line, then what is filled into its form or noted on
    it. A page that cannot be read is left out. Raises SourceFault for an encrypted or damaged file."""
    with opened(content, uri) as document:
        pages: list[list[Line] | None] = []
        for number in range(len(document.pdf)):
            pages.append(document.lines(number))
            if number == _HOPELESS and not any(page is not None for page in pages):
                break  # a few bytes can name a million pages that are not there
        facts, scanned, doubtful = document.pdf.get_metadata_dict(), document.scanned, document.doubtful
    if pages and all(page is None for page in pages):
        raise SourceFault(f"{uri} is damaged: none of its pages can be read. Get a fresh copy.")
    text, starts = paged("\n".join(paragraphs([page or [] for page in pages])))
    title = facts.get("Title", "").strip()
    unread = [number for number, page in enumerate(pages, 1) if page is None]
    left_out = (_numbers(unread), f"{_numbers(scanned)} but by OCR" if scanned else "", doubted(doubtful))
    return Page(
        uri,
        text,
        title="" if _JUNK_TITLE.match(title) else title,
        author=facts.get("Author", "").strip(),
        date=_date(facts.get("CreationDate", "")),
        page_starts=starts,
        file_sha256=hashlib.sha256(content).hexdigest(),
        left_out=", ".join(filter(None, left_out)),
    )


def _numbers(pages: Sequence[int]) -> str:
    """ "pages 2, 5-9"; "" of none."""
    runs: list[list[int]] = []
    for page in pages:
        if runs and runs[-1][-1] == page - 1:
            runs[-1][1:] = [page]
        else:
            runs.append([page])
    return f"pages {', '.join('-'.join(map(str, run)) for run in runs)}" if pages else ""


@contextmanager
def opened(content: bytes, uri: str) -> Iterator["Document"]:
    """One at a time, in one thread. Raises SourceFault for an encrypted or damaged file."""
    with _PDFIUM:
        try:
            pdf = pypdfium2.PdfDocument(content)
        except pypdfium2.PdfiumError as error:
            if "password" in str(error).lower():
                raise SourceFault(f"{uri} is encrypted. Save a copy without a password.") from error
            raise SourceFault(f"{uri} is damaged and cannot be opened ({error}). Get a fresh copy.") from error
        try:
            pdf.init_forms()
            yield Document(pdf)
        finally:
            pdf.close()


class Document:
    """An open PDF. Whether its letters are the ones it shows is found out once: OCR takes seconds."""

    def __init__(self, pdf: Any) -> None:
        self.pdf = pdf
        self.scanned: list[int] = []  # pages, from 1, that OCR read some of
        self.doubtful = 0  # lines of pictures that were read too unsurely
        self._believed = False
        self._table: ruled.Table | None = None  # that may go on over the page

    def lines(self, number: int) -> list[Line] | None:
        """Of page `number` (from 0), in points from its lower left corner as it is shown with its text upright; None
        where it cannot be read."""
        try:
            page = self.pdf[number]
            lines = self._printed(page, number)
            return [*lines, *annotations.lines(page, self.pdf.formenv, lines)]
        except pypdfium2.PdfiumError as error:
            log.warning("page %d cannot be read (%s)", number + 1, error)
            return None

    def _printed(self, page: Any, number: int) -> list[Line]:
        text_page = glyphs.upright_text(page)
        grids = ruled.grids(page)
        lines = glyphs.lines(page, text_page, [wall for grid in grids for wall in grid.walls if wall.stands])
        lines, self._table = ruled.with_rows(lines, grids, self._table)
        lines = wrapped.with_rows(lines)
        text = " ".join(line.text for line in lines)
        letters = len(text.replace(" ", ""))
        if next(iter(page.get_objects(max_depth=3)), None) is None:
            return lines
        if letters and len(_UNREADABLE.findall(text)) >= 0.3 * letters:
            return self._taken(number, self._seen(page))  # a font without a character map: letters nobody can read
        if letters < _FEW or (letters < _STAMP and glyphs.image_share(page) > _LARGE):
            more = [line for line in self._seen(page) if not any(_overlap(line, known) for known in lines)]
            return [*lines, *self._taken(number, more)]
        if not self._believed and is_doubtful(text):
            seen = self._seen(page)
            self._believed = agree(text, " ".join(line.text for line in seen))
            return lines if self._believed else self._taken(number, seen)
        return lines

    def _taken(self, number: int, seen: list[Line]) -> list[Line]:
        """`seen`, which are lines of page `number` (from 0) from now on."""
        if seen:
            self.scanned.append(number + 1)
        return seen

    def _seen(self, page: Any) -> list[Line]:
        """What OCR reads on a page, in points as its characters are."""
        width, height = page.get_size()
        scale = min(_SCAN_DPI / 72, (_MOST_PIXELS / (width * height)) ** 0.5)
        seen = recognise(page.render(scale=scale).to_pil())
        self.doubtful += seen.doubtful
        if seen.turned:
            page.set_rotation((page.get_rotation() - 90 * seen.turned) % 360)  # it is drawn so, too
            _, height = page.get_size()
        return [
            Line(
                line.text, line.left / scale, line.right / scale, height + line.bottom / scale,
                height + line.top / scale, line.size / scale,
            )
            for line in seen.lines
        ]  # fmt: skip


def _overlap(one: Line, other: Line) -> bool:
    return one.left < other.right and other.left < one.right and one.bottom < other.top and other.bottom < one.top


def _date(stamp: str) -> str:
    """ "D:20240131…" -> "2024-01-31"."""
    match = re.match(r"D:(\d{4})(\d\d)(\d\d)", stamp)
    return "-".join(match.groups()) if match else ""
