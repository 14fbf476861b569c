from rag.answering.names import named
from rag.types import Chunk, Hit


def hit(uri: str, about: str, text: str) -> Hit:
    return Hit(Chunk(uri, "h", 0, len(text), text), "report", 1.0, about=about)


REPORTS = [
    hit("a", "Lund Ferry Ltd. was founded in 1920", "It gave 500 crowns to the school."),
    hit("b", "Harrow Ferry Ltd. was founded in 1931", "It gave 700 crowns to the school."),
    hit("c", "Orrin Ferry Ltd. was founded in 1931", "It owes Lund Ferry Ltd. 30 crowns."),
]


def test_passages_about_another_than_the_named_one_hold_none_of_the_name():
    shares = named("How much did Lund Ferry Ltd. give to the school?", REPORTS)
    assert shares == [1.0, 0.0, 1.0]


def test_each_of_two_that_are_named_counts():
    assert named("Did Lund Ferry Ltd. or Harrow Ferry Ltd. give more?", REPORTS)[:2] == [1.0, 1.0]


def test_the_name_is_told_in_chinese_too():
    reports = [
        hit("a", "龙渡轮渡有限公司成立于1920年", "捐款五百元。"),
        hit("b", "静湖轮渡有限公司成立于1931年", "捐款七百元。"),
    ]
    assert named("龙渡轮渡有限公司捐了多少钱?", reports) == [1.0, 0.0]


def test_a_question_that_names_none_of_the_pages_prefers_none():
    assert named("Who gave money?", REPORTS) == [1.0, 1.0, 1.0]
    assert named("Who gave money?", []) == []


def test_passages_of_one_page_are_all_about_what_it_is_about():
    of_one = [hit("a", "Lund Ferry", "One."), hit("a", "Lund Ferry", "Two.")]
    assert named("What does Lund Ferry cost?", of_one) == [1.0, 1.0]
