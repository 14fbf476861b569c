"""Files made to hang a machine, to fill it, or to be read as something else. Each is small."""

import base64
import gzip
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import partial

from rag.config import FetchConfig
from rag.errors import SourceFault
from rag.sources.ingest import read
from tests.attack.ground import Case, Ground
from tests.sources import made_sources as made
from tests.sources.made_sources import SENTENCES

MOST = 25_000_000  # characters that one file may become
LAUGHS = "".join(f'<!ENTITY l{at + 1} "{f"&l{at};" * 10}">' for at in range(9))
DTD = f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY l0 "lol">{LAUGHS}<!ENTITY f SYSTEM "file:///etc/passwd">]>'
QUADRATIC = f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "{"a" * 50_000}">]><r>{"&a;" * 20_000}</r>'
ALIASES = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{b}: &{b} [{','.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
TEXT = "\n".join(SENTENCES)


def zipped(parts: dict[str, bytes | str], compress: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compress) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()


def repacked(content: bytes, changed: dict[str, bytes | str]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts: dict[str, bytes | str] = {name: archive.read(name) for name in archive.namelist()}
    return zipped(parts | changed)


def sheet(cells: str, dimension: str = "A1") -> bytes:
    """A workbook with this inside its sheetData."""
    xml = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f'<dimension ref="{dimension}"/><sheetData>{cells}</sheetData></worksheet>'
    )
    return repacked(made.xlsx({"Sheet": [["a"]]}), {"xl/worksheets/sheet1.xml": xml})


def document(body: str, head: str = "") -> bytes:
    xml = (
        f'{head}<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        f"<w:body>{body}</w:body></w:document>"
    )
    return repacked(made.docx(made.paragraph("a")), {"word/document.xml": xml})


def picture(width: int, height: int) -> bytes:
    """A PNG that says it is so large, with hardly anything in it."""

    def part(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    data = zlib.compress(b"\0" * min(1_000_000, (width // 8 + 1) * height), 9)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", data) + part(b"IEND", b"")


def pdf(objects: list[str]) -> bytes:
    """A PDF of these objects, the first its catalogue; streams are the maker's own affair."""
    out, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n".encode("latin-1")
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    return out + f"trailer\n<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n".encode()


def page_of(box: str, stream: str = "", more: str = "") -> bytes:
    return pdf(
        [
            "<</Type/Catalog/Pages 2 0 R>>",
            "<</Type/Pages/Kids[3 0 R]/Count 1>>",
            f"<</Type/Page/Parent 2 0 R/MediaBox[{box}]/Contents 4 0 R/Resources<<{more}>>>>",
            f"<</Length {len(stream)}>>\nstream\n{stream}\nendstream",
        ]
    )


def flate_bomb() -> bytes:
    packed = zlib.compress(zlib.compress(b"\0" * 200_000_000, 9), 9).decode("latin-1")
    return pdf(
        [
            "<</Type/Catalog/Pages 2 0 R>>",
            "<</Type/Pages/Kids[3 0 R]/Count 1>>",
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R>>",
            f"<</Filter[/FlateDecode/FlateDecode]/Length {len(packed)}>>\nstream\n{packed}\nendstream",
        ]
    )


def mails(depth: int) -> bytes:
    inner = b"Content-Type: text/plain\r\n\r\nThe end.\r\n"
    for _ in range(depth):
        inner = b"From: a@b.example\r\nContent-Type: message/rfc822\r\n\r\n" + inner
    return b"From: a@b.example\r\nSubject: deep\r\n" + inner


def odf(cells: str) -> bytes:
    names = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
        for short, long in {"office": "office", "table": "table", "text": "text"}.items()
    )
    content = (
        f"<office:document-content {names}><office:body><office:spreadsheet><table:table>{cells}</table:table>"
        "</office:spreadsheet></office:body></office:document-content>"
    )
    return zipped(
        {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": content, "meta.xml": "<a/>"}
    )


def deep(one: str, end: str, levels: int, inside: str = "x") -> bytes:
    return (one * levels + inside + end * levels).encode()


CELL = '<table:table-cell table:number-columns-repeated="{}"><text:p>far</text:p></table:table-cell>'
FAR = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>9</v></c></row>'
BOMB = b"0" * 101_000_000
SLOW = {
    "huge page.pdf",
    "a million letters.pdf",
    "a million lines.pdf",
    "100,000 rows.csv",
    "parts.mht",
}  # seconds each
FILES: dict[str, Callable[[], bytes]] = {  # the name's ending says as what it is sent
    "far cell.xlsx": lambda: sheet(FAR),
    "said to be huge.xlsx": lambda: sheet('<row r="1"><c r="A1"><v>1</v></c></row>', "A1:XFD1048576"),
    "said to be small.xlsx": lambda: sheet(
        "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 99))
    ),
    "merged across.xlsx": lambda: repacked(
        made.xlsx({"Sheet": [["a", "b"]]}),
        {
            "xl/worksheets/sheet1.xml": '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
            '<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData>'
            '<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells></worksheet>'
        },
    ),
    "rows out of order.xlsx": lambda: sheet('<row r="999999999999"><c r="A1"><v>1</v></c></row>'),
    "shared strings.xlsx": lambda: repacked(made.xlsx({"S": [["a"]]}), {"xl/sharedStrings.xml": DTD + "<r>&l9;</r>"}),
    "columns repeated.ods": lambda: odf(f"<table:table-row>{CELL.format(10**9)}</table:table-row>"),
    "a billion spaces.odt": lambda: odf('<text:p>a<text:s text:c="1000000000"/>b</text:p>'),
    "rows repeated.ods": lambda: odf(
        f'<table:table-row table:number-rows-repeated="{10**9}">{CELL.format(1000)}</table:table-row>'
    ),
    "zip bomb.docx": lambda: zipped({"[Content_Types].xml": "<x/>", "word/document.xml": BOMB}),
    "zip bomb named otherwise.docx": lambda: zipped({"[Content_Types].xml": "<x/>", "word/d.bin": BOMB}),
    "zip bomb.epub": lambda: zipped({"META-INF/container.xml": "<x/>", "a.xhtml": BOMB}),
    "zip of zips.docx": lambda: zipped({"word/a.docx": zipped({"word/b": BOMB}), "[Content_Types].xml": "<x/>"}),
    "20,000 parts.docx": lambda: zipped({f"word/{n}.xml": "" for n in range(20_000)} | {"[Content_Types].xml": "<x/>"}),
    "entities.docx": lambda: document("<w:p><w:r><w:t>&l9;</w:t></w:r></w:p>", DTD),
    "file as entity.docx": lambda: document("<w:p><w:r><w:t>a&f;b</w:t></w:r></w:p>", DTD),
    "tables in tables.docx": lambda: document(
        "<w:tbl><w:tr><w:tc>" * 5000 + "<w:p/>" + "</w:tc></w:tr></w:tbl>" * 5000
    ),
    "way out of the archive.docx": lambda: repacked(made.docx(made.paragraph("a")), {"../../../tmp/x.xml": "<x/>"}),
    "entities.xml": lambda: (DTD + "<r>&l9;</r>").encode(),
    "file as entity.xml": lambda: (DTD + "<r>&f;</r>").encode(),
    "one long entity.xml": lambda: QUADRATIC.encode(),
    "deep.xml": lambda: deep("<a>", "</a>", 200_000),
    "100,000 attributes.xml": lambda: b"<r" + b"".join(b" a%d='1'" % n for n in range(100_000)) + b">x</r>",
    "deep.json": lambda: deep("[", "]", 200_000, "1"),
    "deep objects.json": lambda: deep('{"a":', "}", 100_000, "1"),
    "number without end.json": lambda: b'{"a": ' + b"9" * 400_000 + b"}",
    "deep.ipynb": lambda: deep("[", "]", 100_000, "1"),
    "not a notebook.ipynb": lambda: json.dumps({"cells": [{"cell_type": "code", "source": 7}, 3, None]}).encode(),
    "deep.html": lambda: b"<html><body><p>start</p>" + deep("<div>", "</div>", 100_000) + b"</body></html>",
    "deep fonts.html": lambda: b"<html><body>" + deep("<font><b><i>", "", 50_000) + b"</body></html>",
    "never closed.html": lambda: b"<html><body>" + b"<p <a href='" * 40_000,
    "one long tag.html": lambda: b"<html><body><p " + b"a" * 2_000_000 + b">x</p></body></html>",
    "comments.html": lambda: b"<html><body>" + b"<!--" * 200_000 + b"<p>x</p></body></html>",
    "tables in tables.html": lambda: (
        b"<html><body>" + deep("<table><tr><td>", "</td></tr></table>", 3000) + b"</body></html>"
    ),
    "cells across.html": lambda: (
        b"<html><body><table><tr><td colspan=999999999 rowspan=999999999>x</td></tr>"
        b"<tr><td>y</td></tr></table></body></html>"
    ),
    "styles.html": lambda: (
        b"<html><head><style>" + b".a{color:red}" * 60_000 + b"</style></head><body><p class=a>x</p></body></html>"
    ),
    "rules for many.html": lambda: (
        "<html><head><style>"
        + "".join(f".c{n}{{color:#{n:06x}}}" for n in range(3000))
        + "</style></head><body>"
        + "".join(f"<p class='c{n}'>word {n}</p>" for n in range(3000))
        + "</body></html>"
    ).encode(),
    "aliases.md": lambda: f"---\n{ALIASES}title: *i\n---\n{TEXT}\n".encode(),
    "deep front.md": lambda: b"---\ntitle: " + deep("[", "]", 20_000) + b"\n---\n" + TEXT.encode(),
    "front that runs.md": lambda: (
        f"---\ntitle: !!python/object/apply:os.system ['touch /tmp/owned']\n---\n{TEXT}".encode()
    ),
    "front without end.md": lambda: b"---\n" + b"a: b\n" * 200_000,
    "date that is none.md": lambda: f"---\ndate: 2021-02-30\n---\n{TEXT}".encode(),
    "headings between fences.md": lambda: b"# a\n```\n# b\n```\n" * 30_000,
    "open comments.md": lambda: b"<!-- " * 80_000,
    "comments.md": lambda: b"<!-- a --> b\n" * 30_000 + b"```\n<!-- c -->\n```\n" * 3000,
    "headings.md": lambda: b"# a\n" * 100_000,
    "fences.md": lambda: b"```\n" * 100_001,
    "links.md": lambda: b"[" * 100_000 + b"](" * 100_000,
    "stars.md": lambda: b"*" * 500_000,
    "one long line.txt": lambda: b"a" * 3_000_000,
    "one long word in Chinese.txt": lambda: ("水" * 1_000_000).encode(),
    "dots.txt": lambda: b"." * 1_000_000,
    "digits.txt": lambda: b"1" * 500_000,
    "spaces.txt": lambda: b" " * 2_000_000 + b"x",
    "marks on one letter.txt": lambda: ("a" + "\u0301" * 500_000).encode(),
    "lines.txt": lambda: b"\n" * 2_000_000 + b"x",
    "steers a terminal.txt": lambda: f"{TEXT}\x1b]0;owned\x07\x1b[2J".encode(),
    "turned about.txt": lambda: f"{TEXT}\n\u202e{TEXT}\u2066".encode(),
    "open quote.csv": lambda: b'a,b\n"' + b"x,y\n" * 300_000,
    "100,000 rows.csv": lambda: b"crop,year,tons\n" + b"rye,1938,4.5\n" * 100_000,
    "100,000 columns.csv": lambda: b",".join(b"c%d" % n for n in range(100_000)) + b"\n" + b"1," * 99_999 + b"1\n",
    "field of 3 MB.csv": lambda: b"a,b\n1," + b"x" * 3_000_000 + b"\n",
    "times.srt": lambda: b"1\n00:00:01,000 --> 00:00:02,000\nHm.\n\n" * 60_000,
    "time that is none.srt": lambda: b"1\n99:99:99,999 --> 00:00:00,000\nHm.\n",
    "braces.rtf": lambda: b"{\\rtf1 " + b"{" * 200_000 + b"x" + b"}" * 200_000 + b"}",
    "numbers.rtf": lambda: b"{\\rtf1 \\u99999999999 \\bin999999999 x}",
    "braces.tex": lambda: b"\\documentclass{a}\\begin{document}" + b"{" * 100_000 + b"x" + b"}" * 100_000,
    "commands.tex": lambda: b"\\textbf" * 20_000,
    "reads a file.tex": lambda: b"\\documentclass{a}\\begin{document}\\input{/etc/passwd} Hello.\\end{document}",
    "mails in mails.eml": lambda: mails(3000),
    "parts in parts.eml": lambda: b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"--a\r\n" * 200_000,
    "boundary that is everywhere.eml": lambda: b"Content-Type: multipart/mixed; boundary=\r\n\r\n" + b"--\r\n" * 50_000,
    "bomb as attachment.eml": lambda: (
        b"Content-Type: application/zip; name=a.docx\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.b64encode(zipped({"[Content_Types].xml": "<x/>", "word/document.xml": BOMB}))
    ),
    "header without end.eml": lambda: b"Subject: " + b"=?utf-8?b?" * 50_000 + b"\r\n\r\nx",
    "parts.mht": lambda: b"Content-Type: multipart/related; boundary=a\r\n\r\n" + b"--a\r\n\r\n" * 20_000,
    "properties.msg": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "__properties_version1.0".encode("utf-16-le") * 300,
    "circle of sectors.msg": lambda: (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + b"\0" * 16
        + b"\x3e\0\x03\0\xfe\xff\x09\0\x06\0"
        + b"\0" * 476
        + "__properties_version1.0".encode("utf-16-le") * 20
    ),
    "100,000 by 100,000.png": lambda: picture(100_000, 100_000),
    "a billion wide.png": lambda: picture(2_000_000_000, 1),
    "said to be huge.bmp": lambda: (
        b"BM" + struct.pack("<IHHIIiiHHIIiiII", 100, 0, 0, 54, 40, 10**6, 10**6, 1, 24, 0, 0, 0, 0, 0, 0)
    ),
    "circle of pages.tiff": lambda: b"II*\0\x08\0\0\0\x01\0\0\x01\x03\0\x01\0\0\0\x01\0\0\0\x08\0\0\0",
    "huge page.pdf": lambda: page_of("0 0 9999999 9999999", "BT /F1 12 Tf 10 10 Td (x) Tj ET"),
    "page of nothing.pdf": lambda: page_of("0 0 0 0"),
    "page turned inside out.pdf": lambda: page_of("800 600 -1e30 nan"),
    "circle of pages.pdf": lambda: pdf(
        ["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[2 0 R 2 0 R]/Count 99999>>"]
    ),
    "a million pages.pdf": lambda: pdf(["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[]/Count 1000000>>"]),
    "bomb of a stream.pdf": flate_bomb,
    "form within itself.pdf": lambda: pdf(
        [
            "<</Type/Catalog/Pages 2 0 R>>",
            "<</Type/Pages/Kids[3 0 R]/Count 1>>",
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 5 0 R/Resources<</XObject<</X 4 0 R>>>>>>",
            "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 4 0 R>>>>/Length 5>>\n"
            "stream\n/X Do\nendstream",
            "<</Length 5>>\nstream\n/X Do\nendstream",
        ]
    ),
    "a million letters.pdf": lambda: page_of(
        "0 0 600 800",
        "BT /F1 1 Tf " + "(a) Tj " * 200_000 + "ET",
        "/Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>",
    ),
    "a million lines.pdf": lambda: page_of("0 0 600 800", "0 0 m 9 9 l S " * 200_000),
    "deep arrays.pdf": lambda: pdf([f"<</Type/Catalog/Pages {'[' * 50_000}{']' * 50_000}>>"]),
    "script in it.pdf": lambda: pdf(
        ["<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>", "<<>>"]
    ),
    "packed.gz": lambda: gzip.compress(BOMB),
    "a program.txt": lambda: b"MZ" + b"\0" * 500,
}


def _tried(name: str, ground: Ground) -> str:
    path = ground.folder / name
    path.write_bytes(FILES[name]())
    try:
        page = read(str(path), FetchConfig())
    except SourceFault as fault:
        told = str(fault)
        assert name in told and "root:" not in told
    else:
        assert len(page.text) < MOST and "root:" not in page.text and len(page.title) < 2000
        assert "\x1b" not in page.text and "\u202e" not in page.text
        told = f"read: {len(page.text)} characters"
    finally:
        path.unlink()
    after = ground.folder / "after.md"
    after.write_text(TEXT)
    assert SENTENCES[0] in read(str(after), FetchConfig()).text
    return told


CASES = [Case("files", name, partial(_tried, name)) for name in FILES]
