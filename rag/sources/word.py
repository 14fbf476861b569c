"""Word files -> plain text, by mammoth, which is given what Word shows as plain runs: it knows nothing of the rest."""

import io
import re
import zipfile
from collections.abc import Collection
from dataclasses import replace
from html import escape
from typing import Any
from xml.parsers.expat import ExpatError

from lxml import etree  # type: ignore[import-untyped]

from rag.sources import formulas, markup, outline
from rag.sources.charset import clean
from rag.sources.numbering import Numbering
from rag.sources.office import DAMAGE, damaged, with_properties
from rag.sources.pictures import Pictures
from rag.types import Page

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PARTS = re.compile(r"word/(?:document|footnotes|endnotes)\d*\.xml")
_MARGINS = re.compile(r"word/(header|footer|comments)\d*\.xml")
_GONE = ("{*}moveFrom", "{*}checkbox")  # moved elsewhere; what mammoth would show in place of a box's sign
_WRAPPERS = ("{*}fldSimple", "{*}moveTo", "{*}oMathPara", "{*}customXml")
_TINY = 4  # half points
_OFF = ("0", "false", "off")


def read_docx(content: bytes, uri: str) -> Page:
    """Paragraphs, headings, lists, tables, text boxes, formulas, what pictures show and footnotes, in order, then
    headers, footers and comments; of tracked changes the final text. Raises SourceFault where it is damaged."""
    import mammoth  # type: ignore[import-untyped]
    from mammoth import html

    pictures = Pictures()

    def seen(picture: Any) -> list[object]:
        try:
            with picture.open() as opened:
                lines = pictures.lines(opened.read())
        except (KeyError, OSError):  # linked to, or not in the file
            lines = pictures.lines(None)
        return [node for line in lines for node in (html.element("br"), html.text(line), html.element("br"))]

    try:
        markup_text: str = mammoth.convert_to_html(_plain(content), convert_image=seen).value
        beside = _beside(content)
    except (*DAMAGE, etree.LxmlError, SyntaxError, ExpatError) as error:
        raise damaged(uri, error) from error
    markup_text = markup_text.replace("<table>", '<table role="table">')  # Word lays out no pages by them
    tree = markup.parse(f"{markup_text}{''.join(f'<p>{escape(line)}</p>' for line in beside)}")
    page = replace(with_properties(content, uri, ""), left_out=pictures.left_out)
    if tree is None:
        return page
    text = clean(markup.flatten_tree(tree).replace(" ↑", ""))  # each footnote ends in an arrow back to its mark
    return replace(page, text=text, headings=outline.placed(outline.marks(tree), text))


def _beside(content: bytes) -> list[str]:
    """What stands in the margins: each header and footer that has words once, and the comments, marked as such."""
    found: dict[str, None] = {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in sorted(archive.namelist()):
            if kind := _MARGINS.fullmatch(name):
                root = etree.fromstring(archive.read(name), _parser())
                for part in root.iter(f"{_W}comment") if kind[1] == "comments" else root.iter(f"{_W}p"):
                    said = " ".join("".join(piece.text or "" for piece in part.iter(f"{_W}t")).split())
                    if any(letter.isalpha() for letter in said):
                        found[f"[{kind[1].removesuffix('s').capitalize()}] {said}"] = None
    return list(found)


def _parser() -> Any:
    return etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)


def _plain(content: bytes) -> io.BytesIO:
    """The same file, its texts as runs."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        names = old.namelist()
        lists, styles = (old.read(name) if name in names else b"" for name in ("word/numbering.xml", "word/styles.xml"))
        numbering, unseen = Numbering.read(lists, styles), _unseen(styles)
        for name in names:
            part = old.read(name)
            new.writestr(name, _with_runs(part, numbering, unseen) if _PARTS.fullmatch(name) else part)
    return out


def _with_runs(part: bytes, numbering: Numbering, unseen: Collection[str]) -> bytes:
    root = etree.fromstring(part, _parser())
    for run in [run for run in root.iter(f"{_W}r") if _is_hidden(run, unseen)]:
        run.getparent().remove(run)
    for tab in list(root.iter(f"{_W}ptab")):
        tab.tag = f"{_W}tab"
    _align(root)
    for element in list(root.iter(*_GONE)):
        element.getparent().remove(element)
    for paragraph in list(root.iter(f"{_W}p")):
        numbering.write(paragraph)
    for formula in list(root.iter("{*}oMath")):
        run = etree.Element(f"{_W}r")
        etree.SubElement(run, f"{_W}t").text = formulas.plain(formula)
        formula.getparent().replace(formula, run)
    for wrapper in list(root.iter(*_WRAPPERS)):
        for child in wrapper:
            wrapper.addprevious(child)
        wrapper.getparent().remove(wrapper)
    for box in list(root.iter(f"{_W}txbxContent")):
        _set_free(box)
    return etree.tostring(root)  # type: ignore[no-any-return]


def _is_hidden(run: Any, unseen: Collection[str]) -> bool:
    """Whether a run is marked as hidden, by itself or its style, is as white as the paper or too small for people."""
    said = run.find(f"{_W}rPr")
    if said is None:
        return False
    vanish, style = said.find(f"{_W}vanish"), said.find(f"{_W}rStyle")
    if vanish is not None:
        return vanish.get(f"{_W}val", "on") not in _OFF
    if style is not None and style.get(f"{_W}val") in unseen:
        return True
    colour, size = (said.find(f"{_W}{name}") for name in ("color", "sz"))
    if size is not None and size.get(f"{_W}val", "").isdecimal() and int(size.get(f"{_W}val")) <= _TINY:
        return True
    shaded = said.find(f"{_W}shd") is not None or said.find(f"{_W}highlight") is not None
    around = next(run.iterancestors(f"{_W}tc", f"{_W}txbxContent"), None)  # of a dark cell or box white is the colour
    white = colour is not None and colour.get(f"{_W}val", "").upper() == "FFFFFF"
    return (
        white
        and not shaded
        and around is None
        and not any(
            run.getparent().find(f"{_W}pPr/{_W}{name}") is not None
            for name in ("shd", "pStyle")  # which may be dark
        )
    )


def _unseen(styles: bytes) -> frozenset[str]:
    """The styles that hide what is written in them."""
    root = etree.fromstring(styles or b"<none/>", _parser())
    found = (
        one
        for one in root.iter(f"{_W}style")
        if (vanish := one.find(f"{_W}rPr/{_W}vanish")) is not None and vanish.get(f"{_W}val", "on") not in _OFF
    )
    return frozenset(one.get(f"{_W}styleId", "") for one in found)


def _align(root: Any) -> None:
    """Say of runs that are moved up or down by so many half points, as LibreOffice has it, that they are raised."""
    for moved in root.iter(f"{_W}position"):
        properties, up = moved.getparent(), not moved.get(f"{_W}val", "").startswith("-")
        if properties.tag == f"{_W}rPr" and properties.find(f"{_W}vertAlign") is None:
            place = etree.SubElement(properties, f"{_W}vertAlign")
            place.set(f"{_W}val", "superscript" if up else "subscript")


def _set_free(box: Any) -> None:
    """Put the paragraphs of a text box behind the one it hangs on, unless mammoth finds them in an older form too."""
    either = next(box.iterancestors("{*}AlternateContent"), None)
    if next(box.iterancestors("{*}textbox"), None) is not None or (
        either is not None and either.find(f"{{*}}Fallback//{_W}txbxContent") is not None
    ):
        return
    hangs_on = list(box.iterancestors(f"{_W}p"))[-1:]
    for paragraph in reversed(box) if hangs_on else ():
        hangs_on[0].addnext(paragraph)
