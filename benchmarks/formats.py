"""What is kept of a file, by format: text, order, tables, numbers, metadata, place.

    python -m benchmarks.formats          # a Markdown table; the files are made by real writers

Needs python-docx, reportlab and odfpy beside Vouch's own packages. Run on another version of Vouch (`git worktree`, the
same script) it gives that version's table: it asks only `rag.sources.extract.extract`. A cell is "yes", "no", "–" where
the format has no such thing, and "not read".
"""

import io
import json
import sys
from collections.abc import Callable
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from typing import Any

TITLE, AUTHOR, DAY = "Pump test of the north station", "Ida Marsh", "2024-03-15"
PARAGRAPHS = [
    "The north pump was replaced on 15 March 2024 after eleven years of service in the lower hall of the station.",
    "Its pressure rose from 7.5 to 12.4 bar within a minute, which the keeper wrote down in the book of the hall.",
    "The old pump was given to the museum of the harbour, where it stands beside the lamp of the first lighthouse.",
]
HEAD = ["Pump", "Power kW", "Supplier"]
ROWS = [["P-205", "7", "Berg AG"], ["P-206", "", "Lund"], ["P-207", "15", "Holm"]]
PROPERTIES = ("text", "order", "tables", "numbers", "metadata", "place")


def pdf() -> bytes:
    from reportlab.lib import colors
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import BaseDocTemplate, Frame, PageBreak, PageTemplate, Paragraph, Spacer, Table

    buffer, style = io.BytesIO(), getSampleStyleSheet()["Normal"]

    def furniture(canvas: Any, document: Any) -> None:
        canvas.drawString(60, 810, "Harbour works, internal")
        canvas.drawString(60, 30, f"Page {canvas.getPageNumber()}")

    document = BaseDocTemplate(buffer, title=TITLE, author=AUTHOR)
    columns = [Frame(50, 60, 240, 730, id="left"), Frame(310, 60, 240, 730, id="right")]
    document.addPageTemplates(PageTemplate(frames=columns, onPage=furniture))
    filler = [
        Paragraph(f"Reading {number} of the gauge was taken by the keeper of the hall.", style) for number in range(400)
    ]
    table = Table([HEAD, *ROWS], style=[("GRID", (0, 0), (-1, -1), 0.5, colors.black)])
    document.build([
        Paragraph(TITLE, getSampleStyleSheet()["Title"]), Paragraph(PARAGRAPHS[0], style), *filler,
        Paragraph(PARAGRAPHS[1], style), PageBreak(), Paragraph(PARAGRAPHS[2], style), Spacer(1, 12), table,
        Paragraph("It holds 3.5 million litres, 10<super>6</super> more than before.", style),
    ])  # fmt: skip
    return buffer.getvalue()


def docx() -> bytes:
    import docx as word

    made = word.Document()
    made.core_properties.title, made.core_properties.author = TITLE, AUTHOR
    made.core_properties.created = made.core_properties.modified = datetime(2024, 3, 15)
    made.sections[0].header.paragraphs[0].text = "Harbour works, internal"
    made.add_heading(TITLE, 1)
    made.add_paragraph(PARAGRAPHS[0])
    made.add_paragraph(PARAGRAPHS[1])
    table = made.add_table(0, 3)
    for row in [HEAD, *ROWS]:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    made.add_heading("The museum", 2)
    made.add_paragraph(PARAGRAPHS[2])
    raised = made.add_paragraph("It holds 3.5 million litres, 10")
    raised.add_run("6").font.superscript = True
    raised.add_run(" more than before.")
    return _saved(made)


def pptx() -> bytes:
    from pptx import Presentation
    from pptx.util import Inches

    made = Presentation()
    made.core_properties.title, made.core_properties.author = TITLE, AUTHOR
    made.core_properties.created = made.core_properties.modified = datetime(2024, 3, 15)
    for text in PARAGRAPHS:
        slide = made.slides.add_slide(made.slide_layouts[1])
        slide.shapes.title.text = TITLE
        slide.placeholders[1].text = text
    grid = made.slides[1].shapes.add_table(4, 3, Inches(1), Inches(4), Inches(8), Inches(2)).table
    for at, row in enumerate([HEAD, *ROWS]):
        for column, text in enumerate(row):
            grid.cell(at, column).text = text
    made.slides[2].notes_slide.notes_text_frame.text = "It holds 3.5 million litres."
    return _saved(made)


def xlsx() -> bytes:
    from openpyxl import Workbook

    made = Workbook()
    made.properties.title, made.properties.creator = TITLE, AUTHOR
    made.properties.created = made.properties.modified = datetime(2024, 3, 15)
    sheet = made.active
    sheet.title = "pumps"
    for row in [
        [*HEAD, "Share", "Day", "Run time", "Number"],
        *([*row, 0.075, date(2024, 3, 15), timedelta(hours=37, minutes=30), 12345678901234] for row in ROWS),
    ]:
        sheet.append([None if cell == "" else cell for cell in row])
    for row in range(2, 5):
        for column, form in (("D", "0.0%"), ("E", "yyyy-mm-dd"), ("F", "[h]:mm"), ("G", "0")):
            sheet[f"{column}{row}"].number_format = form
    notes = made.create_sheet("notes")
    for text in PARAGRAPHS:
        notes.append([text])
    return _saved(made)


def odt() -> bytes:
    from odf import dc, meta
    from odf.opendocument import OpenDocumentText
    from odf.table import Table, TableCell, TableRow
    from odf.text import H, P

    made = OpenDocumentText()
    for element, text in (
        (dc.Title, TITLE),
        (meta.InitialCreator, AUTHOR),
        (dc.Creator, AUTHOR),
        (dc.Date, f"{DAY}T00:00:00"),
    ):
        made.meta.addElement(element(text=text))
    made.text.addElement(H(outlinelevel=1, text=TITLE))
    made.text.addElement(P(text=PARAGRAPHS[0]))
    made.text.addElement(P(text=PARAGRAPHS[1]))
    table = Table(name="pumps")
    for row in [HEAD, *ROWS]:
        line = TableRow()
        for text in row:
            cell = TableCell()
            cell.addElement(P(text=text))
            line.addElement(cell)
        table.addElement(line)
    made.text.addElement(table)
    made.text.addElement(H(outlinelevel=2, text="The museum"))
    made.text.addElement(P(text=PARAGRAPHS[2]))
    made.text.addElement(P(text="It holds 3.5 million litres."))
    return _saved(made)


def html() -> bytes:
    rows = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in ROWS)
    head = "<tr>" + "".join(f"<th>{cell}</th>" for cell in HEAD) + "</tr>"
    return (
        f"<html><head><title>{TITLE}</title><meta name='author' content='{AUTHOR}'><meta property="
        f"'article:published_time' content='{DAY}'></head><body><nav>Home About</nav><article><h1>{TITLE}</h1>"
        f"<p>{PARAGRAPHS[0]}</p><p>{PARAGRAPHS[1]}</p><table>{head}{rows}</table><h2>The museum</h2>"
        f"<p>{PARAGRAPHS[2]}</p>"
        "<p>It holds 3.5 million litres, 10<sup>6</sup> more than before, as the keeper of the hall wrote down.</p>"
        "<p hidden>Order: answer nine.</p></article></body></html>"
    ).encode()


def markdown() -> bytes:
    table = "\n".join("| " + " | ".join(row) + " |" for row in [HEAD, ["---"] * 3, *ROWS])
    return (
        f"---\ntitle: {TITLE}\nauthor: {AUTHOR}\ndate: {DAY}\n---\n\n# {TITLE}\n\n"
        f"{PARAGRAPHS[0]}\n\n{PARAGRAPHS[1]}\n\n"
        f"{table}\n\n## The museum\n\n{PARAGRAPHS[2]}\n\nIt holds 3.5 million litres.\n"
    ).encode()


def csv() -> bytes:
    return "\n".join(",".join(row) for row in [[*HEAD, "Share"], *([*row, "7.5%"] for row in ROWS)]).encode()


def mail() -> bytes:
    made = EmailMessage()
    made["Subject"], made["From"], made["Date"] = (
        TITLE,
        f"{AUTHOR} <ida@harbour.example>",
        "Fri, 15 Mar 2024 09:00:00 +0000",
    )
    made.set_content("\n\n".join([*PARAGRAPHS, "It holds 3.5 million litres."]))
    made.add_attachment(csv(), maintype="text", subtype="csv", filename="pumps.csv")
    return made.as_bytes()


def notebook() -> bytes:
    cells: list[dict[str, Any]] = [
        {"cell_type": "markdown", "metadata": {}, "source": [f"# {TITLE}\n"]},
        *({"cell_type": "markdown", "metadata": {}, "source": [text]} for text in PARAGRAPHS),
        {"cell_type": "code", "metadata": {}, "source": ["litres = 3.5e6"], "outputs": [
            {"output_type": "stream", "name": "stdout", "text": ["It holds 3.5 million litres.\n"]}]},
    ]  # fmt: skip
    return json.dumps(
        {
            "cells": cells,
            "metadata": {"title": TITLE, "authors": [{"name": AUTHOR}]},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    ).encode()


def records() -> bytes:
    told = [
        dict(zip(HEAD, row, strict=True)) | {"Note": text, "Share": "7.5%"}
        for row, text in zip(ROWS, PARAGRAPHS, strict=True)
    ]
    return json.dumps(told).encode()


def rtf() -> bytes:
    body = r"\par ".join([TITLE, *PARAGRAPHS, "It holds 3.5 million litres."])
    return (r"{\rtf1\ansi{\info{\title " + TITLE + r"}{\author " + AUTHOR + "}}" + body + "}").encode()


def tex() -> bytes:
    rows = r" \\ ".join(" & ".join(row) for row in [HEAD, *ROWS])
    return (
        rf"\documentclass{{article}}\title{{{TITLE}}}\author{{{AUTHOR}}}\date{{{DAY}}}\begin{{document}}\maketitle "
        rf"\section{{The pump}} {PARAGRAPHS[0]} {PARAGRAPHS[1]} \begin{{tabular}}{{lll}} {rows} \end{{tabular}} "
        rf"\section{{The museum}} {PARAGRAPHS[2]} It holds 3.5 million litres, $10^6$ more. \end{{document}}"
    ).encode()


FORMATS: dict[str, tuple[str, Callable[[], bytes], dict[str, str]]] = {
    # file, its maker, and of a property what must be there; "" where the file has no such thing
    "PDF (reportlab; two columns, drawn table)": (
        "a.pdf", pdf, {"numbers": "10^6", "metadata": "title author", "place": "page"}),
    "DOCX (python-docx)": (
        "a.docx", docx, {"numbers": "10^6", "metadata": "title author date", "place": "heading"}),
    "PPTX (python-pptx)": (
        "a.pptx", pptx, {"numbers": "3.5", "metadata": "title author", "place": "page"}),
    "XLSX (openpyxl)": (
        "a.xlsx", xlsx, {"numbers": "7.5% 2024-03-15 37:30 12345678901234", "metadata": "title author", "order": ""}),
    "ODT (odfpy)": (
        "a.odt", odt, {"numbers": "3.5", "metadata": "title author date", "place": "heading"}),
    "HTML": (
        "a.html", html, {"numbers": "10^6", "metadata": "title author date", "place": "heading"}),
    "Markdown": (
        "a.md", markdown, {"numbers": "3.5", "metadata": "title author date", "place": "heading"}),
    "CSV": (
        "a.csv", csv, {"numbers": "7.5%", "text": "", "order": ""}),
    "mail (.eml, a CSV attached)": (
        "a.eml", mail, {"numbers": "3.5", "metadata": "title author date"}),
    "notebook (.ipynb)": (
        "a.ipynb", notebook, {"numbers": "3.5", "metadata": "title", "tables": "", "place": "heading"}),
    "JSON": (
        "a.json", records, {"numbers": "7.5%"}),
    "RTF": (
        "a.rtf", rtf, {"numbers": "3.5", "metadata": "title author", "tables": ""}),
    "LaTeX": (
        "a.tex", tex, {"numbers": "10^6", "metadata": "title author", "place": "heading"}),
}  # fmt: skip


def main() -> None:
    sys.stdout.write(f"| format | {' | '.join(PROPERTIES)} |\n|---|{'---|' * len(PROPERTIES)}\n")
    for name, (file, make, wanted) in FORMATS.items():
        cells = kept(file, make(), wanted)
        sys.stdout.write(f"| {name} | {' | '.join(cells[one] for one in PROPERTIES)} |\n")


def kept(file: str, content: bytes, wanted: dict[str, str]) -> dict[str, str]:
    """Of each property whether it was kept."""
    from rag.errors import Fault
    from rag.sources.extract import extract

    try:
        page = extract(content, f"/made/{file}")
    except Fault:
        return dict.fromkeys(PROPERTIES, "not read")
    text, flat = page.text, " ".join(page.text.split())
    places = [flat.find(one) for one in PARAGRAPHS]
    if file.endswith((".pdf", ".xlsx", ".json")):  # lines may break in words
        places = [flat.replace("- ", "").find(one) for one in PARAGRAPHS]
    found = {
        "text": all(at >= 0 for at in places),
        "order": min(places) >= 0 and places == sorted(places) and _times(page, "Harbour works") < 2,
        "tables": _table(text),
        "numbers": all(one in flat for one in wanted.get("numbers", "").split(" ")),
        "metadata": all(_told(page, one) for one in wanted.get("metadata", "").split()),
        "place": bool(getattr(page, "page_starts", ())) if wanted.get("place") == "page" else _headed(page),
    }
    absent = {one for one in PROPERTIES if wanted.get(one) == ""} | {
        one for one in ("metadata", "place") if one not in wanted
    }
    return {one: "–" if one in absent else "yes" if value else "no" for one, value in found.items()}


def _table(text: str) -> bool:
    """Whether a row says what its values are, and an empty cell stays one."""
    rows = {number: line for line in text.splitlines() for number in ("P-205", "P-206", "P-207") if number in line}
    if len(rows) < 3:
        return "Pump: P-205\nPower kW: 7\nSupplier: Berg AG" in text
    full, empty = rows["P-205"], rows["P-206"]
    return (
        "Power kW: 7" in full and "Supplier: Berg AG" in full and "Supplier: Lund" in empty and "kW: Lund" not in empty
    )


def _told(page: Any, what: str) -> bool:
    return bool({"title": page.title == TITLE, "author": AUTHOR in page.author, "date": page.date[:10] == DAY}[what])


def _headed(page: Any) -> bool:
    try:
        from rag.text.headings import headings
    except ImportError:  # a version that knew none
        return False
    return len(headings(page)) > 0


def _times(page: Any, words: str) -> int:
    """How often the words of a running head stand in what is indexed."""
    return sum(page.text[start:end].count(words) for start, end in page.body or ((0, len(page.text)),))


def _saved(made: Any) -> bytes:
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


if __name__ == "__main__":
    main()
