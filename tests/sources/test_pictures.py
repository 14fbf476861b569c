"""Pictures within office files, pages and books: read in their places, marked, and what was not read is told."""

import base64
import io
import posixpath
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest

from rag.config import FetchConfig
from rag.sources import pictures
from rag.sources.extract import extract
from rag.sources.ingest import read
from rag.sources.pictures import Pictures
from rag.text.locator import locator
from tests.sources import made_sources as made
from tests.sources.local_site import send, serve

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


WIDE = made.picture((), width=620)
SHOWN = ("Before the picture.", "[Picture] The lamp", "[Picture] Its keeper", "After the picture.")


def within(content: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


def article(*sources: str) -> str:
    images = "".join(f'<p><img src="{source}"></p>' for source in sources)
    return f"<html><body><p>Before the picture.</p>{images}<p>After the picture.</p></body></html>"


def stand_in_order(text: str) -> bool:
    places = [text.find(words) for words in SHOWN]
    return -1 not in places and places == sorted(places)


def test_pictures_within_a_page_and_beside_its_file(tmp_path: Path) -> None:
    (tmp_path / "page_files").mkdir()
    (tmp_path / "page_files" / "a scan.png").write_bytes(PICTURE)
    (tmp_path / "page_files" / "sign.png").write_bytes(BLANK)
    for name, source in (("one", within(PICTURE)), ("two", "page_files/a%20scan.png?size=2")):
        (tmp_path / f"{name}.html").write_text(article(source, within(WIDE), "page_files/sign.png", "gone.png"))
        page = read(str(tmp_path / f"{name}.html"), FetchConfig())
        assert stand_in_order(page.text)
        assert page.left_out == "1 picture"


def test_a_page_reads_no_picture_outside_its_folder_nor_of_the_web(tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(PICTURE)
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "link.png").symlink_to(tmp_path / "secret.png")
    with serve() as site:
        site.pages["/a.png"] = send(PICTURE, "image/png")
        named = ("../secret.png", str(tmp_path / "secret.png"), f"file://{tmp_path}/secret.png", "link.png")
        (tmp_path / "pages" / "a.html").write_text(article(*named, site.url("/a.png"), "http://[", "a%00b.png"))
        page = read(str(tmp_path / "pages" / "a.html"), FetchConfig(allow_hosts=(site.host,)))
        assert page.text == "Before the picture.\nAfter the picture."
        assert site.asked == []


def test_a_hidden_picture_says_nothing() -> None:
    hidden = article(within(PICTURE)).replace("<img", '<img style="display: none"')
    assert extract(hidden.encode(), "a.html").text == "Before the picture.\nAfter the picture."


def test_pictures_of_a_book_are_found_from_their_chapter() -> None:
    book = made.epub([article("../images/a.png", "../images/b.png")])
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    chapter = next(name for name in parts if b"Before the picture." in parts[name])
    folder = posixpath.normpath(posixpath.join(posixpath.dirname(chapter), "../images"))
    page = extract(made.packed({**parts, f"{folder}/a.png": PICTURE, f"{folder}/b.png": WIDE}), "a.epub")
    assert stand_in_order(page.text)
    assert page.left_out == "1 picture"


def test_pictures_of_a_page_that_was_saved_whole() -> None:
    saved = EmailMessage()
    saved.set_content(article("/a.png", "cid:b"), subtype="html")
    saved["Content-Location"] = "https://example.org/news/1"
    saved.make_related()
    saved.add_related(PICTURE, "image", "png", headers=["Content-Location: https://example.org/a.png"])
    saved.add_related(WIDE, "image", "png", cid="<b>")
    page = extract(saved.as_bytes(), "a.mht")
    assert stand_in_order(page.text)
    assert page.left_out == "1 picture"


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
