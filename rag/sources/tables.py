"""Rows of cells -> lines that can be read and quoted one by one.

A row is written with its column names, "City: Lyon | Population: 513000", since a row that a search
finds alone would otherwise say numbers without saying of what. Cells are never altered.
"""

import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from rag.errors import SourceFault

_NUMBER = re.compile(r"[-+(]?[\d.,\s]*\d[\d.,\s]*[%)]?")
_SENTENCE = re.compile(r" .*[.]$|[!?。！？]$")
_LONGEST_NAME = 80
_DIGIT = re.compile(r"\d")
_YEAR = re.compile(r"(?:1[5-9]|2[01])\d\d")
_SEPARATOR = re.compile(r"sep=(.)\s*\n", re.I)  # the line that Excel writes above a CSV file
csv.field_size_limit(1 << 24)  # a cell may hold an article


def lines(rows: Iterable[Sequence[str]], head: int = 0) -> list[str]:
    """One line a row that has any text; an empty row ends a table. `head`: so many rows are known to name the columns.

    Where none is known, the first row of two cells or more names them if all of it is different words, and figures
    stand under one of these; or if it holds years in even steps over something else. Where a row of spanning names
    stands above, both name them. A row under names leaves out what is empty; without names an empty cell keeps its
    place.
    """
    tidy = ([" ".join(cell.split()) for cell in row] for row in rows)
    blocks = [list(block) for filled, block in itertools.groupby(tidy, key=any) if filled]
    written: list[str] = []
    for at, block in enumerate(blocks):
        above = blocks[at - 1] if at and len(block) == 1 and _is_sum(block[0], blocks[at - 1]) else []
        written += [*_table([*above, *block], 0 if at > bool(above) else head)][len(above) :]
    return written


def _is_sum(row: Sequence[str], above: Sequence[Sequence[str]]) -> bool:
    """Whether a row that stands alone below a table, with more than a word, has no column that the table has not."""
    used = {column for line in above for column, cell in enumerate(line) if cell}
    return len(above) > 1 < _filled(row) and all(column in used for column, cell in enumerate(row) if cell)


def are_named(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first of these rows, all of one width, name the columns."""
    return bool(_names(rows, 0)[1])


def _table(rows: Sequence[Sequence[str]], head: int) -> Iterator[str]:
    width = max(map(len, rows))
    padded = [[*row, *[""] * (width - len(row))] for row in rows]
    used = [column for column in range(width) if any(row[column] for row in padded)]
    table = [[row[column] for column in used] for row in padded]
    first = next((at for at, row in enumerate(table) if _filled(row) > 1), len(table))
    names, count = _names(table[first:], head - first)
    for at, row in enumerate(table):
        if at < first + count or not names:
            end = max(column for column, cell in enumerate(row, 1) if cell)
            alone = _filled(row) == 1 and at < first
            yield row[end - 1] if alone else " ".join(" | ".join(row[:end]).split())  # of an empty cell "a | | c"
        elif _filled(row) == 1 and row[0]:
            yield row[0]
        else:
            yield " | ".join(f"{name}: {cell}" if name else cell for name, cell in zip(names, row, strict=True) if cell)


def _names(rows: Sequence[Sequence[str]], head: int) -> tuple[Sequence[str], int]:
    """The names of the columns, and how many rows they are; none and 0 where there are no names."""
    if len(rows) < 2:
        return (), 0
    both = [" ".join(dict.fromkeys(filter(None, pair))) for pair in zip(rows[0], rows[1], strict=True)]
    if head > 0:
        names, count = (both, 2) if head > 1 else (rows[0], 1)
        return (names, count) if _are_different(names) else ((), 0)
    if _are_years(rows[0], rows[1]) or (_are_different(rows[0]) and _stand_over_figures(rows[0], rows[1:])):
        return rows[0], 1
    if _filled(rows[1]) > 1 and _are_different(both) and _stand_over_figures(both, rows[2:]):
        return both, 2
    return (), 0


def _filled(row: Sequence[str]) -> int:
    return sum(map(bool, row))


def _are_different(row: Sequence[str]) -> bool:
    return len(set(filter(None, row))) == _filled(row) > 1


def _stand_over_figures(names: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether all of `names` are words and no sentence, and figures stand in most cells under one that has none."""
    if any(_NUMBER.fullmatch(name) or _SENTENCE.search(name) or len(name) > _LONGEST_NAME for name in names):
        return False
    for name, *cells in zip(names, *rows, strict=True):
        filled = [bool(_DIGIT.search(cell)) for cell in cells if cell]
        if name and not _DIGIT.search(name) and 2 * sum(filled) > len(filled):
            return True
    return False


def _are_years(row: Sequence[str], below: Sequence[str]) -> bool:
    """Whether the figures of a row are years in even steps, up or down, and those below them are not years too."""
    figures = [(cell, under) for cell, under in zip(row, below, strict=True) if _NUMBER.fullmatch(cell)]
    if len(figures) < 2 or not all(_YEAR.fullmatch(cell) for cell, _ in figures):
        return False
    steps = {int(after) - int(before) for (before, _), (after, _) in itertools.pairwise(figures)}
    words = [cell for cell in row if cell and not _NUMBER.fullmatch(cell)]
    return (
        len(steps) == 1
        and 0 not in steps
        and len(set(words)) == len(words)
        and not all(_YEAR.fullmatch(under) for _, under in figures)
    )


def read_csv(text: str, uri: str) -> str:
    """The rows of a CSV or TSV file as `lines` writes them. Raises SourceFault where a cell has no end."""
    said = _SEPARATOR.match(text)
    text = text[said.end() :] if said else text
    try:
        dialect: type[csv.Dialect] = csv.Sniffer().sniff(text[:8192], delimiters=said.group(1) if said else ",;\t|")
    except csv.Error:
        dialect = _evident(text)
    try:
        _check_ends(text, dialect)
        return "\n".join(lines(csv.reader(io.StringIO(text, newline=""), dialect)))
    except csv.Error as error:
        raise SourceFault(f"{uri} is not a table that can be read ({error}). Check its quotation marks.") from error


def _evident(text: str) -> type[csv.Dialect]:
    """Cells between the sign that most lines have as often."""

    def alike(sign: str) -> int:
        counts = Counter(line.count(sign) for line in text[:8192].splitlines() if sign in line)
        return max(counts.values(), default=0)

    class Evident(csv.excel):
        delimiter = max(",;\t|", key=alike)

    return Evident


def _check_ends(text: str, dialect: type[csv.Dialect]) -> None:
    """Raises csv.Error where a quotation mark is never closed: the rest of the file would be one cell."""
    try:
        for _ in csv.reader(io.StringIO(text, newline=""), dialect, strict=True):
            pass
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise
