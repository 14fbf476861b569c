"""Tables of HTML -> rows of cells. A cell that spans others is said in each of them."""

import itertools
from collections.abc import Iterator

from lxml import etree  # type: ignore[import-untyped]

_MOST = (100, 1000)  # columns and rows that one cell may span
_LONGEST = 600  # characters: a longer cell is a part of a page laid out by a table
_MENU = 0.9  # of a table's letters in links: it is a menu


def data_tables(root: "etree._Element") -> Iterator["etree._Element"]:
    """Those that hold data: two cells or more in a row, no text of an article in a cell, not all links; a table within
    another before it, and the outer one only where it names its columns or is said to be one (`role`), since most of
    those lay out a page. One that was given is to be taken out of the tree before the next is asked for."""
    outer = {around for table in root.iter("table") for around in table.iterancestors("table")}
    for table in reversed(list(root.iter("table"))):
        cells = list(table.iter("td", "th"))
        if (
            next(table.iterdescendants("table"), None) is None
            and (table not in outer or table.get("role") == "table" or next(table.iter("th"), None) is not None)
            and table.get("role") != "presentation"
            and any(sum(cell.tag in ("td", "th") for cell in row) > 1 for row in table.iter("tr"))
            and all(_letters(cell) <= _LONGEST for cell in cells)
            and not is_menu(table)
        ):
            yield table


def is_menu(element: "etree._Element") -> bool:
    """Whether most of it is links."""
    return sum(map(_letters, element.iter("a"))) >= _MENU * _letters(element)


def _letters(element: "etree._Element") -> int:
    return sum(map(len, element.itertext()))


def rows(table: "etree._Element") -> Iterator[list["etree._Element | None"]]:
    """The cells of each row from left to right, None where there is none; a title over all columns is alone."""
    hanging: dict[int, tuple[int, etree._Element]] = {}
    for line in table.iter("tr"):
        row: list[etree._Element | None] = []
        cells = [cell for cell in line if cell.tag in ("td", "th")]
        for cell in cells:
            row += _from_above(hanging, len(row))
            is_alone = len(cells) == 1 and not any(left for left, _ in hanging.values())
            across = 1 if is_alone else _span(cell, "colspan", _MOST[0])
            for column in range(len(row), len(row) + across):
                hanging[column] = (_span(cell, "rowspan", _MOST[1]) - 1, cell)
            row += [cell] * across
        row += _from_above(hanging, len(row))
        yield row


def head(table: "etree._Element") -> int:
    """How many rows at the top are marked as names of columns; one cell over all of them names none, but the part
    below it."""
    lines = [[cell for cell in row if cell.tag in ("td", "th")] for row in table.iter("tr")]
    while lines and len(lines[0]) == 1:
        lines.pop(0)
    return sum(
        1 for _ in itertools.takewhile(lambda row: len(row) > 1 and all(cell.tag == "th" for cell in row), lines)
    )


def _from_above(hanging: dict[int, tuple[int, "etree._Element"]], column: int) -> Iterator["etree._Element"]:
    """The cells that reach down into this row, from `column` to the first that does not."""
    while column in hanging and hanging[column][0] > 0:
        left, cell = hanging[column]
        hanging[column] = (left - 1, cell)
        yield cell
        column += 1


def _span(cell: "etree._Element", name: str, most: int) -> int:
    said = cell.get(name, "1").strip()
    return min(most, max(1, int(said))) if said.isdecimal() else 1
