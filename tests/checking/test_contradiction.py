from rag.checking.contradiction import SURE, SURER, conflicts
from rag.types import Page, Sentence, Verdict
from tests.answering.made import quote
from tests.checking.test_substitution import Stated

OURS = quote("石榧大坝坐落在江口。坝高86米。", 1, "memory:a")
THEIRS = quote("石榧大坝很有名。石榧大坝坝高92米。", 2, "memory:b")
PAGES = {
    OURS.page_sha256: Page(OURS.uri, OURS.text, read_at="2026-01-02T03:04:05+00:00"),
    THEIRS.page_sha256: Page(THEIRS.uri, THEIRS.text),
}
JUDGE = Stated(**{"石榧大坝坝高92米。": 0.8})


def told(text: str = "石榧大坝坝高86米。", *citations: int) -> list[Sentence]:
    return [Sentence(text, citations or (1,), Verdict("supported", 0.9, "j"))]


def test_two_heights_of_one_dam_are_shown_side_by_side_each_with_its_sentence():
    [found] = conflicts(told(), [OURS, THEIRS], PAGES, JUDGE, "zh")
    assert (found.differs, found.probability) == ("86米 / 92米", 0.8)
    assert (found.left.quote, found.right.quote) == (1, 2)
    assert found.left.text == "坝高86米。" and found.right.text == "石榧大坝坝高92米。"
    assert found.left.read_at == "2026-01-02T03:04:05+00:00" and found.right.source == "memory:b"


def test_where_the_judge_is_not_sure_there_is_no_conflict():
    judge = Stated(**{"石榧大坝坝高92米。": SURE - 0.01})
    assert conflicts(told(), [OURS, THEIRS], PAGES, judge, "zh") == ()


def test_another_things_height_is_none():
    other = quote("鹤塔高92米。", 2, "memory:b")
    assert conflicts(told(), [OURS, other], PAGES, Stated(), "zh") == ()


def test_one_page_that_says_both_is_shown_with_both_sentences():
    both = quote(f"{OURS.text}{THEIRS.text}", 1, "memory:a")
    [found] = conflicts(told(), [both], {both.page_sha256: Page(both.uri, both.text)}, JUDGE, "zh")
    assert found.differs == "86米 / 92米" and (found.left.quote, found.right.quote) == (1, 1)
    assert found.left.text == "坝高86米。" and found.right.text == "石榧大坝坝高92米。"
    twice = quote(THEIRS.text, 2, "memory:a")
    [found] = conflicts(told(), [OURS, twice], PAGES, JUDGE, "zh")
    assert (found.left.quote, found.right.quote) == (1, 2)


def test_within_one_page_the_judge_must_be_surer():
    both = quote(f"{OURS.text}{THEIRS.text}", 1, "memory:a")
    assert conflicts(told(), [both], PAGES, Stated(**{"石榧大坝坝高92米。": SURER - 0.01}), "zh") == ()


def test_what_one_page_says_of_another_thing_and_a_sentence_that_tells_both_are_none():
    tower = quote(f"{OURS.text}鹤塔高92米。", 1, "memory:a")
    assert conflicts(told(), [tower], {}, Stated(), "zh") == ()
    alone = quote(OURS.text, 1, "memory:a")
    assert conflicts(told(), [alone], {}, (silent := Stated()), "zh") == () and silent.asked == []
    both = quote(f"{OURS.text}{THEIRS.text}", 1, "memory:a")
    judge = Stated(**{"石榧大坝坝高92米，一说92米。": 0.9})
    assert conflicts(told("石榧大坝坝高86米，一说92米。"), [both], {}, judge, "zh") == ()


def test_a_page_in_another_language_is_not_held_against_it():
    other = quote("The Shifei dam is 92 metres high.", 2, "memory:b")
    judge = Stated()
    assert conflicts(told(), [OURS, other], PAGES, judge, "zh") == () and judge.asked == []


def test_a_sentence_without_citations_has_no_side():
    bare = [Sentence("石榧大坝坝高86米。", (), Verdict("unsupported", 0.0, "no citation"))]
    assert conflicts(bare, [OURS, THEIRS], PAGES, JUDGE, "zh") == ()
