import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import NotVerbatim
from rag.reading.quotes import locate, quote
from rag.types import Page

TEXT = "The dam holds 40 million tonnes.\n大坝 于1998年 建成。\nThe dam holds 40 million tonnes."


def page(text: str) -> Page:
    return Page("memory:page", text, title="A page")


@given(st.text(min_size=1, max_size=400), st.data())
def test_every_quote_is_the_pages_own_text(text: str, data: st.DataObject):
    start = data.draw(st.integers(0, len(text) - 1))
    wanted = text[start : data.draw(st.integers(start + 1, len(text)))]
    if not wanted.strip() or "━" in wanted:
        with_nothing = wanted.replace("━", "")
        if not with_nothing.strip():
            with pytest.raises(NotVerbatim):
                locate(with_nothing, page(text))
        return
    kept = quote(1, locate(wanted, page(text), near=start), page(text))
    assert text[kept.start : kept.end] == kept.text == wanted


@pytest.mark.parametrize(
    ("wanted", "near", "found"),
    [
        ("the DAM holds 40", 0, "The dam holds 40"),
        ("大坝于1998年建成", 0, "大坝 于1998年 建成"),
        ("The dam━tonnes.", 0, "The dam holds 40 million tonnes."),
    ],
)
def test_case_white_space_and_an_elision_are_allowed_and_the_pages_text_is_kept(wanted: str, near: int, found: str):
    start, end = locate(wanted, page(TEXT), near)
    assert TEXT[start:end] == found


def test_of_two_places_the_nearer_is_taken():
    assert locate("The dam", page(TEXT), near=len(TEXT))[0] == TEXT.rindex("The dam")
    assert locate("The dam", page(TEXT), near=0)[0] == 0


@pytest.mark.parametrize("wanted", ["41 million", "大坝于1999年", "The dam━bridge", "bridge━tonnes.", " ", ""])
def test_what_does_not_stand_in_the_page_is_refused(wanted: str):
    with pytest.raises(NotVerbatim):
        locate(wanted, page(TEXT))
