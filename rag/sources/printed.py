"""A printed line, and lines with wide gaps: rows of a table, or columns of prose that were drawn side by side."""

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rag.sources import tables

_PROSE = 30  # characters: cells that are longer, all in all, are lines of prose
_STEP = 3.0  # heights of a line from one row of a table to the next


@dataclass(frozen=True, slots=True)
class Line:
    """Lengths in any one unit; `top` > `bottom`: y grows upwards. `size` is its letters' height. `cells` are its parts
    between wide gaps, where it has such gaps; `row` is how it is written where it is a row of a table."""

    text: str
    left: float
    right: float
    bottom: float
    top: float
    size: float
    cells: tuple["Line", ...] = ()
    row: str = ""


def parts(page: Sequence[Line]) -> Iterator[list[Line]]:
    """A page's lines in their order, prose and tables apart."""
    prose: list[Line] = []
    for run in _runs(page):
        if run[0].row:
            yield from ([*prose], [*run]) if prose else ([*run],)
            prose = []
            continue
        edges = _edges(run)
        if len(edges) < 2 or len(run) < 2:
            prose += run
            continue
        rows = [_placed(line, edges) for line in run]
        if statistics.fmean(len(cell.text) for line in run for cell in line.cells) > _PROSE:
            prose += [cell for column in range(len(edges)) for row in rows for cell in row[column]]
            continue
        if prose:
            yield prose
            prose = []
        written = tables.lines([" ".join(cell.text for cell in place) for place in row] for row in rows)
        yield [replace(line, row=row) for line, row in zip(run, written, strict=True)]
    if prose:
        yield prose


def _runs(page: Sequence[Line]) -> Iterator[Sequence[Line]]:
    """Rows one under another, and each line between them alone, as well as one that is written already."""
    at = 0
    while at < len(page):
        end = at
        while end < len(page) and _is_row(page, at, end):
            end += 1
        yield page[at : max(end, at + 1)]
        at = max(end, at + 1)


def _is_row(page: Sequence[Line], start: int, at: int) -> bool:
    """Whether the line at `at` goes on with the rows from `start`; one without gaps does where a row follows."""
    line = page[at]
    if line.row:
        return False
    if at > start and not 0 < page[at - 1].top - line.top < _STEP * line.size:
        return False
    return bool(line.cells) or (start < at < len(page) - 1 and bool(page[at + 1].cells))


def _edges(run: Sequence[Line]) -> list[float]:
    """Where the columns begin: those of which no cell reaches into the next."""
    edges: list[float] = []
    reach = float("-inf")
    for cell in sorted((cell for line in run for cell in line.cells), key=lambda cell: cell.left):
        if cell.left > reach:
            edges.append(cell.left)
        reach = max(reach, cell.right)
    return edges


def _placed(line: Line, edges: Sequence[float]) -> list[list[Line]]:
    """The cells of a line, by column."""
    row: list[list[Line]] = [[] for _ in edges]
    for cell in line.cells or (line,):
        row[max(0, sum(edge <= cell.left + 1 for edge in edges) - 1)].append(cell)
    return row
