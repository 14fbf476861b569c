from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.browsing.quotes import locate, quote
from rag.errors import NotVerbatim
from rag.export.json import as_json
from rag.text.plain import as_plain, as_typed
from rag.types import Answer, Page, Quote

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


def test_a_quote_knows_what_it_is_about():
    text = "# The dam\n\nIt holds 40 million tonnes.\n\n## Repairs\n\nIt was mended in 1998.\n"
    read = Page("memory:dam", text, "The dam", date="2024-05-06", media_type="text/markdown")
    kept = quote(1, locate("mended in 1998", read), read)
    assert (kept.heading, kept.date) == ("The dam › Repairs", "2024-05-06")
    assert quote(2, locate("40 million", read), read).heading == "The dam"
    assert (quote(3, (0, 9), page(TEXT)).heading, quote(3, (0, 9), page(TEXT)).date) == ("", "")


def test_what_a_quote_is_about_is_told_in_json_and_read_again_and_old_ones_have_none():
    kept = Quote(1, "words", "memory:dam", "The dam", "0", 3, 8, "The dam › Repairs", "2024-05-06")
    assert as_typed(Quote, as_plain(kept)) == kept
    old = {name: value for name, value in as_plain(kept).items() if name not in ("heading", "date")}
    assert as_typed(Quote, old) == replace(kept, heading="", date="")
    told = as_json(answer_of(kept))["quotes"][0]
    assert (told["heading"], told["date"]) == ("The dam › Repairs", "2024-05-06")


def answer_of(kept: Quote) -> Answer:
    return Answer("?", "en", "answered", "words", "", (), (kept,), (), (), {}, {})
