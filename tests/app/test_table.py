"""The Table page without a browser: cells of their own sources, citations that open, a table taken along."""

import pytest
from streamlit.testing.v1 import AppTest

from app.session import SESSION, TABLED, Session
from rag import wiring
from rag.cli.forgetting import forget
from rag.types import sha256
from tests.answering.made import asks
from tests.app.conftest import SOON, shown, state

CHOICES = [[asks("answer", "fits", question="opened"), 0.02]]
REPLIES = [
    [asks("answer", "name"), "1861"],
    [asks("answer", "fact", question="opened"), ""],
    [asks("answer", "fact", passages="lighthouse"), "The lighthouse was first lit in 1861."],
    [asks("answer", "fact", passages="茶"), "首届雁枕春茶节于1987年举办。"],
    [asks("translate"), "灯塔是哪一年点亮的？"],
]


def table_page() -> None:
    from app import session, table, works
    from rag.config import load

    session.current().turn_to("table")
    works.restore(load(), session.current())
    table.page(load())


@pytest.fixture
def filled(make_site):
    make_site(REPLIES, CHOICES)

    def fill(columns: str) -> AppTest:
        test = AppTest.from_function(table_page, default_timeout=SOON).run()
        test.text_area[0].set_value(columns)
        test = next(found for found in test.button if found.label == "Fill the table").click().run()
        if state(test).tabling is None:
            return test
        assert state(test).tabling.run.wait(SOON)
        return test.run()

    return fill


def test_each_source_is_a_row_of_cells_that_lead_to_their_quotes(filled):
    test = filled("When was it?\nWhen was it opened?")
    assert not test.exception
    html = shown(test)
    assert html.count('<th scope="row">') == 2 and html.count('<td class="supported"') == 2
    assert "not stated" in html
    for at, uri in enumerate(row.uri for row in state(test).tabling.rows):
        assert {quote.uri for quote in state(test).quotes(TABLED + 2 * at)} == {uri}
    state(test).cite(f"{TABLED}:1")
    assert '<mark id="quote">' in shown(test.run())


def test_a_table_of_no_columns_is_refused_with_the_remedy(filled):
    test = filled("  \n ")
    assert state(test).tabling is None and "at least one source and one column" in shown(test)


def test_a_filled_table_can_be_taken_along(filled):
    test = filled("When was it?")
    labels = [element.proto.label for element in test.get("download_button")]
    assert labels == ["CSV", "Excel"]


def again(test: AppTest, work: str) -> AppTest:
    """The same visitor after a reload: a session of its own, the address and the secret of before."""
    other = AppTest.from_function(table_page, default_timeout=SOON)
    other.session_state[SESSION] = Session(secret=state(test).secret)
    other.query_params["table"] = work
    return other.run()


def test_a_filled_table_is_there_after_a_reload_with_its_citations(filled):
    test = filled("When was it?\nWhen was it opened?")
    work = state(test).tabling.id
    assert work in test.query_params["table"]
    back = again(test, work)
    assert not back.exception
    assert [grid for grid in shown(back).split("<div") if "<td" in grid] == [
        grid for grid in shown(test).split("<div") if "<td" in grid
    ]
    state(back).cite(f"{TABLED}:1")
    assert '<mark id="quote">' in shown(back.run())


def test_a_cell_that_is_forgotten_takes_its_row_along_where_it_was_the_only_one(filled, site):
    test = filled("When was it?")
    made, kept = state(test).tabling, wiring.works(site.config)
    forget(site.config, made.run.told[0].answer.id)
    assert [row.uri for row in state(again(test, made.id)).tabling.rows] == [made.rows[1].uri]
    forget(site.config, made.run.told[1].answer.id)
    assert kept.of(visitor(test), "table") == [] and state(again(test, made.id)).tabling is None


def visitor(test: AppTest) -> str:
    return "browser:" + sha256(state(test).secret)
