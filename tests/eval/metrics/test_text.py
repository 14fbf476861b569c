import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.text import cmrc_em, cmrc_f1, cmrc_tokens, em, f1, squad_em, squad_f1, squad_normalise


def test_squad_normalises_in_the_reference_order():
    assert squad_normalise("The  cat's, a Hat!") == "cats hat"
    assert squad_normalise("banana theatre") == "banana theatre"  # articles are whole words
    assert squad_normalise("a.n") == ""  # punctuation goes first, so that an article is left, and goes too


@pytest.mark.parametrize(
    ("answer", "golds", "expected"),
    [
        ("the cat sat", ["cat sat down"], 0.8),  # 2 of 2 said, 2 of 3 wanted: 2 * 1 * 2/3 / (5/3)
        ("cat cat", ["cat"], 2 / 3),  # a bag: the second cat is not common
        ("sat cat", ["cat sat"], 1.0),  # order does not count
        ("cat", ["dog", "cat"], 1.0),  # the best gold
        ("", [], 1.0),
        ("cat", [], 0.0),
        ("", ["cat"], 0.0),
        ("cat", ["the"], 0.0),  # a gold that normalises to nothing: nothing should be said
        ("cat", ["dog"], 0.0),
    ],
)
def test_squad_f1(answer: str, golds: list[str], expected: float):
    assert squad_f1(answer, golds) == pytest.approx(expected)


def test_squad_exact_match():
    assert squad_em("The Cat.", ["dog", "cat"]) == 1.0
    assert squad_em("cat sat", ["cat"]) == 0.0
    assert squad_em("", []) == 1.0


def test_chinese_is_cut_by_character_latin_by_word():
    assert cmrc_tokens("用GPU训练3.5小时, OK.") == ["用", "gpu", "训", "练", "3.5", "小", "时", "ok"]


@pytest.mark.parametrize(
    ("answer", "golds", "expected"),
    [
        ("在1998年", ["1998年"], 0.8),  # run 1998+年: 2 of 3 said, 2 of 2 wanted
        ("都首", ["首都"], 0.5),  # the bag is the same, the longest run is 1: 2 * 1 / 4
        ("《红楼梦》。", ["红楼梦"], 1.0),
        ("北京", ["上海", "北京市"], 0.8),  # best gold: 2 * 2 / (2 + 3)
        ("北京", ["上海"], 0.0),
        ("", ["北京"], 0.0),
        ("甲乙丙甲乙", ["甲乙丁甲乙丙"], 6 / 11),  # the longest run is 甲乙丙, wherever it starts
    ],
)
def test_cmrc_f1_takes_the_longest_run(answer: str, golds: list[str], expected: float):
    assert cmrc_f1(answer, golds) == pytest.approx(expected)


def test_a_character_that_is_common_in_a_long_answer_is_still_compared():
    # difflib takes such for junk unless told not to; run 300: 2 * 300 / (301 + 300)
    assert cmrc_f1("乙" + "甲" * 300, ["甲" * 300]) == pytest.approx(600 / 601)


def test_cmrc_exact_match_drops_marks_but_not_the_point_of_a_number():
    assert cmrc_em("《红楼梦》。", ["红楼梦"]) == 1.0
    assert cmrc_em("1998.", ["1998"]) == 1.0
    assert cmrc_em("3.5倍", ["35倍"]) == 0.0
    assert cmrc_em("New York", ["NewYork"]) == 0.0


def test_the_language_chooses_the_figure():
    # As SQuAD's one token "首都" the answer is wrong, as CMRC's characters half right.
    assert (f1("都首", ["首都"], "zh"), f1("都首", ["首都"], "en")) == (0.5, 0.0)
    assert (em("《a》", ["a b"], "zh"), em("the cat", ["cat"], "en"), em("the cat", ["cat"], "zh")) == (0.0, 1.0, 0.0)


@given(st.text("ab 的是1.,", max_size=12), st.text("ab 的是1.,", max_size=12), st.sampled_from(["zh", "en"]))
def test_f1_is_symmetric_bounded_and_never_below_the_exact_match(one: str, other: str, language: str):
    score = f1(one, [other], language)
    assert em(one, [other], language) <= score <= 1
    assert score == f1(other, [one], language)
