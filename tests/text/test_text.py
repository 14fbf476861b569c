from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.language import language
from rag.text.sentences import sentences
from rag.text.terms import terms


@given(st.text(alphabet="ab 。.!?\n中文1.）”", max_size=80))
def test_sentences_cover_every_character_that_is_not_white_space(text: str):
    spans = sentences(text)
    covered = "".join(text[start:end] for start, end in spans)
    assert "".join(covered.split()) == "".join(text.split())
    assert all(a[1] <= b[0] for a, b in pairwise(spans))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("据3.5版本。ChatGPT 有 175B 参数,很多。二是它?", ["据3.5版本。", "ChatGPT 有 175B 参数,很多。", "二是它?"]),
        (
            "Dr. Hale came in 1999. He said “No.” Then he left!",
            ["Dr. Hale came in 1999.", "He said “No.”", "Then he left!"],
        ),
        ("1. 第一条。\n  2. 第二条", ["1. 第一条。", "2. 第二条"]),
        ("See v1.2 at www.example.org now.", ["See v1.2 at www.example.org now."]),
    ],
)
def test_sentences(text: str, expected: list):
    assert [text[start:end] for start, end in sentences(text)] == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ChatGPT 有多少参数?", "zh"),
        ("What does 涌现 mean in this text?", "en"),
        ("これは日本語の文です。", "ja"),
        ("한국어 문장입니다.", "ko"),
        ("Русский текст.", "ru"),
        ("12 + 30", ""),
    ],
)
def test_language(text: str, code: str):
    assert language(text) == code


def test_terms_are_words_and_pairs_of_characters():
    assert terms("GPT-3 的参数") == ["gpt", "3", "的参", "参数"]
