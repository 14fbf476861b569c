"""A table whose cells are answers: each from its own source, short where one value is asked for."""

from dataclasses import replace

import pytest

from rag.answering.table import MOST_CELLS, Row, columns_of, fill, question_of, written
from rag.errors import UsageFault
from rag.generation.reader import ScriptedReader
from rag.types import Page
from rag.web.static import StaticEngine
from tests.answering.made import answer, asks, parts

OLD = Page("memory:old", "The Orrin bridge was opened on 4 May 1931.", title="Orrin")
NEW = Page("memory:new", "The Quill bridge was opened on 2 May 2014.", title="Quill")
SAID = {OLD.uri: "The Orrin bridge was opened on 4 May 1931.", NEW.uri: "The Quill bridge was opened on 2 May 2014."}
ROWS = [Row(page.uri, page.title) for page in (OLD, NEW)]


def ask(question: str, uri: str):
    page = next(page for page in (OLD, NEW) if page.uri == uri)
    cannot = "" if "cost" in question else SAID[uri]
    reader = ScriptedReader([(asks("translate"), "何时？"), (asks("answer", "fact"), cannot)])
    found, _ = answer(question, parts(reader, engine=StaticEngine([page])))
    return found


def pointing(at: str) -> ScriptedReader:
    return ScriptedReader([(asks("answer", "name"), at)])


def test_each_cell_is_answered_from_its_own_source():
    cells = list(fill(ROWS, ["When was the bridge opened?"], ask, pointing("2 May 2014")))
    assert [(cell.row, cell.column, cell.verdict) for cell in cells] == [(0, 0, "supported"), (1, 0, "supported")]
    assert [cell.quote.uri for cell in cells] == [OLD.uri, NEW.uri]


def test_a_value_that_stands_in_the_answer_is_told_alone_and_no_other():
    old, new = fill(ROWS, ["opening day"], ask, pointing("2 May 2014"))
    assert new.text == "2 May 2014"
    assert old.text == SAID[OLD.uri]


def test_what_a_source_does_not_tell_is_an_empty_cell():
    opened, cost = fill(ROWS[:1], ["opening day", "cost"], ask, pointing("1931"))
    assert (cost.text, cost.verdict, cost.quote) == ("", "abstained", None)
    assert replace(opened, answer=replace(opened.answer, status="abstained")).quote is None  # whatever its draft cites
    table = written(["opening day", "cost"], ROWS, [opened, cost], "en")
    assert table.cells[0, 0].quote == OLD.text and table.cells[0, 1].value == ""


@pytest.mark.parametrize(("rows", "lines"), [(0, ["a"]), (2, []), (2, ["  "]), (MOST_CELLS, ["a", "b"])])
def test_no_table_of_nothing_and_none_without_end(rows, lines):
    with pytest.raises(UsageFault):
        columns_of(lines, rows)


def test_a_column_named_twice_is_one():
    assert columns_of([" cost ", "", "cost", "year"], 2) == ("cost", "year")


def test_a_column_is_a_question_or_names_what_is_asked():
    assert question_of("When was it?") == "When was it?" and question_of("哪一年？") == "哪一年？"
    assert "revenue" in question_of("revenue") and question_of("revenue").endswith("?")
    assert "营业收入" in question_of("营业收入")
