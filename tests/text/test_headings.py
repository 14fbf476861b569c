"""Only marked headings count, and a span stands under those before it that none of their own level has ended."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.headings import JOIN, heading_path, headings, leading
from rag.types import Heading, Page

GUIDE = """# The harbour

Ships come in here.

## Tides ##

Twice a day.

### Springs

At full moon.

## Lights

Three of them.

# The town
"""


def path(text: str, place: str, length: int = 1, **facts: str) -> str:
    page = Page("a", text, media_type=facts.get("media_type", "text/markdown"))
    start = text.index(place)
    return heading_path(headings(page), text, (start, start + length))


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("Ships", "The harbour"),
        ("Twice", "The harbour › Tides"),
        ("full moon", "The harbour › Tides › Springs"),
        ("Three", "The harbour › Lights"),
        ("# The town", "The town"),
    ],
)
def test_a_span_stands_under_the_headings_before_it(place: str, expected: str) -> None:
    assert path(GUIDE, place) == expected


def test_a_span_that_begins_with_headings_stands_under_them() -> None:
    start, end = GUIDE.index("## Tides"), GUIDE.index("Three")
    marked = headings(Page("a", GUIDE, media_type="text/markdown"))
    assert heading_path(marked, GUIDE, (start, end)) == "The harbour › Tides"
    assert heading_path(marked, GUIDE, (GUIDE.index("Twice"), end)) == "The harbour › Tides"
    assert leading(GUIDE[start:end]) == ["Tides"]


def test_a_heading_cut_in_two_still_counts() -> None:
    assert path(GUIDE, "bour\n") == "The harbour"


@pytest.mark.parametrize(
    "text",
    [
        "#tag is no heading\nbody",
        "####### seven\nbody",
        "```\n# a comment\n```\nbody",
        "~~~ sh\n# a\n```\n# b\nbody",
        "    # code\nbody",
    ],
)
def test_what_is_no_heading(text: str) -> None:
    assert path(text, "body") == ""


def test_a_closed_fence_ends() -> None:
    assert path("```\n# no\n```\n# Yes\nbody", "body") == "Yes"


def test_formats_without_marks_have_none() -> None:
    assert path(GUIDE, "Twice", media_type="text/html") == ""
    assert path(GUIDE, "Twice", media_type="text/plain") == "The harbour › Tides"


def test_what_the_source_marked_counts_before_what_the_text_marks() -> None:
    text = "Harbour\nShips.\n# no heading\nMore."
    page = Page("a", text, headings=(Heading(0, 7, 1, "Harbour"),))
    assert heading_path(headings(page), text, (text.index("More"), len(text))) == "Harbour"


def test_what_lies_outside_the_body_is_no_heading() -> None:
    page = Page("a", GUIDE, media_type="text/markdown", body=((GUIDE.index("Twice"), len(GUIDE)),))
    assert [each.words for each in headings(page)] == ["Springs", "Lights", "The town"]


LINES = st.lists(st.tuples(st.integers(0, 4), st.sampled_from(["a", "b b", "c"])), max_size=15)


@given(LINES, st.data())
def test_the_path_is_what_reading_line_by_line_gives(lines: list[tuple[int, str]], data: st.DataObject) -> None:
    text = "".join(f"{'#' * level} {words}\n" if level else f"{words}.\n" for level, words in lines)
    starts = [match.start() for match in re.finditer("^", text, re.M)]
    at = data.draw(st.integers(0, len(lines)))
    open_: dict[int, str] = {}
    for number, (level, words) in enumerate(lines):
        if number >= at and not level:
            break
        if level:
            open_ = {outer: said for outer, said in open_.items() if outer < level} | {level: words}
    marked = headings(Page("a", text, media_type="text/markdown"))
    assert heading_path(marked, text, (starts[at], max(len(text), starts[at]))) == JOIN.join(open_.values())
    assert all(text[each.start : each.end].strip("# ") == each.words for each in marked)
