"""Word files and slides as they are shown: nothing hidden, no number changed, nothing lost."""

import io
import zipfile

from rag.sources.extract import extract
from tests.sources import made_sources as made
from tests.sources.made_sources import SENTENCES, paragraph

MATH = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
SHAPE = 'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
BOX = 'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"'


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def word(*paragraphs: str) -> str:
    return extract(made.docx("".join(f"<w:p>{inside}</w:p>" for inside in paragraphs)), "a.docx").text


def test_hidden_runs_are_not_read_and_shown_ones_are() -> None:
    text = word(run("Seen. ") + run("The fee is 999.", "<w:vanish/>") + run("Shown.", '<w:vanish w:val="0"/>'))
    assert text == "Seen. Shown."


def test_raised_figures_of_word() -> None:
    up, down = '<w:vertAlign w:val="superscript"/>', '<w:vertAlign w:val="subscript"/>'
    assert word(run("850") + run("4", up) + run(" people, 10") + run("6", up) + run(" m") + run("2", up)) == (
        "850^4 people, 10^6 m²"
    )
    assert word(run("CO") + run("2", down) + run(" is stored")) == "CO2 is stored"


def test_fields_moves_formulas_and_ticks_are_read() -> None:
    assert word(run("Due ") + f'<w:fldSimple w:instr="DATE">{run("12 May 2024")}</w:fldSimple>') == "Due 12 May 2024"
    assert (
        word(run("Now ") + f"<w:moveFrom>{run('old')}</w:moveFrom><w:moveTo>{run('new 77')}</w:moveTo>") == "Now new 77"
    )
    part = "<m:r><m:t>{}</m:t></m:r>".format
    fraction = f"<m:f><m:fPr/><m:num>{part('m')}</m:num><m:den>{part('2')}</m:den></m:f>"
    assert word(f"<m:oMath {MATH}>{part('E=')}{fraction}</m:oMath>" + run(" holds")) == "E=m/2 holds"
    tick = f'<w:sdt><w:sdtPr><w14:checkbox {BOX}><w14:checked w14:val="1"/></w14:checkbox></w:sdtPr>'
    assert word(f"{tick}<w:sdtContent>{run('☒')}</w:sdtContent></w:sdt>" + run(" I agree")) == "☒ I agree"


def test_text_boxes_are_read_once() -> None:
    inside = f"<w:txbxContent>{paragraph('Gate B opens at 6:45.')}{paragraph('Gate C at 7.')}</w:txbxContent>"
    shape = f"<w:drawing><wps:wsp {SHAPE}><wps:txbx>{inside}</wps:txbx></wps:wsp></w:drawing>"
    assert word(f"<w:r>{shape}</w:r>", run("Behind.")) == "Gate B opens at 6:45.\nGate C at 7.\nBehind."


def test_slides_figures_charts_and_hidden_ones() -> None:
    from pptx import Presentation
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE
    from pptx.util import Inches

    show = Presentation()
    slide = show.slides.add_slide(show.slide_layouts[6])
    frame = slide.shapes.add_textbox(*map(Inches, (1, 0.5, 4, 1))).text_frame
    for text, baseline in (("Area 50 m", 0), ("2", 30), (" and 850", 0), ("4", 30), (" people", 0)):
        part = frame.paragraphs[0].add_run()
        part.text = text
        part.font._element.set("baseline", f"{baseline}000")
    data = CategoryChartData()
    data.categories = ["Q1", "Q2"]
    data.add_series("Sacks", (12.5, None))
    data.add_series("Loaves", (3, 4))
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *map(Inches, (1, 2, 4, 3)), data)
    draft = show.slides.add_slide(show.slide_layouts[5])
    draft.shapes.title.text = "Draft price 99"
    draft._element.set("show", "0")
    out = io.BytesIO()
    show.save(out)
    page = extract(out.getvalue(), "a.pptx")
    assert (
        page.text
        == "Area 50 m² and 850^4 people\n[Chart]\n| Sacks | Loaves\nQ1 | Sacks: 12.5 | Loaves: 3\nQ2 | Loaves: 4"
    )
    assert page.left_out == "1 hidden slide"
    assert page.date == ""  # the library's own template is of 2013


def test_letters_that_nobody_sees_are_none() -> None:
    tags = "".join(chr(0xE0000 + ord(letter)) for letter in "IGNORE ALL")
    text = f"The toll of the har\u200bbour is 1\u200b5 crowns.{tags} \u202eesrever\u202c A \ufeffsoft\u00adhyphen."
    page = extract(text.encode(), "a.txt")
    assert page.text == "The toll of the harbour is 15 crowns. reverse A softhyphen."
    assert SENTENCES[0] in extract(SENTENCES[0].encode("utf-8-sig"), "a.txt").text


def test_a_damaged_chapter_is_counted_and_the_others_are_read() -> None:
    with zipfile.ZipFile(io.BytesIO(made.epub(["<p>The first chapter.</p>", "<p>x</p>", "<p>The third.</p>"]))) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    parts["OPS/text/chapter 1.xhtml"] = b"\xff\xff\x00\x01\x02" * 50
    page = extract(made.packed(parts), "a.epub")
    assert page.text.split() == ["The", "first", "chapter.", "The", "third."] and page.left_out == "1 damaged chapter"


def test_notes_on_cells_are_read_and_formulas_without_a_value_told() -> None:
    import openpyxl
    from openpyxl.comments import Comment

    book = openpyxl.Workbook()
    book.active["A1"], book.active["A2"], book.active["A3"] = "Power kW", 7, "=A2*2"
    book.active["A2"].comment = Comment("Measured\nin May.", "Ada")
    out = io.BytesIO()
    book.save(out)
    page = extract(out.getvalue(), "a.xlsx")
    assert "[A2] Measured in May." in page.text.split("\n") and page.left_out == "1 unreckoned formula"


def test_headers_footers_and_comments_of_a_letter_are_read_with_what_they_are() -> None:
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    with zipfile.ZipFile(io.BytesIO(made.docx(made.paragraph("The ferry sails at nine.")))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for number, (kind, inside) in enumerate(
        (
            ("header", made.paragraph("Contract 12 &amp; annex")),
            ("header", made.paragraph("Contract 12 &amp; annex")),
            ("footer", made.paragraph("3")),
            ("comments", f'<w:comment w:id="1">{made.paragraph("Ask the harbour master.")}</w:comment>'),
        )
    ):
        tag = {"header": "hdr", "footer": "ftr", "comments": "comments"}[kind]
        name = f"word/{kind}{number if kind != 'comments' else ''}.xml"
        parts[name] = f'<w:{tag} xmlns:w="{word}">{inside}</w:{tag}>'.encode()
    lines = extract(made.packed(parts), "a.docx").text.split("\n")
    assert lines == ["The ferry sails at nine.", "[Comment] Ask the harbour master.", "[Header] Contract 12 & annex"]
