"""Rows of cells -> lines that can be read and quoted one by one.

A row is written with its column names, "City: Lyon | Population: 513000", since a row that a search
finds alone would otherwise say numbers without saying of what. Cells are never altered.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence

from rag.errors import SourceFault

_NUMBER = re.compile(r"[-+(]?[\d.,\s]*\d[\d.,\s]*[%)]?")


def lines(rows: Iterable[Sequence[str]]) -> list[str]:
    """One line a row that has any text. The first row of two or more cells, all words and all different, names
    the columns; an empty row ends a table."""
    result: list[str] = []
    names: Sequence[str] = ()
    seen_data = False
    for row in rows:
        cells = [" ".join(cell.split()) for cell in row]
        filled = [cell for cell in cells if cell]
        if not filled:
            names, seen_data = (), False
            continue
        if len(filled) > 1 and not names and not seen_data:
            seen_data = True
            names = cells if _are_names(filled) else ()
            result.append(" | ".join(filled))
        elif len(filled) > 1 and names:
            result.append(_labelled(names, cells))
        else:
            result.append(" | ".join(filled))
    return result


def read_csv(text: str, uri: str) -> str:
    """The rows of a CSV or TSV file as `lines` writes them. Raises SourceFault where a cell has no end."""
    try:
        dialect: type[csv.Dialect] = csv.Sniffer().sniff(text[:8192], delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel
    try:
        return "\n".join(lines(csv.reader(io.StringIO(text, newline=""), dialect)))
    except csv.Error as error:
        raise SourceFault(f"{uri} is not a table that can be read ({error}). Check its quotation marks.") from error


def _are_names(cells: Sequence[str]) -> bool:
    return len(set(cells)) == len(cells) and not any(_NUMBER.fullmatch(cell) for cell in cells)


def _labelled(names: Sequence[str], cells: Sequence[str]) -> str:
    width = max(len(names), len(cells))
    columns = zip((*names, *[""] * (width - len(names))), (*cells, *[""] * (width - len(cells))), strict=True)
    return " | ".join(f"{name}: {cell}" if name else cell for name, cell in columns if cell)
