"""A table of checked answers as it is taken along: nothing lost, and nothing that a spreadsheet would run."""

import csv
import io

import openpyxl
import pytest

from rag.export.table import Told, Written, as_csv, as_workbook

CELLS = {
    (0, 0): Told("4 May 1931", "supported", "The Orrin bridge was opened on 4 May 1931.", "p. 2"),
    (1, 0): Told("=HYPERLINK(“x”)", "unsupported", "@SUM(A1)", "0–8"),
    (1, 1): Told("-7.25", "supported", "It fell by -7.25.", "0–17"),
}
TABLE = Written(["opened", "下降"], [("Bridge, old", "/a.txt"), ("", "https://b.example/")], CELLS)


def test_every_value_of_a_csv_comes_back():
    head, first, second = csv.reader(io.StringIO(as_csv(TABLE).removeprefix("\ufeff")))
    assert len(head) == 8 and head[2] == "opened" and head[5] == "下降"
    assert first == ["Bridge, old", "/a.txt", "4 May 1931", "supported", CELLS[0, 0].quote, "", "", ""]
    assert second[5] == "-7.25"


@pytest.mark.parametrize("begins", ["=1+1", "+cmd", "@x", "-x", "\t=1", "\n=1", "＝1+1", "＠x"])
def test_nothing_in_a_csv_is_a_formula(begins):
    table = Written(["a"], [(begins, begins)], {(0, 0): Told(begins, begins, begins, begins)})
    [_, line] = csv.reader(io.StringIO(as_csv(table).removeprefix("\ufeff")))
    assert all(value.startswith("'") and value[1:] == begins for value in line)


def test_a_workbook_has_the_values_and_beside_them_their_evidence():
    book = openpyxl.load_workbook(io.BytesIO(as_workbook(TABLE, "zh")))
    values, evidence = book.worksheets
    assert [[cell.value for cell in row] for row in values.rows][1:] == [
        ["Bridge, old", "4 May 1931", None],
        ["https://b.example/", "=HYPERLINK(“x”)", "-7.25"],
    ]
    assert all(cell.data_type == "s" for row in values.rows for cell in row if cell.value)
    told = [[cell.value for cell in row] for row in evidence.rows]
    assert [
        "https://b.example/",
        "下降",
        "-7.25",
        "supported",
        "It fell by -7.25.",
        "0–17",
        "https://b.example/",
    ] in told
    assert len(told) == 4


def test_what_a_cell_says_stays_as_it_is_and_splits_nowhere():
    said = "12\u00a0km\u3000东;=1+1"
    table = Written(["a"], [("t", "u")], {(0, 0): Told(said, "supported", "q", "p")})
    values, _ = openpyxl.load_workbook(io.BytesIO(as_workbook(table))).worksheets
    assert values["B2"].value == said and f'"{said}"' in as_csv(table)


def test_signs_that_xml_cannot_hold_and_endless_cells_break_no_workbook():
    table = Written(["a"], [("t\x00\x0b", "u")], {(0, 0): Told("x" * 50_000, "supported", "q", "p")})
    values, _ = openpyxl.load_workbook(io.BytesIO(as_workbook(table))).worksheets
    assert values["A2"].value == "t" and len(values["B2"].value) < 32_768
