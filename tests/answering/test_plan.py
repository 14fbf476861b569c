import pytest

from rag.answering.plan import fill_in, make_plan
from rag.generation.reader import ScriptedReader
from rag.types import Plan
from tests.answering.made import asks

BOTH = "Which was opened first, the Hale tower or the Orrin tower?"
RIVER = "How long is the river at the town where Aldo Wirth was born?"


@pytest.mark.parametrize("kind", ["fact", "list", "explain", "summary", "count"])
def test_a_question_of_one_step_is_its_own_plan_and_no_reader_is_asked(kind):
    reader = ScriptedReader()
    assert make_plan(BOTH, kind, "en", reader) == Plan(kind, (BOTH,)) and reader.asked == []


def test_a_comparison_is_taken_apart():
    said = "1. When was the Hale tower opened?\n2. When was the Orrin tower opened?"
    reader = ScriptedReader([(asks("plan", "compare"), said)])
    assert make_plan(BOTH, "compare", "en", reader).parts == (
        "When was the Hale tower opened?",
        "When was the Orrin tower opened?",
    )


@pytest.mark.parametrize("last", ["Which tower is higher?", "Is #1 higher?"])
def test_what_the_whole_is_to_answer_is_not_looked_up(last):
    question = "Compare the height of the Hale tower and the Orrin tower. Which tower is higher?"
    looked_up = ("How high is the Hale tower?", "How high is the Orrin tower?")
    said = "\n".join(f"{at}. {each}" for at, each in enumerate((*looked_up, last), 1))
    assert make_plan(question, "compare", "en", ScriptedReader([("", said)])).parts == looked_up


def test_a_chain_is_taken_apart_in_chinese_too():
    said = "1. 画家沃思出生在哪个镇?\n2. #1的河有多长?"
    reader = ScriptedReader([(asks("plan", "chain"), said)])
    plan = make_plan("画家沃思出生的那个镇的河有多长?", "chain", "zh", reader)
    assert plan == Plan("chain", ("画家沃思出生在哪个镇?", "#1的河有多长?"))


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("compare", "1. When was the Hale tower opened?"),  # one is no comparison
        ("compare", "1. When was the Hale tower opened?\n2. When was the Hale tower opened?"),
        ("compare", "1. When was the Hale tower opened?\n2. Was the Orrin tower opened before #1?"),  # one leans
        ("compare", "1. When was the Hale tower opened?\n2. Who paints portraits of harbour masters in winter?"),
        ("compare", "I do not know."),
        ("compare", ""),
        ("chain", "1. In which town was Aldo Wirth born?\n2. How long is the river at the town?"),  # none leans
        ("chain", "1. How long is the river at #1?\n2. In which town was Aldo Wirth born?"),  # the first one does
    ],
)
def test_a_split_that_does_not_hold_is_refused_and_the_question_asked_as_it_stands(kind, said):
    question, asked_as = (BOTH, "explain") if kind == "compare" else (RIVER, "fact")
    assert make_plan(question, kind, "en", ScriptedReader([("", said)])).kind == asked_as
    assert make_plan(question, kind, "en", ScriptedReader([("", said)])).parts == (question,)


def test_of_many_questions_no_more_are_looked_up_than_three():
    names = ("Hale", "Orrin", "Lund", "Harrow", "Wirth")
    question = f"Which is higher, the towers of {', '.join(names)}?"
    said = "\n".join(f"{at}. How high is the tower of {name}?" for at, name in enumerate(names, 1))
    assert len(make_plan(question, "compare", "en", ScriptedReader([("", said)])).parts) == 3


@pytest.mark.parametrize(
    ("part", "found", "filled"),
    [
        ("How long is the river at #1?", ["Lund"], "How long is the river at Lund?"),
        ("How far is #2 from #1?", ["Lund", "Harrow"], "How far is Harrow from Lund?"),
        ("#1的河有多长?", ["隆德"], "隆德的河有多长?"),
        ("How long is the river at #1?", [""], ""),
        ("How long is the river at #1?", [], ""),
        ("How long is the river at #2?", ["Lund"], ""),
        ("How long is the river at #0?", ["Lund"], ""),
        ("How long is the river?", [], "How long is the river?"),
        ("How long is #1?", [r"C:\1 \g<0>"], r"How long is C:\1 \g<0>?"),
    ],
)
def test_what_was_found_is_filled_in(part, found, filled):
    assert fill_in(part, found) == filled


@pytest.mark.parametrize(
    ("question", "first", "second"),
    [
        (
            "比较2020年禾丰公司和青木公司的利润,哪家更高?",
            "1. 禾丰公司的利润是多少?\n2. 青木公司的利润是多少?",
            "1. 2020年禾丰公司的利润是多少?\n2. 2020年青木公司的利润是多少?",
        ),
        (
            "禾丰公司和青木公司的利润分别是多少?",
            "1. 天丰公司的利润是多少?\n2. 青木公司的利润是多少?",
            "1. 禾丰公司的利润是多少?\n2. 青木公司的利润是多少?",
        ),
        (
            "比较2020年禾丰公司和青木公司的利润,哪家更高?",
            "1. 2020年禾丰公司的利润是多少?\n2. 2025年青木公司的利润是多少?",
            "1. 2020年禾丰公司的利润是多少?\n2. 2020年青木公司的利润是多少?",
        ),
    ],
)
def test_a_plan_that_loses_a_year_or_changes_a_name_is_drawn_again(question, first, second):
    reader = ScriptedReader(lambda prompt: second if prompt.temperature else first)
    assert make_plan(question, "compare", "zh", reader).parts == tuple(line[3:] for line in second.split("\n"))
    assert len(reader.asked) == 2  # nothing is drawn once nothing is lost


def test_of_plans_that_all_lose_something_the_first_stands():
    said = "1. 天丰公司的利润是多少?\n2. 青木公司的利润是多少?"
    assert make_plan("禾丰公司和青木公司的利润分别是多少?", "compare", "zh", ScriptedReader([("", said)])).parts == (
        "天丰公司的利润是多少?",
        "青木公司的利润是多少?",
    )
