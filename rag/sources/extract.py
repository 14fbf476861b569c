"""Bytes of any readable kind -> a Page: what the file says, and which part of that is the article."""

import dataclasses
import datetime
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator

from rag.errors import SourceFault
from rag.sources import kinds, links, mail, old_office, outline, records, tables
from rag.sources.charset import clean, decode
from rag.sources.front import FrontMatter, front_matter
from rag.sources.furniture import article_spans
from rag.sources.kinds import Kind
from rag.sources.latex import read_latex
from rag.sources.markdown import read_markdown
from rag.sources.office import read_epub, read_pptx
from rag.sources.opendocument import read_opendocument
from rag.sources.richtext import read_rtf
from rag.sources.subtitles import read_subtitles
from rag.sources.vault import Note, read_note, vault_of
from rag.sources.webpage import read_webpage
from rag.sources.word import read_docx
from rag.sources.workbook import read_xlsx
from rag.text.headings import fenced
from rag.text.language import language
from rag.text.passage import file_stem, opening
from rag.text.tags import tags
from rag.types import Page, Span

_FILES: dict[Kind, Callable[[bytes, str], Page]] = {
    "docx": read_docx,
    "pptx": read_pptx,
    "xlsx": read_xlsx,
    "epub": read_epub,
    "odf": read_opendocument,
    "mail": lambda content, uri: mail.read_mail(content, uri, extract),
    "msg": lambda content, uri: mail.read_msg(content, uri, extract),
    "mht": mail.read_mht,
    "xml": lambda content, uri: Page(uri, records.read_xml(content, uri)),
    "rtf": read_rtf,
    "doc": old_office.read_doc,
    "xls": old_office.read_xls,
    "ppt": old_office.read_ppt,
}
_TEXTS: dict[Kind, Callable[[str, str], Page]] = {
    "html": read_webpage,
    "csv": lambda text, uri: Page(uri, tables.read_csv(clean(text), uri)),
    "srt": read_subtitles,
    "json": lambda text, uri: Page(uri, records.read_json(text, uri)),
    "notebook": records.read_notebook,
    "tex": read_latex,
    "code": lambda text, uri: Page(uri, text, headings=outline.symbols(clean(text))),
    "text": lambda text, uri: Page(uri, text),
    "markdown": lambda text, uri: Page(uri, read_markdown(clean(text))),
}
_PROSE = ("text", "pdf", "docx", "pptx", "doc", "ppt")
_LONGEST = 300
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MARKDOWN_TITLE = re.compile(r"^#\s+(.+?)\s*#*\s*$", re.M)


def extract(content: bytes, uri: str, media_type: str = "", charset: str = "", read_at: str = "") -> Page:
    """The page that `content` holds. `media_type` and `charset` are what a server declared, or "".

    Raises SourceFault, a sentence naming `uri` and the remedy, where the content is empty, encrypted,
    damaged, of an unreadable kind, or holds no text.
    """
    if not content.strip():
        raise SourceFault(f"{uri} is empty. Check that it was saved or downloaded completely.")
    kind = kinds.kind_of(content, uri, media_type)
    page = _read(kind, content, uri, charset)
    text = clean(page.text)
    if not text.strip():
        what = "picture" if kind == "image" else "file"
        raise SourceFault(f"No text was found in {uri}. If the {what} shows text, save it another way and add that.")
    place = vault_of(uri) if kind == "markdown" else None
    note = read_note(text, uri, place) if place else Note(text, (), ())
    text = note.text
    head = front_matter(text) if kind in ("text", "markdown") else FrontMatter()
    body = article_spans(text) if kind in ("text", "html") else tuple(_shown(text, kind))
    body = tuple((max(start, head.end), end) for start, end in body if end > head.end)
    return dataclasses.replace(
        page,
        text=text,
        body=body,
        title=_one_line(page.title or head.title) or _one_line(_title(kind, text, body, uri)),
        author=_one_line(page.author or head.author),
        date=_possible(_one_line(page.date or head.date)),
        site=_one_line(page.site),
        language=language(text[body[0][0] :] if body else text),
        media_type=media_type if kind == "image" and media_type else kinds.MEDIA_TYPES[kind],
        read_at=read_at,
        tags=tags((*head.tags, *note.tags)),
        links=links.in_order((*note.links, *links.of_text(text, uri))) if kind in ("text", "markdown") else page.links,
    )


def _read(kind: Kind, content: bytes, uri: str, charset: str) -> Page:
    if kind in ("pdf", "image"):
        return _read_printed(kind, content, uri)
    if kind in _FILES:
        return _FILES[kind](content, uri)
    return _TEXTS[kind](decode(content, charset, uri=uri, markup=kind == "html"), uri)


def _read_printed(kind: Kind, content: bytes, uri: str) -> Page:
    # Imported where they are needed: pdfium and numpy would slow every start.
    from rag.sources.ocr import read_image
    from rag.sources.pdf import read_pdf

    return read_pdf(content, uri) if kind == "pdf" else read_image(content, uri)


def _shown(text: str, kind: Kind) -> Iterator[Span]:
    """What is seen of a text: of Markdown all but its comments; those in a block of code are code."""
    code = list(fenced(text)) if kind == "markdown" and "<!--" in text else []
    ends = [end for _, end in code]
    start = at = 0
    while kind == "markdown" and (at := text.find("<!--", at)) >= 0 and (end := text.find("-->", at)) >= 0:
        block = bisect_right(ends, at)  # the first that ends after it
        if block < len(code) and code[block][0] <= at:
            at = code[block][1]
        else:
            yield start, at
            start = at = end + 3
    yield start, len(text)


def _title(kind: Kind, text: str, body: tuple[tuple[int, int], ...], uri: str) -> str:
    """The first heading of a Markdown file; the first line of a text's article if it looks like a title; else the
    file's name, or where that is but a number the words that the text opens with."""
    if kind == "markdown" and (heading := _MARKDOWN_TITLE.search(text)):
        return heading.group(1)
    if kind in _PROSE and body:
        line = text[body[0][0] :].lstrip().partition("\n")[0].strip()
        if len(line) <= 80 and not re.search(r"[。.!;；,，:：|]$", line):
            return line
    stem = file_stem(uri)
    if kind in _PROSE and not any(letter.isalpha() for letter in stem):
        return opening(Page(uri, text, body=body)) or stem or uri
    return stem or uri


def _possible(date: str) -> str:
    """What a source says of its date, but for a day that no calendar has."""
    try:
        day = _DAY.match(date)
        return date if day is None or datetime.date.fromisoformat(day[0]) else ""
    except ValueError:
        return ""


def _one_line(text: str) -> str:
    """At most `_LONGEST` characters: a title stands in prompts and beside every quote."""
    return " ".join(clean(text[: 10 * _LONGEST]).split())[:_LONGEST]
