"""Comparing: blind until the choice, kept after it; and answers taken along."""

import json
from dataclasses import replace

import pypdfium2
from streamlit.testing.v1 import AppTest

from app import resources
from app.exports import FORMS
from app.session import Session
from rag import wiring
from rag.history.feedback import Opinion
from rag.learning.features import unmarked
from rag.types import sha256
from tests.answering.made import asks
from tests.app.conftest import SOON, settle, shown, state
from tests.app.test_ask import LIT, of_browser
from tests.app.test_page import ask, button
from tests.history.test_conversations import ANSWER
from tests.learning.made import answer as made_answer


def compare_page() -> None:
    from app import compare
    from rag.config import load

    compare.page(load())


def compared(site, same: bool = False) -> AppTest:
    test = AppTest.from_function(compare_page, default_timeout=SOON)
    test.session_state["vouch"] = Session(secret="one")
    test = test.run()
    test.text_area[0].set_value(LIT)
    if same:
        test.selectbox[1].select_index(0)
    test = next(found for found in test.button if found.label == "Compare").click().run()
    if state(test).comparing:  # not over by the time it is first looked at
        assert state(test).comparing.run.wait(SOON)
    return test.run()


def test_two_answers_stand_side_by_side_and_say_what_made_them_after_the_choice(site):
    test = compared(site)
    html = shown(test)
    assert not test.exception
    assert "Answer A" in html and "Answer B" in html
    assert "Quick" not in html and "tokens read" not in html
    test.feedback[0].set_value(0)
    test = button(test, "vote-right").click().run()
    html = shown(test)
    assert "You chose B." in html and "Quick" in html and "Thorough" in html
    [line] = resources.feedback(site.config).lines()
    kept = json.loads(line)
    assert kept["choice"] == "right" and kept["question"] == LIT
    assert kept["marks"] == [{"side": "left", "number": 0, "good": False}]
    assert kept["left_name"] != kept["right_name"]
    assert "was preferred to" in html
    test = button(test, "compare-anew").click().run()
    assert test.text_area[0].value == LIT


def test_the_marks_of_both_lead_to_their_quotes(site):
    test = compared(site)
    for side, answer in enumerate(state(test).compared.answers):
        state(test).cite(f"{4 * 10**9 + side}:1")
        assert f'<mark id="quote">{answer.quotes[0].text}</mark>' in shown(test.run())


def test_a_question_is_wanted(site):
    test = AppTest.from_function(compare_page, default_timeout=SOON).run()
    test = next(found for found in test.button if found.label == "Compare").click().run()
    assert "Write a question to compare answers to." in shown(test)


def test_the_same_settings_twice_are_two_samples_of_them(make_site):
    site = make_site([["lighthouse", "It was first lit in 1861.[1] It was designed by Ada Kemble.[1]"]], [])
    test = compared(site, same=True)
    left, right = state(test).compared.sides
    assert left.seed and right.seed and left.seed != right.seed and replace(left, seed=right.seed) == right
    assert "All came out the same." in shown(test) and "· drawn at random" not in shown(test)
    test.feedback[1].set_value(1)
    test = button(test, "vote-tie").click().run()
    assert "You found them equally good." in shown(test) and shown(test).count("Quick · drawn at random") == 2
    [line] = resources.feedback(site.config).lines()
    kept = json.loads(line)
    assert kept["choice"] == "tie" and kept["left_name"] == kept["right_name"]
    assert kept["marks"] == [{"side": "left", "number": 1, "good": True}]
    assert "was preferred to" not in shown(test) and "Your choices so far: 1" in shown(test)
    models = {run["model"] for run in wiring.ledger(site.config).runs()}
    assert [name for name in models if name.endswith(", drawn at 0.7")] == list(models)


def test_the_reader_is_shown_what_this_visitor_called_good_and_nobody_else_s(make_site):
    lit, by = "The lighthouse was first lit in 1861.", "It was designed by Ada Kemble."
    site = make_site([["<example[^<]*Mine", lit], ["<example[^<]*Theirs", by], ["lighthouse", f"{lit}[1] {by}[1]"]], [])
    with (site.folder / "vouch.toml").open("a") as config:
        config.write("[learning]\ndemonstrations = 1\n")
    for owner, text in ((f"browser:{sha256('one')}", "Mine."), ("", "Theirs.")):
        asked = f"When was the lighthouse of {text} lit?"
        told = {"sentences": [{"text": text, "verdict": "supported"}], "index": {"name": "books"}}
        resources.feedback(site.config).say(Opinion(made_answer(text, asked, text, **told), True), owner)
    test = compared(site)
    assert not test.exception and {unmarked(one.text) for one in state(test).compared.answers} == {lit}


def test_three_answers_are_ranked_and_all_their_pairs_are_kept(site):
    test = AppTest.from_function(compare_page, default_timeout=SOON)
    test.session_state["vouch"], test.session_state["compare-count"] = Session(secret="one"), 3
    test = test.run()
    test.text_area[0].set_value(LIT)
    assert len(test.selectbox) == 3
    test = next(found for found in test.button if found.label == "Compare").click().run()
    if state(test).comparing:
        assert state(test).comparing.run.wait(SOON)
    test = test.run()
    assert "Answer C" in shown(test) and "Quick" not in shown(test)
    keep = next(found for found in test.button if found.label == "Keep the ranking")
    assert "Give every answer a place." in shown(keep.click().run())
    test.feedback[0].set_value(1)
    for key, place in (("compare-rank-0", 2), ("compare-rank-1", 1), ("compare-rank-2", 2)):
        next(group for group in test.button_group if group.key == key).set_value(place)
    test = next(found for found in test.button if found.label == "Keep the ranking").click().run()
    assert not test.exception and "You ranked them: B 1, A 2, C 2" in shown(test)
    kept = [pair for _, pair in resources.feedback(site.config).pairs()]
    assert sorted(pair.choice for pair in kept) == ["left", "right", "tie"]
    assert [bool(pair.marks) for pair in kept] == [True, True, False] and all(pair.left["quotes"] for pair in kept)


def test_a_fault_is_a_sentence(make_site):
    test = compared(make_site([["never", "never"]], []))
    assert "The script has no reply" in shown(test)
    assert not test.exception


def test_a_pdf_holds_question_answer_and_quotes_in_both_languages():
    made = FORMS["PDF"].write([ANSWER])
    text = "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(made))
    assert ANSWER.question in text and "灯塔建于1861年。" in text and "有依据" in text
    assert "读于 2026-11-24" in text


def test_each_form_can_be_written_of_any_answer(site):
    test = ask(of_browser(site, "one"), LIT)
    given = state(test).turns[0].answer
    assert "1861" in FORMS["Markdown"].write([given])
    assert FORMS["BibTeX"].write([given]).count("@misc") == len({quote.uri for quote in given.quotes})
    assert FORMS["PDF"].write([given, given]).startswith(b"%PDF-")


def test_a_follow_up_is_shown_as_it_was_understood_and_can_be_put_right(make_site):
    put = [asks("standalone"), "Who designed the lighthouse of Brackwater?"]
    site = make_site([put, ["lighthouse", "The lighthouse was first lit in 1861."]], [])
    test = ask(ask(of_browser(site, "one"), "When was the lighthouse of Brackwater lit?"), "Who designed it?")
    turn = state(test).turns[-1]
    assert turn.asked_as == "Who designed the lighthouse of Brackwater?"
    assert "Understood as:" in shown(test)
    field = next(found for found in test.text_area if (found.key or "").startswith("understood"))
    field.set_value("Who designed the lighthouse lamp?")
    test = settle(next(found for found in test.button if found.label == "Ask again").click().run())
    turn = state(test).turns[-1]
    assert turn.asked_as == "Who designed the lighthouse lamp?" and len(turn.versions) == 2
    assert turn.answer.question == "Who designed the lighthouse lamp?"
    opened = of_browser(site, "one", state(test).conversation)
    assert [one.asked_as for one in state(opened).turns] == ["", "Who designed the lighthouse lamp?"]
