"""HTML -> plain lines: a block a line, table cells joined by " | ". Nothing is escaped, so quotes are verbatim."""

import re

from lxml import etree, html  # type: ignore[import-untyped]

_BLOCKS = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote body br caption center dd details dialog div dl dt fieldset figcaption "
        "figure footer form h1 h2 h3 h4 h5 h6 header hr legend li main nav ol option p pre section summary table tbody "
        "tfoot thead title tr ul",
    )
)
_UNSEEN = frozenset(re.findall(r"\w+", "head script style noscript template iframe object svg button select textarea"))
_CELLS = frozenset(("td", "th"))


def flatten(text: str) -> str:
    """The text of an HTML string, a block a line, list items after "• " or their number."""
    root = parse(text)
    return "" if root is None else flatten_tree(root)


def parse(text: str) -> "etree._Element | None":
    """The tree of an HTML string, or None where there is nothing in it."""
    bare = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
    if not bare.strip():
        return None
    try:
        return html.document_fromstring(bare)
    except etree.ParserError:  # comments or white space only
        return None


def flatten_tree(root: "etree._Element") -> str:
    """As `flatten`, of a tree."""
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
            written.add(element.tail)
    return written.finish()


class _Lines:
    """Lines as they are written. Inside a table cell nothing ends a line: the row does."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._current: list[str] = []
        self._bullet = ""
        self._cells = 0

    def add(self, text: str | None) -> None:
        self._current.append(text or "")

    def open(self, tag: str, element: "etree._Element") -> None:
        self._boundary(tag)
        self._cells += tag in _CELLS
        if tag == "li" and not self._cells:
            self._bullet = _bullet(element)

    def close(self, tag: str) -> None:
        if tag in _CELLS:
            self._cells = max(0, self._cells - 1)
            self.add(" | ")
        self._boundary(tag)
        if tag == "li":
            self._bullet = ""

    def finish(self) -> str:
        self._end_line()
        return "\n".join(self._lines)

    def _boundary(self, tag: str) -> None:
        if tag in _BLOCKS and self._cells:
            self.add(" ")
        elif tag in _BLOCKS:
            self._end_line()

    def _end_line(self) -> None:
        line = " ".join("".join(self._current).split()).removesuffix(" |")
        if line.strip(" |"):
            self._lines.append(self._bullet + line)
            self._bullet = ""
        self._current.clear()


def _bullet(item: "etree._Element") -> str:
    parent = item.getparent()
    if parent is None or parent.tag != "ol":
        return "• "
    return f"{sum(1 for _ in item.itersiblings('li', preceding=True)) + 1}. "
