import pytest

from rag.text.quantities import dates, quantities


def sizes(text: str) -> list[tuple[str, float]]:
    return [(text[v.start : v.end].strip(), v.size) for v in quantities(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("坝高86米，坝顶长642米，总库容11.8亿立方米。", [("86米", 86.0), ("642米", 642.0), ("11.8亿立方米", 11.8e8)]),
        ("It carries 420 passengers and 38 cars.", [("420 passengers", 420.0), ("38 cars", 38.0)]),
        ("A fish pass of 1.1 km", [("1.1 km", 1100.0)]),
        ("It cost $10.4 billion.", [("$10.4 billion", 10.4e9)]),
        ("库区搬走了六百多人，占百分之三", [("六百多人", 600.0), ("百分之三", 3.0)]),
        ("Twelve pools", [("Twelve pools", 12.0)]),
        ("规模为2.8万亿元", [("2.8万亿元", 2.8e12)]),
        ("It holds two hundred and fifty thousand tonnes.", [("two hundred and fifty thousand tonnes", 2.5e8)]),
        ("三千多万人", [("三千多万人", 3e7)]),
        ("The walk takes half an hour.", [("half an hour", 1800.0)]),
        ("It takes an hour and a half.", [("an hour and a half", 5400.0)]),
        ("three quarters of an hour", [("three quarters of an hour", 2700.0)]),
        ("全程半小时", [("半小时", 1800.0)]),
        ("全程一个半小时，长12 345米", [("一个半小时", 5400.0), ("12 345米", 12345.0)]),
        ("二百五十块钱", [("二百五十块", 250.0)]),
        ("身高一米八", [("一米八", 1.8)]),
        ("提高了10个百分点", [("10个百分点", 10.0)]),
        ("by 10 percentage points", [("10 percentage points", 10.0)]),
        ("第六届立法会", []),
        ("It won 6-3, 7-5 at 12:30.", []),
        ("It was built in 1931.", []),
    ],
)
def test_quantities_have_a_size_and_a_unit(text, found):
    assert sizes(text) == [(told, pytest.approx(size)) for told, size in found]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("于1987年6月30日落成", [(1987, 6, 30)]),
        ("每年7月23日开幕", [(None, 7, 23)]),
        ("on 14 March 2024", [(2024, 3, 14)]),
        ("Dec. 1, 2017", [(2017, 12, 1)]),
        ("in March 2024", [(2024, 3, None)]),
        ("2024-03-14", [(2024, 3, 14)]),
        ("in 1931, after 1200 metres", [(1931, None, None)]),
    ],
)
def test_dates_give_the_parts_they_give(text, parts):
    assert [date.parts for date in dates(text)] == parts


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("1,500 m", "1.5 km", True),
        ("5斤", "2.5公斤", True),
        ("half an hour", "30分钟", True),
        ("1.5 km", "about 1.6 km", False),
        ("2800亿元", "280 billion yuan", True),
        ("2800亿元", "2800 billion yuan", False),
        ("1.2万亿美元", "$1.2 trillion", True),
        ("两成", "20 per cent", True),
        ("86 metres", "86 passengers", False),
        ("86 passengers", "86 passengers", False),  # a count is no measure
    ],
)
def test_one_measure_and_one_size_are_the_same_in_any_unit(one, other, same):
    [a], [b] = quantities(one), quantities(other)
    assert a.same(b) == b.same(a) == same
