import pytest
from rag.checking.denials import denied, negated

from rag.types import Quote


def quote(text: str, title: str = "") -> Quote:
    return Quote(1, text, "memory:a", title, "", 0, len(text))


@pytest.mark.parametrize(
    ("claim", "text", "title"),
    [
        (
            "Dogs are allowed in the saloon of the ferry.",
            "Dogs must be on a lead and may not enter the saloon.",
            "Ferries",
        ),
        ("柳洼的决口是洪水漫过堤顶造成的。", "当时堤顶高出水面还有1.1米，所以柳洼决口不是漫堤造成的。", "洪水复盘"),
        ("The Orrin bridge was painted by Hale.", "The Orrin bridge was never painted by Hale.", ""),
        ("静湖冬天结冰。", "静湖冬天不结冰。", ""),
    ],
)
def test_a_quote_that_denies_what_the_claim_says(claim: str, text: str, title: str):
    assert denied(claim, quote(text, title))


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        # the negation stands with something else
        ("那天夜里，摇响警报的是水文员韦小满。", "那天夜里，水文员韦小满没有等电话就摇了警报。"),
        ("及格的学生去了奥斯比。", "有8人不及格，及格的人全都进了奥斯比的学校。"),
        ("The boat carries bicycles.", "The boat carries bicycles, and no tickets are sold on deck."),
        # both deny, or neither does
        ("The Ida May cannot take cars.", "The Ida May takes no cars."),
        ("静湖冬天不结冰。", "静湖冬天不结冰。"),
        ("The bridge was painted.", "The bridge was painted."),
        # another figure, another name, another language: not for this rule
        ("The bridge has 7 arches of stone.", "The bridge has not 3 arches of stone."),
        ("The bridge was painted by Hale.", "The bridge was not painted by Crane."),
        ("静湖冬天结冰。", "Lake Jinghu does not freeze in winter."),
        # 不得不 and "not only" deny nothing
        ("他们搬到了下游。", "他们不得不搬到了下游。"),
        ("The boat carries bicycles.", "The boat carries not only bicycles."),
    ],
)
def test_a_negation_that_denies_something_else_or_nothing(claim: str, text: str):
    assert not denied(claim, quote(text))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("水很不同。", False), ("非常好。", False), ("并非如此。", True), ("No one came.", True), ("It isn't so.", True)],
)
def test_what_is_a_negation(text: str, wanted: bool):
    assert negated(text) == wanted
