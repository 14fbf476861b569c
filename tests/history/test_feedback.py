"""Pairs are kept whole, told without names of people, and counted whichever side they stood on."""

import json
import sqlite3

import pytest

from rag.errors import IndexFault
from rag.history.feedback import Added, Feedback, Mark, Opinion, Pair, Remark, Tally, all_pairs
from rag.types import Rate


def pair(left: str, right: str, choice, **more) -> Pair:
    return Pair("大坝多高？", {"answer": f"of {left}"}, {"answer": f"of {right}"}, left, right, choice, **more)


@pytest.fixture
def store(tmp_path) -> Feedback:
    return Feedback(tmp_path / "feedback.sqlite")


def test_a_pair_comes_out_as_a_line_of_json(store):
    made = store.add(pair("a", "b", "left", marks=(Mark("right", 1, False),)), "me")
    [line] = store.lines()
    told = json.loads(line)
    assert line.endswith("\n") and "大坝" in line and "me" not in told.values()
    assert (told["id"], told["choice"], told["left"], told["right_name"]) == (made, "left", {"answer": "of a"}, "b")
    assert told["marks"] == [{"side": "right", "number": 1, "good": False}]


def test_each_owner_sees_their_own_and_whoever_learns_sees_all(store):
    store.add(pair("a", "b", "left"), "me")
    store.add(pair("a", "b", "right"), "you")
    assert (store.count("me"), store.count("they"), store.count()) == (1, 0, 2)
    assert len(list(store.lines("me"))) == 1 and len(list(store.lines())) == 2
    assert [tally.won for tally in store.tallies("you")] == [Rate(0, 1)]


def test_the_side_does_not_matter_to_the_count(store):
    for one in (("a", "b", "left"), ("b", "a", "right"), ("b", "a", "left"), ("a", "b", "tie"), ("b", "a", "neither")):
        store.add(pair(*one))
    store.add(pair("a", "a", "left"))  # two samples of one configuration say nothing of configurations
    assert store.tallies() == [Tally("a", "b", Rate(2, 3), 2)]


def test_pairs_are_forgotten_by_their_answers_and_by_their_age(store):
    left, right = {"id": "a1", "answer": "of a"}, {"id": "a2", "answer": "of b, and Ada Kemble"}
    first = store.add(Pair("Who?", left, right, "a", "b", "left"))
    second = store.add(Pair("When?", {"id": "a3"}, {"id": "a4"}, "a", "b", "tie"))
    assert store.forget(["unknown"]) == 0 and store.forget(["a2"]) == 1
    assert [json.loads(line)["id"] for line in store.lines()] == [second] != [first]
    assert b"Kemble" not in store.path.read_bytes()
    assert store.forget_older(30) == 0
    with sqlite3.connect(store.path) as database:
        database.execute("UPDATE pairs SET at = '2020-01-01'")
    newer = Feedback(store.path, days=30).add(pair("a", "b", "left"))
    assert [json.loads(line)["id"] for line in store.lines()] == [newer]


def test_any_number_of_answers_can_be_forgotten_at_once(store):
    store.add(Pair("谁？", {"id": "7"}, {"id": "a"}, "a", "b", "left"))
    store.add(Pair("Who?", {"id": "b"}, {"id": "299999"}, "a", "b", "left"))
    assert store.forget([str(number) for number in range(300_000)]) == 2 and store.count() == 0


def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path):
    (tmp_path / "f.sqlite").write_text("not a database, and long enough to be looked at as one" * 50)
    with pytest.raises(IndexFault, match="Move the file away"):
        Feedback(tmp_path / "f.sqlite")


def test_of_an_answer_a_persons_last_word_counts(store):
    answer = {"id": "a1", "question": "大坝多高？"}
    store.say(Opinion(answer, True), "me")
    store.say(Opinion(answer, False, "152米。"), "me")
    store.say(Opinion(answer, True), "you")
    assert (store.thumb("a1", "me"), store.thumb("a1", "you"), store.thumb("a1", "they")) == (False, True, None)
    assert store.opinions("me") == [Opinion(answer, False, "152米。")] and len(store.opinions()) == 2
    store.take_back("a1", "you")
    assert store.thumb("a1", "you") is None and store.thumb("a1", "me") is False


def test_a_thumb_and_taking_it_back_leave_the_correction(store):
    answer = {"id": "a1", "question": "大坝多高？"}
    store.say(Opinion(answer, False, "152米。"), "me")
    store.say(Opinion(answer, True), "me")
    assert store.opinions() == [Opinion(answer, True, "152米。")]
    store.take_back("a1", "me")
    assert store.opinions() == [Opinion(answer, False, "152米。")]
    store.say(Opinion(answer, False, "153米。"), "me")
    assert store.opinions() == [Opinion(answer, False, "153米。")]


def test_what_was_said_of_an_answer_goes_with_it(store):
    for name in ("a1", "a2"):
        store.say(Opinion({"id": name}, True), "me")
    assert store.forget(["a1"]) == 1
    assert [one.answer["id"] for one in store.opinions()] == ["a2"]


def test_a_file_of_pairs_alone_takes_opinions_too(tmp_path, store):
    store.add(pair("a", "b", "left"))
    with sqlite3.connect(store.path) as database:
        database.execute("DROP TABLE opinions")
        database.execute("DROP TABLE words")
        database.execute("PRAGMA user_version = 1")
    opened = Feedback(store.path)
    opened.say(Opinion({"id": "a1"}, True))
    opened.remark(Remark({"id": "a1"}, 0, "wrong"))
    assert opened.count() == 1 and opened.thumb("a1", "") is True and opened.words("a1", "") == {0: "wrong"}


def test_what_people_called_good_is_counted_over_days(store):
    for name, good in (("a1", True), ("a2", False), ("a3", True)):
        store.say(Opinion({"id": name}, good), "me")
    assert store.called_good(1) == Rate(2, 3) and store.called_good(2, 1) == Rate(0, 0)


def test_of_a_sentence_a_persons_last_word_counts_and_goes_with_its_answer(store):
    answer = {"id": "a1", "question": "大坝多高？"}
    store.remark(Remark(answer, 0, "wrong"), "me")
    store.remark(Remark(answer, 0, "beside the point"), "me")
    store.remark(Remark(answer, 2, "right citation"), "me")
    store.remark(Remark(answer, 0, "wrong"), "you")
    assert store.words("a1", "me") == {0: "beside the point", 2: "right citation"}
    store.unsay("a1", 2, "me")
    assert store.remarks("me") == [Remark(answer, 0, "beside the point")] and len(store.remarks()) == 2
    assert store.forget(["a1"]) == 2 and store.remarks() == []


def test_answers_that_were_ranked_are_all_their_pairs(store):
    answers = [{"id": name, "answer": name} for name in "abcd"]
    made = all_pairs("Who?", answers, list("abcd"), [2, 1, 2, 3])
    chosen = {(one.left_name, one.right_name): one.choice for one in made}
    assert chosen == {
        ("a", "b"): "right", ("a", "c"): "tie", ("a", "d"): "left",
        ("b", "c"): "left", ("b", "d"): "left", ("c", "d"): "left",
    }  # fmt: skip
    for one in made:
        store.add(one, "me")
    assert [pair for _, pair in store.pairs("me")] == made


def test_what_comes_in_twice_is_there_once(store):
    first, other = pair("a", "b", "left"), pair("a", "b", "tie")
    at = "2026-01-01T00:00:00+00:00"
    assert store.add_all([("x1", at, first), ("x1", at, other)]) == Added(1, 0)
    assert store.add_all([("x1", at, first), ("x2", "", other)]) == Added(1, 0) and store.add_all([]) == Added(0, 0)
    assert store.add(first, made="x1") == "x1"
    assert store.pairs() == [("x1", first), ("x2", other)]


def test_bringing_pairs_in_forgets_nothing_and_leaves_out_what_is_too_old(store):
    store.add_all([("x1", "2020-01-01T00:00:00+00:00", pair("a", "b", "left"))])
    bounded = Feedback(store.path, days=30)
    found = [(name, at, pair("a", "b", "tie")) for name, at in (("x2", "2020-01-02T00:00:00+00:00"), ("x3", ""))]
    assert bounded.add_all(found) == Added(1, 1)
    assert [made for made, _ in bounded.pairs()] == ["x1", "x3"]


def test_of_pairs_that_come_in_all_are_kept_or_none(store):
    unwritable = Pair("Who?", {"answer": object()}, {}, "a", "b", "left")
    with pytest.raises(TypeError):
        store.add_all([("x1", "", pair("a", "b", "left")), ("x2", "", unwritable)])
    assert store.count() == 0
