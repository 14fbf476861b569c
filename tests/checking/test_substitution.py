import pytest

from rag.checking.substitution import substitute
from rag.types import Verdict
from tests.answering.made import quote

DAM = quote("石榧大坝坝高86米,坝顶长642米,1986年建成。", about="石榧大坝")


class Stated:
    """A judge that supports the statements it was given, so surely, and no other."""

    name = "stated"

    def __init__(self, **sure: float) -> None:
        self.sure, self.asked = sure, []

    def judge(self, quotes, claim, language) -> Verdict:
        self.asked.append(claim)
        sure = self.sure.get(claim, 0.02)
        return Verdict("supported" if sure >= 0.5 else "unsupported", sure, self.name)


def test_a_quote_that_says_the_same_with_another_figure_is_found_with_both():
    claim = "石榧大坝坝高92米。"
    found = substitute(claim, DAM, Stated(**{"石榧大坝坝高86米。": 0.9}), "zh", 0.5)
    assert (found.ours.text, found.theirs.text, found.probability) == ("92", "86", 0.9)
    assert DAM.text[found.theirs.start : found.theirs.end] == "86"
    assert claim[found.ours.start : found.ours.end] == "92"


def test_the_surest_of_several_figures_is_taken():
    judge = Stated(**{"大坝高86米。": 0.7, "大坝高642米。": 0.9})
    assert substitute("大坝高92米。", DAM, judge, "zh", 0.5).theirs.text == "642"


def test_a_quote_that_is_about_something_else_says_no_such_thing():
    assert substitute("鹤桥长92米。", DAM, Stated(), "zh", 0.5) is None


def test_less_than_the_threshold_is_no_substitution():
    assert substitute("大坝高92米。", DAM, Stated(**{"大坝高86米。": 0.55}), "zh", 0.6) is None


@pytest.mark.parametrize("claim", ["石榧大坝坝高86米。", "大坝很高。"])
def test_where_no_figure_is_missing_nobody_is_asked(claim: str):
    judge = Stated()
    assert substitute(claim, DAM, judge, "zh", 0.5) is None and judge.asked == []


def test_only_figures_of_the_same_unit_take_a_figures_place():
    judge = Stated()
    substitute("大坝于1984年建成。", DAM, judge, "zh", 0.5)
    assert judge.asked == ["大坝于1986年建成。"]


def test_figures_that_stand_in_what_a_quote_is_about_are_not_missing():
    judge = Stated()
    closed = quote("It closed in 1931.", about="Report of 1934")
    assert substitute("In 1934 it closed.", closed, judge, "en", 0.5) is None
    assert judge.asked == []
