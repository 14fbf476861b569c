"""Tables between drawn lines: which cell a text stands in is seen, and not guessed from gaps."""

import itertools
import statistics
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from ctypes import c_float, c_int
from dataclasses import dataclass, replace
from typing import Any

from pypdfium2 import raw

from rag.sources import tables
from rag.sources.glyphs import Frame
from rag.sources.layout import joined
from rag.sources.printed import MEET, PROSE, Line, Rule, around, edges, head_of

_MOST = (20_000, 500)  # straight parts that are drawn on a page, and whole lines: more are a map or a chart
_LONGEST = 600  # characters: a longer cell is a part of a page that is laid out in boxes
_ROOM = 6.0  # points on average that a cell has at least, from side to side and up
_SHORT = 4.0  # shorter ones are a part of a letter or of a pattern
_HEADS = 2  # lines of running heads or feet
_TOP = 3  # rows that tell by themselves what names the columns
_BEYOND = 5.0  # half heights of a line, from a drawn line to the middle of a row beyond it


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the columns of a table end, and from the top its rows; `walls` are the lines between its cells, none where
    every cell is one place."""

    xs: list[float]
    ys: list[float]
    walls: tuple[Rule, ...] = ()

    def holds(self, cell: Line) -> bool:
        x, y = (cell.left + cell.right) / 2, (cell.bottom + cell.top) / 2
        return self.xs[0] < x < self.xs[-1] and self.ys[-1] < y < self.ys[0]


@dataclass(frozen=True, slots=True)
class Table:
    """What a table on the next page may go on with: the first rows, of which `head` are known to name the columns."""

    xs: tuple[float, ...]
    top: tuple[tuple[str, ...], ...]
    head: int

    def goes_on(self, grid: Grid, lines: Sequence[Line]) -> bool:
        """Whether `grid` has these columns and begins its page, but for a running head."""
        return (
            len(grid.xs) == len(self.xs)
            and all(abs(one - other) <= MEET for one, other in zip(grid.xs, self.xs, strict=True))
            and sum(line.bottom > grid.ys[0] for line in lines) <= _HEADS
        )


def grids(page: Any) -> list[Grid]:
    """What the lines that are drawn on a pypdfium2 page, as it is shown, divide it into, from the top."""
    return sorted(filter(_has_room, _grids(_rules(page))), key=lambda grid: -grid.ys[0])


def _has_room(grid: Grid) -> bool:
    """Whether words fit in its cells: else it is hatching, or a part of a drawing."""
    columns, rows = len(grid.xs) - 1, len(grid.ys) - 1
    return grid.xs[-1] - grid.xs[0] > _ROOM * columns and grid.ys[0] - grid.ys[-1] > _ROOM * rows


def _rules(page: Any) -> list[Rule]:
    """The drawn lines, each whole."""
    frame = Frame.of(page)
    found, parts = [], 0
    for path in page.get_objects([raw.FPDF_PAGEOBJ_PATH], max_depth=3):
        for box in _strokes(path):
            parts += 1
            left, right, bottom, top = frame.turned(box)
            if right - left < MEET and top - bottom > _SHORT:
                found.append(Rule(True, (left + right) / 2, bottom, top))
            elif top - bottom < MEET and right - left > _SHORT:
                found.append(Rule(False, (top + bottom) / 2, left, right))
        if parts > _MOST[0]:
            return []
    whole = [rule for stands in (True, False) for rule in _whole(rule for rule in found if rule.stands == stands)]
    return whole if len(whole) <= _MOST[1] else []


def with_rows(lines: Sequence[Line], found: Sequence[Grid], above: Table | None) -> tuple[list[Line], Table | None]:
    """The lines of a page, those of the tables in its grids as rows, each table at the place of its first line; and the
    table that may go on over the page. `above` is the one that the page before gave."""
    result, last = list(lines), None
    for grid in found:
        whole = grid if len(grid.xs) > 2 else _with_columns(grid, result)
        if whole is None:
            continue
        whole = _with_bands(whole, result)
        rows = _rows([cell for cell in _cells(result) if whole.holds(cell)], whole)
        texts = tuple(texts for texts, _ in rows)
        if sum(len(set(filter(None, row))) > 1 for row in texts) < 2 or max(map(len, sum(texts, ()))) > _LONGEST:
            continue
        head = max(_head(whole), head_of([row.cells or (row,) for _, row in rows]))
        goes_on = above if above and above.goes_on(whole, result) and not (head or tables.are_named(texts)) else None
        top, head = (goes_on.top, goes_on.head) if goes_on else ((), head)
        written = tables.lines([*top, *texts], head)[len(top) :]
        told = [replace(row, row=text) for (_, row), text in zip(rows, written, strict=True)]
        result = _in_place(result, whole, told)
        ends = sum(line.top < whole.ys[-1] for line in result) <= _HEADS
        last = Table(tuple(whole.xs), top or texts[:_TOP], head) if ends else None
        above = None
    return result, last


def _in_place(lines: Sequence[Line], grid: Grid, rows: list[Line]) -> list[Line]:
    result: list[Line] = []
    for line in lines:
        cells = line.cells or (line,)
        left = [cell for cell in cells if line.row or not grid.holds(cell)]
        if len(left) < len(cells):
            result, rows = [*result, *rows, *left], []
        else:
            result.append(line)
    return result


def _cells(lines: Iterable[Line]) -> Iterator[Line]:
    for line in lines:
        if not line.row:
            yield from line.cells or (line,)


def _with_columns(grid: Grid, lines: Sequence[Line]) -> Grid | None:
    """A group of lines that only lie, with the columns that gaps leave between them, and with a row above the first
    line and one below the last that have these columns too; None where prose stands between the lines."""
    cells = list(_cells(lines))
    inside = [cell for cell in cells if grid.holds(cell)]
    if not inside or statistics.fmean(len(cell.text) for cell in inside) > PROSE:
        return None
    ys, lefts = list(grid.ys), edges(inside)
    for at, step in ((ys[0], 1), (ys[-1], -1)):
        beyond = [cell for cell in cells if 0 < step * (cell.bottom + cell.top - 2 * at) < _BEYOND * cell.size]
        beyond = [cell for cell in beyond if grid.xs[0] <= cell.left and cell.right <= grid.xs[1] + MEET]
        nearest = min((abs(cell.bottom + cell.top - 2 * at) for cell in beyond), default=0.0)
        beyond = [cell for cell in beyond if abs(cell.bottom + cell.top - 2 * at) < nearest + cell.size]
        if len(beyond) > 1 and len(both := edges([*inside, *beyond])) == len(lefts):
            ys += [max(cell.top for cell in beyond) if step > 0 else min(cell.bottom for cell in beyond)]
            lefts, inside = both, [*inside, *beyond]
    return Grid([grid.xs[0], *lefts[1:], grid.xs[1]], sorted(ys, reverse=True)) if len(lefts) > 1 else None


def _with_bands(grid: Grid, lines: Sequence[Line]) -> Grid:
    """Where one line parts the head from all of the body, each line of its first column begins a row."""
    if len(grid.ys) != 3:
        return grid
    body = Grid(grid.xs[:2], grid.ys[1:])
    tops = _distinct(cell.top for cell in _cells(lines) if body.holds(cell))[::-1]
    return replace(grid, ys=[*grid.ys[:2], *(top + 1 for top in tops[1:]), grid.ys[2]], walls=()) if tops[1:] else grid


def _strokes(path: Any) -> Iterator[tuple[float, float, float, float]]:
    """(left, right, bottom, top) of each straight part, and of thin areas that are filled."""
    fill, stroke = c_int(), c_int()
    raw.FPDFPath_GetDrawMode(path, fill, stroke)
    matrix = path.get_matrix()
    x, y = c_float(), c_float()
    shapes: list[list[tuple[float, float]]] = []
    for index in range(raw.FPDFPath_CountSegments(path)):
        segment = raw.FPDFPath_GetPathSegment(path, index)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        if raw.FPDFPathSegment_GetType(segment) == raw.FPDF_SEGMENT_MOVETO or not shapes:
            shapes.append([])
        shapes[-1].append(matrix.on_point(x.value, y.value))
        if raw.FPDFPathSegment_GetClose(segment):
            shapes[-1].append(shapes[-1][0])
    for shape in shapes:
        for part in itertools.pairwise(shape) if stroke.value else [shape]:
            across, up = [point[0] for point in part], [point[1] for point in part]
            yield min(across), max(across), min(up), max(up)


def _whole(found: Iterable[Rule]) -> Iterator[Rule]:
    """Lines of one direction, those that go on in one another joined."""
    whole: list[Rule] = []
    for rule in sorted(found, key=lambda rule: (round(rule.at / MEET), rule.start)):
        last = whole[-1] if whole else None
        if last and abs(last.at - rule.at) < MEET and rule.start <= last.end + MEET:
            whole[-1] = replace(last, end=max(last.end, rule.end))
        else:
            whole.append(rule)
    yield from whole


def _grids(drawn: Sequence[Rule]) -> Iterator[Grid]:
    """Of each group of lines that meet; and of lines that only lie, one under another, which have no columns yet."""
    left = list(drawn)
    lying: dict[tuple[int, int], list[Rule]] = {}
    while left:
        group, todo = [], [left.pop()]
        while todo:
            rule = todo.pop()
            group.append(rule)
            todo += [other for other in left if rule.meets(other)]
            left = [other for other in left if not rule.meets(other)]
        if len(group) == 1 and not rule.stands:
            lying.setdefault((round(rule.start / MEET), round(rule.end / MEET)), []).append(rule)
        xs = _distinct(x for rule in group for x in ((rule.at,) if rule.stands else (rule.start, rule.end)))
        ys = _distinct(y for rule in group for y in ((rule.start, rule.end) if rule.stands else (rule.at,)))
        if len(xs) > 2 and len(ys) > 2:
            yield Grid(xs, ys[::-1], tuple(group))
    for group in lying.values():
        if len(group) > 2:
            yield Grid([group[0].start, group[0].end], _distinct(rule.at for rule in group)[::-1])


def _distinct(places: Iterable[float]) -> list[float]:
    found: list[float] = []
    for place in sorted(places):
        if not found or place - found[-1] > MEET:
            found.append(place)
    return found


Owners = dict[tuple[int, int], tuple[int, int]]


def _owners(grid: Grid) -> Owners:
    """(row, column) -> the first place of the cell that covers it: no line parts it from the one before or above."""

    def is_parted(stands: bool, at: float, middle: float) -> bool:
        return any(
            wall.stands == stands and abs(wall.at - at) <= MEET and wall.start <= middle <= wall.end
            for wall in grid.walls
        )

    xs, ys, owners = grid.xs, grid.ys, Owners()
    for row, column in itertools.product(range(len(ys) - 1), range(len(xs) - 1)):
        x, y = (xs[column] + xs[column + 1]) / 2, (ys[row] + ys[row + 1]) / 2
        if not grid.walls:
            owners[row, column] = (row, column)
        elif column and not is_parted(True, xs[column], y):
            owners[row, column] = owners[row, column - 1]
        elif row and not is_parted(False, ys[row], x):
            owners[row, column] = owners[row - 1, column]
        else:
            owners[row, column] = (row, column)
    return owners


def _rows(inside: Sequence[Line], grid: Grid) -> list[tuple[tuple[str, ...], Line]]:
    """The texts of each row that has any, one a column, and the row as a line. A text that spans others is said in each
    of them, a title over all columns once."""
    owners, down = _owners(grid), [-y for y in grid.ys]
    held: dict[tuple[int, int], list[Line]] = {}
    for cell in inside:
        x = (cell.left + cell.right) / 2 if grid.walls else cell.left + 1
        place = bisect_right(down, -(cell.bottom + cell.top) / 2) - 1, max(0, bisect_right(grid.xs, x) - 1)
        held.setdefault(owners[place], []).append(cell)
    texts = {place: joined(sorted(cells, key=lambda cell: -cell.top)) for place, cells in held.items()}
    rows = []
    for row in range(len(grid.ys) - 1):
        places = [owners[row, column] for column in range(len(grid.xs) - 1)]
        cells = [cell for place in dict.fromkeys(places) for cell in held.get(place, ())]
        if cells:
            said = [texts.get(place, "") for place in places]
            said = said if len(set(places)) > 1 else [said[0], *[""] * (len(said) - 1)]
            rows.append((tuple(said), around(cells)))
    return rows


def _head(grid: Grid) -> int:
    """2 where cells of the first row span others, and those of the second do not; 0 where that is not seen."""
    owners, columns = _owners(grid), range(len(grid.xs) - 1)
    first, second = ({owners[row, column] for column in columns} for row in (0, 1))
    return 2 if 1 < len(first) < len(columns) == len(second) else 0
