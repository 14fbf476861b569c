"""Which answers are shown to the reader, to whom, and never the answer to the very question."""

import pytest

from rag.answering.replay import replay
from rag.generation.reader import ScriptedReader
from rag.history.feedback import Feedback, Opinion, Remark
from rag.history.ledger import Ledger
from rag.index.hashed import HashEmbedder
from rag.learning.demonstrations import Demonstration, Demonstrations, Proven, proven
from tests.answering import made as run
from tests.learning.made import answer

LIT = "When was the lighthouse lit?"


def given(number: str, question: str = LIT, text: str = "In 1861. [1]", verdict: str = "supported", **more):
    told = {"sentences": [{"text": text, "verdict": verdict}], "index": {"name": "work"}, "plan": {"kind": "fact"}}
    return answer(number, question, text, **{**told, **more})


@pytest.fixture
def store(tmp_path) -> Feedback:
    return Feedback(tmp_path / "feedback.sqlite")


def shown(store, answers=(), owner=None, index="work") -> list[str]:
    return [one.demonstration.answer for one in proven(answers, store, index, owner)]


def test_what_was_called_good_and_is_verified_is_shown_without_marks(store):
    store.say(Opinion(given("a1"), True), "me")
    store.say(Opinion(given("a2", verdict="unsupported"), True), "me")
    assert proven([], store, "work") == [Proven(Demonstration(LIT, "In 1861."), "en", "fact")]
    assert shown(store, index="other") == []


def test_what_anybody_refused_is_not_shown(store):
    for number in ("a1", "a2", "a3"):
        store.say(Opinion(given(number, f"{LIT} {number}"), True), "me")
    store.say(Opinion(given("a1"), False), "you")
    store.remark(Remark(given("a2"), 0, "wrong"), "you")
    store.remark(Remark(given("a3"), 0, "right citation"), "you")
    assert [one.demonstration.question for one in proven([], store, "work")] == [f"{LIT} a3"]


def test_another_visitor_s_answers_are_not_shown(store):
    store.say(Opinion(given("a1"), True), "me")
    assert shown(store, owner="me") == ["In 1861."] and shown(store, owner="you") == []


def test_what_several_samples_agree_on_is_shown_unless_the_question_was_answered_badly(store):
    agreed = {"agreement": {"hits": 4, "n": 5}}
    torn = {"agreement": {"hits": 3, "n": 5}}
    two = {"agreement": {"hits": 2, "n": 2}}
    answers = [given("b1", metrics=agreed), given("b2", "Who?", metrics=torn), given("b3", "Why?", metrics=two)]
    assert shown(store, answers) == ["In 1861."]
    store.say(Opinion(given("c1", LIT.upper()), False), "me")
    assert shown(store, answers) == []


def test_long_answers_silence_and_sums_are_not_shown(store):
    computed = [{"text": "11", "verdict": "supported", "computation": {"value": "11"}}]
    for number, one in enumerate(
        (given("", text="word " * 100), given("", status="abstained", text=""), given("", sentences=computed))
    ):
        store.say(Opinion({**one, "id": str(number)}, True), "me")
    assert shown(store) == []


def demonstrations(*proved: tuple[str, str], most: int = 2, barred=(), language="en", kind="fact"):
    known = [Proven(Demonstration(question, said), language, kind) for question, said in proved]
    return Demonstrations(lambda: known, HashEmbedder(), most, barred)


def test_the_nearest_come_last_and_never_the_question_itself_nor_one_that_is_barred():
    known = (("When was the lighthouse built?", "1850."), ("When was the mill built?", "1800."), ("Who is it?", "Ada."))
    chosen = demonstrations(*known, (" when was THE ferry built ", "1900."))("When was the ferry built?", "fact", "en")
    assert [one.answer for one in chosen] and "1900." not in [one.answer for one in chosen] and len(chosen) == 2
    assert {one.answer for one in chosen} == {"1850.", "1800."}
    barred = demonstrations(*known, most=1, barred={"whenwasthemillbuilt"})
    assert [one.answer for one in barred("When was the mill, the old one, built?", "fact", "en")] == ["1850."]


def test_only_of_the_same_language_and_kind():
    known = demonstrations(("When?", "1850."))
    assert known("Where?", "fact", "en") and not known("Where?", "list", "en") and not known("哪里?", "fact", "zh")


ORRIN = "When was the Orrin bridge opened?"


@pytest.mark.parametrize("wanted", [True, False])
def test_the_reader_is_shown_them_after_the_evidence_and_only_where_it_composes(tmp_path, wanted):
    reader = ScriptedReader([("", "It was opened on 4 May 1931.")])
    ledger = Ledger(tmp_path / "ledger.sqlite")
    known = demonstrations(("When was the <b>mill</b> built?", "In 1800, they say.")) if wanted else None
    found, _ = run.answer(ORRIN, run.parts(reader, ledger=ledger, demonstrations=known))
    assert "1931" in found.text
    with_it = [prompt for prompt in reader.asked if "In 1800, they say." in prompt.user]
    assert len(with_it) == wanted
    for prompt in with_it:
        evidence, _, rest = prompt.user.partition("</passage")
        assert "1931" in evidence and "In 1800" in rest and "<b>" not in rest and rest.count(ORRIN) == 2
    assert replay(ledger.run("last")).equal


def test_what_the_example_says_is_no_evidence():
    reader = ScriptedReader([("", "It was opened in 1800.")], [("1800", 0.02)])
    known = demonstrations(("When was the mill built?", "In 1800, they say."))
    found, _ = run.answer(ORRIN, run.parts(reader, demonstrations=known))
    assert found.status == "abstained"
