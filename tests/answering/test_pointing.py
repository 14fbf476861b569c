"""Whether a draft says what the verifier points at."""

import pytest

from rag.answering.pointing import pointed, says
from rag.types import Quote, Stated


def quote(text: str, about: str = "") -> Quote:
    return Quote(1, text, "file:a.txt", "A", "0" * 64, 0, len(text), about=about)


def points(passages, question):
    """The word "Ealy", or else the first letters, surer where it stands."""
    at = [passage.find("Ealy") for passage in passages]
    return [Stated(0.9, one, one + 4) if one >= 0 else Stated(0.4, 0, 3) for one in at]


def test_the_words_are_those_of_the_surest_passage_after_what_it_is_about():
    assert pointed([quote("Davis had two."), quote("Kony Ealy had five.", "Super Bowl 50")], "Who?", points) == (
        "Ealy",
        0.9,
    )


@pytest.mark.parametrize(
    ("question", "draft", "words", "share"),
    [
        ("When did it open?", "It opened on November 15, 2020.", "15 November 2020.", 1.0),
        ("When was it released?", "It was announced on January 20, 2017.", "March 3, 2017", 0.2),
        ("大坝哪年建成？", "大坝于1979年建成。", "1979 年", 1.0),
        ("Who won it?", "Abdulrazak Gurnah won it.", "the novelist Abdulrazak Gurnah", 1.0),
        ("Who had five sacks?", "Thomas Davis had five sacks.", "Kony Ealy", 0.0),
        ("谁是接球手？", "曼宁是接球手。", "本尼·福勒", 0.0),
        ("Who?", "Whatever.", "—", 1.0),
        ("What does he play?", "He plays goalkeeper.", "a Chinese footballer, goalkeeper, known for his body", 0.5),
        ("他踢什么位置？", "他司职守门员。", "中国足球运动员，司职守门员，以反应敏捷闻名", 0.8),
    ],
)
def test_a_draft_says_values_in_whatever_form_and_of_other_words_a_share(question, draft, words, share):
    assert says(draft, words, question) == pytest.approx(share)
