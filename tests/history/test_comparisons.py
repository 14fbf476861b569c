"""Comparisons go out and come in, in our own form and in WebGPT's."""

import json

import pytest

from rag.errors import UsageFault
from rag.history.comparisons import read, to_webgpt
from rag.history.feedback import Feedback, Mark, Pair

PUBLISHED = {
    "question": {"dataset": "eli5", "id": "0a1b", "full_text": "Why is the sky blue?"},
    "quotes_0": {"title": ["Sky (site.org)"], "extract": ["Blue light is scattered more."]},
    "answer_0": "Blue light is scattered more than red light [1].",
    "tokens_0": {"prefix": [1, 2], "completion": [3]},
    "score_0": -0.5,
    "quotes_1": {"title": [], "extract": []},
    "answer_1": "Because of the sea.",
    "tokens_1": {"prefix": [], "completion": [4]},
    "score_1": 0.5,
    "metadata": {"mission_id": "m"},
}


def test_a_published_comparison_keeps_its_question_answers_quotes_and_who_won():
    [(made, _, pair)] = read([json.dumps(PUBLISHED), "\n"])
    assert pair.question == "Why is the sky blue?" and pair.choice == "right"
    assert pair.left["answer"].startswith("Blue light") and pair.left["quotes"][0]["title"] == "Sky (site.org)"
    assert pair.right["quotes"] == [] and (pair.left_name, pair.right_name) == ("eli5", "eli5")
    again = to_webgpt(made, "", pair)
    same = ("quotes_0", "quotes_1", "answer_0", "answer_1")
    assert {name: again[name] for name in same} == {name: PUBLISHED[name] for name in same}
    assert again["question"]["full_text"] == pair.question and (again["score_0"], again["score_1"]) == (-1.0, 1.0)
    assert set(PUBLISHED) == set(again)


def test_the_two_objects_of_the_original_file_are_the_same_comparison():
    sides = [
        {
            "question": PUBLISHED["question"],
            **{name: PUBLISHED[f"{name}_{at}"] for name in ("quotes", "answer", "score")},
        }
        for at in (0, 1)
    ]
    [(_, _, flat)], [(_, _, original)] = read([json.dumps(PUBLISHED)]), read([json.dumps(sides)])
    assert flat == original


def test_a_score_of_nought_is_a_tie_and_stays_one():
    [(made, at, pair)] = read([json.dumps({**PUBLISHED, "score_0": 0, "score_1": 0})])
    assert pair.choice == "tie" and to_webgpt(made, at, pair)["score_1"] == 0


def test_our_own_lines_come_in_as_they_went_out(tmp_path):
    store, other = Feedback(tmp_path / "a.sqlite"), Feedback(tmp_path / "b.sqlite")
    left = {"id": "a1", "answer": "152米。", "quotes": []}
    right = {"id": "a2", "answer": "125米。", "quotes": []}
    store.add(Pair("大坝多高？", left, right, "quick", "thorough", "left", (Mark("right", 0, False),)), "me")
    other.add_all([*read(store.lines()), *read(store.lines())])
    assert list(other.lines()) == list(store.lines())


@pytest.mark.parametrize(
    "line",
    [
        "no json",
        "[]",
        "3",
        json.dumps({**PUBLISHED, "question": "Why?"}),
        json.dumps({"id": "a", "at": "", "question": "Why?", "left": {"answer": "a"}, "right": {"answer": "b"}}),
        json.dumps(
            {"id": "a", "at": "", "question": "Why?", "left": {"answer": "a"}, "right": {"answer": "b"},
             "left_name": "", "right_name": "", "choice": "both"}
        ),
    ],
)  # fmt: skip
def test_a_line_that_is_no_comparison_is_named(line):
    with pytest.raises(UsageFault, match="Line 2 holds no comparison"):
        list(read([json.dumps(PUBLISHED), line]))
