"""What inputs nobody had tried turned out to say: each value is the one that a person sees."""

import io
from collections.abc import Sequence

import docx
import pytest
import xlsxwriter

from rag.sources.extract import extract

PROSE = "<p>The harbour of {} was dug between 1902 and 1909 by the county, which had bought the meadows for it.</p>"
LATER = "<p>Since 1955 the harbour master has kept a log of every ship, which is open to whoever asks at the mill.</p>"


def article(middle: str) -> str:
    page = f"<!doctype html><html><body><article><h1>Harbour</h1>{PROSE}{middle}{LATER}</article></body></html>"
    lines = extract(page.encode(), "a.html").text.split("\n")
    return "\n".join(lines[2:-1])


def sheet(rows: Sequence[tuple[float, str]]) -> list[str]:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    page = book.add_worksheet("Sheet")
    for at, (value, form) in enumerate(rows):
        page.write(at, 0, "row")
        page.write_number(at, 1, value, book.add_format({"num_format": form}))
    book.close()
    return [line.partition(" | ")[2] for line in extract(out.getvalue(), "a.xlsx").text.split("\n")[1:]]


ACCOUNTS = '_("$"* #,##0.00_);_("$"* \\(#,##0.00\\);_("$"* "-"??_);_(@_)'


@pytest.mark.parametrize(
    ("value", "form", "said"),
    [
        (1234.5, '"$"#,##0.00', "$1234.5"),
        (1234.5, "[$€-407] #,##0.00", "€ 1234.5"),
        (1234.5, "#,##0.00\\ [$kr-414]", "1234.5 kr"),
        (-4200.5, ACCOUNTS, "-$4200.5"),
        (12345678, '0.0,,"M"', "12.345678M"),
        (-4200, "#,##0;(#,##0)", "-4200"),
        (75, '0" km/h"', "75 km/h"),
        (0, '"Yes";"Yes";"No"', "No"),
        (1500, '[>=1000]0.0,"k";0', "1500"),
        (43525, "mmm yyyy", "2019-03"),
        (43525, "d/m/yyyy", "2019-03-01"),
        (7, ";;;", ""),
    ],
)
def test_a_cell_says_its_unit_and_no_more_than_is_shown(value: float, form: str, said: str) -> None:
    assert sheet([(value, form), (1, "0")])[0] == said


@pytest.mark.parametrize("charset", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("name", ["a.csv", "a.txt"])
def test_wide_characters_without_a_mark(charset: str, name: str) -> None:
    assert "widget" in extract("name,units\nwidget,12\n水位,7\n".encode(charset), name).text


def test_a_stray_nul_and_colours_of_a_terminal_are_no_text() -> None:
    assert extract(b"name,units\nwid\0get,12\n", "a.csv").text == "name | units\nname: widget | units: 12"
    assert extract(b"\x1b[31mERROR\x1b[0m pump K7 stopped\n", "a.log").text == "ERROR pump K7 stopped\n"


def test_greek_of_the_standard_and_of_windows() -> None:
    text = "Το λιμάνι του Άλντερμουρ σκάφτηκε από το 1902 έως το 1909 και κόστισε δεκατέσσερις χιλιάδες."
    for charset in ("iso8859-7", "cp1253"):
        assert extract(text.encode(charset), "a.txt").text == text


def test_a_day_that_no_calendar_has_dates_nothing() -> None:
    assert extract(b"---\ndate: 2021-02-30\n---\nThe fee rose.", "a.md").date == ""
    assert extract(b"---\ndate: 2021-02-28\n---\nThe fee rose.", "a.md").date == "2021-02-28"


def test_what_is_filled_into_a_page_is_read_and_what_is_not_shown_is_not() -> None:
    form = (
        '<form><label>Name <input value="Ingrid Falkenrath"></label>'
        "<div><label for=b>Berth</label> <input id=b value=17B></div>"
        "<p>Boat <select><option>Yawl<option selected>Ketch</select></p>"
        "<p>Insured <input type=checkbox checked> yes <input type=checkbox> no</p>"
        "<p>Remarks <textarea>at pier 5</textarea></p><input type=hidden value=token>"
        "<input type=submit value=Send></form>"
    )
    assert article(form) == "Name Ingrid Falkenrath\nBerth 17B\nBoat Ketch\nInsured ☒ yes ☐ no\nRemarks at pier 5"


INNER = "<p>Rent 940</p><table><tr><td>Late fee</td><td>35</td></tr><tr><td>Key</td><td>12</td></tr></table>"
NESTED = "Item | Terms | From\nItem: Lease | Terms: Rent 940; Late fee, 35; Key, 12 | From: 2019"


def test_a_table_within_a_cell_is_said_in_its_cell() -> None:
    head = "<tr><th>Item</th><th>Terms</th><th>From</th></tr>"
    assert article(f"<table>{head}<tr><td>Lease</td><td>{INNER}</td><td>2019</td></tr></table>") == NESTED
    document = docx.Document()
    table = document.add_table(2, 3)
    for at, said in enumerate(("Item", "Terms", "From", "Lease", "", "2019")):
        table.cell(at // 3, at % 3).text = said
    cell = table.cell(1, 1)
    cell.paragraphs[0].text = "Rent 940"
    inner = cell.add_table(2, 2)
    for at, said in enumerate(("Late fee", "35", "Key", "12")):
        inner.cell(at // 2, at % 2).text = said
    out = io.BytesIO()
    document.save(out)
    assert extract(out.getvalue(), "a.docx").text == NESTED


def test_a_table_that_lays_out_a_page_is_none() -> None:
    wells = "<table><tr><td>Well</td><td>Depth</td></tr><tr><td>Brunn</td><td>41</td></tr></table>"
    page = f"<table><tr><td><a href=a>Home</a></td><td><h1>Wells</h1><p>Measured in May.</p>{wells}</td></tr></table>"
    assert "Measured in May.\nWell | Depth\nWell: Brunn | Depth: 41" in extract(page.encode(), "a.html").text
