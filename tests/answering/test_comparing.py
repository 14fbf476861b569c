import pytest

from rag.answering.comparing import names_apart, winner

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
    assert winner(parts, statements, "more") == more
    assert winner(parts, statements, "less") == (None if more is None else 1 - more)
    if len(parts) == 2:
        assert winner(parts[::-1], statements[::-1], "more") == (None if more is None else 1 - more)


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
