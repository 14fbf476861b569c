"""A table of checked answers as CSV and as an Excel workbook: each value with its verdict and its quote.

What a page or an answer says is never a formula: a spreadsheet would run one when the file is opened.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_NUMBER = re.compile(r"[+-]?\d[\d.,]*\s?[%％]?")
_RUN = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "＝",
    "＋",
    "－",
    "＠",
)  # what spreadsheets take a cell that begins so for
_LONGEST = 32_000  # characters of a cell; Excel holds 32,767
_WIDTH = 40


@dataclass(frozen=True, slots=True)
class Told:
    """One cell as it is written: its value, its verdict, and the quote with its place, "" where it abstained."""

    value: str
    verdict: str
    quote: str
    place: str


@dataclass(frozen=True, slots=True)
class Written:
    """A table as it is written: `rows` are (title, address), `cells` by (row, column); a cell that was not reached is
    not there."""

    columns: Sequence[str]
    rows: Sequence[tuple[str, str]]
    cells: Mapping[tuple[int, int], Told]


NAMES: Mapping[str, tuple[str, str]] = {
    "source": ("Source", "资料"),
    "address": ("Address", "地址"),
    "table": ("Table", "表格"),
    "evidence": ("Evidence", "依据"),
    "column": ("Column", "列"),
    "value": ("Value", "内容"),
    "verdict": ("Verdict", "结论"),
    "quote": ("Quote", "引文"),
    "place": ("Place", "位置"),
}


def as_csv(table: Written, language: str = "en") -> str:
    """One line a source: its title and address, then of each column the value, the verdict and the quote. With the mark
    of UTF-8, without which Excel reads Chinese wrongly."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    heads = [f"{column}{part}" for column in table.columns for part in ("", *_parts(language))]
    writer.writerow(_harmless(one) for one in (_say("source", language), _say("address", language), *heads))
    for at, (title, address) in enumerate(table.rows):
        told = [table.cells.get((at, column), Told("", "", "", "")) for column in range(len(table.columns))]
        values = [value for one in told for value in (one.value, one.verdict, one.quote)]
        writer.writerow(_harmless(value) for value in (title, address, *values))
    return "\ufeff" + out.getvalue()


def as_workbook(table: Written, language: str = "en") -> bytes:
    """Two sheets: the values as one reads them, and of each its verdict, quote, place and address."""
    import openpyxl  # type: ignore[import-untyped]

    book = openpyxl.Workbook()
    values = book.active
    values.title = _say("table", language)
    _lines(values, [(_say("source", language), *table.columns), *_values(table)])
    names = ("source", "column", "value", "verdict", "quote", "place", "address")
    _lines(
        book.create_sheet(_say("evidence", language)),
        [tuple(_say(name, language) for name in names), *_evidence(table)],
    )
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _values(table: Written) -> Iterator[tuple[str, ...]]:
    for at, (title, address) in enumerate(table.rows):
        told = (table.cells.get((at, column)) for column in range(len(table.columns)))
        yield (title or address, *(one.value if one else "" for one in told))


def _evidence(table: Written) -> Iterator[tuple[str, ...]]:
    for (row, column), one in sorted(table.cells.items()):
        title, address = table.rows[row]
        yield (title or address, table.columns[column], one.value, one.verdict, one.quote, one.place, address)


def _lines(sheet: Any, lines: Sequence[Sequence[str]]) -> None:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # type: ignore[import-untyped]
    from openpyxl.styles import Alignment, Font  # type: ignore[import-untyped]
    from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]

    for at, line in enumerate(lines, start=1):
        for column, text in enumerate(line, start=1):
            cell = sheet.cell(at, column)
            cell.value = ILLEGAL_CHARACTERS_RE.sub("", text)[:_LONGEST]
            cell.data_type = "s"  # text, whatever it begins with
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if at == 1:
                cell.font = Font(bold=True)
    for column in range(1, len(lines[0]) + 1):
        sheet.column_dimensions[get_column_letter(column)].width = _WIDTH
    sheet.freeze_panes = "B2"


def _parts(language: str) -> tuple[str, str]:
    return f" — {_say('verdict', language)}", f" — {_say('quote', language)}"


def _harmless(text: str) -> str:
    """`text` so that no spreadsheet runs it; a plain number stays one."""
    return f"'{text}" if text.startswith(_RUN) and not _NUMBER.fullmatch(text) else text


def _say(name: str, language: str) -> str:
    return NAMES[name][language == "zh"]
