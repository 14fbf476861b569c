import pytest
from rag.checking.rivals import about, holds, rival

from rag.types import Quote

PLANT = "Inside Corvane Cells, the battery plant"


def kept(text: str, title: str = "") -> Quote:
    return Quote(1, text, "memory:p", title, "0" * 64, 0, len(text))


@pytest.mark.parametrize(
    ("claim", "text", "title", "ours", "theirs", "clear"),
    [
        ("石榧大坝坝顶长580米。", "石榧大坝坝高86米，坝顶长642米。", "", "580", "642", True),
        ("The Corvane Cells plant opened in May 2021.", "The plant opened in May 2022.", PLANT, "2021", "2022", True),
        ("The plant opened in March 2022.", "The plant opened in May 2022.", "", "March", "May", True),
        ("Turnout was 61.2 per cent.", "Turnout was 58.6 per cent, the highest since 1997.", "", "61.2", "58.6", True),
        (
            "The company's chief chemist is Lena Falk.",
            "According to the company's chief chemist, Rafael Imbert, tea wood works.",
            "",
            "Lena Falk",
            "Rafael Imbert",
            True,
        ),
    ],
)
def test_a_quote_that_differs_in_one_figure_or_name_refutes(claim, text, title, ours, theirs, clear):
    found = rival(claim, [kept(text, title)], 0.6)
    assert found is not None
    assert (found.ours, found.theirs, found.clear) == (ours, theirs, clear)
    assert not holds(claim, [kept(text, title)])


@pytest.mark.parametrize(
    ("claim", "text", "title"),
    [
        ("The plant opened in May 2022.", "The plant opened in May 2022.", ""),  # the same
        (
            "The boat cost 30 million crowns.",
            "Repairs took 14 weeks and cost 23 million crowns.",
            PLANT,
        ),  # of other things
        ("The Limpet takes 300 passengers.", "The older Ida May takes 260 passengers.", ""),  # of another boat
        ("The boat cost 41 million crowns.", "On the boat a pot of tea costs 4 crowns.", ""),  # a hundred times as much
        ("The plant opened in 2021.", "这座工厂于2022年投产。", ""),  # another language
        ("大桥长30公里。", "大桥长20-30公里，限重30吨。", ""),
        ("The walk takes 30 minutes.", "The walk takes half an hour over 30 km of road.", ""),
        ("Two-thirds of the town voted.", "67 per cent of the town voted.", ""),
        ("工人占全镇三分之一。", "工人占全镇33%。", ""),
        ("About 190 people work at the plant.", "187 people work at the plant.", ""),  # hedged
    ],
)
def test_what_may_speak_of_something_else_refutes_nothing(claim, text, title):
    assert rival(claim, [kept(text, title)], 0.6) is None


def test_of_two_figures_that_could_be_meant_neither_is_clear():
    found = rival("大坝高90米。", [kept("大坝高86米，旧大坝高64米。")], 0.6)
    assert found is not None and not found.clear


@pytest.mark.parametrize(
    ("claim", "text", "wanted"),
    [
        ("The plant opened in 2021.", "这座工厂于2022年投产。", False),
        ("The plant of Hale opened in May 2022.", "黑尔的工厂于2022年5月投产。", True),
        ("It employs 20 per cent of the town.", "全镇两成人在厂里做工。", True),
        ("The dam holds 1.18 billion cubic metres.", "总库容11.8亿立方米。", True),
    ],
)
def test_across_languages_figures_must_stand_and_names_and_shares_need_not(claim, text, wanted):
    assert holds(claim, [kept(text)]) == wanted


@pytest.mark.parametrize(
    ("claim", "text", "wanted"),
    [
        ("The fish ladder at the dam was completed in 2011.", "The next election is due in October 2027.", False),
        (
            "The breach was caused by water over the crest.",
            "The crest stood dry, so water did not cause the breach.",
            True,
        ),
        ("The fish ladder was completed in 2011.", "鱼道于2011年建成。", False),
    ],
)
def test_only_a_quote_about_the_same_thing_can_contradict(claim, text, wanted):
    assert about(claim, kept(text)) == wanted
