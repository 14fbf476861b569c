"""Real files of every kind, made when a test needs them. All words are our own."""

import io
import zipfile
from collections.abc import Mapping, Sequence

SENTENCES = (
    "The lighthouse at Grey Point was lit for the first time in 1871.",
    "Its keeper, Anna Holm, climbed 214 steps every evening for thirty years.",
    "The lamp burned rape oil until paraffin replaced it in 1889.",
)
CHINESE = (
    "灰角灯塔于一八七一年首次点亮。",
    "守塔人安娜每天傍晚要爬二百一十四级台阶，这样过了三十年。",
    "灯里先烧菜籽油，一八八九年改用煤油。",
)


def pdf(pages: Sequence[Sequence[tuple[float, float, str]]], size: int = 11, extra: str = "", facts: str = "") -> bytes:
    """A PDF in Helvetica; a page is a list of (x, y, text), y from the bottom. `extra`: entries of the trailer;
    `facts`: those of its /Info."""
    streams = []
    for page in pages:
        shown = "".join(f"BT /F1 {size} Tf {x} {y} Td ({_escaped(text)}) Tj ET\n" for x, y, text in page)
        streams.append(shown.encode("latin-1"))
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    return _pdf_of(streams, font, extra, facts)


def chinese_pdf(lines: Sequence[str], size: int = 12) -> bytes:
    """A PDF whose font is only named (STSong with a predefined character map), as older Chinese PDFs do."""
    shown = "".join(
        f"BT /F1 {size} Tf 72 {700 - 18 * row} Td <{line.encode('utf-16-be').hex()}> Tj ET\n"
        for row, line in enumerate(lines)
    )
    font = (
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts ["
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 /CIDSystemInfo "
        b"<< /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> /FontDescriptor << /Type /FontDescriptor "
        b"/FontName /STSong-Light /Flags 6 /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 80 "
        b"/FontBBox [-25 -254 1000 880] >> >>] >>"
    )
    return _pdf_of([shown.encode("ascii")], font)


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _pdf_of(streams: Sequence[bytes], font: bytes, extra: str = "", facts: str = "") -> bytes:
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(streams)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(streams)} >>".encode(),
        font,
    ]
    for number, stream in enumerate(streams):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {5 + 2 * number} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
    objects.append(f"<< {facts} >>".encode())
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = f"<< /Size {len(objects) + 1} /Root 1 0 R /Info {len(objects)} 0 R {extra} >>"
    out += f"trailer\n{trailer}\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


def encrypted_pdf() -> bytes:
    """A PDF whose standard security handler wants a password that nobody gave."""
    key = "/Filter /Standard /V 2 /R 3 /Length 128 /P -44 /O <{}> /U <{}>".format("a1" * 32, "b2" * 32)
    identity = "/ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>]"
    return pdf([[(72, 700, "secret")]], extra=f"/Encrypt << {key} >> {identity}")


def packed(parts: Mapping[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def docx(body: str, title: str = "", author: str = "") -> bytes:
    """A Word file round WordprocessingML paragraphs; see `paragraph`."""
    return packed(
        {
            "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
            'wordprocessingml.document.main+xml"/></Types>',
            "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="r1" '
            f'Type="{_OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>',
            "word/document.xml": f'<w:document xmlns:w="{_WORD}"><w:body>{body}</w:body></w:document>',
            "docProps/core.xml": '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/'
            'core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/">'
            f"<dc:title>{title}</dc:title><dc:creator>{author}</dc:creator>"
            "<dcterms:modified>2024-05-06T07:08:09Z</dcterms:modified></cp:coreProperties>",
        }
    )


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def word_table(rows: Sequence[Sequence[str]]) -> str:
    cells = ("".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) for row in rows)
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>"


def pptx() -> bytes:
    """Two slides: title, text, table and a note; the second is without a title."""
    from pptx import Presentation
    from pptx.util import Inches

    show = Presentation()
    first = show.slides.add_slide(show.slide_layouts[1])
    first.shapes.title.text = "Grey Point"
    first.placeholders[1].text = "\n".join(SENTENCES[:2])
    first.notes_slide.notes_text_frame.text = "Mention the storm of 1902."
    second = show.slides.add_slide(show.slide_layouts[6])
    table = second.shapes.add_table(2, 2, Inches(1), Inches(3), Inches(4), Inches(1)).table
    for row, cells in enumerate((("Fuel", "Since"), ("Paraffin", "1889"))):
        for column, cell in enumerate(cells):
            table.cell(row, column).text = cell
    box = second.shapes.add_textbox(Inches(1), Inches(1), Inches(4), Inches(1))
    box.text_frame.text = SENTENCES[2]
    out = io.BytesIO()
    show.save(out)
    return out.getvalue()


def xlsx(sheets: Mapping[str, Sequence[Sequence[object]]]) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def epub(chapters: Sequence[str], title: str = "Grey Point", locked: bool = False) -> bytes:
    items = "".join(
        f'<item id="c{number}" href="text/chapter%20{number}.xhtml" media-type="application/xhtml+xml"/>'
        for number in range(len(chapters))
    )
    spine = "".join(f'<itemref idref="c{number}"/>' for number in range(len(chapters)))
    parts = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="OPS/book.opf"/></rootfiles></container>',
        "OPS/book.opf": '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<metadata><dc:title>{title}</dc:title><dc:creator>A. Holm</dc:creator><dc:date>1903-04-05</dc:date>"
        "</metadata>"
        f'<manifest><item id="nav" href="nav.xhtml" properties="nav"/>{items}</manifest>'
        f'<spine><itemref idref="nav"/>{spine}</spine></package>',
        "OPS/nav.xhtml": "<html><body><nav><ol><li>Contents entry</li></ol></nav></body></html>",
    }
    for number, chapter in enumerate(chapters):
        parts[f"OPS/text/chapter {number}.xhtml"] = f"<html><head><title>x</title></head><body>{chapter}</body></html>"
    if locked:
        parts["META-INF/encryption.xml"] = (
            '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container" '
            'xmlns:e="http://www.w3.org/2001/04/xmlenc#"><e:EncryptedData><e:CipherData>'
            '<e:CipherReference URI="OPS/text/chapter%200.xhtml"/></e:CipherData></e:EncryptedData></encryption>'
        )
    return packed(parts)


def picture(lines: Sequence[str], format: str = "PNG", width: int = 520) -> bytes:
    """Black letters on white, in the font that Pillow itself carries, so that it looks alike everywhere."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", (width, 60 * len(lines) + 60), "white")
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(size=30)
    for row, line in enumerate(lines):
        draw.text((40, 30 + 60 * row), line, fill="black", font=font)
    out = io.BytesIO()
    image.save(out, format)
    return out.getvalue()


def scanned_pdf(lines: Sequence[str]) -> bytes:
    """A PDF whose one page is a picture."""
    from PIL import Image

    out = io.BytesIO()
    Image.open(io.BytesIO(picture(lines))).save(out, "PDF", resolution=150)
    return out.getvalue()


def article_html(charset: str, paragraphs: Sequence[str], title: str = "灯塔") -> bytes:
    """A page with a menu, an advert and a footer round its article."""
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    return (
        f'<!doctype html><html><head><meta charset="{charset}"><title>{title}</title>'
        '<meta name="author" content="Anna Holm"><meta property="og:site_name" content="Coast News">'
        '<meta property="article:published_time" content="2024-05-06T07:08:09Z"></head><body>'
        '<nav><ul><li><a href="/">首页</a></li><li><a href="/2">新闻</a></li></ul></nav>'
        f"<article><h1>{title}</h1>{body}"
        '<div class="Advert big">Buy two lamps, pay for one, only this week!</div></article>'
        '<aside><h3>相关阅读</h3><ul><li><a href="/3">另一座灯塔</a></li></ul></aside>'
        "<footer>版权所有</footer></body></html>"
    ).encode("gb18030" if charset.startswith("gb") else charset, "xmlcharrefreplace")
