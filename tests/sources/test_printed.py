"""PDF pages and pictures."""

import io
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest

from rag.errors import SourceFault
from rag.sources.extract import extract
from rag.sources.kinds import kind_of
from rag.sources.layout import paragraphs, reading_order
from rag.sources.printed import Line
from tests.sources import made_sources as made
from tests.sources.made_sources import CHINESE, SENTENCES

if TYPE_CHECKING:
    from fpdf import FPDF

SHIPS = ("gull", "tern", "auk", "skua")


def printed(text: str, left: float, top: float, width: float = 0, size: float = 10) -> Line:
    return Line(text, left, left + (width or 5 * len(text)), top - size, top, size)


def test_lines_of_a_paragraph_are_joined_and_paragraphs_kept_apart() -> None:
    page = [
        (72, 700, "Grey Point"),
        (72, 660, "The lighthouse at Grey Point was lit for the first time on the last"),
        (72, 646, "evening of the year 1871, and its keeper climbed the steps every day"),
        (72, 632, "for thirty years."),
        (72, 618, "The lamp burned rape oil until paraffin replaced it in the year of 1889."),
    ]
    page_text = extract(made.pdf([page]), "a.pdf").text
    assert page_text == (
        "Grey Point\nThe lighthouse at Grey Point was lit for the first time on the last evening of the year 1871, "
        "and its keeper climbed the steps every day for thirty years.\n"
        "The lamp burned rape oil until paraffin replaced it in the year of 1889."
    )


def test_columns_are_read_one_after_the_other() -> None:
    left = [
        (60, 700 - 14 * row, text) for row, text in enumerate(("The lamp was lit for the", "first time in 1871, and"))
    ]
    right = [(320, 700 - 14 * row, text) for row, text in enumerate(("its keeper climbed 214", "steps every evening."))]
    text = extract(made.pdf([[*left, *right]]), "a.pdf").text
    assert text.replace("\n", " ") == (
        "The lamp was lit for the first time in 1871, and its keeper climbed 214 steps every evening."
    )


def test_chinese_of_a_font_that_is_only_named() -> None:
    page = extract(made.chinese_pdf(CHINESE), "a.pdf")
    assert page.text.replace("\n", "") == "".join(CHINESE)
    assert page.language == "zh"


def test_running_heads_stand_once_page_numbers_never_and_sentences_go_on_over_pages() -> None:
    words = [(f"the {ship} was seen by every keeper that", f"came round {ship} in those years, and") for ship in SHIPS]
    pages = [
        [(72, 800, "Annals of Grey Point"), (72, 700, first), (72, 686, second), (290, 40, f"{number}")]
        for number, (first, second) in enumerate(words, start=9)
    ]
    text = extract(made.pdf(pages), "a.pdf").text
    assert text == "Annals of Grey Point\n" + " ".join(f"{first} {second}" for first, second in words)


def test_chinese_lines_join_without_a_space_and_hyphenated_words_become_whole() -> None:
    lines = [printed("守塔人每天傍晚要爬二百一十四级台", 0, 100, 160), printed("阶。", 0, 86, 20)]
    assert paragraphs([lines]) == ["守塔人每天傍晚要爬二百一十四级台阶。"]
    hyphen = [printed("the inter\u00ad", 0, 100, 160), printed("national light", 0, 86, 100)]
    assert paragraphs([hyphen]) == ["the international light"]


def test_list_items_indents_and_larger_letters_start_paragraphs() -> None:
    lines = [
        printed("A heading as wide as any of the lines", 0, 120, 200, 16),
        printed("1. a first item that fills the line to", 0, 96, 200),
        printed("2. a second item that fills the line as", 0, 84, 200),
        printed("an indented line begins a paragraph of", 24, 72, 176),
    ]
    assert len(paragraphs([lines])) == 4


def test_reading_order_of_a_two_column_scan_under_a_title() -> None:
    title = printed("title over both of the columns", 0, 200, 300, 14)
    left = [printed(f"left {row}", 0, 170 - 14 * row, 140) for row in range(4)]
    right = [printed(f"right {row}", 160, 170 - 14 * row, 140) for row in range(4)]
    mixed = [title, *(line for pair in zip(left, right, strict=True) for line in pair)]
    assert reading_order(mixed[::-1]) == [title, *left, *right]


def test_reading_order_of_a_small_table_is_row_by_row() -> None:
    cells = [printed(f"r{row}c{column}", 150 * column, 100 - 14 * row, 40) for row in range(2) for column in range(2)]
    assert [line.text for line in reading_order(cells[::-1])] == ["r0c0", "r0c1", "r1c0", "r1c1"]


LINES = ("The lamp was lit in 1871.", "Its keeper climbed 214 steps.")


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "TIFF", "BMP"])
def test_pictures_are_known_by_their_bytes(format: str) -> None:
    assert kind_of(made.picture((), format), "a.txt", "text/plain") == "image"


def test_text_in_a_picture_is_read() -> None:
    page = extract(made.picture(LINES), "a.png")
    assert [line.replace(" ", "") for line in page.text.split("\n")] == [line.replace(" ", "") for line in LINES]
    assert page.media_type == "image/*"


def test_a_picture_without_text_is_a_fault() -> None:
    with pytest.raises(SourceFault, match=r"No text was found in a\.webp.*picture"):
        extract(made.picture((), "WEBP", 100), "a.webp")


def test_a_long_screenshot_is_read_piece_by_piece_without_cutting_a_line() -> None:
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", (420, 6000), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(size=22)
    rows = range(30, 5960, 290)
    for row in rows:
        draw.text((20, row), f"At {row} the lamp was lit.", fill="black", font=font)
    out = io.BytesIO()
    image.save(out, "PNG")
    page = extract(out.getvalue(), "long.png")
    assert re.findall(r"At ?(\d+) ?the ?lamp ?was ?lit", page.text) == [str(row) for row in rows]
    assert page.left_out == ""


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_picture_on_its_side_or_head_is_read_in_order(degrees: int) -> None:
    from PIL import Image

    turned = Image.open(io.BytesIO(made.picture([*LINES, "The keeper left in 1904."], width=640))).rotate(
        degrees, expand=True
    )
    out = io.BytesIO()
    turned.save(out, "PNG")
    text = extract(out.getvalue(), "a.png").text
    places = [text.find(figure) for figure in ("1871", "214", "1904")]
    assert -1 not in places and places == sorted(places)


def test_a_table_in_a_picture_is_read_row_by_row() -> None:
    from PIL import Image, ImageDraw, ImageFont

    rows = [
        ("Station", "Opened", "Depth"),
        ("Millfield", "1998", "34.5"),
        ("Quay", "2004", "7.25"),
        ("Hill", "2011", "9"),
    ]
    image = Image.new("RGB", (900, 320), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(size=30)
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            draw.text((40 + 300 * column, 30 + 70 * row), cell, fill="black", font=font)
    out = io.BytesIO()
    image.save(out, "PNG")
    lines = extract(out.getvalue(), "a.png").text.split("\n")
    assert "Station: Millfield | Opened: 1998 | Depth: 34.5" in lines and len(lines) == 4


def test_letters_that_nobody_can_read_are_left_out_and_told() -> None:
    from PIL import Image

    sharp = Image.open(io.BytesIO(made.picture((*LINES, "Nobody can read what this line says."), width=640)))
    sharp.paste(sharp.crop((0, 140, 640, 240)).resize((640, 9)).resize((640, 100)), (0, 140))
    out = io.BytesIO()
    sharp.save(out, "PNG")
    page = extract(out.getvalue(), "a.png")
    assert "1871" in page.text and page.text.endswith("214 steps.")
    assert page.left_out == "1 line of doubtful letters in pictures"


def test_a_scanned_page_is_read_by_ocr_and_told() -> None:
    from PIL import Image

    pdf = sheet()
    pdf.text(60, 60, SENTENCES[0])
    for _ in range(2):
        pdf.add_page()
        pdf.image(Image.open(io.BytesIO(made.picture(LINES))), x=20, y=60, w=550)
    page = extract(bytes(pdf.output()), "a.pdf")
    assert page.text.count("214") == 2
    assert page.left_out == "pages 2-3 but by OCR"


def test_a_picture_too_large_to_hold_is_refused() -> None:
    header = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (9000).to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0"
    import zlib

    content = header + zlib.crc32(header[12:]).to_bytes(4, "big") + b"\0\0\0\0IDAT" + b"\0" * 4
    with pytest.raises(SourceFault, match="9000 x 9000 pixels"):
        extract(content, "a.png")


def test_facts_of_a_pdf() -> None:
    page = [(72.0, 700.0, SENTENCES[0])]
    read = extract(
        made.pdf([page], facts="/Title (The lamp) /Author (A. Holm) /CreationDate (D:20240506070809Z)"), "a.pdf"
    )
    assert (read.title, read.author, read.date) == ("The lamp", "A. Holm", "2024-05-06")
    junk = extract(made.pdf([page], facts="/Title (Microsoft Word - lamp.doc)"), "grey.pdf")
    assert (junk.title, junk.date) == ("grey", "")


# --- pages as fpdf2 writes them -----------------------------------------------------------------

WHITE, BLACK = (255, 255, 255), (0, 0, 0)


def sheet() -> "FPDF":
    from fpdf import FPDF

    pdf = FPDF(unit="pt", format="A4")
    pdf.add_page()
    pdf.set_font("helvetica", size=11)
    return pdf


def read(pdf: "FPDF", name: str = "a.pdf") -> str:
    return extract(bytes(pdf.output()), name).text


def test_raised_figures_stay_apart() -> None:
    pdf = sheet()
    pdf.set_char_spacing(0)
    for words, mark, rest in (
        ("The basin holds 42", "3", " million litres."), ("It is 6.022 x 10", "23", " per mole."),
        ("An area of 50 m", "2", " is dry."), ("On the 4", "th", " of May."),
    ):  # fmt: skip
        pdf.write(20, words)
        pdf.char_vpos = "SUP"
        pdf.write(20, mark)
        pdf.char_vpos = "LINE"
        pdf.write(20, rest)
        pdf.ln()
    assert read(pdf).replace("\n", " ") == (
        "The basin holds 42^3 million litres. It is 6.022 x 10^23 per mole. An area of 50 m² is dry. On the 4th of May."
    )


def test_what_is_printed_so_that_nobody_sees_it_is_not_read() -> None:
    from fpdf.enums import TextMode

    pdf = sheet()
    pdf.text(60, 60, SENTENCES[0])
    pdf.set_text_color(*WHITE)
    pdf.text(60, 90, "white says 999")
    pdf.set_text_color(*BLACK)
    pdf.text(60, 2000, "outside says 999")
    pdf.text(-900, 90, "left says 999")
    pdf.text_mode = TextMode.INVISIBLE
    pdf.text(60, 120, "invisible says 999")
    pdf.text_mode = TextMode.FILL
    pdf.set_font("helvetica", size=1)
    pdf.text(60, 150, "tiny says 999")
    assert read(pdf) == SENTENCES[0]


def test_white_letters_on_a_dark_ground_are_read() -> None:
    pdf = sheet()
    pdf.set_fill_color(20, 40, 90)
    pdf.rect(50, 40, 400, 40, style="F")
    pdf.set_text_color(*WHITE)
    pdf.text(60, 60, SENTENCES[0])
    assert read(pdf) == SENTENCES[0]


def table(pdf: "FPDF", rows: Sequence[Sequence[str]], width: float = 90) -> None:
    for row in rows:
        for column, cell in enumerate(row):
            pdf.text(60 + width * column, pdf.y, cell)
        pdf.set_y(pdf.y + 18)


def test_rows_of_a_table_carry_the_names_of_its_columns() -> None:
    pdf = sheet()
    pdf.text(60, 60, "The table lists the stations of the line.")
    pdf.set_y(100)
    table(pdf, (("Station", "Opened", "Depth (m)"), ("Harrow", "1998", "34.5"), ("Quay North", "", "88.1")))
    pdf.text(60, pdf.y + 20, "All depths are in metres.")
    assert read(pdf).split("\n")[1:4] == [
        "Station | Opened | Depth (m)",
        "Station: Harrow | Opened: 1998 | Depth (m): 34.5",
        "Station: Quay North | Depth (m): 88.1",
    ]


def test_columns_that_were_drawn_row_by_row_are_read_one_after_the_other() -> None:
    pdf = sheet()
    left = ("The Marrow Weir was begun in 1931 by the", "county, and it was finished in the spring of",
            "1938 after two floods had torn away its", "northern footing.")  # fmt: skip
    right = ("The Tessel Lock lies nine kilometres lower", "down the river, and its gates weigh 310",
             "tonnes each; they are moved by oil pressure", "since the rebuild of 1977.")  # fmt: skip
    pdf.set_y(100)
    table(pdf, list(zip(left, right, strict=True)), width=260)
    assert read(pdf) == " ".join(left) + "\n" + " ".join(right)


def test_lines_that_differ_in_figures_stay() -> None:
    pages = [
        [
            (72, 800, f"Invoice 2024-{1007 + 7 * page}"),
            (72, 780, f"Total due: {321 * page}.50 EUR"),
            (72, 60, f"{page}"),
        ]
        for page in range(1, 6)
    ]
    text = extract(made.pdf(pages), "a.pdf").text.replace("\n", " ")
    assert text == " ".join(line for page in pages for _, _, line in page[:2])
    meters = [[(72, 800, f"{10000 + 37 * page}"), (72, 780, f"{page * page}.500")] for page in range(1, 6)]
    assert extract(made.pdf(meters), "a.pdf").text.split("\n") == [line for page in meters for _, _, line in page]


@pytest.mark.parametrize("form", ["{}", "- {} -", "Page {} of 9", "第{}页", "{} / 9"])
def test_page_numbers_in_any_form_are_left_out(form: str) -> None:
    pages = [
        [printed(f"the {ship} came in", 0, 700), printed(form.format(number), 200, 40)]
        for number, ship in enumerate(SHIPS, 5)
    ]
    assert not any(char.isdigit() for text in paragraphs(pages) for char in text)


def test_words_broken_at_line_ends_are_whole() -> None:
    lines = ("The long-", "term plan costs 3-", "5 million crowns and the com-", "mittee met for the long-term plan of",
             "the north-", "eastern district.")  # fmt: skip
    page = [(72.0, 700.0 - 14 * row, line) for row, line in enumerate(lines)]
    assert extract(made.pdf([page]), "a.pdf").text.replace("\n", " ") == (
        "The long-term plan costs 3-5 million crowns and the committee met for the long-term plan of the northeastern "
        "district."
    )


def test_a_page_shown_on_its_side_is_read_in_sentences() -> None:
    words = "The lighthouse at Grey Point was lit for the first time on the last evening of the year"
    half = len(words) // 2
    turned = b"".join(
        b"BT /F1 11 Tf 0 1 -1 0 %d 60 Tm (%s) Tj ET\n" % (100 + 14 * row, text.encode())
        for row, text in enumerate((words[:half], words[half:]))
    )
    content = (
        made.pdf([[]]).replace(b"/Contents", b"/Rotate 90 /Contents").replace(b"/Length 0", b"/Length %d" % len(turned))
    )
    text = extract(content.replace(b"stream\n\nends", b"stream\n" + turned + b"\nends"), "a.pdf").text
    assert text.replace(" ", "") == words.replace(" ", "")


def test_a_scan_with_a_printed_stamp_is_read_too() -> None:
    from PIL import Image

    pdf = sheet()
    pdf.text(60, 30, "Downloaded from the archive on 3 May 2024")
    pdf.image(Image.open(io.BytesIO(made.picture(LINES * 4))), x=20, y=60, w=550, h=570)
    text = read(pdf)
    assert "3 May 2024" in text and "1871" in text and "214" in text


def test_one_enormous_page_keeps_no_other_from_being_read() -> None:
    pdf = sheet()
    pdf.text(60, 60, SENTENCES[0])
    pdf.add_page(format=(14400, 14400))
    pdf.rect(100, 100, 5000, 5000)
    assert read(pdf) == SENTENCES[0]


def test_values_of_a_form_stand_behind_the_text_at_their_height() -> None:
    field = b"%d 0 obj\n<< /Type /Annot /Subtype /Widget /FT /Tx /T (f%d) /V (%s) /Rect [200 %d 400 %d] >>\nendobj\n"
    fields = field % (90, 0, b"Ingrid Falkenrath", 740, 756) + field % (91, 1, b"11.40", 722, 738)
    content = (
        made.pdf([[(60, 747, "Name:"), (60, 733, "Length of boat (m):")]])
        .replace(b"/Contents", b"/Annots [90 0 R 91 0 R] /Contents", 1)
        .replace(b"/Type /Catalog", b"/Type /Catalog /AcroForm << /Fields [90 0 R 91 0 R] >>")
        .replace(b"xref\n", fields + b"xref\n", 1)
    )
    text = extract(content, "a.pdf").text
    assert "Name: Ingrid Falkenrath\nLength of boat (m): 11.40" in text


def test_comments_are_told_as_such_and_notes_written_on_a_page_as_its_text() -> None:
    pdf = sheet()
    pdf.text(60, 60, SENTENCES[0])
    pdf.text_annotation(60, 60, "It was 1872.", title="Ruth")
    pdf.free_text_annotation("Superseded on 4 May.", x=60, y=300, w=200, h=20)
    assert read(pdf) == f"{SENTENCES[0]}\nComment by Ruth: It was 1872.\nSuperseded on 4 May."


def test_lines_of_the_text_that_are_alike_on_all_pages_stay_and_no_foot_stands_in_a_sentence() -> None:
    pages = [
        [
            (72, 800, "Annals"),
            (72, 700, f"the {ship} was seen from"),
            (72, 686, "the old tower at noon and"),
            (72, 40, "Trust"),
        ]
        for ship in SHIPS
    ]
    text = extract(made.pdf(pages), "a.pdf").text
    said = " ".join(f"the {ship} was seen from the old tower at noon and" for ship in SHIPS)
    assert text == f"Annals\n{said}\nTrust"


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_text_printed_on_its_side_is_read_in_sentences(turn: int) -> None:
    pdf = sheet()
    words = ("The lighthouse at Grey Point was lit for the first time on", "the last evening of the year 1871.")
    with pdf.rotation(turn, 300, 400):
        for row, line in enumerate(words):
            pdf.text(150, 400 + 14 * row, line)
    assert read(pdf) == " ".join(words)


def test_letters_with_a_wrong_map_are_read_by_ocr() -> None:
    shifted = (
        b"begincmap 1 begincodespacerange <00> <FF> endcodespacerange "
        b"1 beginbfrange <41> <7A> <0024> endbfrange endcmap"
    )
    page = [(60.0, 700.0 - 30 * row, line) for row, line in enumerate(SENTENCES)]
    stream = b"90 0 obj\n<< /Length %d >>\nstream\n%s\nendstream\nendobj\nxref\n" % (len(shifted), shifted)
    content = made.pdf([page], size=16).replace(b"/BaseFont", b"/ToUnicode 90 0 R /BaseFont")
    content = content.replace(b"xref\n", stream, 1)
    assert "lighthouse" in extract(content, "a.pdf").text


def test_a_row_goes_on_with_a_single_letter() -> None:
    pdf = sheet()
    pdf.set_y(60)
    table(pdf, (("Quay", "Berths", "Lamp"), ("North", "4", "A"), ("South", "412", "9")))
    assert read(pdf).split("\n")[1:] == ["Quay: North | Berths: 4 | Lamp: A", "Quay: South | Berths: 412 | Lamp: 9"]
