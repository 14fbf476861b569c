"""The Check page without a browser: claims judged, the revision, and what is pasted stays text."""

import io
import re
import threading

import docx
from docx.oxml.ns import qn
from streamlit.testing.v1 import AppTest

from app.runs import Run
from app.session import CHECK, CHECKED_ADDRESS, LANGUAGE, SESSION, Checking, Session
from rag.export.json import check_as_markdown
from rag.export.paper import as_docx
from tests.app.conftest import SOON, shown, state
from tests.sources.local_site import send, serve

TEXT = "The lighthouse of Brackwater was first lit in 1816. It was designed by Ada Kemble. Is it open?"


def check_page(config: str) -> None:
    """What main.py does for the Check page; AppTest cannot follow a link to a page that is a function."""
    from app import check, session, works
    from rag.config import load

    session.current().turn_to("check")
    works.restore(load(), session.current())
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


def again(test: AppTest, work: str, secret: str) -> AppTest:
    """Another session, at the address of a check."""
    other = AppTest.from_function(check_page, args=("",), default_timeout=SOON)
    other.session_state[SESSION] = Session(secret=secret)
    other.query_params["check"] = work
    return other.run()


def test_a_check_is_there_after_a_reload_for_who_made_it_alone(site):
    test = paste(visit(), TEXT)
    work, secret = state(test).checked.id, state(test).secret
    test.run()
    assert work in test.query_params["check"]
    back = again(test, work, secret)
    assert state(back).checked.check == state(test).checked.check
    state(back).cite(f"{CHECK}:1")
    assert '<mark id="quote">' in shown(back.run())
    eve = again(test, work, "e" * 32)
    assert state(eve).checked is None and "check" not in eve.query_params
    assert not any("Earlier" in one.label for one in eve.expander)


def test_an_earlier_check_is_opened_from_the_list_and_deleted(site):
    test = paste(visit(), TEXT)
    first = state(test).checked.id
    test = paste(test, "It was designed by Ada Kemble.")
    assert state(test).checked.id != first
    test = next(found for found in test.button if found.key == f"come-{first}").click().run()
    assert state(test).checked.text == TEXT and first in test.query_params["check"]
    test = next(found for found in test.button if found.key == f"drop-{first}").click().run()
    test = next(found for found in test.button if found.key == "delete-work-yes").click().run()
    assert state(test).checked is None and "check" not in test.query_params
    assert [found.key for found in test.button if str(found.key).startswith("come-")] != []
    assert state(again(test, first, state(test).secret)).checked is None


def fetch(test: AppTest, address: str) -> AppTest:
    next(found for found in test.text_input if found.key == CHECKED_ADDRESS).set_value(address)
    return next(found for found in test.button if found.label == "Read it into the field below").click().run()


def test_an_answer_behind_an_address_is_read_into_the_field_and_then_checked(site):
    with serve() as server:
        file = site.folder / "vouch.toml"
        file.write_text(f'{file.read_text("utf-8")}[fetch]\nrender = "off"\nallow_hosts = ["{server.host}"]\n', "utf-8")
        server.pages["/share"] = send(f"<title>Shared</title><article><h1>Chat</h1><p>{TEXT}</p></article>".encode())
        server.pages["/shell"] = send(b"<title>App</title><div id=app></div><script>draw()</script>")
        test = fetch(visit(), server.url("/share"))
        assert TEXT in test.text_area[0].value and state(test).checking is None and state(test).checked is None
        assert "1816" in state(paste(test, TEXT)).checked.text
        html = shown(fetch(test, server.url("/shell")))
        assert "only runs as a program" in html and "copy the answer and paste it below" in html


def test_no_path_and_no_address_of_this_machine_is_read_for_a_check(site):
    secret = site.folder / "vouch.toml"
    for address in (str(secret), f"file://{secret}", "http://127.0.0.1:9/share"):
        test = fetch(visit(), address)
        assert "fault" in shown(test) and not test.text_area[0].value, address
