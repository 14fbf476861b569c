"""The Check page without a browser: claims judged, the revision, and what is pasted stays text."""

import io
import re
import threading

import docx
from docx.oxml.ns import qn
from streamlit.testing.v1 import AppTest

from app.runs import Run
from app.session import CHECK, LANGUAGE, Checking
from rag.export.json import check_as_markdown
from rag.export.paper import as_docx
from tests.app.conftest import SOON, shown, state

TEXT = "The lighthouse of Brackwater was first lit in 1816. It was designed by Ada Kemble. Is it open?"


def check_page(config: str) -> None:
    """What main.py does for the Check page; AppTest cannot follow a link to a page that is a function."""
    from app import check
    from rag.config import load

    check.page(load())


def visit() -> AppTest:
    return AppTest.from_function(check_page, args=("",), default_timeout=SOON).run()


def paste(test: AppTest, text: str) -> AppTest:
    test.text_area[0].set_value(text)
    test = next(found for found in test.button if found.label == "Check").click().run()
    checking = state(test).checking
    if not checking:
        return test
    assert checking.run.wait(SOON)
    return test.run()


def test_a_pasted_text_is_marked_up_and_revised_side_by_side(site):
    test = paste(visit(), TEXT)
    html = shown(test)
    assert not test.exception
    done = state(test).checked.check
    assert [one.finding for one in done.claims] == ["refuted", "supported", "not checkable"]
    assert '<span class="claim contradicted" title="refuted">' in html
    taken, put = re.search(r"<del>(.*?)1816</del><ins>(.*?)1861</ins>", html).groups()
    assert "taken out" in taken and "put in" in put  # for who hears the page
    assert html.count('<li class="supported">') == 1 and '<li class="idle">' in html
    labels = [element.proto.label for element in test.get("download_button")]
    assert {f"Report ({form})" for form in ("Markdown", "Word", "PDF", "JSON")} <= set(labels)


def test_the_report_in_word_holds_the_changes_as_revisions(site):
    done = state(paste(visit(), TEXT)).checked.check
    body = docx.Document(io.BytesIO(as_docx(check_as_markdown(done), "t", revisions=True))).element.body
    taken, put = ([text.text for one in body.iter(qn(f"w:{name}")) for text in one.iter(qn(f"w:{held}"))]
                  for name, held in (("del", "delText"), ("ins", "t")))  # fmt: skip
    assert taken == ["1816"] and "1861" in put


def test_the_findings_are_counted(site):
    html = shown(paste(visit(), TEXT))
    assert "refuted <b>1</b>" in html and "supported <b>1</b>" in html and "not checkable <b>1</b>" in html


def test_a_citation_of_a_check_opens_its_page_at_the_quote(site):
    test = paste(visit(), TEXT)
    state(test).cite(f"{CHECK}:1")
    html = shown(test.run())
    assert f'<mark id="quote">{state(test).checked.check.quotes[0].text}</mark>' in html


def test_claims_are_there_while_the_check_is_being_made(site):
    done = paste(visit(), TEXT)
    told = state(done).checked.check
    go_on, come = threading.Event(), threading.Event()

    def work(tell):
        from rag.facts import ClaimChecked, Split

        tell(Split(TEXT, tuple(one.claim for one in told.claims)))
        tell(ClaimChecked(0, told.claims[0]))
        come.set()
        go_on.wait(SOON)

    test = visit()
    state(test).checking = Checking(TEXT, Run(work))
    assert come.wait(SOON)
    html = shown(test.run())
    assert [status.label for status in test.status] == ["Claims checked: 1 of 3"]
    assert html.count('<li class="pending">') == 2 and html.count('<li class="contradicted">') == 1
    test = next(found for found in test.button if found.key == "stop-check").click().run()
    go_on.set()
    assert "Stopped before the check was finished." in shown(test)


def test_what_is_pasted_is_shown_as_text(site):
    html = shown(paste(visit(), "The <script>alert(1)</script> lighthouse <img src=x> was first lit in 1816."))
    assert "<script" not in html and "<img" not in html and "&lt;script&gt;" in html


def test_a_document_is_checked_in_place_of_a_pasted_text(site):
    test = visit()
    test.file_uploader[0].set_value(("said.html", f"<h1>Said</h1><p>{TEXT}</p>".encode(), "text/html"))
    test = paste(test, "")
    assert state(test).checked.text.count("1816") == 1 and "<p>" not in state(test).checked.text
    test.file_uploader[0].set_value(("said.exe", b"MZ\x00\x00" + bytes(60), "application/octet-stream"))
    assert "cannot be read" in shown(paste(test, ""))


def test_an_empty_text_is_said_and_the_page_speaks_chinese(site):
    test = paste(visit(), "  ")
    assert "at least one sentence" in shown(test)
    test.session_state[LANGUAGE] = "zh"
    assert "核查一段文字" in shown(test.run())
