"""Excel files -> plain text: every cell as it is shown, with its column's name."""

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from xml.parsers.expat import ExpatError

from lxml import etree  # type: ignore[import-untyped]

from rag.errors import SourceFault
from rag.sources import charts, tables
from rag.sources.cells import shown
from rag.sources.office import DAMAGE, counted, damaged, with_properties
from rag.sources.pictures import Pictures, part
from rag.types import Page

_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"'](\w+:\w+)[\"']")
_CELL_END = re.compile(rb"</(?:\w+:)?c>")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_VALUE = re.compile(rb"<(?:\w+:)?v>[^<]")
_MOST_CELLS = 10_000_000  # of a sheet, those between the filled ones included
_LAST_ROW = 1_048_576  # that Excel has
_LONGEST_SPAN = 10_000  # cells that one merged cell may cover
_HIDDEN = rb"<(?:\w+:)?%s\s[^>]*?\bhidden=[\"'](?:1|true)[\"'][^>]*>"
_ROW, _COLUMN = (re.compile(_HIDDEN % kind) for kind in (b"row", b"col"))
_NUMBERS = re.compile(rb"\b(r|min|max)=[\"'](\d+)[\"']")

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Hidden:
    """The rows and columns of a sheet that Excel does not show, and those of them that hold something."""

    rows: frozenset[int]
    columns: tuple[range, ...]
    full_rows: set[int] = field(default_factory=set)
    full_columns: set[int] = field(default_factory=set)

    def has_column(self, column: int) -> bool:
        return any(column in columns for columns in self.columns)

    def shown(self, row: int, cells: Sequence[str]) -> list[str] | None:
        """What is seen of these cells; None of a row that is hidden."""
        if row in self.rows:
            if any(cells):
                self.full_rows.add(row)
            return None
        if not self.columns:
            return list(cells)
        unseen = {column for column in range(1, len(cells) + 1) if self.has_column(column)}
        self.full_columns.update(column for column in unseen if cells[column - 1])
        return [cell for column, cell in enumerate(cells, 1) if column not in unseen]


def read_xlsx(content: bytes, uri: str) -> Page:
    """Sheet by sheet: its name, then its rows (see `tables.lines`), with the values that Excel last showed; a merged
    cell is said in each that it covers; notes, the numbers of charts and what pictures show come last. Hidden sheets,
    rows and columns are left out, those that a filter hides as well. Raises SourceFault where it is damaged."""
    import openpyxl  # type: ignore[import-untyped]
    from openpyxl.utils.exceptions import InvalidFileException  # type: ignore[import-untyped]

    try:
        workbook = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            sheets, pictures, empty, unseen = [], Pictures(), 0, list[_Hidden]()
            visible = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
            for sheet in visible:
                sheet.reset_dimensions()  # what the file says of its size may be wrong
                written = archive.read(sheet._worksheet_path)
                merged = _merged(written)  # openpyxl tells them only where it holds all cells
                empty += _uncounted(written)
                hidden = _hidden(written)
                unseen.append(hidden)
                noted = _notes(archive, sheet._worksheet_path, hidden)
                drawn = _charts(archive, sheet._worksheet_path)
                seen = [line for image in _images(archive, sheet._worksheet_path) for line in pictures.lines(image)]
                if rows := [*tables.lines(_rows(sheet, merged, hidden, uri)), *noted, *drawn, *seen]:
                    sheets.append("\n".join((sheet.title, *rows)))
            for title, place in _chart_sheets(archive):
                sheets.append("\n".join((title, *_charts(archive, place))))
    except (*DAMAGE, etree.LxmlError, ExpatError, SyntaxError, InvalidFileException) as error:
        raise damaged(uri, error) from error
    lacking = (
        counted(len(workbook.worksheets) - len(visible), "hidden sheet"),
        counted(sum(len(one.full_rows) for one in unseen), "hidden row"),
        counted(sum(len(one.full_columns) for one in unseen), "hidden column"),
        counted(empty, "unreckoned formula"),
        pictures.left_out,
    )
    left_out = ", ".join(filter(None, lacking))
    return replace(with_properties(content, uri, "\n\n".join(sheets)), left_out=left_out)


def _uncounted(sheet: bytes) -> int:
    """The cells of which the file has but the formula: the program that wrote it has not reckoned them."""
    formulas = (cell for cell in _CELL_END.split(sheet) if _FORMULA.search(cell))
    return sum(not _VALUE.search(cell) and b't="str"' not in cell for cell in formulas)


def _hidden(sheet: bytes) -> _Hidden:
    rows = [dict(_NUMBERS.findall(row)) for row in _ROW.findall(sheet)]
    columns = [dict(_NUMBERS.findall(column)) for column in _COLUMN.findall(sheet)]
    spans = (range(int(one[b"min"]), int(one[b"max"]) + 1) for one in columns if {b"min", b"max"} <= one.keys())
    return _Hidden(frozenset(int(row[b"r"]) for row in rows if b"r" in row), tuple(spans))


def _charts(archive: zipfile.ZipFile, sheet: str) -> list[str]:
    """What the charts on a sheet say."""
    places = [chart for drawing in _related(archive, sheet, "drawing") for chart in _related(archive, drawing, "chart")]
    return [line for place in places if place in archive.namelist() for line in charts.lines(_parsed(archive, place))]


def _chart_sheets(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """(title, part) of each sheet that is but a chart, and not hidden."""
    main = next(_related(archive, "", "officeDocument"), "")
    rels = {str(one.get("Id")): one for one in _relations(archive, main)}
    for sheet in _parsed(archive, main).iterfind(".//{*}sheets/{*}sheet") if main in archive.namelist() else ():
        named = next((value for name, value in sheet.attrib.items() if etree.QName(name).localname == "id"), "")
        kind, place = (rels[named].get("Type", ""), rels[named].get("Target", "")) if named in rels else ("", "")
        if kind.endswith("/chartsheet") and sheet.get("state", "visible") == "visible":
            yield sheet.get("name", ""), _target(main, place)


def _notes(archive: zipfile.ZipFile, sheet: str, hidden: _Hidden) -> list[str]:
    """What is noted on the cells of a sheet that are shown."""
    from openpyxl.utils.cell import coordinate_to_tuple  # type: ignore[import-untyped]

    found = []
    for place in _related(archive, sheet, "comments"):
        for note in _parsed(archive, place).iter("{*}comment") if place in archive.namelist() else ():
            row, column = coordinate_to_tuple(note.get("ref", "A1"))
            if row in hidden.rows or hidden.has_column(column):
                continue
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
    """The parts of this kind that a part of the workbook names; of "", the package itself."""
    for one in _relations(archive, of):
        if str(one.get("Type", "")).endswith(f"/{kind}"):
            yield _target(of, one.get("Target", ""))


def _relations(archive: zipfile.ZipFile, of: str) -> list[Any]:
    folder, name = posixpath.split(of.lstrip("/"))
    rels = posixpath.join(folder, "_rels", f"{name}.rels")
    return list(_parsed(archive, rels)) if rels in archive.namelist() else []


def _target(of: str, place: str) -> str:
    """The part that a part of the workbook means by `place`."""
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(of), place)).lstrip("/")


def _rows(sheet: Any, merged: Mapping[Place, Place], hidden: _Hidden, uri: str) -> Iterator[list[str]]:
    spanning = set(merged.values())
    reach: dict[int, int] = {}
    for number, column in merged:
        reach[number] = max(reach.get(number, 0), column)
    said: dict[Place, str] = {}
    white: dict[int, bool] = {}

    def is_seen(cell: Any) -> bool:
        """Whether it holds something, in another colour than the paper's."""
        if cell.value is None:
            return False
        if cell._style_id not in white:
            colour = cell.font.color
            white[cell._style_id] = colour is not None and colour.rgb == "FFFFFFFF" and not cell.fill.fill_type
        return not white[cell._style_id]

    walked = 0
    for number, row in enumerate(sheet.iter_rows(), 1):
        walked += len(row)
        if walked > _MOST_CELLS or number > _LAST_ROW:  # openpyxl walks to a row a billion rows on as well
            raise SourceFault(f"{uri} has a sheet of more than {_MOST_CELLS:,} cells. Split it into smaller sheets.")
        cells = [shown(cell.value, cell.number_format) if is_seen(cell) else "" for cell in row]
        cells += [""] * (reach.get(number, 0) - len(cells))
        said |= {(number, at): cell for at, cell in enumerate(cells, 1) if (number, at) in spanning}
        places = [merged.get((number, at), (number, at)) for at in range(1, len(cells) + 1)]
        if len({place for place, cell in zip(places, cells, strict=True) if cell or place in said}) > 1:
            cells = [said.get(place, cell) for place, cell in zip(places, cells, strict=True)]
        seen = hidden.shown(number, cells)  # a title over all columns stands alone, and is said once
        if seen is not None:
            yield seen


def _merged(sheet: bytes) -> dict[Place, Place]:
    """(row, column) of each cell that a merged one covers -> those of the latter."""
    from openpyxl.utils.cell import range_boundaries

    places: dict[Place, Place] = {}
    for found in _MERGED.findall(sheet):
        left, top, right, bottom = range_boundaries(found.decode("ascii"))
        if (right - left + 1) * (bottom - top + 1) <= _LONGEST_SPAN:
            covered = ((row, column) for row in range(top, bottom + 1) for column in range(left, right + 1))
            places |= dict.fromkeys(covered, (top, left))
    return places


def _parsed(archive: zipfile.ZipFile, name: str) -> Any:
    return etree.fromstring(archive.read(name), etree.XMLParser(resolve_entities=False, no_network=True))
