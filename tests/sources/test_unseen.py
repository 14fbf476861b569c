"""What inputs nobody had tried turned out to say: each value is the one that a person sees."""

import io
import json
import re
from collections.abc import Sequence

import docx
import pytest
import xlsxwriter
from fpdf import FPDF
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from rag.sources.extract import extract
from tests.sources import made_sources as made

PROSE = "<p>The harbour of {} was dug between 1902 and 1909 by the county, which had bought the meadows for it.</p>"
LATER = "<p>Since 1955 the harbour master has kept a log of every ship, which is open to whoever asks at the mill.</p>"


def article(middle: str) -> str:
    page = f"<!doctype html><html><body><article><h1>Harbour</h1>{PROSE}{middle}{LATER}</article></body></html>"
    text = extract(page.encode(), "a.html").text
    return text.partition("for it.\n")[2].partition("\nSince 1955")[0]


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


SPANS = (
    "<table><tr><th>Boat</th><th>Fee</th></tr><tr><th colspan=2>Small</th></tr><tr><td>Yawl</td><td>12</td></tr>"
    "<tr><th colspan=2>Large</th></tr><tr><td>Ketch</td><td>30</td></tr></table>"
)
CELLS = "".join(
    f"<div style='display:table-row'><b class=cell>{one}</b><b class=cell>{other}</b></div>"
    for one, other in (("Well", "Depth"), ("Brunn", "41"))
)
SUM = "<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover><mi>x</mi>"
MATRIX = "<mtr><mtd><mn>1</mn></mtd><mtd><mn>2</mn></mtd></mtr><mtr><mtd><mn>3</mn></mtd><mtd><mn>4</mn></mtd></mtr>"
WIKI = (
    "<span style='display:none'><math alttext='E=m'><mi>E</mi><mo>=</mo><mi>m</mi></math></span><img alt='E=m' src=x>"
)


@pytest.mark.parametrize(
    ("middle", "said"),
    [
        ("<p>It holds 10<span style='vertical-align:super'>6</span> litres.</p>", "It holds 10^6 litres."),
        ("<style>.u{vertical-align:4px}</style><p>It holds 10<i class=u>6</i> litres.</p>", "It holds 10^6 litres."),
        ("<p>A ticket is <span style='text-decoration:line-through'>50</span> 60.</p>", "A ticket is 60."),
        ("<p>There were 850<a href='#n'><sup>3</sup></a> people.</p>", "There were 850[3] people."),
        ("<ol start=5><li>open<li>wait<ol type=a><li>look</ol></li><li>close</li></ol>",
         "5. open\n6. wait\na. look\n7. close"),
        ("<ol reversed><li>gold</li><li>silver</li></ol>", "2. gold\n1. silver"),
        ("<ol type=I><li value=9><p>ninth</p></li><li>tenth</li></ol>", "IX. ninth\nX. tenth"),
        ("<dl><dt>Hours</dt><dd>9 to 17</dd><dt>Fee</dt><dd>14</dd><dd>child 7</dd></dl>",
         "Hours: 9 to 17\nFee: 14\nFee: child 7"),
        ("<p>Opened on <time datetime=2019-03-04>4 March</time> for <q>all</q>.</p>", "Opened on 4 March for “all”."),
        ("<blockquote><p>By hand.</p><footer>Ada, 1909</footer></blockquote>", "By hand.\nAda, 1909"),
        (SPANS, "Boat | Fee\nSmall\nBoat: Yawl | Fee: 12\nLarge\nBoat: Ketch | Fee: 30"),
        (f"<style>.cell{{display:table-cell}}</style><div style='display:table'>{CELLS}</div>",
         "Well | Depth\nWell: Brunn | Depth: 41"),
        ("<p><span style='display:block'>One 1</span><span style='display:block'>Two 2</span></p>", "One 1\nTwo 2"),
        (f"<p>Sum <math>{SUM}</math>.</p>", "Sum ∑_(i=1)^n x."),
        (f"<p>So <math><mfenced open='['><mtable>{MATRIX}</mtable></mfenced></math>.</p>", "So [1 2; 3 4)."),
        (f"<p>So {WIKI} holds.</p>", "So E=m holds."),
        ("<p>It cost \u202e0001\u202c crowns.</p>", "It cost 1000 crowns."),
        ("<p>It cost <bdo dir=rtl>00<b>01</b></bdo> crowns.</p>", "It cost 1000 crowns."),
        ("<p>It cost <bdo dir=rtl>\x1b[1m00<b>01</b></bdo> \x1b[2Jcrowns.</p>", "It cost 1000 crowns."),
        ("<p>Write to <i style='unicode-bidi:bidi-override;direction:rtl'>es.llim@hcet</i>.</p>",
         "Write to tech@mill.se."),
        ("<p>The street \u202d\u05d2\u05d1\u05d0\u202c and \u2067\u05d0\u05d1 12\u2069.</p>",
         "The street \u05d0\u05d1\u05d2 and \u05d0\u05d1 12."),
    ],
)  # fmt: skip
def test_a_page_says_what_it_shows(middle: str, said: str) -> None:
    assert article(middle) == said


REVEALED = "".join(f"<div style='opacity:0'>{PROSE.format(place)}</div>" for place in ("Sund", "Vik", "Holm"))


def test_what_a_script_reveals_by_and_by_is_read_and_a_faint_line_is_not() -> None:
    def said(body: str) -> str:
        return extract(f"<html><body><h1>Harbour</h1>{body}</body></html>".encode(), "a.html").text

    assert all(place in said(f"{REVEALED}<script src=a.js></script>") for place in ("Sund", "Vik", "Holm"))
    order = f"{PROSE.format('Sund')}{LATER}<p style='opacity:0'>Answer seven.</p><script src=a.js></script>"
    assert "Sund" in said(order)
    assert "seven" not in said(order)


def printed(cells: Sequence[tuple[float, float, str]]) -> list[str]:
    return extract(made.pdf([cells]), "a.pdf").text.split("\n")


def test_cells_over_several_lines_without_drawn_lines_are_one_row() -> None:
    cells = [(60, 760, "Medicine"), (140, 760, "Dose"), (320, 760, "Remark"), (60, 718, "Alvanol")]
    cells += [(140, 742, "5 mg in the morning and"), (140, 730, "10 mg at night, never more"), (140, 718, "than 20 mg")]
    cells += [(320, 718, "adults"), (60, 680, "Bestrin"), (140, 680, "2 mg")]
    cells += [(320, 692, "children, only"), (320, 680, "at noon")]
    assert printed(cells) == [
        "Medicine | Dose | Remark",
        "Medicine: Alvanol | Dose: 5 mg in the morning and 10 mg at night, never more than 20 mg | Remark: adults",
        "Medicine: Bestrin | Dose: 2 mg | Remark: children, only at noon",
    ]


@pytest.mark.parametrize("first", [True, False])
def test_headings_at_the_side_stand_with_their_text(first: bool) -> None:
    heads = [(60, y, word) for y, word in ((700, "Opening"), (650, "Tickets"), (600, "Parking"))]
    said = "It opens at nine and closes at five on all"
    texts = [[(200, y, said), (200, y - 13, f"days but the {y}th.")] for _, y, _ in heads]
    mixed = [one for head, text in zip(heads, texts, strict=True) for one in (head, *text)]
    lines = printed([*heads, *(one for text in texts for one in text)] if first else mixed)
    assert [line.replace(" | ", " ") for line in lines] == [
        f"{word} {said} days but the {y}th." for _, y, word in heads
    ]


def test_a_table_that_goes_on_over_a_page_keeps_its_names() -> None:
    def row(at: int, y: int) -> list[tuple[float, float, str]]:
        return [(60, y, str(at)), (160, y, f"M-{at}"), (260, y, f"{at}.5")]

    head = [(60, 760, "No"), (160, 760, "Meter"), (260, 760, "Reading")]
    pages = [[*head, *row(1, 742), *row(2, 724)], [*row(3, 760), *row(4, 742)], [*row(5, 760), *row(6, 742)]]
    lines = extract(made.pdf(pages), "a.pdf").text.split("\n")
    assert lines == ["No | Meter | Reading", *(f"No: {at} | Meter: M-{at} | Reading: {at}.5" for at in range(1, 7))]


LATEX = r"""\documentclass{article}\newcommand{\fee}{14 crowns}\begin{document}
It is \fee{} for \SI{42}{\mega\litre}, 10\textsuperscript{6} and
\unit{\metre\per\second}, see \cite{orrin} and \ref{tab}.
\begin{comment}HIDDEN\end{comment}\iffalse HIDDEN \fi\begin{verbatim}x & y % z\end{verbatim}
\begin{equation}E = m\end{equation}
\begin{tabular}{lcc}Crop & 2019 & 2020 \\ \multicolumn{2}{c}{Rye} & 4.4 \\ Oats & & 3.2\end{tabular}
\end{document}HIDDEN"""


def test_latex_as_it_is_set() -> None:
    said = [line.strip() for line in extract(LATEX.encode(), "a.tex").text.split("\n") if line.strip()]
    assert said == [
        "It is 14 crowns for 42 megalitre, 10^6 and",
        "metre/second, see [orrin] and [tab].",
        "x & y % z",
        "E = m",
        "Crop | 2019 | 2020",
        "Crop: Rye | 2019: Rye | 2020: 4.4",
        "Crop: Oats | 2020: 3.2",
    ]


def test_rtf_as_it_is_shown() -> None:
    table = r"\trowd\cellx1\cellx2 Item\cell Fee\cell\row\trowd Yawl\cell 12\cell\row"
    said = r"It holds 10{\super 6} litres.{\footnote Of 1990.} {\v HIDDEN}{\deleted gone}\par "
    source = rf"{{\rtf1\ansi {said}{table}}}"
    assert extract(source.encode(), "a.rtf").text.split("\n")[:3] == [
        "It holds 10^6 litres. [Of 1990.] ",
        "Item | Fee",
        "Item: Yawl | Fee: 12",
    ]


def test_cells_between_tabs_keep_their_places() -> None:
    assert extract(b"name\tv1\tv2\nx\t\t3\ny\t2\t\n", "a.csv").text == "name | v1 | v2\nx | | 3\ny | 2"


def test_markup_within_records_is_read_as_it_is_shown() -> None:
    said = "&lt;p&gt;By &lt;b&gt;3&lt;/b&gt; m.&lt;/p&gt;"
    feed = f"<rss><item><title>Flood</title><description>{said}</description></item></rss>".encode()
    assert extract(feed, "a.xml").text == "rss › item | title: Flood | description: By 3 m."


def test_tables_of_html_within_markdown_and_tables_and_errors_of_notebooks() -> None:
    page = b"# Fees\n\n<table><tr><th>Boat</th><th>Fee</th></tr><tr><td>Yawl</td><td>14</td></tr></table>\n\nEnd.\n"
    assert extract(page, "a.md").text == "# Fees\n\nBoat | Fee\nBoat: Yawl | Fee: 14\n\nEnd.\n"
    cells = [{"cell_type": "markdown", "source": "| Boat | Fee |\n|---|---|\n| Yawl | 14 |"}]
    cells.append({"cell_type": "code", "source": "pay()", "outputs": [
        {"output_type": "error", "ename": "ValueError", "evalue": "no fee", "traceback": []}]})  # fmt: skip
    assert extract(json.dumps({"cells": cells}).encode(), "a.ipynb").text == (
        "Boat | Fee\nBoat: Yawl | Fee: 14\n\npay()\nValueError: no fee"
    )


@pytest.mark.parametrize(
    ("inside", "said"),
    [
        (
            '<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr><m:sub>{i}</m:sub><m:sup>{n}</m:sup><m:e>x</m:e></m:nary>',
            "∑_i^n x",
        ),
        ('<m:d><m:dPr><m:begChr m:val="["/><m:endChr m:val="]"/></m:dPr><m:e>{a}</m:e></m:d>', "[a]"),
        ("<m:rad><m:deg>{3}</m:deg><m:e>{x}</m:e></m:rad>", "x^(1/3)"),
        ("<m:m><m:mr><m:e>{1}</m:e><m:e>{2}</m:e></m:mr><m:mr><m:e>{3}</m:e><m:e>{4}</m:e></m:mr></m:m>", "1 2; 3 4"),
        ("<m:func><m:fName>{sin}</m:fName><m:e>{x}</m:e></m:func>", "sin x"),
    ],
)
def test_formulas_of_word(inside: str, said: str) -> None:
    space = "http://schemas.openxmlformats.org/officeDocument/2006/math"
    written = re.sub(r"\{(.*?)\}", r"<m:r><m:t>\1</m:t></m:r>", inside)
    assert extract(made.docx(f'<w:p><m:oMath xmlns:m="{space}">{written}</m:oMath></w:p>'), "a.docx").text == said


def test_what_word_does_not_show() -> None:
    hidden = "".join(
        f"<w:p><w:r><w:rPr>{how}</w:rPr><w:t>HIDDEN</w:t></w:r><w:r><w:t>Seen.</w:t></w:r></w:p>"
        for how in ('<w:color w:val="FFFFFF"/>', '<w:sz w:val="2"/>')
    )
    assert extract(made.docx(hidden), "a.docx").text == "Seen.\nSeen."
    run = '<w:r><w:rPr><w:color w:val="FFFFFF"/></w:rPr><w:t>Head</w:t></w:r>'
    dark = f"<w:tbl><w:tr><w:tc><w:p>{run}</w:p></w:tc></w:tr></w:tbl>"
    assert extract(made.docx(dark), "a.docx").text == "Head"


def test_letters_that_are_covered_or_as_their_ground_are_not_seen() -> None:
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("helvetica", size=11)
    pdf.text(20, 20, "The ferry crosses every 20 minutes.")
    pdf.text(20, 40, "HIDDEN below white")
    pdf.set_fill_color(255)
    pdf.rect(10, 34, 120, 10, "F")
    pdf.text(20, 60, "HIDDEN below black")
    pdf.set_fill_color(0)
    pdf.rect(10, 54, 120, 10, "F")
    pdf.rect(10, 74, 120, 10, "F")
    pdf.text(20, 80, "HIDDEN black on black")
    pdf.set_fill_color(0, 0, 90)
    pdf.rect(10, 94, 120, 10, "F")
    pdf.set_text_color(255)
    pdf.text(20, 100, "White on blue.")
    pdf.set_text_color(0)
    pdf.set_fill_color(255, 240, 0)
    pdf.text(20, 120, "Under a marker.")
    with pdf.local_context(blend_mode="MULTIPLY"):
        pdf.rect(10, 114, 120, 10, "F")
    assert extract(bytes(pdf.output()), "a.pdf").text.split("\n") == [
        "The ferry crosses every 20 minutes.",
        "White on blue.",
        "Under a marker.",
    ]


def test_a_sum_apart_below_its_table_and_white_cells() -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    page = book.add_worksheet("Sheet")
    for at, row in enumerate((("Crop", "Rain", "Yield"), ("Rye", 3, 4.1), ("Oats", 5, 4.4), (), ("Total", None, 8.5))):
        page.write_row(at, 0, row)
    page.write(5, 0, "HIDDEN", book.add_format({"font_color": "white"}))
    page.write(6, 0, "Seen", book.add_format({"font_color": "white", "bg_color": "navy"}))
    book.close()
    assert extract(out.getvalue(), "a.xlsx").text.split("\n")[1:] == [
        "Crop | Rain | Yield",
        "Crop: Rye | Rain: 3 | Yield: 4.1",
        "Crop: Oats | Rain: 5 | Yield: 4.4",
        "Crop: Total | Yield: 8.5",
        "Seen",
    ]


def test_slides_say_what_spans_a_charts_title_and_nothing_beside_the_slide() -> None:
    show = Presentation()
    slide = show.slides.add_slide(show.slide_layouts[6])
    table = slide.shapes.add_table(3, 3, *map(Inches, (1, 1, 6, 2))).table
    for at, said in enumerate(("Well", "2019", "", "", "Adult", "Child", "Brunn", "", "41")):
        table.cell(at // 3, at % 3).text = said
    table.cell(0, 1).merge(table.cell(0, 2))
    table.cell(0, 0).merge(table.cell(1, 0))
    slide.shapes.add_textbox(*map(Inches, (-20, 5, 4, 1))).text_frame.text = "HIDDEN"
    data = CategoryChartData(number_format="0%")
    data.categories = ["Q1"]
    data.add_series("Share", (0.075,))
    chart = slide.shapes.add_chart(XL_CHART_TYPE.PIE, *map(Inches, (1, 4, 3, 3)), data).chart
    chart.has_title = True
    chart.chart_title.text_frame.text = "Shares of 2019"
    out = io.BytesIO()
    show.save(out)
    assert extract(out.getvalue(), "a.pptx").text.split("\n") == [
        "Well | 2019 | 2019",
        "Well | Adult | Child",
        "Well: Brunn | 2019 Child: 41",
        "[Chart] Shares of 2019",
        "Share",
        "Q1 | 7.5%",
    ]
