"""A citation into a PDF, in a real browser: the page it was read from beside the text, the lines of the quote boxed.

pytest tests/app/test_browser_pdf.py -m browser
"""

import json

import pytest

from rag import wiring
from rag.answering.adding import add
from rag.config import load
from tests.app.browsing import SHOTS, ask, barriers, open_page, served, wait_for_mark

pytestmark = pytest.mark.browser

pytest.importorskip("playwright.sync_api")

REPLY = "The swing bridge at Ostrel was opened on 4 May 1931.[1]"
LINES = (
    "The harbour trust kept its books in two hands, one for the quays and one for",
    "the water. The swing bridge at Ostrel was opened on 4 May 1931 by the pilot",
    "Lena Marsh, and it turned twice a day until the tunnel was dug.",
)


def report(pages: int = 3) -> bytes:
    """A PDF whose second page tells of the bridge, in a chunk that begins on the first, above a table."""
    from fpdf import FPDF

    pdf = FPDF(unit="pt", format="A4")
    for number in range(1, pages + 1):
        pdf.add_page()
        pdf.set_font("helvetica", size=18)
        pdf.text(70, 90, f"Annual report, part {number}")
        pdf.set_font("helvetica", size=11)
        rest = [f"Month {month} of part {number} went by with dredging the channel." for month in range(1, 13)]
        for row, line in enumerate([*LINES, "", *rest] if number == 2 else rest):
            pdf.text(70, 130 + 15 * row, line)
        pdf.set_xy(70, 400)
        with pdf.table(width=300, align="LEFT") as table:
            for cells in (("Quay", "Length (m)", "Berths"), ("North", "412", "9"), ("South", "388", "")):
                table.row(cells)
    return bytes(pdf.output())


@pytest.fixture
def site(tmp_path, monkeypatch):
    script = tmp_path / "script.json"
    script.write_text(json.dumps({"replies": [["bridge", REPLY]], "choices": []}), "utf-8")
    settings = (
        f'index = "books"\n[embedder]\nkind = "hash"\n[reader]\nkind = "scripted"\nmodel = "{script}"\n'
        '[checking]\njudge = "reader"\nauditor = ""\n'
    )
    (tmp_path / "report.pdf").write_bytes(report())
    (tmp_path / "vouch.toml").write_text(f'indexes = "{tmp_path / "built"}"\n{settings}', "utf-8")
    config = load(tmp_path / "vouch.toml")
    with wiring.index(config, "books", wiring.embedder(config), create=True) as index:
        assert [outcome.status for outcome in add([str(tmp_path / "report.pdf")], index, config)] == ["added"]
    with served(tmp_path, settings) as made:
        yield made


def test_the_cited_page_stands_beside_the_text_with_its_lines_boxed(browser, site):
    page, wrong = open_page(browser, site.url, 1400, 950, locale="en-GB")
    ask(page, "When was the swing bridge at Ostrel opened?", 1)
    telling = page.locator("button.quote", has_text="Ostrel").first
    telling.locator(".place").get_by_text("pp. 1–2", exact=True).wait_for()
    telling.click()
    wait_for_mark(page)
    drawn = page.get_by_role("dialog").locator("img")
    drawn.wait_for()
    page.wait_for_function("document.querySelector('[role=dialog] img').naturalHeight > 1000")
    page.screenshot(path=SHOTS / "boxed-1400.png")
    assert barriers(page) == []
    before = drawn.get_attribute("src")
    page.get_by_role("dialog").get_by_role("button", name="Next").click()
    page.wait_for_function(f"!document.querySelector('[role=dialog] img').src.endsWith('{before}')")
    page.screenshot(path=SHOTS / "boxed-next-1400.png")
    assert wrong == []
