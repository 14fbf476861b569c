import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.checking.split import claims


def said(text: str) -> list[str]:
    return [claim.text for claim in claims(text) if claim.checkable]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "The bridge was opened in 1931 and replaced a ferry. It stands.",
            ["The bridge was opened in 1931 and replaced a ferry.", "It stands."],
        ),
        ("The tower cost $3.5 million. Mr. Hale paid.", ["The tower cost $3.5 million.", "Mr. Hale paid."]),
        ("大坝坝高86米，坝顶长642米。它1986年蓄水。", ["大坝坝高86米，坝顶长642米。", "它1986年蓄水。"]),
        ("- The lamp burned oil.\n- It was lit in 1861.", ["The lamp burned oil.", "It was lit in 1861."]),
        ("> (1) The lamp burned oil.", ["The lamp burned oil."]),
        ("3.1 The tenant pays for the lamp.", ["3.1 The tenant pays for the lamp."]),
        ("The bridge was opened in 1931 [1]. [2] It stands.", ["The bridge was opened in 1931.", "It stands."]),
        (" … \n---\n", []),
    ],
)
def test_a_text_is_cut_into_one_claim_a_sentence_as_its_author_wrote_it(text: str, wanted: list[str]):
    assert said(text) == wanted


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        ("Is it true?", "question"),
        ("你知道石榧大坝吗？", "question"),
        ("“Was it he?”", "question"),
        ("## The crossing", "heading"),
        ("I was there for seven years.", ""),
        ("石榧大坝坝高86米。", ""),
    ],
)
def test_what_claims_nothing_is_marked_with_its_reason(sentence: str, why: str):
    [claim] = claims(sentence)
    assert claim.why == why and claim.checkable == (not why)


TEXT = st.text(alphabet="The bridge was opened in 1931, and it. She它石榧大坝于年，。；？[1]#->\n“”", max_size=120)


@settings(max_examples=200)
@given(TEXT)
def test_spans_lie_in_the_text_in_order_never_overlap_and_lose_no_word(text: str):
    at, left = 0, ""
    for claim in claims(text):
        assert at <= claim.start < claim.end <= len(text) and claim.text
        left += text[at : claim.start]
        at = claim.end
    assert not any(letter.isalpha() for letter in left + text[at:])
