"""Sheets: what they do not show is no evidence, and what their charts draw is."""

import io
import zipfile
from collections.abc import Callable

import xlsxwriter

from rag.sources.extract import extract
from rag.types import Page
from tests.sources import made_sources as made

ROWS = (
    ("Well", "Depth", "Key", "Share"),
    ("Brunn", 41, "x9", 0.075),
    ("Ost", 12.5, "y9", 0.925),
    ("Nord", 77, "z9", 1),
)


def read(change: Callable[..., object]) -> Page:
    return extract(written(change), "a.xlsx")


def written(change: Callable[..., object]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet("Wells")
    for number, row in enumerate(ROWS):
        sheet.write_row(number, 0, row)
    change(book, sheet)
    book.close()
    return out.getvalue()


def test_hidden_rows_and_columns_are_left_out_and_told() -> None:
    def change(book, sheet):
        sheet.set_row(3, None, None, {"hidden": True})
        sheet.set_row(9, None, None, {"hidden": True})  # which holds nothing
        sheet.set_column(2, 2, None, None, {"hidden": True})
        sheet.set_column(20, 16_000, None, None, {"hidden": True})
        sheet.write_comment("B2", "Seen.")
        sheet.write_comment("B4", "In a hidden row.")
        sheet.write_comment("C2", "In a hidden column.")

    page = read(change)
    assert page.text.split("\n") == [
        "Wells",
        "Well | Depth | Share",
        "Well: Brunn | Depth: 41 | Share: 0.075",
        "Well: Ost | Depth: 12.5 | Share: 0.925",
        "[B2] Seen.",
    ]
    assert page.left_out == "1 hidden row, 1 hidden column"


def test_what_a_filter_hides_is_hidden() -> None:
    def change(book, sheet):
        sheet.autofilter("A1:D4")
        sheet.filter_column("A", "x == Ost")
        for row in (1, 3):
            sheet.set_row(row, options={"hidden": True})

    page = read(change)
    assert page.text == "Wells\nWell | Depth | Key | Share\nWell: Ost | Depth: 12.5 | Key: y9 | Share: 0.925"
    assert page.left_out == "2 hidden rows"


SHEET = """<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><office:automatic-styles>
 <style:style style:name="off" style:family="table"><style:table-properties table:display="false"/></style:style>
 </office:automatic-styles><office:body><office:spreadsheet>
 <table:table table:name="Wells"><table:table-column/><table:table-column table:visibility="collapse"
 table:number-columns-repeated="2"/><table:table-column table:number-columns-repeated="16381"/>{}</table:table>
 <table:table table:name="Draft" table:style-name="off"><table:table-column/>{}</table:table>
</office:spreadsheet></office:body></office:document-content>"""


def row(*cells: str, seen: str = "visible") -> str:
    written = "".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in cells)
    return f'<table:table-row table:visibility="{seen}">{written}</table:table-row>'


def test_what_an_opendocument_sheet_does_not_show() -> None:
    alike = '<table:table-cell table:number-columns-repeated="3"><text:p>12</text:p></table:table-cell>'
    rows = [row("Well", "Key", "Mark", "Depth"), row("Brunn", "x", "", "41"), row("Nord", "", "", "77", seen="filter")]
    rows += [f"<table:table-row><table:table-cell><text:p>Ost</text:p></table:table-cell>{alike}</table:table-row>"]
    content = SHEET.format("".join(rows), row("Not to be seen"))
    packed = made.packed({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": content})
    page = extract(packed, "a.ods")
    assert page.text == "Well | Depth\nWell: Brunn | Depth: 41\nWell: Ost | Depth: 12"
    assert page.left_out == "1 hidden sheet, 1 hidden row, 2 hidden columns"


def chart(book: xlsxwriter.Workbook, title: str) -> object:
    made = book.add_chart({"type": "column"})
    made.set_title({"name": title})
    made.add_series({"name": "=Wells!$B$1", "categories": "=Wells!$A$2:$A$4", "values": "=Wells!$B$2:$B$4"})
    made.add_series({"name": "Portion", "categories": "=Wells!$A$2:$A$4", "values": "=Wells!$D$2:$D$4"})
    return made


def test_charts_say_their_titles_names_and_numbers_on_a_sheet_and_as_one() -> None:
    def change(book, sheet):
        sheet.insert_chart("F2", chart(book, "Depth of wells"))
        book.add_chartsheet("Plot").set_chart(chart(book, "The same again"))
        hidden = book.add_chartsheet("Draft")
        hidden.set_chart(chart(book, "Not to be seen"))
        hidden.hide()

    lines = read(change).text.split("\n")
    at = lines.index("[Chart] Depth of wells")
    assert lines[at + 2 : at + 4] == ["Brunn | Depth: 41 | Portion: 0.075", "Ost | Depth: 12.5 | Portion: 0.925"]
    assert lines.index("Plot") + 1 == lines.index("[Chart] The same again")
    assert not any("Not to be seen" in line or line == "Draft" for line in lines)


def repacked(content: bytes, change: Callable[[str, bytes], tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as read_from, zipfile.ZipFile(out, "w") as written:
        for name in read_from.namelist():
            written.writestr(*change(name, read_from.read(name)))
    return out.getvalue()


def test_the_main_part_may_have_any_name() -> None:
    content = written(lambda book, sheet: book.add_chartsheet("Plot").set_chart(chart(book, "Depth of wells")))
    names = ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")
    other = repacked(
        content,
        lambda name, part: (
            name.replace("workbook", "book") if name in names else name,
            part.replace(b"xl/workbook.xml", b"xl/book.xml"),
        ),
    )
    assert extract(other, "a.xlsx").text == extract(content, "a.xlsx").text
    assert "[Chart] Depth of wells" in extract(other, "a.xlsx").text


def test_a_program_may_quote_what_it_hides_otherwise() -> None:
    def change(book, sheet):
        sheet.set_row(3, None, None, {"hidden": True})
        sheet.set_column(2, 2, None, None, {"hidden": True})

    content = written(change)
    other = repacked(
        content, lambda name, part: (name, part.replace(b'"', b"'") if name.startswith("xl/worksheets/s") else part)
    )
    assert extract(other, "a.xlsx").text == extract(content, "a.xlsx").text
    assert extract(other, "a.xlsx").left_out == "1 hidden row, 1 hidden column"


def test_points_are_shown_by_their_formats() -> None:
    from lxml import etree

    from rag.sources import charts

    space = "http://schemas.openxmlformats.org/drawingml/2006/chart"
    points = '<c:{0}><c:numRef><c:numCache><c:formatCode>{1}</c:formatCode><c:pt idx="0"><c:v>{2}</c:v></c:pt>'
    points += "</c:numCache></c:numRef></c:{0}>"
    series = f"<c:ser>{points.format('xVal', 'yyyy-mm-dd', '45292')}{points.format('yVal', '0.0%', '0.075')}</c:ser>"
    root = etree.fromstring(f'<c:chartSpace xmlns:c="{space}"><c:chart>{series}</c:chart></c:chartSpace>')
    assert charts.lines(root) == ["[Chart]", "2024-01-01 | 7.5%"]
