from fractions import Fraction

import pytest

from rag.text.figures import figures, missing_values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1,870 people, 6.5 per cent", ["1870", "6.5"]),
        ("1.48 million cubic metres", ["1480000"]),
        ("148万立方米", ["1480000"]),
        ("一千二百人，一九八六年，三成", ["1200", "1986", "30"]),
        ("十二个摊位，两千四百条", ["12", "2400"]),
        ("seventy-five boats and two hundred men", ["75", "200"]),
        ("on 5 October 2023", ["5", "10", "2023"]),
        ("It may rain in May 2022.", ["5", "2022"]),
        ("2:33:05", ["2", "33", "5"]),
    ],
)
def test_a_number_has_the_same_value_however_it_is_written(text, values):
    assert [figure.value for figure in figures(text)] == [Fraction(value) for value in values]
    assert all(text[figure.start : figure.end] == figure.text for figure in figures(text))


@pytest.mark.parametrize(
    ("claim", "evidence", "missing"),
    [
        ("It holds 1.48 million tonnes.", "全坝共浇了148万立方米。", []),
        ("The plant opened in May 2021.", "The plant opened in May 2022.", ["2021"]),
        ("About 190 people work there.", "187 people work there.", []),
        ("共有二千四百多条。", "共有2398条。", []),
        ("三座电站", "3座电站", []),
        ("The fund holds 2800 billion yuan.", "基金规模为2800亿元。", ["2800 billion"]),
        ("The fund holds 280 billion yuan.", "基金规模为2800亿元。", []),
        ("基金规模为2.8万亿元。", "The fund holds 280 billion yuan.", ["2.8万亿"]),
        ("基金规模为2800亿元。", "The fund holds 280 billion yuan.", []),
        ("It holds about 2.8 billion.", "约2.8亿", ["2.8 billion"]),  # rounding changes no magnitude
        ("约280亿", "It holds about 2.8 billion.", ["280亿"]),
        ("两成", "20 per cent of them", []),
        ("Two-thirds of them voted.", "67 per cent of them voted.", []),
        ("占三分之一", "占33%", []),
        ("占33.3%", "占三分之一", []),
        ("占40%", "占三分之一", ["40"]),
        ("It is 1,500 m long.", "It is 1.5 km long.", []),
        ("重2.5公斤", "重5斤", []),
        ("重2.5公斤", "重6斤", ["2.5"]),
        ("It takes 30 minutes.", "It takes half an hour.", []),
        ("全程90分钟", "全程一个半小时", []),
        ("They built a wall with one gate.", "The wall has a gate.", []),  # "one" may be an article
        ("是在1月称重的", "没有一只戴脚环", ["1"]),
        ("He won one seat.", "He won 18 seats.", ["one"]),
    ],
)
def test_what_the_evidence_does_not_hold_is_missing_unless_it_is_hedged(claim, evidence, missing):
    assert [figure.text for figure in missing_values(claim, evidence)] == missing


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("2024盐道马拉松", "year"),
        ("2024年", "year"),
        ("1600米", "米"),
        ("1500公里", "公里"),
        ("冠军今年31岁。", "岁"),
        ("22岁的邵一苇", "岁"),
        ("8扇弧形闸门", "扇"),
    ],
)
def test_what_a_figure_counts(text, unit):
    assert [figure.unit for figure in figures(text)] == [unit]
