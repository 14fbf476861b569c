import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.checking.split import claims


def said(text: str, **more) -> list[str]:
    return [claim.text for claim in claims(text, **more) if claim.checkable]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "The bridge was opened in 1931 and replaced a ferry.",
            ["The bridge was opened in 1931.", "The bridge replaced a ferry."],
        ),
        (
            "Ada Kemble, who founded the firm in 1902, was born in Brackwater.",
            ["Ada Kemble founded the firm in 1902.", "Ada Kemble was born in Brackwater."],
        ),
        (
            "It was designed by Ada Kemble, who lived in Brackwater.",
            ["It was designed by Ada Kemble.", "Ada Kemble lived in Brackwater."],
        ),
        (
            "The tower was lit in 1861; the lamp burned oil until 1904.",
            ["The tower was lit in 1861.", "The lamp burned oil until 1904."],
        ),
        ("Salt and tea were carried along the road.", ["Salt and tea were carried along the road."]),
        (
            "The Orrin yard is a small firm that builds boats and mends sails.",
            ["The Orrin yard is a small firm.", "The Orrin yard builds boats and mends sails."],
        ),
        ("The tower is called Kemble, which means chapel.", ["The tower is called Kemble.", "Kemble means chapel."]),
        (
            "There were only four ferries, so it is likely that many walked.",
            ["There were only four ferries.", "It is likely that many walked."],
        ),
        ("He won the cup that was made in 1911.", ["He won the cup that was made in 1911."]),
        ("However, the road was closed in 1911.", ["The road was closed in 1911."]),
        ("In 1911, the road was closed.", ["In 1911, the road was closed."]),
        ("The bridge was opened in 1931 [1]. [2] It stands.", ["The bridge was opened in 1931.", "The bridge stands."]),
        ("大坝坝高86米，坝顶长642米。", ["大坝坝高86米。", "大坝坝顶长642米。"]),
        ("工程1979年11月动工，同年12月停工。", ["工程1979年11月动工。", "工程1979年12月停工。"]),
        ("男子组冠军是温樾，女子组冠军是布林。", ["男子组冠军是温樾。", "女子组冠军是布林。"]),
        ("蓄水之前，库区共14300人搬离。", ["蓄水之前，库区共14300人搬离。"]),
        ("由于天气太热，坝体出现了裂缝，因此停工两天。", ["由于天气太热，坝体出现了裂缝，因此停工两天。"]),
        ("首届茶节于1987年举办，当时只有11个摊位。", ["首届茶节于1987年举办。", "首届茶节当时只有11个摊位。"]),
    ],
)
def test_a_sentence_is_cut_into_its_independent_facts(text, wanted):
    assert said(text) == wanted


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("Ada Kemble was born in 1830. She designed the tower.", "Ada Kemble designed the tower."),
        ("The firm sells salt. Its plant opened in 1902.", "The firm's plant opened in 1902."),
        ("The firm sells salt. This bridge was opened in 1931.", "This bridge was opened in 1931."),
        ("# Orrin Bridge\nIt was opened in 1931.", "Orrin Bridge was opened in 1931."),
        ("研究所的前身是试验站。其现有职工187人。", "研究所的现有职工187人。"),
        ("石榧大坝位于石榧峡。它1986年蓄水。", "石榧大坝1986年蓄水。"),
        ("望汐大桥在望汐。该水库1986年蓄水。", "该水库1986年蓄水。"),
    ],
)
def test_a_pronoun_is_resolved_from_what_stands_before(text, last):
    assert said(text)[-1] == last


def test_a_title_stands_for_a_pronoun_with_nothing_before_it():
    assert said("It was opened in 1931.", title="The Orrin bridge") == ["The Orrin bridge was opened in 1931."]


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        ("Is it true?", "question"),
        ("你知道石榧大坝吗？", "question"),
        ("Hello everybody, welcome to the delta.", "greeting"),
        ("大家好，欢迎来到望汐。", "greeting"),
        ("Please book your tickets early.", "instruction"),
        ("请在退潮时出发。", "instruction"),
        ("I was there for seven years.", "first person"),
        ("我是1979年到石榧峡的。", "first person"),
        ("The council should dredge the channel.", "opinion"),
        ("游客应该早点出发。", "opinion"),
        ("## The crossing", "heading"),
        ("There are two reasons:", "heading"),
        ("The planets of our solar system are eight.", ""),
        ("“I never signed it,” said the mayor, who was elected in 1997.", ""),
        ("石榧大坝坝高86米。", ""),
    ],
)
def test_what_nothing_can_settle_is_marked_with_its_reason(sentence, why):
    assert {claim.why for claim in claims(sentence)} == {why}
    assert all(claim.checkable == (not why) for claim in claims(sentence))


TEXT = st.text(alphabet="The bridge was opened in 1931, and it. She它石榧大坝于年，。；？[1]#-\n“”", max_size=120)


@settings(deadline=None, max_examples=200)
@given(TEXT)
def test_spans_lie_in_the_text_in_order_and_never_overlap(text):
    found = claims(text)
    at = 0
    for claim in found:
        assert at <= claim.start < claim.end <= len(text)
        assert claim.text
        at = claim.end
