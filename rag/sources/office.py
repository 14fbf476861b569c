"""PowerPoint and EPUB files -> plain text, and what all office files have in common.

The libraries under markitdown are used directly: mammoth, python-pptx, openpyxl. markitdown 0.1.8 writes
Markdown, which a verbatim quote shows: "Pop\\_1" for "Pop_1", "513000.0" for 513000, "NaN" for an empty cell.
"""

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import unquote

from lxml import etree  # type: ignore[import-untyped]

from rag.errors import SourceFault
from rag.sources import charts, markup, outline, scripts, tables
from rag.sources.charset import clean, decode
from rag.sources.paged import PAGE_MARK, paged
from rag.sources.pictures import Pictures, behind, part, write_in
from rag.types import Page

# What these libraries raise on damaged files: they trust the parts to be there and to be well formed.
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    KeyError,
    ValueError,
    IndexError,
    AttributeError,
    TypeError,
    EOFError,
    OSError,
)
_TEMPLATES = ("2013-12-23", "2013-01-27")  # of python-docx and python-pptx, in whatever they wrote
_DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}"
_TERMS = "{http://purl.org/dc/terms/}"


def read_pptx(content: bytes, uri: str) -> Page:
    """Slide by slide: title, texts, tables, the numbers of charts and what pictures show from the top down, then the
    notes. An empty line between slides; hidden ones are left out."""
    import pptx
    from pptx.exc import PackageNotFoundError

    try:
        show = pptx.Presentation(io.BytesIO(content))
        slides = list(show.slides)
        shown = [slide for slide in slides if slide._element.get("show") != "0"]
        pictures = Pictures()
        texts = ["\n".join(_slide(slide, pictures, show)) if slide in shown else "" for slide in slides]
    except (*DAMAGE, etree.LxmlError, PackageNotFoundError) as error:
        raise damaged(uri, error) from error
    hidden = counted(len(slides) - len(shown), "hidden slide")
    left_out = ", ".join(filter(None, (hidden, pictures.left_out)))
    text, starts = paged(PAGE_MARK.join(f"{text}\n\n" if text else "" for text in texts))
    return replace(with_properties(content, uri, text.rstrip()), page_starts=starts, left_out=left_out)


def read_epub(content: bytes, uri: str) -> Page:
    """The chapters in reading order, with what pictures show and without the table of contents."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            _refuse_locked(book, uri)
            container = _xml(book.read("META-INF/container.xml"))
            package_path = container.find(".//{*}rootfile").get("full-path")
            package = _xml(book.read(package_path))
            folder = posixpath.dirname(package_path)
            chapters, unread, pictures = list[Any](), 0, Pictures()
            for name in _spine(package, folder, frozenset(book.namelist())):
                try:
                    tree = markup.parse(decode(book.read(name), uri=f"{uri} ({name})", markup=True))
                except (SourceFault, zipfile.BadZipFile, zlib.error):  # one chapter's damage is not the book's
                    unread += 1
                    continue
                if tree is not None:
                    write_in(tree, pictures, partial(_member, book, name))
                    chapters.append(tree)
    except (*DAMAGE, etree.LxmlError, SyntaxError, NotImplementedError) as error:
        raise damaged(uri, error) from error
    text = clean("\n\n".join(shown for chapter in chapters if (shown := markup.flatten_tree(chapter))))
    return Page(
        uri,
        text,
        title=_first(package, f"{_DUBLIN_CORE}title"),
        author=", ".join(_all(package, f"{_DUBLIN_CORE}creator")),
        date=_first(package, f"{_DUBLIN_CORE}date")[:10],
        site=_first(package, f"{_DUBLIN_CORE}publisher"),
        headings=outline.placed((mark for chapter in chapters for mark in outline.marks(chapter)), text),
        left_out=", ".join(filter(None, (counted(unread, "damaged chapter"), pictures.left_out))),
    )


def _member(book: zipfile.ZipFile, chapter: str, src: str) -> bytes | None:
    """The picture that a chapter names; None where the book does not have it."""
    if src.startswith("data:"):
        return behind(src, "")
    return part(book, posixpath.normpath(posixpath.join(posixpath.dirname(chapter), unquote(src))))


def _slide(slide: Any, pictures: Pictures, show: Any) -> Iterator[str]:
    title = slide.shapes.title
    if title is not None and title.text_frame.text.strip():
        yield _text(title.text_frame)
    seen = (shape for shape in slide.shapes if _is_on_slide(shape, show))
    yield from _shapes(seen, title.shape_id if title is not None else None, pictures)
    notes = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
    if notes is not None and notes.text.strip():
        yield _text(notes)


def _is_on_slide(shape: Any, show: Any) -> bool:
    """Also where a shape does not say where it is: its layout does."""
    left, top, width, height = shape.left, shape.top, shape.width, shape.height
    return None in (left, top, width, height) or (
        left + width > 0 and top + height > 0 and left < show.slide_width and top < show.slide_height
    )


def _shapes(shapes: Iterable[Any], title_id: int | None, pictures: Pictures) -> Iterator[str]:
    for shape in sorted(shapes, key=lambda shape: (shape.top or 0, shape.left or 0)):
        if shape.shape_id == title_id:
            continue
        if hasattr(shape, "shapes"):  # a group
            yield from _shapes(shape.shapes, title_id, pictures)
        elif etree.QName(shape._element).localname == "pic":
            yield from pictures.lines(_embedded(shape))
        elif shape.has_text_frame:
            yield from filter(None, _text(shape.text_frame).split("\n"))
        elif getattr(shape, "has_table", False):
            spanning = any(cell.is_merge_origin and cell.span_width > 1 for cell in shape.table.rows[0].cells)
            yield from tables.lines(_table(shape.table), head=2 if spanning else 0)
        elif getattr(shape, "has_chart", False):
            yield from charts.lines(shape.chart._chartSpace)


def _embedded(shape: Any) -> bytes | None:
    """The file of a picture on a slide; None where it is but linked to."""
    try:
        return bytes(shape.image.blob)
    except (AttributeError, KeyError, ValueError):
        return None


def _table(table: Any) -> Iterator[list[str]]:
    """Its rows; a cell that covers others is said in each of them."""
    rows = [[_text(cell.text_frame) for cell in row.cells] for row in table.rows]
    for down, row in enumerate(table.rows):
        for across, cell in enumerate(row.cells):
            if cell.is_merge_origin:
                for line in rows[down : down + cell.span_height]:
                    line[across : across + cell.span_width] = [rows[down][across]] * cell.span_width
    yield from rows


def _text(frame: Any) -> str:
    """A line a paragraph, raised and lowered figures apart."""
    return "\n".join(_paragraph(paragraph).strip() for paragraph in frame.paragraphs)


def _paragraph(paragraph: Any) -> str:
    text = ""
    for run in paragraph._p:
        kind = etree.QName(run).localname
        if kind == "br":
            text += "\n"
        elif kind in ("r", "fld"):
            said = "".join(piece.text or "" for piece in run.iterfind("{*}t"))
            properties = run.find("{*}rPr")
            moved = int(properties.get("baseline", "0")) if properties is not None else 0  # thousandths of the height
            text += scripts.raised(text, said) if moved > 0 else scripts.lowered(text, said) if moved < 0 else said
    return text


def with_properties(content: bytes, uri: str, text: str) -> Page:
    """Title, author and date from docProps/core.xml, where the file has one that can be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if "docProps/core.xml" not in archive.namelist():
                return Page(uri, text)
            core = _xml(archive.read("docProps/core.xml"))
    except (*DAMAGE, etree.LxmlError, SyntaxError) as error:
        raise damaged(uri, error) from error
    date = (_first(core, f"{_TERMS}modified") or _first(core, f"{_TERMS}created"))[:10]
    return Page(
        uri,
        text,
        title=_first(core, f"{_DUBLIN_CORE}title"),
        author=_first(core, f"{_DUBLIN_CORE}creator"),
        date="" if date in _TEMPLATES else date,
    )


def counted(count: int, what: str) -> str:
    """ "2 pictures", "1 picture", or "" for none."""
    return f"{count} {what}{'s' if count > 1 else ''}" if count else ""


def _spine(package: Any, folder: str, names: frozenset[str]) -> Iterator[str]:
    items = {item.get("id"): item for item in package.iterfind(".//{*}manifest/{*}item")}
    for reference in package.iterfind(".//{*}spine/{*}itemref"):
        item = items.get(reference.get("idref"))
        if item is None or "nav" in (item.get("properties") or "").split():
            continue
        href = item.get("href").partition("#")[0]
        for candidate in (unquote(href), href):
            name = posixpath.normpath(posixpath.join(folder, candidate))
            if name in names:
                yield name
                break


def _refuse_locked(book: zipfile.ZipFile, uri: str) -> None:
    if "META-INF/encryption.xml" not in book.namelist():
        return
    references = _xml(book.read("META-INF/encryption.xml")).iterfind(".//{*}CipherReference")
    if any(reference.get("URI", "").lower().endswith((".xhtml", ".html", ".htm", ".opf")) for reference in references):
        raise SourceFault(f"{uri} is encrypted by its shop. Vouch can only read books without copy protection.")


def _xml(content: bytes) -> Any:
    return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))


def _all(tree: Any, tag: str) -> list[str]:
    return [text for element in tree.iter(tag) if (text := "".join(element.itertext()).strip())]


def _first(tree: Any, tag: str) -> str:
    return next(iter(_all(tree, tag)), "")


def damaged(uri: str, error: Exception) -> SourceFault:
    return SourceFault(f"{uri} is damaged and cannot be read ({type(error).__name__}: {error}). Get a fresh copy.")
