"""Tables of PDFs between drawn lines: every cell under its column's name, whatever the lines are like."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest

from rag.sources.facsimile import find_lines
from rag.sources.pdf import opened, read_pdf

if TYPE_CHECKING:
    from fpdf import FPDF

STATIONS = (
    ("Station", "Opened", "Depth (m)", "Cost"),
    ("Harrow", "1998", "34.5", "12.75"),
    ("Quay North", "2011", "", "8"),
    ("Old Town", "", "9", "7"),
)
READ = [
    "Station | Opened | Depth (m) | Cost",
    "Station: Harrow | Opened: 1998 | Depth (m): 34.5 | Cost: 12.75",
    "Station: Quay North | Opened: 2011 | Cost: 8",
    "Station: Old Town | Depth (m): 9 | Cost: 7",
]
DOSES = (
    ("Medicine", "Dose", "Remark"),
    ("Alvanol", "5 mg in the morning and 10 mg at night, never more than 20 mg a day", "adults"),
    ("Bestrin", "2 mg", "children over six, and only after a meal that was not too heavy"),
    ("Cortal", "", "withdrawn in 2019"),
)


def sheet() -> "FPDF":
    from fpdf import FPDF

    pdf = FPDF(unit="pt", format="A4")
    pdf.set_margin(60)
    pdf.add_page()
    pdf.set_font("helvetica", size=10)
    return pdf


def lines(pdf: "FPDF") -> list[str]:
    return read_pdf(bytes(pdf.output()), "a.pdf").text.split("\n")


def fill(pdf: "FPDF", rows: Sequence[Sequence[str]], **settings: object) -> None:
    with pdf.table(**settings) as table:  # type: ignore[arg-type]
        for row in rows:
            table.row(row)


@pytest.mark.parametrize(
    ("layout", "width"),
    [
        *((layout, 240) for layout in ("ALL", "MINIMAL", "INTERNAL")),  # as wide as the words are
        *((layout, 470) for layout in ("ALL", "HORIZONTAL_LINES", "MINIMAL", "INTERNAL", "SINGLE_TOP_LINE", "NONE")),
    ],
)
def test_empty_cells_stay_empty_whichever_lines_are_drawn(layout: str, width: int) -> None:
    pdf = sheet()
    fill(pdf, STATIONS, borders_layout=layout, width=width)
    pdf.write(14, "All costs are estimates.")
    assert lines(pdf) == [*READ, "All costs are estimates."]


@pytest.mark.parametrize("layout", ["ALL", "HORIZONTAL_LINES"])
def test_a_cell_of_several_lines_is_one(layout: str) -> None:
    pdf = sheet()
    fill(pdf, DOSES, borders_layout=layout, width=330)
    assert lines(pdf)[1:] == [
        f"Medicine: Alvanol | Dose: {DOSES[1][1]} | Remark: adults",
        f"Medicine: Bestrin | Dose: 2 mg | Remark: {DOSES[2][2]}",
        "Medicine: Cortal | Remark: withdrawn in 2019",
    ]


def test_cells_that_span_others_are_said_in_each() -> None:
    pdf = sheet()
    with pdf.table(num_heading_rows=2) as table:
        top = table.row()
        top.cell("Route", rowspan=2)
        top.cell("Single", colspan=2)
        top.cell("Return", colspan=2)
        table.row(("Adult", "Child", "Adult", "Child"))
        first = table.row()
        first.cell("Orrin", rowspan=2)
        for price in ("5.50", "2.75", "9.00", "4.50"):
            first.cell(price)
        table.row(("7.20", "3.60", "", "5.80"))
    assert lines(pdf)[2:] == [
        "Route: Orrin | Single Adult: 5.50 | Single Child: 2.75 | Return Adult: 9.00 | Return Child: 4.50",
        "Route: Orrin | Single Adult: 7.20 | Single Child: 3.60 | Return Child: 5.80",
    ]


def test_a_bold_head_names_columns_of_words() -> None:
    pdf = sheet()
    fill(pdf, (("Name", "Role"), ("Ada Kemble", "engineer"), ("Bo Li", "")))
    assert lines(pdf) == ["Name | Role", "Name: Ada Kemble | Role: engineer", "Bo Li"]


def test_a_table_that_goes_on_over_pages_keeps_its_names_and_its_rows_are_found_again() -> None:
    pdf = sheet()
    rows = [(str(1990 + at // 12), f"{at % 12 + 1}", f"{10 + at * 3.1:.1f}") for at in range(90)]
    fill(pdf, [("Year", "Month", "Rain (mm)"), *rows], repeat_headings=0)
    content = bytes(pdf.output())
    told = [f"Year: {year} | Month: {month} | Rain (mm): {rain}" for year, month, rain in rows]
    page = read_pdf(content, "a.pdf")
    assert page.text.split("\n")[1:] == told
    assert len(page.page_starts) > 2
    with opened(content, "a.pdf") as document:
        last = document.lines(len(page.page_starts) - 1) or []
    assert [line.text for line in find_lines(last, told[-1])] == [" ".join(rows[-1])]


def test_prose_between_lines_a_chart_on_a_grid_and_hatching_are_no_tables() -> None:
    pdf = sheet()
    left = (
        "The committee met for the first time on a",
        "day in May, and a second committee met in",
        "June of that year.",
    )
    right = ("The harbour was closed for the whole of the", "winter after the flood, and not one ship was", "let in.")
    for side, x in ((left, 60), (right, 310)):
        for row, line in enumerate(side):
            pdf.text(x, 120 + 14 * row, line)
    for y in (100, 170, 700):
        pdf.line(60, y, 535, y)
    for at in range(5):
        pdf.line(100, 300 + 30 * at, 340, 300 + 30 * at)
        pdf.line(100 + 60 * at, 300, 100 + 60 * at, 420)
    pdf.text(180, 340, "peak")
    for at in range(100):
        pdf.line(60 + 3 * at, 500, 60 + 3 * at, 560)
    for at in range(20):
        pdf.line(60, 500 + 3 * at, 357, 500 + 3 * at)
    pdf.text(100, 530, "hatched")
    assert lines(pdf) == [" ".join(left), " ".join(right), "peak", "hatched"]
