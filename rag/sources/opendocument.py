"""OpenDocument texts, tables and slides (.odt, .ods, .odp) -> plain text, by way of HTML, which they resemble."""

import io
import zipfile
from typing import Any

from lxml import etree, html  # type: ignore[import-untyped]

from rag.sources import markup, outline
from rag.sources.charset import clean
from rag.sources.office import DAMAGE, counted, damaged
from rag.sources.pictures import Pictures, part
from rag.types import Page

_TAGS = {
    "p": "p", "h": "h1", "list": "ul", "list-item": "li", "table": "table", "table-row": "tr", "table-cell": "td",
    "note": "sup", "notes": "div", "page": "div", "shown": "div",
}  # fmt: skip
_LEFT_OUT = ("annotation", "tracked-changes", "note-citation", "sequence-decls", "forms", "settings")
_MOST_COLUMNS = 20_000  # that a sheet is looked at
_MOST = 100  # repeats of a space, or of an empty or equal cell or row; a sheet repeats the last one to its far edge


def read_opendocument(content: bytes, uri: str) -> Page:
    """Paragraphs, headings, lists, tables and notes in order; of tracked changes the final text. Hidden sheets, rows
    and columns are left out. Raises SourceFault where it is damaged."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            root = _parse(archive.read("content.xml"))
            body = root.find(".//{*}body")
            unseen = _without_hidden(root)
            meta = _parse(archive.read("meta.xml")) if "meta.xml" in archive.namelist() else None
            pictures = _with_pictures(body, archive)
        tree = html.Element("body")
        _convert(body, tree)
    except (*DAMAGE, etree.LxmlError, SyntaxError) as error:
        raise damaged(uri, error) from error
    marks = list(outline.marks(tree))
    text = clean(markup.flatten_tree(tree))
    title, author, date = (_said(meta, name) for name in ("title", "creator", "date"))
    marked = outline.placed(marks, text)
    left_out = ", ".join(filter(None, (*unseen, pictures.left_out)))
    return Page(uri, text, title, author, date[:10], headings=marked, left_out=left_out)


def _without_hidden(root: Any) -> tuple[str, str, str]:
    """Take out of the document, in place, the sheets, rows and columns that are not shown; gives how many of each held
    something."""
    off = {
        _attribute(style, "name")
        for style in root.iterfind(".//{*}automatic-styles/{*}style")
        if any(_attribute(one, "display") == "false" for one in style.iterfind("{*}table-properties"))
    }
    sheets = rows = columns = 0
    for table in list(root.iter("{*}table")):
        if _attribute(table, "style-name") in off:
            sheets += _says(table)
            table.getparent().remove(table)
            continue
        for row in [row for row in table.iter("{*}table-row") if _is_hidden(row)]:
            rows += _says(row)
            row.getparent().remove(row)
        columns += _without_columns(table)
    return counted(sheets, "hidden sheet"), counted(rows, "hidden row"), counted(columns, "hidden column")


def _without_columns(table: Any) -> int:
    hidden, places = set[int](), 0
    for column in table.iter("{*}table-column"):
        span = range(places, places + _repeats(column, "columns"))
        hidden.update(span[:_MOST_COLUMNS] if _is_hidden(column) else ())
        places = span.stop
    full = set[int]()
    for row in table.iter("{*}table-row") if hidden else ():
        at = 0
        for cell in list(row):
            if etree.QName(cell).localname not in ("table-cell", "covered-table-cell"):
                continue
            span = range(at, at + _repeats(cell, "columns"))
            gone = hidden.intersection(span[:_MOST_COLUMNS])
            full |= gone if _says(cell) else set()
            at = span.stop
            if gone and len(gone) == len(span[:_MOST_COLUMNS]):
                row.remove(cell)
            elif gone:  # of some that are alike, others are shown
                name = next(name for name in cell.attrib if etree.QName(name).localname == "number-columns-repeated")
                cell.set(name, str(len(span) - len(gone)))
    return len(full)


def _is_hidden(element: Any) -> bool:
    return _attribute(element, "visibility") in ("collapse", "filter")


def _says(element: Any) -> bool:
    return bool("".join(element.itertext()).strip())


def _repeats(element: Any, what: str) -> int:
    return int(_attribute(element, f"number-{what}-repeated") or 1)


def _with_pictures(body: Any, archive: zipfile.ZipFile) -> Pictures:
    """What pictures show, put behind them."""
    pictures = Pictures()
    for image in list(body.iter("{*}image")):
        lines = pictures.lines(part(archive, _attribute(image, "href").removeprefix("./")))
        for line in reversed(lines):
            shown = etree.Element(etree.QName(etree.QName(image).namespace, "shown"))
            shown.text = line
            image.addnext(shown)
    return pictures


def _convert(source: Any, target: Any) -> None:
    """Append to `target` what `source` holds, as HTML elements."""
    _add(target, source.text)
    for child in source:
        name = etree.QName(child).localname if isinstance(child.tag, str) else ""
        if name == "s":
            _add(target, " " * min(_MOST, int(_attribute(child, "c") or 1)))
        elif name in ("tab", "line-break"):
            _add(target, " ")
        elif name and name not in _LEFT_OUT:
            for _ in range(min(_MOST, int(_attribute(child, f"number-{name.removeprefix('table-')}s-repeated") or 1))):
                _convert(child, _element(child, name, target))
        _add(target, child.tail)


def _element(source: Any, name: str, target: Any) -> Any:
    """What the children of `source` go into: a new element of `target`, or `target` itself."""
    if name not in _TAGS:
        return target
    tag = f"h{min(6, int(_attribute(source, 'outline-level') or 1))}" if name == "h" else _TAGS[name]
    made = etree.SubElement(target, tag, {"role": "table"} if tag == "table" else {})
    for theirs, ours in (("number-columns-spanned", "colspan"), ("number-rows-spanned", "rowspan")):
        if spanned := _attribute(source, theirs):
            made.set(ours, spanned)
    return made


def _add(element: Any, text: str | None) -> None:
    if not text:
        return
    if len(element):
        element[-1].tail = (element[-1].tail or "") + text
    else:
        element.text = (element.text or "") + text


def _attribute(element: Any, name: str) -> str:
    return next((value for key, value in element.attrib.items() if etree.QName(key).localname == name), "")


def _said(meta: Any, name: str) -> str:
    found = meta.find(f".//{{*}}{name}") if meta is not None else None
    return "" if found is None else "".join(found.itertext()).strip()


def _parse(content: bytes) -> Any:
    return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))
