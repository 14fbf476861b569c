import pytest

from rag.errors import Stopped
from rag.generation import programs
from rag.generation.calculate import arithmetic, asked, stated
from rag.generation.sandbox import run
from rag.types import Quote


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


@pytest.mark.parametrize(
    "question",
    [
        "How many years older is the bridge than the tower?",
        "How much longer is the first tunnel than the second?",
        "What is the difference between the two heights?",
        "How many years passed between the opening and the fire?",
        "How old was Ada Kemble when the lighthouse was lit?",
        "What is the ratio of men to women?",
        "What was the difference in price between the two tickets?",
        "What is the age difference of the sisters?",
        "How old was she in 1931?",
        "甲塔比乙塔高多少米?",
        "两座桥的通车时间相差几年?",
        "两座水库的库容之和是多少?",
        "灯塔点亮时艾达·肯布尔多少岁?",
        "今年的产量是去年的几倍?",
    ],
)
def test_what_is_hardly_ever_stated_is_worked_out(question):
    assert asked(question) and asked(question, 0.99)


@pytest.mark.parametrize(
    "question",
    [
        "How many people work there in total?",
        "What percentage came from the valley?",
        "一共有多少人?",
        "销量同比增长多少?",
        "数据量该增加多少倍?",
        "女职工占百分之几?",
        "每公斤多少钱?",
    ],
)
def test_what_is_often_stated_is_worked_out_only_where_it_is_not(question):
    assert asked(question) and asked(question, 0.3) and not asked(question, 0.8)


@pytest.mark.parametrize(
    "question",
    [
        "When was the bridge opened?",
        "How high is the dam?",
        "How many times did she win?",
        "What does 'plastid' mean?",
        "Who designed it?",
        "大坝是哪一年建成的?",
        "静湖的海拔是多少?",
        "票价多少钱?",
        "What is the difference between a virus and a bacterium?",
        "What is the ratio decidendi?",
        "How old is the university in Bologna?",
        "病毒和细菌有什么差别?",
    ],
)
def test_what_a_source_states_is_not(question):
    assert not asked(question)


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


@pytest.mark.parametrize(
    ("question", "quote", "found"),
    [
        ("盐埕街比江面的平均高潮位低多少？", "盐埕街地势最低，比江面的平均高潮位还低30厘米。", True),
        ("盐埕街比江面的平均高潮位低多少？", "江面的平均高潮位是4.66米，盐埕街海拔3.1米。", False),
        ("How much higher is the dam than the tower?", "The dam is 12.5 metres higher than the tower.", True),
        ("How much higher is the dam than the tower?", "The dam is 62 metres high, the tower 49.5.", False),
        ("大坝有多高？", "大坝比塔高12米。", False),
        ("A比B高多少？", "C比D高20米。", False),
        ("A比B高多少？", "A的位置很好。C比B高20米。", False),
        ("甲塔比乙塔的塔尖高多少米？", "甲塔比乙塔高20米。", True),
        ("甲塔比乙塔高多少米？", "甲塔比丙塔高20米，乙镇在旁边。", False),
        ("How much higher is A than B?", "A is 20 m higher than B.", True),
        ("How much higher is A than B?", "C is 20 m higher than D.", False),
        ("How much higher is A than B?", "A stands near. C is 20 m higher than B.", False),
        ("How many years older is A than B?", "C, 72, is older than D, 70.", False),
        ("How many years older is A than B?", "A, 72, is older than B, 70.", False),
        ("How many years older is A than B?", "A is 2 years older than B.", True),
        ("How many more people does A have than B?", "A has 300 more people than B.", True),
        ("How many more people live in Wangxi than in Anji?", "Wangxi has 1,300 more people than Anji.", True),
        ("How many more people live in Wangxi than in Anji?", "Yanzhen has 1,300 more people than Anji.", False),
        (
            "How much longer is the first tunnel than the second?",
            "The first tunnel is 3 km longer than the second.",
            True,
        ),
        ("How much higher is the Hale tower than the Orrin tower?", "It is 3 m higher than the Orrin tower.", False),
    ],
)
def test_a_difference_that_a_quote_states_is_not_worked_out(question, quote, found):
    assert stated(question, [Quote(1, quote, "memory:a", "A", "0", 0, len(quote))]) is found
