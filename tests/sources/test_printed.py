"""PDF pages and pictures."""

import pytest

from rag.errors import SourceFault
from rag.sources.extract import extract
from rag.sources.kinds import kind_of
from rag.sources.layout import Line, paragraphs, reading_order
from tests.sources import made_sources as made
from tests.sources.made_sources import CHINESE, SENTENCES

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


def test_running_heads_and_page_numbers_are_left_out_and_sentences_go_on_over_pages() -> None:
    words = [(f"the {ship} was seen by every keeper that", f"came round {ship} in those years, and") for ship in SHIPS]
    pages = [
        [(72, 800, "Annals of Grey Point"), (72, 700, first), (72, 686, second), (290, 40, f"{number}")]
        for number, (first, second) in enumerate(words, start=9)
    ]
    text = extract(made.pdf(pages), "a.pdf").text
    assert text == " ".join(f"{first} {second}" for first, second in words)


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


def test_a_scanned_page_is_read_by_ocr() -> None:
    text = extract(made.scanned_pdf(LINES), "a.pdf").text
    assert "1871" in text
    assert "214" in text


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
