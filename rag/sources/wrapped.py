"""Tables without drawn lines whose cells go over several lines, and headings at the side of their text.

What stands in one row is told by the white between the rows: a cell's own lines leave none.
"""

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag.sources import tables
from rag.sources.layout import joined
from rag.sources.printed import PROSE, Line, around, edges, head_of

_WHITE = 0.25  # of a line's height, between two rows
_STEP = 3.0  # heights of a line from one row to the next
_LEAST = 3  # rows


def with_rows(lines: Sequence[Line]) -> list[Line]:
    """The lines of a page, those of such tables as rows."""
    lines = _beside(lines)
    result: list[Line] = []
    at = 0
    while at < len(lines):
        end = _end(lines, at) if len(lines[at].cells) > 1 and not lines[at].row else at
        rows = _rows([cell for line in lines[at:end] for cell in line.cells or (line,)])
        result += rows or lines[at : at + 1]
        at = end if rows else at + 1
    return result


def _beside(lines: Sequence[Line]) -> list[Line]:
    """Headings that were drawn one after another, each with the line that stands at its side and was drawn later."""
    result = list(lines)
    for group in _columns(lines):
        partners = [_partner(line, lines) for line in group]
        apart = len({id(one) for one in partners}) == len(group)
        if len(group) > 1 and all(partners) and apart and statistics.fmean(len(line.text) for line in group) <= PROSE:
            for line, partner in zip(group, partners, strict=True):
                assert partner is not None
                result[result.index(partner)] = around([line, partner])
                result.remove(line)
    return result


def _columns(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Lines without gaps that were drawn one after another, apart from each other, at one left edge."""
    group: list[Line] = []
    for line in lines:
        last = group[-1] if group else line
        if group and not (abs(line.left - last.left) < 1 and last.bottom - line.top > _WHITE * line.size):
            yield group
            group = []
        if not (line.cells or line.row):
            group.append(line)
    if group:
        yield group


def _partner(line: Line, lines: Sequence[Line]) -> Line | None:
    """The one line at the height of another, to its right."""
    found = [one for one in lines if one.bottom < line.middle < one.top and one is not line and not one.row]
    return found[0] if len(found) == 1 and not found[0].cells and found[0].left > line.right else None


def _end(lines: Sequence[Line], start: int) -> int:
    """Where the lines end that have the columns of the first one."""
    cells, columns = list(lines[start].cells), len(lines[start].cells)
    for at in range(start + 1, len(lines)):
        line, lowest = lines[at], min(cell.bottom for cell in cells)
        cells += line.cells or (line,)
        if line.row or lowest - line.top > _STEP * line.size or len(edges(cells)) != columns:
            return at
    return len(lines)


def _rows(cells: Sequence[Line]) -> list[Line]:
    """None where no cell is wrapped, or the first column is prose, as of a page in columns, or has gaps."""
    if not cells:
        return []
    lefts = edges(cells)
    rows = [
        [[cell for cell in band if _column(cell, lefts) == at] for at in range(len(lefts))] for band in _bands(cells)
    ]
    first = [cell for row in rows for cell in row[0]]
    if (
        len(rows) < _LEAST
        or not all(row[0] for row in rows)
        or statistics.fmean(len(cell.text) for cell in first) > PROSE
        or len(cells) <= sum(sum(map(bool, row)) for row in rows)
    ):
        return []
    texts = [[joined(column) if column else "" for column in row] for row in rows]
    whole = [around([cell for column in row for cell in column]) for row in rows]
    head = head_of([row.cells or (row,) for row in whole])
    return [replace(row, row=text) for row, text in zip(whole, tables.lines(texts, head), strict=True)]


def _column(cell: Line, lefts: Sequence[float]) -> int:
    return max(0, sum(left <= cell.left + 1 for left in lefts) - 1)


def _bands(cells: Sequence[Line]) -> Iterator[list[Line]]:
    """The cells between white bands over the whole width, from the top."""
    band: list[Line] = []
    for cell in sorted(cells, key=lambda cell: -cell.top):
        if band and min(one.bottom for one in band) - cell.top > _WHITE * cell.size:
            yield band
            band = []
        band.append(cell)
    if band:
        yield band
