import pytest

from rag.answering.comparing import lead, names_apart, winner

FARES = ["What was the ferry fare of Lund in 1930?", "What was the ferry fare of Harrow in 1931?"]
HEIGHTS = ["大坝有多高?", "水塔有多高?"]


@pytest.mark.parametrize(
    ("parts", "statements", "more"),
    [
        (FARES, ["The fare of Lund in 1930 was 4 crowns.", "In 1931 the fare of Harrow was 3.5 crowns."], 0),
        (FARES, ["In 1930 it was $3.5 million.", "In 1931 it was $900,000."], 0),
        (HEIGHTS, ["大坝高86米。", "水塔高1.2公里。"], 1),
        (HEIGHTS, ["大坝高12.4万米。", "水塔高9000米。"], 0),
        (["How long is A?", "How long is B?"], ["A is 1.1 km long.", "B is 900 metres long."], 0),
        (["How long is A?", "How long is B?"], ["A takes 90 minutes.", "B takes 2 hours."], 1),
        (["When did A open?", "When did B open?"], ["A opened on 4 May 1931.", "B opened in June 1931."], 1),
        (["When did A open?", "When did B open?"], ["A opened in 1931.", "B opened on 4 May 1930."], 0),
        (["甲桥何时通车?", "乙桥何时通车?"], ["甲桥于1931年5月4日通车。", "乙桥于1931年6月1日通车。"], 1),
        # what was asked for is compared, and nothing that happens to stand beside it
        (
            ["When did A pay?", "When did B pay?"],
            ["A paid $5 million in December 2020.", "B paid $2 million in May 2021."],
            1,
        ),
        (["甲何时分红?", "乙何时分红?"], ["甲在2020年12月分红5000万元。", "乙在2021年2月分红200万元。"], 1),
        (["How large was A's?", "How large was B's?"], ["A's came in June 2017.", "B's came in January 2019."], None),
        # none, one, several or equal ones
        (FARES, ["It was 4 crowns.", "It was 4 crowns."], None),
        (FARES, ["It was 4 crowns.", "It is not known."], None),
        (FARES, ["It was 4 crowns, and 2 crowns for children.", "It was 3 crowns."], None),
        (HEIGHTS, ["大坝高86米。", "水塔重9000吨。"], None),
        (["When did A open?", "When did B open?"], ["A opened in 1931.", "B opened in June 1931."], None),
        (["When did A open?", "When did B open?"], ["A opened on 4 May.", "B opened on 5 May."], None),
        (["When did A open?"], ["A opened in 1931."], None),
    ],
)
def test_who_has_more_is_reckoned_or_not_told(parts, statements, more):
    less = None if more is None else 1 - more
    assert place(winner(parts, statements, "more")) == more
    assert place(winner(parts, statements, "less")) == less
    if len(parts) == 2:
        assert place(winner(parts[::-1], statements[::-1], "more")) == less


def place(found):
    return None if found is None else found.at


def test_the_answer_to_a_comparison_says_both_values_as_they_stand():
    told = lead(FARES, ["In 1930 it was $3.5 million.", "In 1931 it was $900,000."], "less", "en")
    assert "Harrow: $900,000" in told and "$3.5 million for Lund" in told
    told = lead(HEIGHTS, ["大坝高12.4万米。", "水塔高9000米。"], "more", "zh")
    assert "大坝：12.4万米" in told and "水塔为9000米" in told
    assert lead(["How high is it?"] * 2, ["It is 5 m high.", "It is 6 m high."], "more", "en") == ""


@pytest.mark.parametrize(
    ("parts", "names"),
    [
        (["How high is the Hale tower?", "How high is the Orrin tower?"], ["Hale", "Orrin"]),
        (["What did Lund pay in 1930?", "What did New Harrow pay in 1931?"], ["Lund", "New Harrow"]),
        (["大坝有多高?", "水塔有多高?"], ["大坝", "水塔"]),
        (["How high is it?", "How high is it?"], ["", ""]),
    ],
)
def test_what_tells_two_questions_apart_is_named(parts, names):
    assert names_apart(parts) == names
