"""Pictures within office files: what they show is read where it stands, marked, and what was not read is told."""

import io
import zipfile
from collections.abc import Callable

import pytest

from rag.sources import pictures
from rag.sources.extract import extract
from rag.sources.pictures import Pictures
from rag.text.locator import locator
from tests.sources import made_sources as made

LINES = ("The lamp was lit in 1871.", "Its keeper climbed 214 steps.")
PICTURE = made.picture(LINES, width=620)
BLANK = made.picture((), width=80)


DRAWING = (
    '<w:p><w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing">'
    '<a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:graphicData uri="http://schemas.'
    'openxmlformats.org/drawingml/2006/picture"><pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/'
    'picture"><pic:blipFill><a:blip xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'r:embed="{}"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>'
)


def docx() -> bytes:
    body = [made.paragraph("Before the picture."), *map(DRAWING.format, "ab"), made.paragraph("After the picture.")]
    with zipfile.ZipFile(io.BytesIO(made.docx("".join(body)))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    kinds, kind = parts["[Content_Types].xml"].decode(), '<Default Extension="png" ContentType="image/png"/></Types>'
    related = "".join(
        f'<Relationship Id="{name}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" '
        f'Target="media/{name}.png"/>'
        for name in "ab"
    )
    namespace = "http://schemas.openxmlformats.org/package/2006/relationships"
    return made.packed(
        {
            **parts,
            "[Content_Types].xml": kinds.replace("</Types>", kind),
            "word/_rels/document.xml.rels": f'<Relationships xmlns="{namespace}">{related}</Relationships>',
            "word/media/a.png": PICTURE,
            "word/media/b.png": BLANK,
        }
    )


def pptx() -> bytes:
    import pptx

    deck = pptx.Presentation()
    for words in ("Before the picture.", "After the picture."):
        slide = deck.slides.add_slide(deck.slide_layouts[5])
        slide.shapes.title.text = words
        if words.startswith("Before"):
            slide.shapes.add_picture(io.BytesIO(PICTURE), 100000, 2000000)
            slide.shapes.add_picture(io.BytesIO(BLANK), 100000, 4000000)
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


def xlsx() -> bytes:
    import openpyxl
    from openpyxl.drawing.image import Image

    book = openpyxl.Workbook()
    book.active["A1"] = "Before the picture."
    for content, place in ((PICTURE, "A3"), (BLANK, "A9")):
        book.active.add_image(Image(io.BytesIO(content)), place)
    book.create_sheet("Later")["A1"] = "After the picture."
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def odt() -> bytes:
    office = "urn:oasis:names:tc:opendocument:xmlns"
    image = '<text:p><draw:frame><draw:image xlink:href="Pictures/{}.png"/></draw:frame></text:p>'
    return made.packed(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": f'<office:document-content xmlns:office="{office}:office:1.0" xmlns:text="{office}:text:1.0"'
            f' xmlns:draw="{office}:drawing:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"><office:body><office:text>'
            f"<text:p>Before the picture.</text:p>{image.format('a')}{image.format('b')}"
            "<text:p>After the picture.</text:p></office:text></office:body></office:document-content>",
            "Pictures/a.png": PICTURE,
            "Pictures/b.png": BLANK,
        }
    )


@pytest.mark.parametrize("make", [docx, pptx, xlsx, odt])
def test_what_a_picture_shows_stands_where_it_is_with_its_mark(make: Callable[[], bytes]) -> None:
    page = extract(make(), f"a.{make.__name__}")
    places = [page.text.find(words) for words in ("Before the picture.", "[Picture] ", "1871", "214", "After the pict")]
    assert -1 not in places and places == sorted(places)
    assert page.left_out == "1 picture"
    if make is pptx:
        where = locator(page, (places[2], places[2] + 4))
        assert where is not None and (where.unit, where.first) == ("slide", 1)


def test_the_same_picture_is_said_once_and_one_that_cannot_be_had_is_counted() -> None:
    seen = Pictures()
    assert [line[:9] for line in seen.lines(PICTURE)] == ["[Picture]"] * 2 and seen.lines(PICTURE) == ()
    assert seen.lines(None) == seen.lines(b"\x01\x00\x00\x00 an EMF") == ()
    assert seen.left_out == "2 pictures"


def test_after_so_many_pictures_the_rest_are_counted() -> None:
    seen = Pictures()
    for number in range(pictures.MOST + 2):
        seen.lines(b"no picture %d" % number)
    assert seen.lines(PICTURE) == ()
    assert seen.left_out == f"{pictures.MOST + 3} pictures"


@pytest.mark.parametrize("make", [xlsx, odt])
def test_a_picture_that_is_not_in_the_file_does_not_end_it(make: Callable[[], bytes]) -> None:
    with zipfile.ZipFile(io.BytesIO(make())) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if not name.endswith(".png")}
    page = extract(made.packed(parts), f"a.{make.__name__}")
    assert "Before the picture." in page.text and page.left_out == "2 pictures"
