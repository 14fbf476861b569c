"""The index tested on itself, on the Quality page without a browser."""

from streamlit.testing.v1 import AppTest

from app.session import QUALITY_VIEW
from rag import wiring
from tests.answering.made import asks
from tests.app.conftest import SOON, shown, state
from tests.app.test_page import button

REPLIES = [
    [asks("probe", about="lighthouse"), "Question: When was the lighthouse of Brackwater lit?\nAnswer: 1861\n"],
    [asks("probe"), "Question: 首届雁枕春茶节是哪一年举办的？\nAnswer: 1987年\n"],
    [asks("answer", "name", question="lighthouse"), "1861"],
    [asks("answer", "name"), "1987年"],
    [asks("answer", "fact", question="lighthouse"), "The lighthouse was first lit in 1904."],
    [asks("answer", "fact"), "首届雁枕春茶节于1987年举办。"],
    [asks("translate"), "灯塔是哪一年点亮的？"],
]


def quality_page() -> None:
    from app import quality
    from rag.config import load

    quality.page(load())


def test_questions_of_the_sources_are_asked_and_the_shares_kept(make_site):
    site = make_site(REPLIES, [])
    test = AppTest.from_function(quality_page, default_timeout=SOON).run()
    test = next(one for one in test.segmented_control if one.key == QUALITY_VIEW).set_value("test").run()
    test = button(test, "test-index").click().run()
    assert state(test).testing.run.wait(SOON)
    test = test.run()
    assert not test.exception
    html = shown(test)
    outcomes = {one.probe.expected: one.outcome for one in state(test).testing.run.told}
    assert outcomes == {"1861": "wrong", "1987年": "right"}
    assert html.count(">50%<") == 2 and "expected: 1861" in html
    [kept] = wiring.ledger(site.config).evaluations()
    assert (kept["name"], kept["n"], kept["figures"]["right"]["value"]) == ("self-test books", 2, 0.5)
