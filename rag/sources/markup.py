"""HTML -> plain lines: a block a line, table rows with their column names. Nothing is escaped: quotes are verbatim."""

import copy
import re
from collections.abc import Callable

from lxml import etree, html  # type: ignore[import-untyped]

from rag.sources import formulas, grids, hidden, numbering, scripts, tables
from rag.sources.charset import without_controls

_BLOCKS = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote body br caption center dd details dialog div dl dt fieldset figcaption "
        "figure footer form h1 h2 h3 h4 h5 h6 header hr legend li main nav ol option p pre section summary table tbody "
        "td tfoot th thead title tr ul",
    )
)
_UNSEEN = frozenset(re.findall(r"\w+", "head script style noscript template iframe object svg button select textarea"))
_FIELDS = ("text", "number", "email", "tel", "url", "date", "datetime-local", "month", "week", "time")
_ROW = "row-of-table"
# Of a short page trafilatura would make each a line of its own, and others it leaves out.
_INLINE = frozenset(
    re.findall(
        r"\w+",
        "sup sub b strong i em q time data abbr cite dfn kbd var samp small mark bdi bdo u ins meter output",
    )
)
_TERM = 80  # characters: a longer one is no term
_SAID = "term-said"
_NUMBERS: dict[str, Callable[[int], str]] = {
    "a": numbering.letters,
    "A": lambda number: numbering.letters(number).upper(),
}
_NUMBERS |= {"i": numbering.roman, "I": lambda number: numbering.roman(number).upper()}


def flatten(text: str) -> str:
    """The text of an HTML string, a block a line, list items after "• " or their number."""
    root = parse(text)
    return "" if root is None else flatten_tree(root)


def parse(text: str) -> "etree._Element | None":
    """The tree of an HTML string, or None where there is nothing in it."""
    bare = re.sub(r"^\s*<\?xml[^>]*\?>", "", without_controls(re.sub("[\x0b\x0c]", "\n", text)))
    if not bare.strip():
        return None
    try:
        return html.document_fromstring(bare)
    except etree.ParserError:  # comments or white space only
        return None


def prepare(root: "etree._Element") -> None:
    """Change a tree, in place, so that its plain text says what the page shows: without what is hidden or struck out,
    raised figures apart from others, formulas as text, a paragraph for each row of a table."""
    _show_formulas(root)
    hidden.apply_styles(root)
    for element in list(root.iter("del", "s", "strike")):
        element.drop_tree()
    for footer in list(root.iter("footer")):
        if next(footer.iterancestors("blockquote"), None) is not None:
            footer.tag = "p"  # who said it
    _number_items(root)
    _pair_terms(root)
    _write_fields(root)
    _write_figures(root)
    for caption in list(root.iter("figcaption")):
        caption.tag = "p"
        for figure in caption.iterancestors("figure"):
            figure.tag = "div"
    for table in grids.data_tables(root):
        _replace(table)
    for element in root.iter("table", "tbody", "tr", "td", "th"):
        element.tag = "div"  # laid out by a table, which holds no data


def flatten_tree(root: "etree._Element") -> str:
    """As `flatten`, of a tree, which is changed by `prepare`."""
    prepare(root)
    return _flat(root)


def _flat(root: "etree._Element") -> str:
    written = _Lines()
    walk = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
    for event, element in walk:
        tag = element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""
        if event == "start" and tag in _UNSEEN:
            walk.skip_subtree()  # its "end" still comes, with the text behind it
        elif event == "start":
            written.open(tag, element)
            written.add(element.text)
        else:
            written.close(tag)
            if element is not root:
                written.add(element.tail)
    return written.finish()


def _show_formulas(root: "etree._Element") -> None:
    """Put formulas in the place of pictures of them: the page may hide the former behind the latter."""
    written = {math.get("alttext"): math for math in root.iter("math")}
    for image in list(root.iter("img")):
        if (math := written.get(image.get("alt") or "")) is not None:
            shown = copy.deepcopy(math)
            shown.tail = image.tail
            image.getparent().replace(image, shown)


def _number_items(root: "etree._Element") -> None:
    """Write the numbers of a list before its items, which are paragraphs then; those of a menu are left alone."""
    for ordered in list(root.iter("ol")):
        items = ordered.findall("li")
        unnumbered = "none" in ordered.get("style", "").lower()
        if unnumbered or grids.is_menu(ordered) or next(ordered.iterancestors("nav"), None) is not None:
            continue
        step = -1 if "reversed" in ordered.attrib else 1
        start = _number(ordered.get("start", ""))
        number = start if start is not None else len(items) if step < 0 else 1
        for item in items:
            said = _number(item.get("value", ""))
            number = number if said is None else said
            place = item
            while not (place.text or "").strip() and len(place) and place[0].tag in _BLOCKS:
                place = place[0]
            form = _NUMBERS.get(ordered.get("type", ""), str) if 0 < number < 4000 else str
            shown = form(number)
            place.text = f"{shown}. {(place.text or '').lstrip()}"
            item.tag = "div" if any(child.tag in _BLOCKS for child in item) else "p"
            number += step
        ordered.tag = "div"


def _number(said: str) -> int | None:
    return int(said) if re.fullmatch(r"\s*-?\d{1,9}\s*", said) else None


def _pair_terms(root: "etree._Element") -> None:
    """Write a short term and what is said of it as one line."""
    for listed in list(root.iter("dl")):
        term = None
        for part in [part for group in listed for part in (group if group.tag == "div" else (group,))]:
            if part.tag == "dt":
                term = part
            elif part.tag == "dd" and term is not None and len(term.text_content().strip()) <= _TERM:
                if not any(child.tag in _BLOCKS for child in part) and term.tag == "dt":
                    part.text = f"{' '.join(term.text_content().split())}: {(part.text or '').lstrip()}"
                    term.set("class", _SAID)
                part.tag = "p"
        for said in listed.xpath(f".//dt[@class='{_SAID}']"):
            said.drop_tree()
        if listed.find(".//p") is not None:
            listed.tag = "div"


def _write_fields(root: "etree._Element") -> None:
    """What is filled into the fields of a page, as text of their line; boxes that are ticked."""
    for field in list(root.iter("input", "textarea", "select")):
        match field.tag, field.get("type", "text").lower():
            case "input", "checkbox" | "radio":
                said = "☒" if "checked" in field.attrib else "☐"
            case "input", kind:
                said = field.get("value", "") if kind in _FIELDS else ""
            case "select", _:
                said = ", ".join(one.text_content().strip() for one in field.iter("option") if "selected" in one.attrib)
            case _:
                said = field.text or ""
        written = html.Element("span")
        apart = " " if _before(field)[-1:].strip() else "", " " if (field.tail or "")[:1].strip() else ""
        written.text, written.tail = said.strip().join(apart) if said.strip() else "", field.tail
        for form in field.iterancestors("form") if said.strip() and said != "☐" else ():
            form.tag = "div"  # one that is filled in: trafilatura leaves forms out
        field.getparent().replace(field, written)
        if (label := next(written.iterancestors("label"), None)) is not None:
            label.tag = "p"
    for label in list(root.iter("label")):
        label.drop_tag()


def _write_figures(root: "etree._Element") -> None:
    """Raised and lowered ones so that they stay apart, and formulas, as text of their line."""
    for element in list(root.iter("sup", "sub")):
        if element.getparent() is None:  # it stood in another, which was written whole
            continue
        write = scripts.raised if element.tag == "sup" else scripts.lowered
        mark = element.text_content()
        notes = [*element.iter("a"), *element.iterancestors("a")]
        if any(note.get("href", "").startswith("#") for note in notes) and mark.strip().isalnum():
            written = f"[{mark.strip()}]"  # a note of the page's own
        else:
            written = write(_before(element), mark)
        for child in list(element.iterdescendants(etree.Element)):
            child.drop_tag()  # a footnote's link
        if written != mark:
            element.text = written
    for element in list(root.iter("math")):
        written = html.Element("sub")
        written.text, written.tail = formulas.plain(element), element.tail
        element.getparent().replace(element, written)
    for element in list(root.iter("q")):
        element.text, element.tail = f"“{element.text or ''}", f"”{element.tail or ''}"
    for element in list(root.iter(*_INLINE)):
        if element.tag != "time" or _before(element).strip() or (element.tail or "").strip():
            element.drop_tag()  # a time that stands alone may be the page's date


def _replace(table: "etree._Element") -> None:
    """Put a paragraph a row in the place of a table, its caption first."""
    said: dict[etree._Element | None, str] = {None: ""}

    def text(cell: "etree._Element | None") -> str:
        if cell not in said:
            assert cell is not None
            rows = {row.text or "" for row in cell.iter("p") if row.get("class") == _ROW}  # of a table in this cell
            written = _flat(cell).split("\n")
            parts = (line.replace(" | ", ", ") if line in rows else line.removeprefix("• ") for line in written)
            said[cell] = ("; " if rows else " ").join(parts)
        return said[cell]

    captions = [_flat(caption) for caption in table.iter("caption")]
    written = tables.lines(([text(cell) for cell in row] for row in grids.rows(table)), grids.head(table))
    place = html.Element("div", **{name: table.get(name) for name in ("class", "id") if table.get(name)})
    for line in (*filter(None, captions), *written):
        etree.SubElement(place, "p", {"class": _ROW}).text = line
    place.tail = table.tail
    table.getparent().replace(table, place)


def _before(element: "etree._Element") -> str:
    """The text in front of an element, within its parent."""
    before = element.getprevious()
    if before is None:
        return element.getparent().text or ""
    return before.tail or (before.text_content() if isinstance(before.tag, str) else "")


class _Lines:
    """Lines as they are written."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._current: list[str] = []
        self._bullet = ""

    def add(self, text: str | None) -> None:
        self._current.append(text or "")

    def open(self, tag: str, element: "etree._Element") -> None:
        self._boundary(tag)
        if tag == "li":
            self._bullet = _bullet(element)

    def close(self, tag: str) -> None:
        self._boundary(tag)
        if tag == "li":
            self._bullet = ""

    def finish(self) -> str:
        self._boundary("p")
        return "\n".join(self._lines)

    def _boundary(self, tag: str) -> None:
        if tag not in _BLOCKS:
            return
        if line := " ".join("".join(self._current).split()):
            self._lines.append(self._bullet + line)
            self._bullet = ""
        self._current.clear()


def _bullet(item: "etree._Element") -> str:
    parent = item.getparent()
    if parent is None or parent.tag != "ol":
        return "• "
    return f"{sum(1 for _ in item.itersiblings('li', preceding=True)) + 1}. "
