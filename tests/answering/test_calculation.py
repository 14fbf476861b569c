"""Numbers that are worked out, in a whole run: from a sum, and from quotes."""

import pytest

from rag.answering.calculation import expanded, shown, traced
from rag.answering.policies import ScriptedPolicy
from rag.answering.replay import replay
from rag.errors import Stopped
from rag.export.json import answer_as_markdown, as_json
from rag.generation.programs import read
from rag.generation.reader import ScriptedReader
from rag.history.ledger import Ledger
from rag.types import COMPUTED, Finish, Input, Keep, Open, Page, Quote, Search
from rag.web.static import StaticEngine
from tests.answering.made import answer, asks, parts

PAGE = Page(
    "memory:towers",
    "The Hale tower was built in 1931 and is 86 metres high. The Orrin tower of 1958 is 120 metres high. "
    "Of its 240 builders 60 came from the valley.",
    title="Towers",
)
CHINESE = Page("memory:茶园", "东茶园有148万株茶树。西茶园有12万株茶树。", title="茶园")
KEPT = [
    Keep("The Hale tower was built in 1931 and is 86 metres high."),
    Keep("The Orrin tower of 1958 is 120 metres high."),
]
SCRIPT = [Search("tower"), Open(1), *KEPT, Finish(0.3)]
YEARS = "hale = 1931  # [1]\norrin = 1958  # [2]\nanswer = orrin - hale  # years"
QUESTION = "How many years older is the Hale tower than the Orrin tower?"


def run(program: str, question: str = QUESTION, script=SCRIPT, page: Page = PAGE, stated=0.1, **more):
    reader = ScriptedReader(
        [(asks("calculate", "program"), program), (asks("answer", "fact"), "It is old.")],
        [(asks("answer", "sufficient"), stated)],
    )
    whole = {"kind": lambda question: "count", **more}
    return answer(question, parts(reader, ScriptedPolicy(script), StaticEngine([page]), **whole))[0]


def test_a_number_is_worked_out_from_quotes_and_cites_its_inputs():
    found = run(YEARS)
    [sentence] = found.sentences
    assert (found.status, sentence.text) == ("answered", "Worked out from the quotes: 1958 - 1931 = 27 years.")
    assert sentence.citations == (1, 2) and found.text.endswith("[1][2]")
    assert (sentence.verdict.label, sentence.verdict.judge) == ("supported", COMPUTED)
    assert sentence.computation.inputs == (Input("hale", "1931", 1), Input("orrin", "1958", 2))
    assert sentence.computation.value == "27 years"
    assert [step.action for step in found.steps][-1] == "compute"


def test_a_number_that_the_evidence_states_is_told_and_not_worked_out():
    found = run(YEARS, stated=0.9)
    assert found.draft == "It is old." and not any(step.action == "compute" for step in found.steps)


def test_only_what_is_to_be_counted_is_worked_out():
    assert not any(step.action == "compute" for step in run(YEARS, kind=lambda question: "fact").steps)


def test_chinese_questions_and_myriads():
    script = [Search("茶"), Open(1), Keep("东茶园有148万株茶树。"), Keep("西茶园有12万株茶树。"), Finish(0.2)]
    program = "east = 148  # [1]\nwest = 12  # [2]\nanswer = east - west  # 株"
    found = run(program, "东茶园比西茶园多多少株茶树?", script, CHINESE)
    assert found.text == "由引文算出：1480000 - 120000 = 1360000株。[1][2]"


def test_a_percentage():
    script = [Search("tower"), Open(1), Keep("Of its 240 builders 60 came from the valley."), Finish(0.2)]
    program = "valley = 60  # [1]\nbuilders = 240  # [1]\nanswer = valley / builders * 100  # %"
    found = run(program, "What percentage of the builders came from the valley?", script)
    assert found.text == "Worked out from the quotes: 60 / 240 * 100 = 25%.[1]"


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ("NONE", "do not give the numbers"),
        ("hale = 1932  # [1]\norrin = 1958  # [2]\nanswer = orrin - hale  # years", "1932 stands in no quote"),
        ("answer = 27  # years", "27 stands in no quote"),
        ("hale = 1931  # [1]\nanswer = hale  # years", "nothing to work out"),
        ("answer = 100 / 7  # years", "no two numbers"),
        ("hale = 1931  # [1]\norrin = 1958  # [2]\nanswer = hale - other  # years", "does not define"),
        ("hale = 1931  # [1]\norrin = 1958  # [2]\nanswer = orrin / (hale - hale)  # years", "divides by zero"),
        (
            "hale = 1931  # [1]\norrin = 1958  # [2]\nanswer = hale ** orrin ** hale  # years",
            "does not run: OverflowError",
        ),
        ("import os\nanswer = 1", "gives no name"),
    ],
)
def test_what_cannot_be_traced_or_run_is_a_setback_and_the_quotes_answer(program, why):
    found = run(program)
    [setback] = [step for step in found.steps if step.setback]
    assert why in setback.detail and not any(sentence.computation for sentence in found.sentences)
    assert found.draft == "It is old."


def test_what_may_be_below_zero_is_told():
    program = "hale = 1931  # [1]\norrin = 1958  # [2]\nanswer = hale - orrin  # years"
    found = run(program, "How many years of change lie between the Orrin tower and the Hale tower?")
    assert found.text.startswith("Worked out from the quotes: 1931 - 1958 = -27 years.")


def test_a_wrongly_named_quote_is_put_right_and_the_questions_own_numbers_count():
    quotes = [Quote(n, text, "u", "", "h", 0, 1) for n, text in ((1, "It is 86 m high."), (2, "Built in 1958."))]
    lines, inputs = traced(read("h = 86  # [2]\nanswer = h * 3 / 2"), "How high are 3 of them on 2 feet?", quotes)
    assert set(inputs) == {Input("h", "86", 1), Input("", "3", None), Input("", "2", None)}
    assert lines[0].comment == "[1]"
    with pytest.raises(Stopped, match="5 stands in no quote"):
        traced(read("h = 86  # [1]\nanswer = h * 5"), "How high?", quotes)


def test_names_are_written_out():
    assert expanded(read("a = 3\nb = a + 4\nanswer = round(b * 2 / a, 1)")) == "round((3 + 4) * 2 / 3, 1)"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (27, "= 27"), (2.5, "= 2.5"), (25.0, "= 25"), (0.1 + 0.2, "= 0.3"), (1 / 3, "≈ 0.333333"),
        (2e15 / 3, "≈ 6.66667e+14"),
    ],
)  # fmt: skip
def test_how_a_value_is_shown(value, text):
    assert shown(value) == text


def test_a_date_that_looks_like_a_sum_is_searched():
    found, _ = answer("2024-05-06", parts(ScriptedReader()))
    assert found.status == "abstained" and any(step.action == "search" for step in found.steps)


def test_what_was_computed_is_exported_and_replayed(tmp_path):
    ledger = Ledger(tmp_path / "ledger.sqlite")
    found = run(YEARS, ledger=ledger)
    told = as_json(found)["sentences"][0]["computation"]
    assert told["inputs"][1] == {"name": "orrin", "value": "1958", "quote": 2}
    assert "        orrin = 1958  # [2]\n" in answer_as_markdown(as_json(found))
    assert "**computed**" in answer_as_markdown(as_json(found))
    kept = ledger.run("last")
    assert replay(kept).equal and replay(kept).answer == found
