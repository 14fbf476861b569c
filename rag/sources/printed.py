"""A printed line, and lines with wide gaps: rows of a table, or columns of prose that were drawn side by side."""

import itertools
import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from rag.sources import tables

GAP = 0.8  # of a letter's height: wider than any space between words
PROSE = 30  # characters: cells that are longer, all in all, are lines of prose
MEET = 3.0  # points: drawn lines that are so close meet
_TOP = 3  # rows that tell what names the columns
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
    is_bold: bool = False

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


@dataclass(frozen=True, slots=True)
class Rule:
    """A drawn line that stands at x = `at` or lies at y = `at`."""

    stands: bool
    at: float
    start: float
    end: float

    def meets(self, other: "Rule") -> bool:
        return (
            self.stands != other.stands
            and self.start - MEET <= other.at <= self.end + MEET
            and other.start - MEET <= self.at <= other.end + MEET
        )


def parts(page: Sequence[Line]) -> Iterator[list[Line]]:
    """A page's lines in their order, prose and tables apart."""
    prose: list[Line] = []
    for run in _runs([*_side_by_side(page)]):
        rows = [_one(lines) for lines in run]
        table = [rows[0]] if rows[0].row else _table(rows)
        if not table:
            prose += _columns(rows) if all(len(lines) == 1 for lines in run) else itertools.chain(*run)
            continue
        if prose:
            yield prose
            prose = []
        yield table
    if prose:
        yield prose


def head_of(rows: Sequence[Sequence[Line]]) -> int:
    """How many rows at the top, two at most, are printed bold over others that are not: they name the columns."""
    bold = [all(cell.is_bold for cell in cells) for cells in rows]
    return sum(itertools.takewhile(bool, bold[:2])) if not all(bold) else 0


def _side_by_side(page: Sequence[Line]) -> Iterator[list[Line]]:
    """Lines that come one after the other at one height: pdfium ends a line before a single letter."""
    group: list[Line] = []
    for line in page:
        last = group[-1] if group else line
        shared = min(last.top, line.top) - max(last.bottom, line.bottom)
        beside = line.left - last.right > GAP * line.size and shared > 0.5 * min(last.size, line.size)
        if group and not (beside and not line.row and not last.row):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _one(lines: Sequence[Line]) -> Line:
    return lines[0] if len(lines) == 1 else around([cell for line in lines for cell in line.cells or (line,)])


def around(cells: Sequence[Line]) -> Line:
    """The line that these are the cells of."""
    return Line(
        " ".join(cell.text for cell in cells),
        min(cell.left for cell in cells),
        max(cell.right for cell in cells),
        min(cell.bottom for cell in cells),
        max(cell.top for cell in cells),
        max(cell.size for cell in cells),
        tuple(cells) if len(cells) > 1 else (),
        is_bold=all(cell.is_bold for cell in cells),
    )


def _table(rows: Sequence[Line]) -> list[Line]:
    """The rows as they are written; none where they are no table, but lines of prose, or columns of it."""
    lefts = edges([cell for row in rows for cell in row.cells])
    if len(lefts) < 2 or len(rows) < 2:
        return []
    if statistics.fmean(len(cell.text) for row in rows for cell in row.cells or (row,)) > PROSE:
        return []
    texts = [_texts(row, lefts) for row in rows]
    head = head_of([row.cells or (row,) for row in rows])
    return [replace(row, row=text) for row, text in zip(rows, tables.lines(texts, head), strict=True)]


def continued(rows: Sequence[Line], above: Sequence[Line]) -> Sequence[Line]:
    """The rows at the top of a page with the names of the table that the page before ended with, where they have its
    columns and no names of their own; else as they are."""
    both = [[cell for row in part for cell in row.cells] for part in (above, rows)]
    lefts = edges([cell for cells in both for cell in cells])
    if len(lefts) < 2 or any(len(edges(cells)) != len(lefts) for cells in both):
        return rows
    first, texts = ([_texts(row, lefts) for row in part] for part in (above[:_TOP], rows))
    if tables.are_named(texts):
        return rows
    written = tables.lines([*first, *texts], head_of([row.cells or (row,) for row in above[:_TOP]]))[len(first) :]
    return [replace(row, row=text) for row, text in zip(rows, written, strict=True)]


def _texts(row: Line, lefts: Sequence[float]) -> list[str]:
    return [" ".join(cell.text for cell in place) for place in _placed(row, lefts)]


def _columns(rows: Sequence[Line]) -> Iterator[Line]:
    """Columns of prose that were drawn row by row, one after the other."""
    lefts = edges([cell for row in rows for cell in row.cells])
    if len(lefts) < 2 or len(rows) < 2:
        yield from rows
        return
    placed = [_placed(row, lefts) for row in rows]
    for column in range(len(lefts)):
        for row in placed:
            yield from row[column]


def _runs(page: Sequence[list[Line]]) -> Iterator[Sequence[list[Line]]]:
    """Rows one under another, and each line between them alone, as well as one that is written already."""
    at = 0
    while at < len(page):
        end = at
        while end < len(page) and _is_row(page, at, end):
            end += 1
        yield page[at : max(end, at + 1)]
        at = max(end, at + 1)


def _is_row(page: Sequence[list[Line]], start: int, at: int) -> bool:
    """Whether the line at `at` goes on with the rows from `start`; one without gaps does where a row follows."""
    line = page[at][0]
    if line.row:
        return False
    if at > start and not 0 < page[at - 1][0].top - line.top < _STEP * line.size:
        return False
    return _has_gaps(page[at]) or (start < at < len(page) - 1 and _has_gaps(page[at + 1]))


def _has_gaps(lines: Sequence[Line]) -> bool:
    return len(lines) > 1 or bool(lines[0].cells)


def edges(cells: Iterable[Line]) -> list[float]:
    """Where the columns begin: those of which no cell reaches into the next."""
    lefts: list[float] = []
    reach = float("-inf")
    for cell in sorted(cells, key=lambda cell: cell.left):
        if cell.left > reach:
            lefts.append(cell.left)
        reach = max(reach, cell.right)
    return lefts


def _placed(line: Line, lefts: Sequence[float]) -> list[list[Line]]:
    """The cells of a line, by column."""
    row: list[list[Line]] = [[] for _ in lefts]
    for cell in line.cells or (line,):
        row[max(0, sum(left <= cell.left + 1 for left in lefts) - 1)].append(cell)
    return row
