"""Saved pages as text. The pages are our own, with the shapes that such pages have."""

import os
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.sources.extract import extract
from rag.sources.furniture import article_spans

ZH = (
    "灰角灯塔于一八七一年首次点亮，是这段海岸上最早的一座灯塔，附近的渔民凑钱修建了它的石基。",
    "守塔人安娜每天傍晚要爬二百一十四级台阶，把灯芯剪平，再把铜罩擦亮，这样过了三十年。",
    "一八八九年，灯油从菜籽油改为煤油，光亮增加了一倍，远在十八海里之外的船只也能够看见。",
    "一九〇二年的大风暴毁掉了码头，却没有伤到灯塔，因为它的墙有两米厚，是用整块花岗岩砌成的。",
)
EN = (
    "The lighthouse at Grey Point was lit for the first time in 1871, and fishermen paid for its stone base.",
    "Its keeper, Anna Holm, climbed 214 steps every evening, trimmed the wick and polished the copper hood.",
    "In 1889 the oil was changed for paraffin, which doubled the light; ships saw it from eighteen miles away.",
    "The storm of 1902 took the pier but not the tower, since its walls are two metres thick and of granite.",
)


def kept(text: str) -> list[str]:
    return [line.strip() for start, end in article_spans(text) for line in text[start:end].split("\n") if line.strip()]


def page(*parts: str) -> str:
    return "\n".join(parts)


def test_an_article_alone_is_kept_whole() -> None:
    for text in (page(*ZH), page(*EN), "\n\n".join(("Grey Point", *EN)), ZH[0]):
        assert article_spans(text) == ((0, len(text)),)


def test_nothing_gives_no_span() -> None:
    assert article_spans("") == () == article_spans(" \n\t\n")


def test_overlay_counters_and_labels_above_the_article() -> None:
    head = ("因微信屏蔽了外部链接,请按下面的步骤做。", "", "1. 点击左上角的按钮", "2. 使用手机浏览器打开", "")
    text = page(*head, "灰角灯塔的三十年", "", "原创", "27 分钟前", "", "作者：安娜", "", *ZH)
    assert kept(text) == ["灰角灯塔的三十年", "作者：安娜", *ZH]


def test_a_size_and_a_reading_time_above_the_article() -> None:
    assert kept(page("23.5 KB", "6 min read", "Grey Point", *EN)) == ["Grey Point", *EN]


def test_related_posts_above_the_article() -> None:
    titles = [f"【海岸史】【灯塔】第{number}座灯塔:它从哪里来?" for number in range(6)]
    assert kept(page("相关文章", *titles, *ZH)) == list(ZH)
    assert kept(page("Related posts", *(f"- How lamp {n} was made" for n in range(4)), *EN)) == list(EN)


def test_the_title_under_a_related_list_stays() -> None:
    text = page("推荐阅读", "- 另一座灯塔", "- 第三座灯塔", "", "灰角灯塔的三十年", "", *ZH)
    assert kept(text) == ["灰角灯塔的三十年", *ZH]


CUES = (
    "相关阅读 延伸阅读： 猜你喜欢 热门评论 本系列的其他文章: 最新文章 —推荐阅读— 上一篇 友情链接 "
    "Related_posts You_may_also_like MORE_STORIES Recommended_for_you Read_next 12_comments"
)


@pytest.mark.parametrize("cue", re.split(" ", CUES))
def test_lists_below_the_article_go_with_their_heading(cue: str) -> None:
    for prose in (ZH, EN):
        cue = cue.replace("_", " ")
        assert kept(page(*prose, "", cue, "另一座灯塔：它为什么熄灭了?", "Ten lamps you have never seen")) == list(
            prose
        )


def test_cards_with_placeholders_below_the_article() -> None:
    card = ("128x128", "", "某币一夜翻倍，交易所发布公告解读", "", "APP打开")
    text = page(*ZH, "", *card * 3, "更 多 海 岸 新 闻", "分享自海岸快报-长按二维码", "长按图片保存给家人")
    assert kept(text) == list(ZH)


def test_share_bar_below_the_article() -> None:
    assert kept(page(*EN, "Share this article", "Facebook", "Twitter", "Subscribe", "3 comments")) == list(EN)


def test_headlines_in_another_script_round_the_article() -> None:
    head = ("오늘의 암호화폐 시장은 어떻게 움직였을까요?", "기관 투자자들은 올해 시장을 밝게 보고 있습니다.")
    tail = (
        "기자A 새로운 토큰이 내일 거래소에 상장될 예정입니다.",
        "Bob블록체인 회사가 새로운 비서를 출시했습니다.",
        "Bobby",
    )
    assert kept(page(*head, *ZH * 4, *head, *tail)) == list(ZH * 4)
    assert kept(page(*ZH[:2], *EN, *ZH[2:])) == [*ZH[:2], *EN, *ZH[2:]]  # two languages at home


def test_english_in_a_chinese_article_is_at_home() -> None:
    text = page("Grey Point Lighthouse", *ZH, "Abstract: a history of the lamp at Grey Point", "Keywords: lamp, oil")
    assert article_spans(text) == ((0, len(text)),)


def test_one_foreign_line_may_be_a_translated_title() -> None:
    text = page("회색 곶의 등대 이야기", *ZH)
    assert article_spans(text) == ((0, len(text)),)


def test_russian_references_of_a_chinese_article_stay() -> None:
    references = ("[1] Иванов И. И. Маяки северного берега. Москва, 1998.", "[2] Петров П. Свет. Москва, 2001.")
    text = page(*ZH, "参考文献", *references)
    assert article_spans(text) == ((0, len(text)),)


def test_what_an_article_has_inside_stays() -> None:
    inside = (
        "一、灯塔的历史",
        ZH[0],
        "1.1 结构",
        "| 年份 | 灯油 |",
        "| 1871 | 菜籽油 |",
        "图 3 灯塔的剖面",
        "主要参数如下:",
        "• 高度:41 米",
        "• 台阶:214 级",
        "焦距:灯到透镜的距离",
        ZH[1],
        "相关内容",
        ZH[2],
        "Comments",
        ZH[3],
        "参考文献",
        "[1] Holm, A., 1903. Thirty years of a lamp. Coast Press.",
        "图片来源:海岸档案馆",
    )
    assert kept(page(*inside)) == list(inside)


def test_a_list_at_the_end_that_something_introduces_stays() -> None:
    items = [f"the lamp of the harbour town number {number} on the coast" for number in range(6)]
    assert kept(page(*EN, "These lamps are still lit today:", *items)) == [
        *EN,
        "These lamps are still lit today:",
        *items,
    ]


def test_verse_and_lists_without_any_prose_are_kept() -> None:
    verse = ("the lamp goes round and round", "share", "the sea goes up and down", "the lamp goes round and round")
    assert kept(page(*verse)) == list(verse)


def test_the_mark_of_adverts_between_paragraphs() -> None:
    text = page(*(line for paragraph in EN for line in (paragraph, "Advertisement")))
    assert kept(text) == list(EN)


def test_a_line_that_merely_speaks_of_buttons_stays() -> None:
    text = page(
        "如何在浏览器中打开灯塔的档案?", *ZH[:2], "点击之后，页面会显示灯塔的历史，一共有三十年的记录。", *ZH[2:]
    )
    assert article_spans(text) == ((0, len(text)),)


def test_when_nearly_all_looks_like_furniture_nothing_is_cut() -> None:
    text = page(
        EN[0], *(f"Share\nAdvertisement\nRelated posts\nLamp number {number} of the coast" for number in range(30))
    )
    assert article_spans(text) == ((0, len(text)),)


LINES = (
    *ZH,
    *EN,
    "相关阅读",
    "Share",
    "64x64",
    "12",
    "",
    "  ",
    "# Head",
    "오늘의 시장은 어떻게",
    "a title of a post",
    "• item",
)


@settings(deadline=None)
@given(st.lists(st.sampled_from(LINES) | st.text(max_size=40), max_size=30).map("\n".join))
def test_spans_are_ordered_apart_and_never_start_or_end_in_white_space(text: str) -> None:
    spans = article_spans(text)
    before = -1
    for start, end in spans:
        assert before < start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        before = end
    assert bool(spans) == bool(text.strip())


DATA = Path(os.environ.get("VOUCH_DATA", Path(__file__).parents[3] / "shared" / "data"))
SEEDS = sorted((DATA / "seeds").glob("*.txt"))


@pytest.mark.skipif(not SEEDS, reason="needs the seed articles: set VOUCH_DATA to the folder that holds seeds/")
def test_seed_articles_lose_their_furniture_and_nothing_else() -> None:
    """Five saved articles, noisy at both ends. Only the shapes are looked at, so no text of theirs stands here."""
    everything = ""
    for file in SEEDS:
        read = extract(file.read_bytes(), file.as_posix())
        body = "\n".join(read.text[start:end] for start, end in read.body)
        everything += body
        lines = [line.strip() for line in body.split("\n") if line.strip()]
        assert len(body) > 0.9 * len(read.text)
        assert not [line for line in lines if any("\uac00" <= character <= "\ud7af" for character in line)]
        assert not [line for line in lines if line in ("转载", "App打开", "64x64", "相关博客") or "KiB" in line[:8]]
        assert not [line for line in lines if "右上角" in line[:20] or line.startswith("长按") or "后续文章" in line]
        assert len([line for line in lines if line.startswith("【")]) < 3
        dropped = len(read.text) - len(body)
        assert dropped > 5 or "参考文献" in lines
    for number in ("[1] ", "[12] ", "| 2023.03 |", "4.1.1 ", "14、", "图 4"):
        assert number in everything
