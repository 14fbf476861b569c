"""Mails, notebooks, records, OpenDocument, RTF, LaTeX and source code, made here by real writers where there is one."""

import io
import json
import struct
import zipfile
from email.message import EmailMessage

import pytest

from rag.errors import SourceFault
from rag.sources.extract import extract
from rag.text.headings import headings
from tests.sources import made_kinds
from tests.sources import made_sources as made
from tests.sources.made_sources import CHINESE, SENTENCES


def mail(**heads: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "Ada <ada@example.org>", "Bo <bo@example.org>"
    message["Date"] = "Tue, 04 May 2021 10:00:00 +0000"
    for name, value in heads.items():
        message[name] = value
    return message


def test_a_mail_tells_its_heads_and_what_is_attached() -> None:
    message = mail(Subject="水库 fee")
    message.set_content(SENTENCES[0])
    message.add_alternative(f"<p>{SENTENCES[0]}</p>", subtype="html")
    message.add_attachment("Year,Fee\n2019,40\n2020,42\n", subtype="csv", filename="fees.csv")
    message.add_attachment(b"\x7fELF\x00\x01", maintype="application", subtype="octet-stream", filename="tool")
    page = extract(message.as_bytes(), "/mails/1.eml")
    assert (page.title, page.author, page.date) == ("水库 fee", "Ada <ada@example.org>", "2021-05-04")
    assert page.text.count(SENTENCES[0]) == 1 and "To: Bo" in page.text
    assert "Attachment: fees.csv" in page.text and "2020" in page.text
    assert page.left_out == "1 attachment"


def test_a_mail_of_markup_alone_is_read_as_text_and_a_mail_within_it_too() -> None:
    inner = mail(Subject="Inner")
    inner.set_content(SENTENCES[1])
    outer = mail(Subject="Outer")
    outer.set_content(f"<html><body><p>{CHINESE[0]}</p><p hidden>unseen</p></body></html>", subtype="html")
    outer.add_attachment(inner)
    text = extract(outer.as_bytes(), "o.eml").text
    assert CHINESE[0] in text and SENTENCES[1] in text and "unseen" not in text and "<p>" not in text


def test_mails_within_mails_end() -> None:
    message = mail(Subject="0")
    message.set_content(SENTENCES[2])
    for number in range(1, 12):
        around = mail(Subject=str(number))
        around.set_content("see below")
        around.add_attachment(message)
        message = around
    assert "see below" in extract(message.as_bytes(), "deep.eml").text


def test_a_mail_that_outlook_saved_is_read() -> None:
    wide = {
        "0037": "Fee of the lock",
        "1000": SENTENCES[0],
        "0C1A": "Ada Marsh",
    }
    streams = {f"__substg1.0_{tag}001F": text.ljust(2100).encode("utf-16-le") for tag, text in wide.items()}
    entries = b"".join(
        struct.pack("<HHIII", 0x1F, int(tag, 16), 6, len(streams[f"__substg1.0_{tag}001F"]) + 2, 0) for tag in wide
    )
    fill = b"".join(struct.pack("<HHIII", 3, 0x6000 + at, 6, at, 0) for at in range(260))
    streams["__properties_version1.0"] = bytes(32) + entries + fill
    page = extract(made_kinds.compound(streams), "saved.msg")
    assert page.title.strip() == "Fee of the lock" and SENTENCES[0] in page.text


def test_a_saved_web_page_is_the_page() -> None:
    message = EmailMessage()
    message["Content-Location"] = "https://coast.example/a"
    message.set_content(made.article_html("utf-8", SENTENCES * 3, "Grey Point").decode(), subtype="html")
    message.make_related()
    message.add_related(b"\x89PNG", "image", "png")
    page = extract(message.as_bytes(), "/saved/page.mht")
    assert page.uri == "/saved/page.mht" and page.title == "Grey Point" and SENTENCES[0] in page.text


def test_a_notebook_is_its_cells_and_what_they_printed() -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Fees\n", SENTENCES[0]]},
        {
            "cell_type": "code",
            "source": "print(fee)",
            "outputs": [
                {"output_type": "stream", "text": ["40 crowns\n"]},
                {"output_type": "display_data", "data": {"image/png": "iVBORw0KGgo", "text/plain": ["<Figure>"]}},
            ],
        },
    ]
    text = extract(json.dumps({"cells": cells, "nbformat": 4}).encode(), "a.ipynb").text
    assert SENTENCES[0] in text and "print(fee)" in text and "40 crowns" in text and "iVBOR" not in text


def test_a_record_says_what_its_values_are() -> None:
    held = {"station": "Orrin", "depth": 34.50, "open": True, "keeper": None, "names": ["水库", "Müller"]}
    held["locks"] = [{"name": "upper", "metres": 3}, {"name": "lower", "metres": 4}]  # type: ignore[assignment]
    lines = extract(json.dumps(held).encode(), "a.json").text.split("\n")
    assert lines[0] == "station: Orrin | depth: 34.5 | open: true | names: 水库, Müller"
    assert lines[1:] == ["locks | name: upper | metres: 3", "locks | name: lower | metres: 4"]


def test_lines_of_json_are_records_each() -> None:
    text = '{"year": 2019, "fee": 40}\n{"year": 2020, "fee": 42}\n'
    assert extract(text.encode(), "a.jsonl").text.split("\n") == ["year: 2019 | fee: 40", "year: 2020 | fee: 42"]


def test_elements_are_records_too_and_prose_stays_whole() -> None:
    xml = (
        "<?xml version='1.0'?><stations><station name='Orrin'><depth unit='m'>34.5</depth></station>"
        "<note>It was <b>never</b> dug.</note></stations>"
    )
    text = extract(xml.encode(), "a.xml").text
    assert "name: Orrin" in text and "unit: m | text: 34.5" in text and "note: It was never dug." in text


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", b'{"a": '),
        ("a.json", b"[" * 100_000),
        ("a.jsonl", b'{"a": 1}\n{"b": \n'),
        ("a.xml", b"<a><b></a>"),
        ("a.ipynb", b'{"cells": [1]}'),
        ("a.mht", b"From: a\nContent-Type: text/plain\n\nnothing"),
        ("a.odt", made.packed({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<x/>"})),
    ],
)
def test_what_is_broken_is_refused_by_name(name: str, content: bytes) -> None:
    with pytest.raises(SourceFault, match=name):
        extract(content, name)


def opendocument(body: str, kind: str = "text") -> bytes:
    spaces = ("office", "text", "table", "meta")
    names = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in spaces)
    facts = "<dc:title>Locks</dc:title><dc:date>2021-05-04T10:00:00</dc:date>"
    parts = {
        "content": f"<office:body>{body}</office:body>",
        "meta": f'<office:meta xmlns:dc="http://purl.org/dc/elements/1.1/">{facts}</office:meta>',
    }
    written: dict[str, str | bytes] = {
        f"{part}.xml": f"<office:document-{part} {names}>{inside}</office:document-{part}>"
        for part, inside in parts.items()
    }
    return made.packed({"mimetype": f"application/vnd.oasis.opendocument.{kind}"} | written)


def test_an_opendocument_text_keeps_headings_lists_and_spaces() -> None:
    body = (
        "<office:text><text:tracked-changes><text:p>deleted</text:p></text:tracked-changes>"
        f'<text:h text:outline-level="2">Lamps</text:h><text:p>{SENTENCES[0]}<text:s text:c="2"/>Yes.</text:p>'
        "<text:list><text:list-item><text:p>one</text:p></text:list-item></text:list></office:text>"
    )
    page = extract(opendocument(body), "a.odt")
    assert page.text.split("\n") == ["Lamps", f"{SENTENCES[0]} Yes.", "• one"]
    assert [(one.level, one.words) for one in page.headings] == [(2, "Lamps")]
    assert (page.title, page.date) == ("Locks", "2021-05-04")


def test_rows_of_an_opendocument_sheet_carry_their_column_names() -> None:
    def row(*cells: str, repeated: int = 1) -> str:
        told = "".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in cells)
        return f'<table:table-row table:number-rows-repeated="{repeated}">{told}</table:table-row>'

    body = f"<office:spreadsheet><table:table>{row('Year', 'Fee')}{row('2019', '40')}{row('2020', '42')}"
    body += f"{row('', '', repeated=1048573)}</table:table></office:spreadsheet>"
    text = extract(opendocument(body, "spreadsheet"), "a.ods").text
    assert "Year: 2019 | Fee: 40" in text and "Year: 2020 | Fee: 42" in text


def test_rich_text_is_its_words() -> None:
    rtf = r"{\rtf1\ansi\ansicpg1252{\fonttbl\f0 Arial;}\f0 The fee is {\b 40} crowns. Caf\'e9. \u27700?\u24211?}"
    assert extract(rtf.encode("ascii"), "a.rtf").text.strip() == "The fee is 40 crowns. Café. 水库"


def test_latex_is_the_text_that_it_sets() -> None:
    tex = r"""\documentclass{article}
\title{Fees of 1988}
\begin{document}
\section{Fees} % a comment
The fee is 40 crowns\footnote{Since 1988.}, and $x^2 = 4$.
\end{document}"""
    page = extract(tex.encode(), "a.tex")
    text = page.text
    assert page.title == "Fees of 1988" and [each.words for each in headings(page)] == ["Fees"]
    assert "\nFees\n" in text and "40 crowns" in text and "x^2 = 4" in text
    assert "comment" not in text and "\\section" not in text


def test_source_code_is_kept_and_its_symbols_are_headings() -> None:
    code = 'class Lock:\n    """A lock."""\n\n    def open(self) -> None:\n        self.gate = "up"\n'
    page = extract(code.encode(), "lock.py")
    assert page.text == code
    assert [(one.level, one.words) for one in page.headings] == [(1, "class Lock"), (2, "def open")]


def test_word_shows_the_numbers_of_headings_and_lists() -> None:
    document = made_kinds.numbered_docx(
        [("Heading1", 0, "Duties"), ("Heading2", 1, "Lamps"), ("", None, SENTENCES[0]), ("Heading2", 1, "Horn")]
    )
    page = extract(document, "a.docx")
    assert page.text.split("\n") == ["第二条 Duties", "2.a Lamps", SENTENCES[0], "2.b Horn"]
    assert [one.words for one in page.headings] == ["第二条 Duties", "2.a Lamps", "2.b Horn"]


def test_an_archive_of_other_files_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.md", SENTENCES[0])
    with pytest.raises(SourceFault, match="Unpack"):
        extract(out.getvalue(), "a.zip")


def test_a_table_of_latex_has_its_names_in_every_row():
    rows = r"Pump & Power kW & Supplier \\ \midrule P-205 & 7 & Berg \& Co \\[2pt] P-206 & & Lund \\"
    tex = rf"\begin{{document}}\begin{{tabular}}{{l@{{}}r|l}}\toprule {rows}\bottomrule\end{{tabular}}\end{{document}}"
    lines = extract(tex.encode(), "a.tex").text.split("\n")
    assert "Pump: P-205 | Power kW: 7 | Supplier: Berg & Co" in lines
    assert "Pump: P-206 | Supplier: Lund" in lines


def test_a_table_of_markdown_has_its_names_in_every_row_and_code_stays_as_it_is():
    head = "| Pump | Power kW | Supplier |\n|---|--:|---|"
    table = f"{head}\n| P-205 | 7 | [Berg](https://b.example) |\n| P-206 | | a \\| b |"
    page = extract(f"# Pumps\n\n{table}\n\nAfter it.\n\n```\n{table}\n```\n".encode(), "a.md")
    assert (
        "Pump: P-205 | Power kW: 7 | Supplier: [Berg](https://b.example)\nPump: P-206 | Supplier: a | b\n" in page.text
    )
    assert f"```\n{table}\n```" in page.text and "\n\nAfter it.\n" in page.text
    assert [each.words for each in headings(page)] == ["Pumps"]
    assert [link.address for link in page.links][:1] == ["https://b.example"]


def test_headings_of_a_notebook_are_those_of_its_text_and_rtf_tells_its_title():
    cells = [
        {"cell_type": "markdown", "source": ["# Pumps\n", "Two of them.\n", "## North"]},
        {"cell_type": "code", "source": ["# not a heading\n", "x = 1"], "outputs": []},
    ]
    page = extract(json.dumps({"cells": cells}).encode(), "a.ipynb")
    assert page.title == "Pumps" and [(each.level, each.words) for each in headings(page)] == [
        (1, "Pumps"),
        (2, "North"),
    ]
    told = extract(rb"{\rtf1\ansi{\info{\title Pumps of \'e9t\'e9}{\author Ida}}Two of them.}", "a.rtf")
    assert (told.title, told.author, told.text.strip()) == ("Pumps of été", "Ida", "Two of them.")
