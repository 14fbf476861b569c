"""What stands above a chunk's text: enough to know what it is about, nothing twice, and never too much."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.headings import JOIN
from rag.text.passage import HEAD_TOKENS, OPENING_TOKENS, head, opening, passage, passages, subject
from rag.text.tokens import tokens
from rag.types import Chunk, Page

LONG = "Grand Adventures Tourism Ltd. was established in 2010, and it runs tours to forty countries of the world."


@pytest.mark.parametrize(
    ("subject", "heading", "text", "expected"),
    [
        ("Quill Bridge", "", "It is 86 m high.", "Quill Bridge › It is 86 m high."),
        ("Quill Bridge", "", "Quill  bridge is high.", "Quill  bridge is high."),
        ("Quill Bridge", "", "Quill Bridges are many.", "Quill Bridge › Quill Bridges are many."),
        ("石榧水库", "", "石榧水库位于山中。", "石榧水库位于山中。"),
        ("Guide", "Guide › Tides", "Twice.", "Guide › Tides › Twice."),
        ("Guide", "Guide › Tides", "## Tides\nTwice.", "Guide › ## Tides\nTwice."),
        ("Guide", "Guide", "# Guide\nText.", "# Guide\nText."),
        ("Guide", "Guide › Tides", "Tides\nTwice.", "Guide › Tides\nTwice."),
        ("Handbook", "Tides › Springs", "Twice.", "Handbook › Tides › Springs › Twice."),
        ("", "", "Twice.", "Twice."),
    ],
)
def test_what_is_embedded(subject: str, heading: str, text: str, expected: str) -> None:
    assert passage(subject, Chunk("a", "0", 0, len(text), text, heading)) == expected


def test_of_a_long_path_the_innermost_headings_stay() -> None:
    path = " › ".join([f"The part of the book that has number {number}" for number in range(9)])
    made = head("A title", path, "text")
    assert made.startswith("A title › ")
    assert made.endswith("number 8")
    assert "number 1" not in made


@given(st.text(max_size=400), st.text(max_size=400), st.text(max_size=40))
def test_what_stands_above_is_bounded(subject: str, heading: str, text: str) -> None:
    assert tokens(head(subject, heading, text)) <= HEAD_TOKENS + tokens(JOIN)  # between title and path


def test_a_page_is_about_its_title_or_what_it_opens_with() -> None:
    assert subject(Page("/a/40.txt", LONG, "Tours")) == "Tours"
    assert subject(Page("/a/40.txt", LONG)) == "Grand Adventures Tourism Ltd. was established in 2010"
    assert subject(Page("/a/tours-2010.txt", LONG, "tours-2010")).split("\n") == ["tours-2010", opening(Page("", LONG))]
    assert subject(Page("https://a.example/tours%201.html?x=1", LONG, "tours 1")).startswith("tours 1\nGrand")


def test_the_opening_is_of_the_body_and_of_one_sentence() -> None:
    assert opening(Page("a", "Menu\nThe lamp is lit. It is old.", body=((5, 31),))) == "The lamp is lit."
    assert opening(Page("a", "")) == ""
    assert (
        opening(Page("a", "华夏娱乐有限公司成立于2001年5月，是一家多元化的娱乐公司，主要从事电影制作。"))
        == "华夏娱乐有限公司成立于2001年5月"
    )


@given(st.text(max_size=300))
def test_any_opening_stands_in_the_text_and_is_short(text: str) -> None:
    made = opening(Page("a", text))
    assert made in " ".join(text.split())
    assert tokens(made) <= OPENING_TOKENS


def test_only_chunks_that_do_not_open_the_page_are_told_its_opening() -> None:
    page = Page("/a/40.txt", f"{LONG} It has offices in Rome.", "40")
    cut = len(LONG)
    pieces = [Chunk(page.uri, page.sha256, *span, page.text[slice(*span)]) for span in ((0, cut), (cut + 1, cut + 24))]
    assert passages(page, pieces) == [f"40 › {LONG}", f"40 › {opening(page)} › It has offices in Rome."]
