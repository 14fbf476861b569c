"""Both sides of the text leg use one function, so what matters is which texts and questions meet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.index.words import LONGEST, terms
from rag.text.scripts import simplified


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Москва — столица России.", "СТОЛИЦА"),
        ("السَّلامُ عليكم ورحمة الله", "السلام"),
        ("한국어를 배우는 사람", "한국어"),
        ("ภาษาไทยไม่ง่าย", "ไทย"),
        ("Der Bär aß Äpfel in der STRASSE", "straße äpfel"),
        ("Ｆｕｌｌ　ｗｉｄｔｈ　２０２４", "full 2024"),
        ("हिन्दी में लिखा", "हिन्दी"),
        ("东京タワーに登る", "タワー"),
        ("狐狸在森林里睡觉", "森林"),
        ("由虚构人名欧阳鑫淼撰写", "欧阳鑫淼"),
        ("它由GPT-4模型写成", "gpt 模型"),
        ("Ελλάδα και Ρώμη", "ΡΏΜΗ"),
    ],
)
def test_question_and_text_share_terms_in_every_script(text: str, query: str) -> None:
    assert set(terms(query)) & set(terms(text))


def test_words_of_other_scripts_are_kept_apart() -> None:
    assert terms("Привет, мир! don't stop") == ["привет", "мир", "don", "t", "stop"]
    assert not set(terms("森林")) & set(terms("深林"))


def test_marks_stay_with_their_letters() -> None:
    assert terms("ภาษา") != terms("ภีษี")
    assert terms("café") != terms("cafe")
    assert terms("cafe\u0301") == terms("café")


@given(st.text())
def test_terms_hold_no_space_and_are_bounded(text: str) -> None:
    found = terms(text)
    assert all(term and not any(character.isspace() for character in term) for term in found)
    assert all(len(term) <= LONGEST for term in found if not "\u3040" <= term[0] <= "\u9fff")
    assert found == terms(text)


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x4FFF), min_size=2, max_size=30), st.data())
def test_any_two_neighbouring_han_characters_find_their_text(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text) - 2))
    assert simplified(text[at : at + 2]) in terms(text)


def test_traditional_and_simplified_characters_are_one() -> None:
    assert terms("鹽業博物館門票45元，週三免費") == terms("盐业博物馆门票45元，周三免费")


@given(st.text(st.characters(categories=["Lu", "Ll"], max_codepoint=0x24F)))
def test_case_does_not_matter(text: str) -> None:
    assert terms(text.upper().lower()) == terms(text.lower().upper().lower())
