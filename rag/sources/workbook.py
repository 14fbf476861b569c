"""Excel files -> plain text: every cell as it is shown, with its column's name."""

import datetime
import io
import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any
from xml.parsers.expat import ExpatError

from lxml import etree  # type: ignore[import-untyped]

from rag.errors import SourceFault
from rag.sources import tables
from rag.sources.office import DAMAGE, counted, damaged, with_properties
from rag.sources.pictures import Pictures, part
from rag.types import Page

_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=\"(\w+:\w+)\"")
_CELL_END = re.compile(rb"</(?:\w+:)?c>")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_VALUE = re.compile(rb"<(?:\w+:)?v>[^<]")
_MOST_CELLS = 10_000_000  # of a sheet, those between the filled ones included
_LAST_ROW = 1_048_576  # that Excel has
_LONGEST_SPAN = 10_000  # cells that one merged cell may cover
_ID = re.compile(r"0[0-]*0")  # a format such as 00000 or 000-0000: of a number that is a name

Place = tuple[int, int]


def read_xlsx(content: bytes, uri: str) -> Page:
    """Sheet by sheet: its name, then its rows (see `tables.lines`), with the values that Excel last showed; a merged
    cell is said in each that it covers, notes and what pictures show come last, hidden sheets are left out. Raises
    SourceFault where it is damaged."""
    import openpyxl  # type: ignore[import-untyped]
    from openpyxl.utils.exceptions import InvalidFileException  # type: ignore[import-untyped]

    try:
        workbook = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            sheets, pictures, empty = [], Pictures(), 0
            visible = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
            for sheet in visible:
                sheet.reset_dimensions()  # what the file says of its size may be wrong
                written = archive.read(sheet._worksheet_path)
                merged = _merged(written)  # openpyxl tells them only where it holds all cells
                empty += _uncounted(written)
                noted = _notes(archive, sheet._worksheet_path)
                seen = [line for image in _images(archive, sheet._worksheet_path) for line in pictures.lines(image)]
                if rows := [*tables.lines(_rows(sheet, merged, uri)), *noted, *seen]:
                    sheets.append("\n".join((sheet.title, *rows)))
    except (*DAMAGE, etree.LxmlError, ExpatError, SyntaxError, InvalidFileException) as error:
        raise damaged(uri, error) from error
    hidden = counted(len(workbook.worksheets) - len(visible), "hidden sheet")
    formulas = counted(empty, "unreckoned formula")
    left_out = ", ".join(filter(None, (hidden, formulas, pictures.left_out)))
    return replace(with_properties(content, uri, "\n\n".join(sheets)), left_out=left_out)


def _uncounted(sheet: bytes) -> int:
    """The cells of which the file has but the formula: the program that wrote it has not reckoned them."""
    formulas = (cell for cell in _CELL_END.split(sheet) if _FORMULA.search(cell))
    return sum(not _VALUE.search(cell) and b't="str"' not in cell for cell in formulas)


def _notes(archive: zipfile.ZipFile, sheet: str) -> list[str]:
    """What is noted on the cells of a sheet."""
    found = []
    for place in _related(archive, sheet, "comments"):
        for note in _parsed(archive, place).iter("{*}comment") if place in archive.namelist() else ():
            said = " ".join("".join(piece.text or "" for piece in note.iter("{*}t")).split())
            found += [f"[{note.get('ref')}] {said}"] if said else []
    return found


def _images(archive: zipfile.ZipFile, sheet: str) -> Iterator[bytes | None]:
    """The files of the pictures on a sheet, in the order in which they are drawn there; None for one that is not in the
    workbook."""
    for drawing in _related(archive, sheet, "drawing"):
        for image in _related(archive, drawing, "image"):
            yield part(archive, image)


def _related(archive: zipfile.ZipFile, of: str, kind: str) -> Iterator[str]:
    """The parts of this kind that a part of the workbook names."""
    folder, name = posixpath.split(of.lstrip("/"))
    rels = f"{folder}/_rels/{name}.rels"
    if rels not in archive.namelist():
        return
    for one in _parsed(archive, rels):
        if str(one.get("Type", "")).endswith(f"/{kind}"):
            yield posixpath.normpath(posixpath.join("/", folder, one.get("Target", ""))).lstrip("/")


def _rows(sheet: Any, merged: Mapping[Place, Place], uri: str) -> Iterator[list[str]]:
    spanning = set(merged.values())
    reach: dict[int, int] = {}
    for number, column in merged:
        reach[number] = max(reach.get(number, 0), column)
    said: dict[Place, str] = {}
    walked = 0
    for number, row in enumerate(sheet.iter_rows(), 1):
        walked += len(row)
        if walked > _MOST_CELLS or number > _LAST_ROW:  # openpyxl walks to a row a billion rows on as well
            raise SourceFault(f"{uri} has a sheet of more than {_MOST_CELLS:,} cells. Split it into smaller sheets.")
        cells = [shown(cell.value, cell.number_format) if cell.value is not None else "" for cell in row]
        cells += [""] * (reach.get(number, 0) - len(cells))
        said |= {(number, at): cell for at, cell in enumerate(cells, 1) if (number, at) in spanning}
        places = [merged.get((number, at), (number, at)) for at in range(1, len(cells) + 1)]
        if len({place for place, cell in zip(places, cells, strict=True) if cell or place in said}) > 1:
            cells = [said.get(place, cell) for place, cell in zip(places, cells, strict=True)]
        yield cells  # a title over all columns stands alone, and is said once


def _merged(sheet: bytes) -> dict[Place, Place]:
    """(row, column) of each cell that a merged one covers -> those of the latter."""
    from openpyxl.utils.cell import range_boundaries  # type: ignore[import-untyped]

    places: dict[Place, Place] = {}
    for found in _MERGED.findall(sheet):
        left, top, right, bottom = range_boundaries(found.decode("ascii"))
        if (right - left + 1) * (bottom - top + 1) <= _LONGEST_SPAN:
            covered = ((row, column) for row in range(top, bottom + 1) for column in range(left, right + 1))
            places |= dict.fromkeys(covered, (top, left))
    return places


def _parsed(archive: zipfile.ZipFile, name: str) -> Any:
    return etree.fromstring(archive.read(name), etree.XMLParser(resolve_entities=False, no_network=True))


def shown(value: object, form: str) -> str:
    """A value as Excel shows it by the number format `form`, with all its digits: 7.5% is 0.075 in the file, 37:30 a
    duration, 00734 a number. No midnight after a date, no ".0" after a whole number."""
    match value:
        case bool():
            return str(value).upper()
        case datetime.datetime():
            return value.isoformat(" ") if value.time() != datetime.time() else value.date().isoformat()
        case datetime.timedelta():
            minutes, seconds = divmod(int(value.total_seconds()), 60)
            return f"{minutes // 60}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")
        case int() | float() if "%" in form.split(";")[0]:
            return f"{_digits(Decimal(format(value, '.15g')) * 100)}%"
        case int() if value >= 0 and _ID.fullmatch(bare := re.sub(r'[\\"]', "", form)):
            digits = str(value).zfill(bare.count("0"))
            return digits[: -bare.count("0")] + _filled(bare, digits[-bare.count("0") :])
        case int():
            return str(value)
        case float():
            return _digits(Decimal(format(value, ".15g")))  # 0.1 + 0.2 is 0.3 in Excel, which keeps 15 digits
        case _:
            return str(value)


def _filled(form: str, digits: str) -> str:
    """The digits in the places of the zeros of `form`, as many."""
    left = iter(digits)
    return "".join(next(left) if place == "0" else place for place in form)


def _digits(value: Decimal) -> str:
    """Without an exponent, unless the number has more digits than are kept."""
    return format(value.normalize(), "f") if value.adjusted() < 15 else format(float(value), ".15g")
