"""A row says what its numbers are, and every number stands under its own column, whatever the format."""

import io
from collections.abc import Sequence

import pytest

from rag.errors import SourceFault
from rag.sources.extract import extract
from rag.sources.tables import lines
from tests.sources import made_sources as made

YEARS = (("Crop", "2019", "2020", "2021"), ("Rye", "4.1", "4.4", "3.9"), ("Oats", "", "2.9", "3.3"))
RIGHT = "Crop | 2019 | 2020 | 2021\nCrop: Rye | 2019: 4.1 | 2020: 4.4 | 2021: 3.9\nCrop: Oats | 2020: 2.9 | 2021: 3.3"
PROSE = "<p>The mill of the lower pond has kept a book of its yields since the flood of that spring, {}.</p>"


def csv(rows: Sequence[Sequence[str]]) -> bytes:
    return "\n".join(",".join(row) for row in rows).encode()


def xlsx(rows: Sequence[Sequence[str]]) -> bytes:
    return made.xlsx({"Yields": [[float(cell) if "." in cell else int(cell) if cell.isdigit() else cell or None for cell
                                  in row] for row in rows]})  # fmt: skip


def html(rows: Sequence[Sequence[str]], head: str = "td") -> bytes:
    def line(row: Sequence[str], tag: str) -> str:
        return f"<tr>{''.join(f'<{tag}>{cell}</{tag}>' for cell in row)}</tr>"

    table = "".join(line(row, "td" if at else head) for at, row in enumerate(rows))
    prose = "".join(PROSE.format(word) for word in ("as the law wants it", "and shows it to whoever asks"))
    return f"<html><body><article><h1>Mill</h1>{prose}<table>{table}</table></article></body></html>".encode()


def pptx(rows: Sequence[Sequence[str]]) -> bytes:
    from pptx import Presentation
    from pptx.util import Inches

    show = Presentation()
    slide = show.slides.add_slide(show.slide_layouts[6])
    table = slide.shapes.add_table(len(rows), len(rows[0]), *map(Inches, (1, 1, 6, 2))).table
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            table.cell(number, column).text = cell
    out = io.BytesIO()
    show.save(out)
    return out.getvalue()


FORMATS = {
    "a.csv": csv,
    "a.xlsx": xlsx,
    "a.html": html,
    "a.pptx": pptx,
    "a.docx": lambda rows: made.docx(made.word_table(rows)),
    "a.epub": lambda rows: made.epub([html(rows).decode()]),
}


@pytest.mark.parametrize("name", FORMATS)
def test_an_empty_cell_shifts_nothing_under_years(name: str) -> None:
    assert RIGHT in extract(FORMATS[name](YEARS), name).text


@pytest.mark.parametrize("name", FORMATS)
def test_without_names_an_empty_cell_keeps_its_place(name: str) -> None:
    rows = (("Rye", "4.1", "4.4"), ("Oats", "", "3.3"), ("Barley", "2.2", ""))
    assert "Rye | 4.1 | 4.4\nOats | | 3.3\nBarley | 2.2" in extract(FORMATS[name](rows), name).text


@pytest.mark.parametrize(
    "rows",
    [
        (("Anna Holm", "1871", "1889"), ("Ben Hale", "1880", "1901")),  # lives, not columns
        (("1", "2"), ("3", "4")),
        (("Mon", "10:00 to 20:00"), ("Tue", "Closed for repairs")),
        (("2019", "2023", "2021"), ("1", "2", "3")),
        (("x", "x"), ("1", "2")),
    ],
)
def test_a_row_that_may_be_data_names_nothing(rows: Sequence[Sequence[str]]) -> None:
    assert lines(rows) == [" | ".join(row) for row in rows]


def test_titles_sections_and_far_cells() -> None:
    rows = [["Yields", "", ""], *YEARS[:2], ["Lower field", "", "", ""], ["", "", "5"], [], ["far", *[""] * 9000, "9"]]
    assert lines(rows) == [
        "Yields", "Crop | 2019 | 2020 | 2021", "Crop: Rye | 2019: 4.1 | 2020: 4.4 | 2021: 3.9", "Lower field",
        "2020: 5", "far | 9",
    ]  # fmt: skip


SPANNED = (
    "Route: Harbour | Single Adult: 4.5 | Single Child: 2.25 | Return Adult: 8 | Return Child: 4\n"
    "Route: Harbour | Single Adult: 5.5 | Return Adult: 9 | Return Child: 4.5"
)


def test_cells_that_span_others_are_said_in_each() -> None:
    table = (
        "<table><tr><td rowspan=2>Route<td colspan=2>Single<td colspan=2>Return</tr>"
        "<tr><td>Adult<td>Child<td>Adult<td>Child</tr>"
        "<tr><td rowspan=2>Harbour<td>4.5<td>2.25<td>8<td>4</tr><tr><td>5.5<td><td>9<td>4.5</tr></table>"
    )
    page = html([("a", "b")]).replace(b"<table><tr><td>a</td><td>b</td></tr></table>", table.encode())
    assert SPANNED in extract(page, "a.html").text
    from openpyxl import Workbook

    book = Workbook()
    for row in (
        ["Fares of 2024"], ["Route", "Single", None, "Return"], [None, "Adult", "Child", "Adult", "Child"],
        ["Harbour", 4.5, 2.25, 8, 4], [None, 5.5, None, 9, 4.5],
    ):  # fmt: skip
        book.active.append(row)
    for merged in ("A1:E1", "A2:A3", "B2:C2", "D2:E2", "A4:A5"):
        book.active.merge_cells(merged)
    out = io.BytesIO()
    book.save(out)
    text = extract(out.getvalue(), "a.xlsx").text
    assert SPANNED in text and text.count("Fares of 2024") == 1


def test_what_is_marked_as_head_names_its_columns() -> None:
    rows = (("Name", "Role"), ("Anna", "Keeper"), ("Ben", ""))
    assert "Name: Anna | Role: Keeper" in extract(html(rows, "th"), "a.html").text
    assert "7: 1 | 8: 2" in extract(html((("7", "8"), ("1", "2")), "th"), "a.html").text


def test_lists_and_lines_in_cells_are_kept() -> None:
    rows = (
        ("Day", "Hours"),
        ("Monday", "<ul><li>8:00 to 12:00</li><li>14:00 to 20:00</li></ul>"),
        ("Tuesday", "a<br>b"),
    )
    text = extract(html(rows, "th"), "a.html").text
    assert "Day: Monday | Hours: 8:00 to 12:00 14:00 to 20:00\nDay: Tuesday | Hours: a b" in text


def test_a_page_laid_out_by_a_table_is_text() -> None:
    paragraphs = "".join(f"<p>{PROSE.format(word)}</p>" for word in ("one", "two", "three"))
    page = f"<html><body><table><tr><td>{paragraphs * 4}</td><td>menu</td></tr></table></body></html>"
    assert " | " not in extract(page.encode(), "a.html").text


@pytest.mark.parametrize(
    ("value", "form", "said"),
    [
        (0.075, "0.0%", "7.5%"), (0.5, "0%", "50%"), (1.2345, "0%", "123.45%"), (734, "00000", "00734"),
        (5550134, r"000\-0000", "555-0134"), (513000.0, "General", "513000"),
        (0.1 + 0.2, "General", "0.3"), (-4200, "#,##0;[Red]-#,##0", "-4200"), (True, "General", "TRUE"),
    ],
)  # fmt: skip
def test_a_cell_is_what_is_shown(value: object, form: str, said: str) -> None:
    from openpyxl import Workbook

    book = Workbook()
    book.active["A1"] = value
    book.active["A1"].number_format = form
    out = io.BytesIO()
    book.save(out)
    assert extract(out.getvalue(), "a.xlsx").text == f"Sheet\n{said}"


def test_a_duration_is_no_clock_and_hidden_sheets_are_left_out() -> None:
    import datetime

    from openpyxl import Workbook

    book = Workbook()
    book.active["A1"] = datetime.timedelta(hours=37, minutes=30)
    book.active["A2"] = datetime.timedelta(hours=1, minutes=2, seconds=3)
    hidden = book.create_sheet("Old")
    hidden["A1"], hidden.sheet_state = "price 22", "hidden"
    out = io.BytesIO()
    book.save(out)
    page = extract(out.getvalue(), "a.xlsx")
    assert (page.text, page.left_out) == ("Sheet\n37:30\n1:02:03", "1 hidden sheet")


def test_a_quotation_mark_that_is_never_closed_is_told() -> None:
    with pytest.raises(SourceFault, match="quotation marks"):
        extract(b'name,units\n"widget,12\ngadget,7\nlast,9\n', "a.csv")


def test_the_line_that_excel_writes_above_a_csv_is_none_of_it() -> None:
    assert extract(b"sep=;\nCity;People\nLyon;513000\n", "a.csv").text == "City | People\nCity: Lyon | People: 513000"
