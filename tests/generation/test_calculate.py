import pytest

from rag.errors import Stopped
from rag.generation import programs
from rag.generation.calculate import arithmetic
from rag.generation.sandbox import run


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("116*114 + 178*157", 41170),
        ("What is 116*114 + 178*157?", 41170),
        ("计算 116×114+178×157", 41170),
        ("116乘以114加178乘以157等于多少?", 41170),
        ("请问 116*114 + 178*157 是多少？", 41170),
        ("116 times 114 plus 178 times 157", 41170),
        ("How much is (3 + 4) x 5 = ?", 35),
        ("1,250 ÷ 4", 312.5),
        ("2^10 - 24", 1000),
        ("15% of 80", 12),
        ("80的15%是多少?", 12),
        ("17 % 5", 2),
        ("12 − 20", -8),
        ("24/8 = ?", 3),
        ("24/8等于多少？", 3),
        ("How much is 24/8?", 3),
    ],
)
def test_a_question_that_is_a_sum_is_read_as_one(question, value):
    assert run(programs.source(programs.read(f"answer = {arithmetic(question)}"))) == value


@pytest.mark.parametrize(
    "question",
    [
        "When was it opened?",
        "大坝是哪一年建成的?",
        "What is 42?",
        "1931",
        "",
        "How many of the 240 men were from 3 valleys?",
        "3 +",
        "A4 - 2",
        "What is 9/11?",
        "24/7",
        "7-11",
        "7–11是什么？",
        "2020-2021",
        "1949-10-01",
    ],
)
def test_a_question_with_more_to_it_is_not(question):
    assert arithmetic(question) == ""


def test_a_program_is_read_with_its_fence_and_comments():
    lines = programs.read("```python\na = 1931  # [2]\n\n# thinking\nanswer = round(a / 3, 1)  # years\n```")
    assert [(line.name, line.expression, line.comment) for line in lines] == [
        ("a", "1931", "[2]"),
        ("answer", "round(a / 3, 1)", "years"),
    ]
    assert programs.source(lines) == "a = 1931\nanswer = round(a / 3, 1)\nanswer"


@pytest.mark.parametrize(
    "said",
    [
        "",
        "I think that 27 is right.",
        "a = 5",
        "import os\nanswer = 1",
        "answer = __import__('os')",
        "answer = open('x')",
        "answer = (lambda: 1)()",
        "answer = [x for x in (1, 2)]",
        "answer = 'text'",
        "answer = True",
        "answer = a.b",
        "answer = sum([1, 2], start=3)",
        "answer = 1 if 2 else 3",
        "while True:\n    pass\nanswer = 1",
        "answer = " + "(" * 5000,
        "\n".join(f"a{n} = {n}" for n in range(50)) + "\nanswer = a1",
    ],
)
def test_what_is_more_than_names_and_sums_is_not_run(said):
    with pytest.raises(Stopped):
        programs.read(said)


def test_the_grammar_names_the_quotes_there_are():
    assert 'mark ::= "1" | "3"' in programs.grammar([1, 3]) and '"NONE"' in programs.grammar([1])
    assert "NONE" not in programs.grammar()
