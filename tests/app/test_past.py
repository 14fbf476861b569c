"""Answers as the ledger and the notes keep them: their quotes, and what of them is shown openly."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from app.past import quotes
from app.words import say
from rag.export.json import as_json
from rag.types import Answer, Conflict, Quote, Sentence, Side, Verdict
from tests.app.conftest import SOON, shown

KEPT = Quote(1, "words", "memory:dam", "The dam", "0", 3, 8, "The dam › Repairs", "2024-05-06")


def test_quotes_come_back_as_they_were_kept() -> None:
    told = as_json(Answer("?", "en", "answered", "words", "", (), (KEPT,), (), (), {}, {}))
    assert quotes(told) == [KEPT]
    for quote in told["quotes"]:
        del quote["heading"], quote["date"]
    assert quotes(told) == [replace(KEPT, heading="", date="")]


def drawn(kept: dict, inside: bool) -> None:
    import streamlit as st

    from app import past, session

    with st.expander("A question") if inside else st.container():
        past.draw(session.current(), "en", kept, 0)


def look(given: Answer, inside: bool = False) -> AppTest:
    test = AppTest.from_function(drawn, default_timeout=SOON, args=(as_json(given), inside)).run()
    assert not test.exception
    return test


SAID = Sentence("It opened in 1934.", (1,), Verdict("unsupported", 0.1, "reader"))
LEFT = Side(1, "It was opened in 1931.", 17, 21, "memory:dam", "The dam")
RIGHT = Side(2, "1934 saw it open.", 0, 4, "memory:other", "Another")


@pytest.mark.parametrize("inside", [False, True])
def test_what_was_withheld_is_shown_on_request_alone(inside: bool) -> None:
    refused = Answer("?", "en", "abstained", "", "not found in your sources", (SAID,), (KEPT,), (), (), {}, {})
    test = look(refused, inside)
    [draft] = [one for one in test.expander if one.label == say("en", "refused draft")]
    hidden = "".join(one.body for one in draft.get("html"))
    assert "1934" in hidden and shown(test).count("It opened in") == hidden.count("It opened in")
    answered = look(Answer("?", "en", "answered", "It.", "", (SAID,), (KEPT,), (), (), {}, {}), inside)
    assert "1934" in shown(answered) and say("en", "refused draft") not in [one.label for one in answered.expander]


def test_the_sides_of_a_conflict_are_shown_with_the_value_in_dispute() -> None:
    given = Answer(
        "?", "en", "answered", "It.", "", (SAID,), (KEPT,), (), (), {}, {}, conflicts=(Conflict(LEFT, RIGHT),)
    )
    assert "It was opened in <mark>1931</mark>." in shown(look(given))
    assert "<mark>1934</mark> saw it open." in shown(look(given))
