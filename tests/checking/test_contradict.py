import json
from pathlib import Path

import pytest
from rag.checking.contradict import Opinion, conflicts

from rag.types import Page, Quote

PAIRS = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "fixtures" / "contradictions.jsonl").read_text("utf-8").splitlines()
]


def kept(*texts: str) -> list[Quote]:
    """A quote of a page of its own each."""
    return [Quote(n, text, f"memory:{n}", "", str(n), 0, len(text)) for n, text in enumerate(texts, 1)]


def differs(question: str, *texts: str, opinion: Opinion | None = None) -> list[str]:
    return [found.differs for found in conflicts(question, kept(*texts), {}, opinion or Opinion())]


@pytest.mark.parametrize("pair", PAIRS[:4], ids=lambda pair: pair["id"])
def test_the_fixtures_pairs_in_one_language_are_found(pair):
    [found] = conflicts(pair["question"], kept(*pair["statements"]), {})
    for side, statement, value in zip((found.left, found.right), pair["statements"], pair["values"], strict=True):
        assert value in side.value and side.text in statement and side.text[side.start : side.end] == side.value


def test_across_languages_a_count_is_found_where_the_embedder_finds_the_sentences_alike():
    question, said = "2024年盐道马拉松有多少人完赛？", ("2024盐道马拉松有8412人完赛", PAIRS[4]["statements"][1])
    assert differs(question, *said) == []
    assert differs(question, *said, opinion=Opinion(alike=lambda one, other: 0.9)) == ["8412人 / 7,960 runners"]
    assert differs(question, *said, opinion=Opinion(alike=lambda one, other: 0.5)) == []


def test_across_languages_an_amount_counts_by_its_value():
    question, said, alike = (
        "静湖基金的规模是多少元？",
        "静湖基金的规模为2800亿元。",
        Opinion(alike=lambda one, other: 0.9),
    )
    assert differs(question, said, "静湖 Fund holds 280 billion yuan.", opinion=alike) == []
    [found] = differs(question, said, "静湖 Fund holds 2,800 billion yuan.", opinion=alike)
    assert found == "2800亿元 / 2,800 billion yuan"


def test_a_question_is_spoken_of_where_a_dictionary_cuts_it_wrongly():
    said = "本届盐道马拉松共有8412人跑完全程", "盐道马拉松全程今年有7960人跑完"
    assert differs("2024年盐道马拉松有多少人跑完全程？", *said) == ["8412人 / 7960人"]


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        # rounded
        (
            "How many runners finished the race?",
            "About 8,400 runners finished the race.",
            "8,412 runners finished the race.",
        ),
        # other units of the same length
        ("How long is the fish pass?", "The fish pass is 1.1 km long.", "The fish pass is 1,100 metres long."),
        # a date and a part of it
        ("大坝是哪一年建成的？", "大坝于1986年建成。", "大坝于1986年6月30日建成。"),
        # another year's race
        (
            "How many runners finished the 2024 race?",
            "In 2024, 8,412 runners finished the race.",
            "In 2023, 7,960 runners finished the race.",
        ),
        # dates of other years than the question asks about
        ("2026年的茶节从哪天开始？", "首届茶节于1987年举办。", "茶节1991年才办了第一届。"),
        ("When did the 2026 fair open?", "The fair opened in 1987.", "The fair opened in 1991."),
        # another thing of the same page's kind
        ("How high is the Orrin dam?", "The Orrin dam is 86 m high.", "The Hale dam is 92 m high."),
        ("石榧大坝有多高？", "石榧大坝坝高86米。", "新榧大坝坝高92米。"),
        # another property of the same thing
        ("石榧大坝有多高？", "石榧大坝坝高86米。", "石榧大坝坝顶长642米。"),
        # rows of a table
        ("望汐站的海拔是多少？", "望汐 | 海拔 2.1米 | 建站 1951", "鹤嘴洲 | 海拔 0.9米 | 建站 1983"),
        # a question that may have several answers
        (
            "Which islands have a lighthouse?",
            "The island of Orrin has a lighthouse.",
            "The island of Hale has a lighthouse.",
        ),
        # two spellings
        ("谁设计了大桥？", "大桥由叶伟民设计。", "大橋由葉偉民設計。"),
        # another version
        (
            "When will Tideglass 3.1 come out?",
            "Tideglass 3.0 came out on 2 April 2024.",
            "Tideglass 3.0 came out on 14 March 2024.",
        ),
    ],
)
def test_what_only_looks_like_a_contradiction_is_none(question, one, other):
    assert differs(question, one, other) == []


@pytest.mark.parametrize(
    ("question", "one", "other", "values"),
    [
        (
            "Who designed the Orrin bridge?",
            "The Orrin bridge was designed by Ada Kemble.",
            "The Orrin bridge was designed by Tobias Crane.",
            "Ada Kemble / Tobias Crane",
        ),
        ("《静湖》的导演是谁？", "《静湖》由林晓峰导演，次年公映。", "电影《静湖》的导演是陈志远。", "林晓峰 / 陈志远"),
        (
            "When was the Orrin bridge opened?",
            "The Orrin bridge was opened on 4 May 1931.",
            "Work ended, and the bridge of Orrin opened in 1934.",
            "4 May 1931 / 1934",
        ),
    ],
)
def test_names_and_dates_in_the_same_slot(question, one, other, values):
    assert differs(question, one, other) == [values]


def test_sentences_of_one_page_do_not_contradict_one_another():
    one, other = kept("The Orrin bridge is 86 m long.", "The Orrin bridge is 92 m long.")
    same = Quote(2, other.text, one.uri, "", one.page_sha256, 40, 70)
    assert conflicts("How long is the Orrin bridge?", [one, same], {}) == []
    assert conflicts("How long is the Orrin bridge?", [one, other], {}) != []


def test_the_same_two_values_are_shown_once():
    said = "The Orrin bridge is 86 m long."
    assert differs("How long is the Orrin bridge?", said, "The Orrin bridge is 92 m long.", said) == ["86 m / 92 m"]


def test_a_second_opinion_can_overrule_and_its_probability_is_kept():
    said = ("The Orrin bridge is 86 m long.", "The Orrin bridge is 92 m long.")
    question = "How long is the Orrin bridge?"
    assert differs(question, *said, opinion=Opinion(contradicts=lambda a, b: 0.02)) == []
    # Either way round counts: the higher of the two is P.
    [found] = conflicts(question, kept(*said), {}, Opinion(contradicts=lambda a, b: 0.8 if "86" in a else 0.02))
    assert found.probability == 0.8


def test_a_side_knows_when_its_page_was_written_and_read():
    quotes = kept("The Orrin bridge is 86 m long.", "The Orrin bridge is 92 m long.")
    pages = {"1": Page("memory:1", "", date="1998-05-01", read_at="2026-01-02T03:04:05Z")}
    [found] = conflicts("How long is the Orrin bridge?", quotes, pages)
    assert (found.left.date, found.left.read_at) == ("1998-05-01", "2026-01-02T03:04:05Z")
    assert (found.right.date, found.right.read_at) == ("", "")
