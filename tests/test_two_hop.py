"""The two-hop questions are what they claim: one fact on each of two pages, and neither page answers alone."""

from collections import Counter

import pytest

from eval.grade import right
from rag.text.language import language
from tests.test_fixtures import FIXTURES, PAGES, QUESTIONS, SQUASHED, named, plain, read_rows, squash

FILES = {"two_hop.jsonl": 15, "two_hop_held_out.jsonl": 8}  # how many there are in each language
ROWS = {name: read_rows(FIXTURES / name) for name in FILES}
EVERY = [row for rows in ROWS.values() for row in rows]


@pytest.mark.parametrize("name", FILES)
def test_half_are_chinese_and_half_english(name: str):
    assert Counter(row["language"] for row in ROWS[name]) == {"zh": FILES[name], "en": FILES[name]}
    assert {language(row["question"]) == row["language"] for row in ROWS[name]} == {True}


@pytest.mark.parametrize("field", ["id", "question"])
def test_no_two_are_the_same_in_any_file(field: str):
    assert len({plain(row[field]) for row in [*EVERY, *QUESTIONS]}) == len(EVERY) + len(QUESTIONS)


def test_no_held_out_question_asks_what_another_asks():
    asked = [squash(text) for row in [*ROWS["two_hop.jsonl"], *QUESTIONS] for text in row["evidence"][-1:]]
    held_out = [squash(row["evidence"][1]) for row in ROWS["two_hop_held_out.jsonl"]]
    assert [(a, b) for a in asked for b in held_out if a in b or b in a] == []


@pytest.mark.parametrize("row", named(EVERY))
def test_both_facts_stand_in_their_pages_and_neither_page_has_both(row: dict):
    (first, second), (clue, answer) = row["pages"], row["evidence"]
    assert first != second
    assert squash(clue) in SQUASHED[first] and squash(clue) not in SQUASHED[second]
    assert squash(answer) in SQUASHED[second] and squash(answer) not in SQUASHED[first]
    for page, name in zip(row["pages"], row["bridge"], strict=True):
        assert plain(name) in plain(PAGES[page])
    assert right(answer, row["answers"]) or row["id"] in SAID_OTHERWISE
    assert not right(clue, row["answers"])


# The answer is wanted in the other language than that of its page, so a list of words cannot be held against it.
SAID_OTHERWISE = {"hop-en-22", "hop-en-11"}
