"""The two-hop questions are what they claim: one fact on each of two pages, and neither page answers alone."""

import pytest

from eval.grade import right
from tests.test_fixtures import FIXTURES, PAGES, QUESTIONS, SQUASHED, plain, read_rows, squash

ROWS = read_rows(FIXTURES / "two_hop.jsonl")


def test_there_are_thirty_half_chinese_half_english_with_ids_of_their_own():
    assert [row["language"] for row in ROWS].count("zh") == [row["language"] for row in ROWS].count("en") == 15
    assert len({row["id"] for row in [*ROWS, *QUESTIONS]}) == len(ROWS) + len(QUESTIONS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
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
