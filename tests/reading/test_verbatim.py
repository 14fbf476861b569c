import pytest
from hypothesis import given
from hypothesis import strategies as st
from rag.reading.verbatim import in_the_quotes_words, standing

from rag.types import Quote

ZH = "标注成本有两个方面。真正影响落地的是时间成本。\n• 第一条很短。"
EN = "The bridge was opened on 4 May 1931. It replaced a ferry of 1820."


def kept(*texts: str) -> list[Quote]:
    return [Quote(n, text, "memory:p", "", "0" * 64, 0, len(text)) for n, text in enumerate(texts, 1)]


def test_the_quote_has_the_last_word():
    assert in_the_quotes_words("真正影响落地的是人力成本。", kept(ZH), "zh", 0.1)[0] == "真正影响落地的是时间成本。"
    assert in_the_quotes_words("It replaced a ferry.", kept(EN), "en", 0.1)[0] == "It replaced a ferry of 1820."


def test_a_sentence_of_two_quotes_is_said_by_both():
    said = in_the_quotes_words("It replaced a ferry and was opened in 1931.", kept(EN, "In 1931 all came."), "en", 0.1)[
        0
    ]
    assert "replaced a ferry" in said and said.endswith("In 1931 all came.")


def test_across_languages_and_where_nothing_is_close_the_quote_says_nothing():
    assert in_the_quotes_words("It is the cost of time.", kept(ZH), "en", 0.1)[0] == ""
    assert in_the_quotes_words("Nobody painted anything here.", kept(EN), "en", 0.5)[0] == ""


def test_a_bullet_is_left_out():
    assert in_the_quotes_words("第一条很短", kept(ZH), "zh", 0.1)[0] == "第一条很短。"


def test_where_a_sentence_stands_to_the_letter():
    quotes = kept(EN, "1. Opened on 4 May 1931\n2. Other")
    assert standing("2. It replaced a ferry  of 1820!", quotes) == quotes[:1]
    assert standing("opened on 4 May 1931", quotes) == quotes
    assert standing("opened on 5 May 1931", quotes) == standing("1931", quotes) == []


def test_headings_are_left_out():
    page = "## 四道工序\n血压\n夜班组的高血压患病率为31.4%。\n第二句。"
    assert (
        in_the_quotes_words("血压:夜班组的患病率为31.4%", kept(page), "zh", 0.1)[0] == "夜班组的高血压患病率为31.4%。"
    )
    assert "四道工序" not in in_the_quotes_words("四道工序", kept(page), "zh", 0.1)[0]


def test_a_list_that_is_announced_comes_whole():
    page = "有三条路径:\n 1. 输入知识。\n 2. 模仿大脑。\n 3. 学习数据。\n后面的话。"
    assert in_the_quotes_words("共有三条路径:1. 输入知识", kept(page), "zh", 0.1)[0].endswith("3. 学习数据。")
    assert in_the_quotes_words("模仿大脑", kept(page), "zh", 0.1)[0] == "模仿大脑。"


def test_the_figures_of_the_draft_are_kept():
    page = "比如算术题7*4+8*8=?,答错了。用了100个样本,准确率只有58%。别的话。"
    assert "58%" in in_the_quotes_words("拿100道像7*4+8*8这样的题来考,准确率是58%", kept(page), "zh", 0.1)[0]


def test_only_the_quotes_whose_words_are_published_are_named():
    quotes = kept(EN, "Nothing to do with any of it here.")
    assert in_the_quotes_words("It replaced a ferry of 1820.", quotes, "en", 0.3)[1] == (1,)


def test_the_run_holds_what_the_question_did_not_say():
    page = (
        "About Hale Ferries\nThe line has run since 1924. It was founded by Tobias Crane, who had tended a lighthouse."
    )
    told, _ = in_the_quotes_words(
        "Tobias Crane started Hale Ferries.", kept(page), "en", 0.1, "Who started Hale Ferries?"
    )
    assert "founded by Tobias Crane" in told
    geese = "Dunlin numbered 61,500. Fewer bean geese came for the fifth year in a row."
    asked = "Why do fewer bean geese come?"
    masons = f"This is the bridge that they built. {'A gull sat there. ' * 8}Three masons came over the hills for it."
    wrote = "The bridge was built by three masons."
    assert in_the_quotes_words(wrote, kept(masons), "en", 0.1, "Who built the bridge?")[0].startswith("Three masons")
    assert in_the_quotes_words("Fewer bean geese come because wheat is scarce.", kept(geese), "en", 0.1, asked)[0] == ""


COST = "The bridge cost a hundred billion crowns."
HALE = "It was built by William Hale."
APART = "It was drawn by Ann Hale."


@pytest.mark.parametrize(
    ("page", "wrote", "asked", "told"),
    [
        # a slip of the pen where the quote has nothing new: its words put it right
        (COST, "The bridge cost one trillion crowns.", "How many crowns did the bridge cost?", COST),
        # a name is no other word that looks like it
        (f"{HALE} Nobody saw. Visitors will find a mark.", "It was built by Will Hale.", "Who built it?", HALE),
        # names too far apart for a run: the nearest without them
        (
            f"{APART} {'A gull sat there. ' * 8}It is kept by Orrin Works.",
            "It was drawn by Ann Hale for Orrin Works.",
            "Who drew it?",
            APART,
        ),
    ],
)
def test_what_a_run_must_hold_does_not_lose_it(page: str, wrote: str, asked: str, told: str):
    assert in_the_quotes_words(wrote, kept(page), "en", 0.1, asked)[0] == told


_OPENINGS = ("3.5 million", "-7.25 degrees", "12.4万人", "3.1 The tenant", "* stars", "< 4 pH", "1、甲", "·")


@given(
    st.sampled_from(_OPENINGS) | st.from_regex(r"[-–]?[0-9]{1,3}[.,][0-9]{1,3}%?", fullmatch=True),
    st.sampled_from((" people live in the county of Orrin.", "的人住在奥林县的东部地区。")),
)
def test_what_is_published_of_a_quote_stands_in_it_to_the_letter(opening, rest):
    sentence = opening + rest
    page = f"Something else stands here.\n{sentence}\nAnd here."
    spoken = "zh" if rest.endswith("。") else "en"
    said, _ = in_the_quotes_words(sentence, kept(page), spoken, 0.1)
    assert said in " ".join(page.split())
    assert not said or opening.lstrip("•·●▪‣*–- ") in said
