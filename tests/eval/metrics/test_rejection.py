import json
import os
from pathlib import Path

import pytest

from eval.metrics.rejection import (
    nomiracl,
    nomiracl_reply,
    refused,
    rgb_accuracy,
    rgb_correction,
    rgb_detection,
    rgb_rejection,
    rgb_reply,
    simpleqa,
    simpleqa_grade,
)
from rag.config import REPOSITORY
from rag.errors import UsageFault

DATA = Path(os.environ.get("VOUCH_DATA", REPOSITORY.parent / "shared" / "data"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  \n",
        "[1]",
        "I don't know.",
        "I don’t know [1].",
        '"I don\'t know."',
        "I do not know the answer to that.",
        "I honestly don't know.",
        "Sorry, I cannot answer this.",
        "I'm sorry. I can't find that in the sources.",
        "The passages do not say who built the bridge.",
        "The provided documents speak of the dam, but do not mention its cost.",
        "I don't know, the question is about Denmark, but the contexts do not mention its climate.",
        "None of the passages mentions the date.",
        "There is not enough information to answer.",
        "Insufficient information.",
        "I can not answer the question because of the insufficient information in documents.",
        "Unknown.",
        "The date is not mentioned.",
        "It cannot be determined.",
        "The pages do not say. They mention a dam.",
        "The question asks how he died. None of the provided contexts contain that.",
        "我不知道。",
        "不清楚。",
        "抱歉,我无法回答这个问题。",
        "很抱歉。资料中没有提到。",
        "根据提供的资料,无法确定大坝的造价。",
        "由于文档信息不足,因此我无法基于提供的文档回答该问题。",
        "文章没有说明是谁建造的。",
        "资料中提到了大坝,但没有说明造价。",
        "没有找到相关信息。",
        "目前尚无相关信息。",
        "未提及。",
    ],
)
def test_a_reply_that_declines(text: str):
    assert refused(text, "en") and refused(text, "zh")


@pytest.mark.parametrize(
    "text",
    [
        "1994.",
        "No.",
        'The film "I Don\'t Know How She Does It" came out in 2011.',
        "I am not sure, but it was 1994.",
        "It was built in 1994, but the pages do not say the month.",
        "1994. The pages do not say the month.",
        "The wreck was not found until 1985.",
        "There was no evidence of a crime.",
        "Article II does not give the President that power.",
        "None of the pages survived the fire.",
        "Scientists cannot say how old it is.",
        "The species cannot be found in Europe.",
        "Food was not provided to the prisoners.",
        "《我不知道》是2003年的歌曲。",
        "科学家无法确定其年代。",
        "他说自己不知道此事。",
        "我不确定,但应该是1994年。",
        "大坝建成于1994年,但资料没有说明月份。",
        "1994年。资料未说明月份。",
        "该协议没有提供担保。",
        "华为信息有限公司",
    ],
)
def test_a_reply_that_answers(text: str):
    assert not refused(text, "en") and not refused(text, "zh")


def test_a_language_without_a_rule_is_refused_rather_than_guessed():
    with pytest.raises(UsageFault, match="'de'"):
        refused("Ich weiß es nicht.", "de")


def test_nomiracl_by_hand():
    # relevant: 2 answered, 1 refused, 1 neither; non-relevant: 1 answered, 3 refused.
    # hallucination 1/4, error 1/4, balanced (3/4 + 2/4) / 2; 1 - (1/4 + 1/4) / 2 would forget the reply with neither
    relevant = [
        nomiracl_reply(one) for one in ("Yes, answer is present.", "yes, answer is present", "I don’t know", "Hm")
    ]
    found = nomiracl(relevant, ["answered", "refused", "refused", "refused"])
    assert (found.hallucination.value, found.error.value, found.balanced.value) == (0.25, 0.25, 0.625)
    assert (found.hallucination.n, found.balanced.n) == (4, 8)


def test_a_nomiracl_reply_that_says_both_says_neither():
    assert nomiracl_reply('Respond with "Yes, answer is present" or "I don\'t know".') is None
    assert nomiracl([], []).balanced.value is None


@pytest.mark.parametrize(
    ("language", "model", "published"),
    [
        ("en", "gpt-4-azure", (42.4, 4.8, 75.8)),
        ("zh", "gpt-3.5-turbo-azure", (56.4, 4.4, 69.6)),
        ("zh", "flan-t5-xxl", (94.0, 0.0, 52.6)),
    ],
)
def test_nomiracl_of_its_own_baselines(language: str, model: str, published: tuple[float, float, float]):
    files = [DATA / "nomiracl" / f"baseline_outputs.{language}.{part}.jsonl" for part in ("relevant", "non_relevant")]
    if missing := [str(file) for file in files if not file.exists()]:
        pytest.skip(f"no {', '.join(missing)}")
    replies = [
        [nomiracl_reply(json.loads(line)["results"][model]) for line in file.read_text("utf-8").splitlines()]
        for file in files
    ]
    found = nomiracl(*replies)
    values = (found.hallucination.value, found.error.value, found.balanced.value)
    assert [round(100 * value, 1) for value in values] == list(published)


def test_rgb_wants_every_part_and_one_of_its_alternatives():
    parts = ["Paris", ["1889", "1890"]]
    assert rgb_reply("In paris, 1890.", parts, "en").right
    assert not rgb_reply("In Paris.", parts, "en").right
    assert not rgb_reply("anything", [], "en").right
    # Chinese spaces count neither in the reply nor in the part
    assert rgb_reply("2022 年 1月1日", ["2022年1月 1日"], "zh").right
    assert not rgb_reply("New York", ["NewYork"], "en").right


def test_rgb_accuracy_counts_a_rejection_only_at_noise_one():
    right = rgb_reply("1994", ["1994"], "en")
    rejecting = rgb_reply("insufficient information", ["1994"], "en")
    both = rgb_reply("1994, with insufficient information", ["1994"], "en")
    wrong = rgb_reply("1995", ["1994"], "en")
    replies = [right, rejecting, both, wrong]
    assert rgb_accuracy(replies, 0.8).value == 0.25  # the right one alone: what rejects is not right
    assert rgb_accuracy(replies, 1.0).value == 0.75  # the reference also counts a right answer there
    assert rgb_rejection(replies).value == 0.5


def test_rgb_detection_and_correction():
    # 3 of 4 detect; of those one is right, one wrong, one rejects (the reference would count it: 2 of 3)
    replies = [
        rgb_reply("文档存在事实性错误,应为 1994", ["1994"], "zh"),
        rgb_reply("文档存在事实性错误,应为1995", ["1994"], "zh"),
        rgb_reply("事实 性错误,信息不足", ["1994"], "zh"),
        rgb_reply("1994", ["1994"], "zh"),
    ]
    assert (rgb_detection(replies).value, rgb_detection(replies).n) == (0.75, 4)
    assert (rgb_correction(replies).value, rgb_correction(replies).n) == (pytest.approx(1 / 3), 3)
    assert rgb_correction(replies[3:]).value is None


def test_simpleqa_by_hand():
    # 5 correct, 3 incorrect, 2 not attempted: .5, of attempted .625, F = 2 * .5 * .625 / 1.125
    found = simpleqa(["correct"] * 5 + ["incorrect"] * 3 + ["not attempted"] * 2)
    assert (found.correct.value, found.incorrect.value, found.not_attempted.value) == (0.5, 0.3, 0.2)
    assert found.correct_given_attempted.value == 0.625
    assert found.f == pytest.approx(2 * 0.5 * 0.625 / 1.125)
    silent = simpleqa(["not attempted"])
    assert (silent.f, silent.correct_given_attempted.value) == (0.0, None)
    assert simpleqa([]).f is None


def test_a_refusal_that_holds_the_answer_is_no_attempt():
    assert simpleqa_grade(right=True, reply_refused=True) == "not attempted"
    assert (simpleqa_grade(True, False), simpleqa_grade(False, False)) == ("correct", "incorrect")
