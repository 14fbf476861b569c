"""The page of a PDF with the lines of a quote boxed: the right ones, and where they are printed."""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from rag.errors import GoneFault, SourceFault
from rag.sources import apart
from rag.sources.extract import extract
from rag.sources.originals import Originals
from rag.types import Page
from tests.sources import made_sources as made
from tests.sources.made_sources import SENTENCES

if TYPE_CHECKING:
    from fpdf import FPDF

WIDTH, HEIGHT = 595.28, 841.89


def sheet() -> "FPDF":
    from fpdf import FPDF

    pdf = FPDF(unit="pt", format="A4")
    pdf.add_page()
    pdf.set_font("helvetica", size=11)
    return pdf


def boxed(content: bytes, words: str, number: int = 1, near: float = 0.0) -> tuple[int, Image.Image]:
    drawing = apart.draw(content, "a.pdf", number, words, near)
    return drawing.boxes, Image.open(io.BytesIO(drawing.png)).convert("RGB")


def is_boxed(picture: Image.Image, x: float, y: float) -> bool:
    """Whether paper at (x, y), points from the upper left, is coloured."""
    pixel = picture.getpixel((round(x * picture.width / WIDTH), round(y * picture.height / HEIGHT)))
    assert isinstance(pixel, tuple)
    return pixel[0] > 240 and pixel[2] < 230


def paragraph(pdf: "FPDF", x: float, y: float, lines: Sequence[str]) -> None:
    for row, line in enumerate(lines):
        pdf.text(x, y + 14 * row, line)


def test_the_lines_of_a_sentence_are_boxed_where_they_are_printed() -> None:
    pdf = sheet()
    left = ["The committee met for the first time on", "the third of May, and a second com-", "mittee in June of the",
            "same year, as the minutes of it say."]  # fmt: skip
    paragraph(pdf, 60, 100, left)
    paragraph(pdf, 330, 100, ["The harbour was closed for the whole", "winter after the flood, and not one"])
    boxes, picture = boxed(bytes(pdf.output()), "a second committee in June")
    assert boxes == 2
    assert [is_boxed(picture, 59, 97 + 14 * row) for row in range(4)] == [False, True, True, False]
    assert not any(is_boxed(picture, 329, 97 + 14 * row) for row in range(2))


def test_a_row_of_a_table_is_boxed_and_of_two_alike_the_nearer() -> None:
    pdf = sheet()
    rows = (
        ("Station", "Opened", "Depth"),
        ("Harrow", "1998", "34.5"),
        ("Quay", "2001", "9"),
        ("Harrow", "1998", "34.5"),
    )
    for at, row in enumerate(rows):
        for column, cell in enumerate(row):
            pdf.text(60 + 120 * column, 100 + 18 * at, cell)
    content = bytes(pdf.output())
    text = extract(content, "a.pdf").text
    words = "Station: Harrow | Opened: 1998 | Depth: 34.5"
    assert text.count(words) == 2
    for near, expected in ((0.3, [False, True, False, False]), (0.9, [False, False, False, True])):
        boxes, picture = boxed(content, words, near=near)
        assert boxes == 1
        assert [is_boxed(picture, 150, 97 + 18 * at) for at in range(4)] == expected


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_page_that_is_turned_and_cropped_is_boxed_as_it_is_shown(turn: int) -> None:
    content = made.pdf([[(300, 500, SENTENCES[0])]]).replace(
        b"/MediaBox", b"/Rotate %d /CropBox [200 300 612 700] /MediaBox" % turn
    )
    boxes, picture = boxed(content, SENTENCES[0])
    bare = np.asarray(boxed(content, "")[1], dtype=int)
    down, across = np.nonzero(np.abs(np.asarray(picture, dtype=int) - bare).sum(axis=2))
    dark_down, dark_across = np.nonzero(bare.max(axis=2) < 100)
    assert boxes == 1
    assert down.min() <= dark_down.min() and dark_down.max() <= down.max()
    assert across.min() <= dark_across.min() and dark_across.max() <= across.max()
    assert np.ptp(down) * np.ptp(across) < 0.2 * bare.shape[0] * bare.shape[1]


def test_a_scan_is_boxed_too() -> None:
    content = made.scanned_pdf(SENTENCES)
    page = extract(content, "a.pdf")
    line = page.text.split("\n")[0]
    assert boxed(content, line)[0] >= 1


def test_words_of_another_page_box_nothing_and_a_page_beyond_the_last_is_told() -> None:
    content = made.pdf([[(72, 700, SENTENCES[0])], [(72, 700, SENTENCES[1])]])
    assert boxed(content, SENTENCES[1], number=1)[0] == 0
    assert boxed(content, SENTENCES[1], number=2)[0] == 1
    with pytest.raises(SourceFault, match="has no page 3"):
        boxed(content, "", number=3)


def test_a_file_of_the_web_is_kept_while_its_source_is_there_and_one_of_the_disk_is_shown_while_it_is_the_same(
    tmp_path,
) -> None:
    kept = Originals.beside(tmp_path / "notes", megabytes=0.005)
    contents = [made.pdf([[(72, 700, words)]]) for words in SENTENCES]
    pages = [extract(content, f"https://example.org/{at}.pdf") for at, content in enumerate(contents)]
    for page, content in zip(pages, contents, strict=True):
        kept.keep(page, content)
    assert kept.find(pages[-1]) == contents[-1]
    assert sum(file.stat().st_size for file in kept.folder.iterdir()) <= 5000
    kept.sweep({page.file_sha256 for page in pages[:-1]})
    with pytest.raises(GoneFault, match=r"https://example\.org/\d\.pdf"):
        kept.find(pages[-1])

    file = tmp_path / "a.pdf"
    file.write_bytes(contents[0])
    page: Page = extract(contents[0], str(file))
    kept.keep(page, contents[0])
    assert kept.find(page) == contents[0]
    file.write_bytes(contents[1])
    with pytest.raises(GoneFault):
        kept.find(page)


def test_a_scan_on_its_side_is_drawn_upright_with_its_line_boxed() -> None:
    upright = Image.open(
        io.BytesIO(made.picture(["The lamp was lit in 1871.", "Its keeper climbed 214 steps."], width=640))
    )
    out = io.BytesIO()
    upright.rotate(90, expand=True).save(out, "PDF", resolution=150)
    content = out.getvalue()
    text = extract(content, "a.pdf").text
    assert text.find("1871") < text.find("214")
    boxes, picture = boxed(content, "Its keeper climbed 214 steps.")
    scale = picture.width / upright.width
    assert boxes == 1 and abs(picture.height / upright.height - scale) < 0.1
    coloured = [
        row
        for row in (45, 105)  # of the middle of each line in the upright picture
        if (pixel := picture.getpixel((round(38 * scale), round(row * scale)))) and pixel[0] > 240 and pixel[2] < 230
    ]
    assert coloured == [105]
