from dataclasses import replace

import pytest
from rag.checking.anchors import holders, missing_figures, missing_names, with_its_dates

from rag.types import Quote


def kept(text: str, title: str = "") -> list[Quote]:
    return [Quote(1, text, "memory:p", title, "0" * 64, 0, len(text))]


@pytest.mark.parametrize(
    ("claim", "quote", "missing"),
    [
        ("人脑有1千亿个神经元", "推测有 1 千亿个神经元,1 千万亿个突触", []),
        ("人脑有1万亿个神经元", "推测有 1 千亿个神经元,1 千万亿个突触", ["1万亿"]),
        ("It holds 40,000 tonnes.", "It holds 40000 tonnes.", []),
        ("It took 6 years.", "It took 16 years.", ["6"]),
        ("It took 3 years.", "It took 3.5 years.", ["3"]),
        ("参数量增加5.5倍", "应该增加５.５倍的参数量", []),
        ("Nothing to count.", "Nothing.", []),
        ("The fund holds 2800 billion yuan.", "基金规模为2800亿元。", ["2800 billion"]),
        ("The fund holds 280 billion yuan.", "基金规模为2800亿元。", []),
        ("The fund holds 2800 yuan.", "基金规模为2800亿元。", ["2800"]),
        ("基金规模为2800亿元。", "The fund holds 2,800 billion yuan.", ["2800亿"]),
        ("基金规模为2.8万亿元。", "The fund holds 2.8 trillion yuan.", []),
    ],
)
def test_figures_must_stand_in_a_quote(claim: str, quote: str, missing: list):
    assert missing_figures(claim, kept(quote)) == missing


@pytest.mark.parametrize(
    ("claim", "quote", "title", "language", "missing"),
    [
        ("字节跳动的 X-VLM 模型有5400亿参数", "PaLM 有5400亿参数。", "", "zh", ["X-VLM"]),
        ("GPT-3 有1750亿参数", "参数量是1750亿。", "GPT-3 简介", "zh", []),
        ("称重的是艾达·马什。", "约恩·特维特给苍鹭称重。", "", "zh", ["艾达·马什"]),
        ("称重的是特维特。", "约恩·特维特给苍鹭称重。", "", "zh", []),
        ("会议在深圳举行。", "会议在十月举行。", "深圳年鉴", "zh", []),
        ("It was built by Hale.", "Opened in 1931.", "", "en", ["Hale"]),
        ("People there speak Guarani.", "Spanish and Guaraní are spoken.", "", "en", []),
        ("It was built by the town.", "Opened in 1931.", "", "en", []),
        ("The Weibo data was large.", "使用微博数据训练的模型。", "", "en", []),
    ],
)
def test_names_must_stand_in_a_quote_or_its_title(claim: str, quote: str, title: str, language: str, missing: list):
    assert missing_names(claim, kept(quote, title), language) == missing


QUOTES = [
    Quote(number, text, "memory:p", "", "0" * 64, 0, len(text))
    for number, text in enumerate(
        [
            "搜索引擎可以佐证知识,计算问题可以借助 Wolfram Alpha。",
            "这样的题有 100 道。",
            "真正影响落地的是时间成本。",
            "人力成本和时间成本。",
        ],
        1,
    )
]


@pytest.mark.parametrize(
    ("claim", "language", "cited", "found"),
    [
        ("The author suggests using Wolfram Alpha.", "en", [3], [1]),  # a name is a name in any language
        ("There are 100 of them, says Hale.", "en", [1], [2]),  # nobody says Hale: only what somebody holds is asked
        ("时间成本。", "zh", [4], [3]),
        ("It is so.", "en", [1], []),
        ("有 10 道。", "zh", [1], []),  # 10 is not in 100
    ],
)
def test_who_holds_what_a_claim_has_to_the_letter(claim: str, language: str, cited: list, found: list):
    mine = [QUOTES[number - 1] for number in cited]
    assert [quote.id for quote in holders(claim, mine, QUOTES, language)] == found


def test_what_stands_in_quotation_marks_finds_the_quote_that_holds_it():
    texts = ["研究所的前身是芦苇试验站，最初只有六个人。", "科考船“白鹬号”2013年下水，长38米。"]
    kept = [Quote(at, text, "memory:a", "关于我们", "a", 0, len(text)) for at, text in enumerate(texts, 1)]
    assert holders("苕岚湿地研究所的科考船叫“白鹬号”。", kept[:1], kept, "zh") == kept[1:]
    assert holders("苕岚湿地研究所的科考船叫“苍鹭号”。", kept[:1], kept, "zh") == []


def test_a_figure_that_the_question_says_need_not_stand_with_the_answers():
    told = [*kept("静湖渡船公司2022年盈利。"), replace(kept("公司上半年卖出8.5万张船票。")[0], id=2)]
    claim = "静湖渡船2022年上半年卖出的船票为8.5万张。"
    assert holders(claim, told[:1], told, "zh", "静湖渡船2022年上半年卖出多少船票？") == told[1:]


@pytest.mark.parametrize(
    ("claim", "asked", "found"),
    [
        ("It was painted bright green all over.", "What became of the bridge?", [3, 2]),  # a third of the new words
        ("The bridge was green all over.", "How was the bridge?", []),  # one of several is chance
        ("The bridge was green.", "How was the bridge?", [1, 3]),  # one of one is not
        ("What became of the gulls?", "What became of the gulls?", [1]),  # nothing new: by all it says
        ("It is so.", "It is so.", []),
    ],
)
def test_who_tells_what_a_claim_says_beyond_its_question(claim: str, asked: str, found: list):
    texts = ["Of what became green, the gulls came first.", "All painted it.", "Ann painted it bright green."]
    told = [replace(kept(text)[0], id=at) for at, text in enumerate(texts, 1)]
    assert [quote.id for quote in holders(claim, [], told, "en", asked)] == found


@pytest.mark.parametrize(
    ("other", "cited"),
    [
        ("The mill burned on 4 May 1931.", [1]),  # the date of another thing
        ("The bridge was opened by the duke on 4 May 1931.", [2]),
        ("The bridge was opened in May 1931.", [1]),  # no more of the date than the quote cited
    ],
)
def test_a_date_goes_to_the_quote_that_has_it_in_one_piece_and_speaks_of_the_same(other: str, cited: list):
    told = [*kept("Jun 16, 1931: The bridge was opened to all on May 4."), replace(kept(other)[0], id=2)]
    found = with_its_dates("The bridge was opened on May 4, 1931.", told[:1], told)
    assert [quote.id for quote in found] == cited
