import pytest

from rag.text.quantities import agrees, dates, names, people_and_places, quantities, same_kind, slips


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
        ("86米", "92米", False),
        ("1.1公里", "1,100 metres", True),
        ("about 8,400 runners", "8412 runners", True),
        ("8,400 runners", "8,412 runners", True),
        ("420 passengers", "380 passengers", False),
        ("nearly 400 passengers", "380 passengers", True),
        ("nearly 600 passengers", "380 passengers", False),
        ("2800亿元", "280 billion yuan", True),
        ("2800亿元", "2800 billion yuan", False),
        ("1.2万亿美元", "$1.2 trillion", True),
        ("两成", "20 per cent", True),
        ("10.4 billion dollars", "$10.389 billion", True),
        ("120 people", "a hundred people", False),
        ("half an hour", "50 minutes", False),
        ("半小时", "30分钟", True),
        ("2.5公斤", "5斤", True),
    ],
)
def test_what_one_has_rounded_agrees(one, other, same):
    [a], [b] = quantities(one), quantities(other)
    assert same_kind(a, b) and agrees(a, b) == agrees(b, a) == same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("1986年", "1986年6月30日", True),
        ("30 June 1986", "1986年6月30日", True),
        ("1986年5月", "1986年6月30日", False),
        ("7月23日", "1月23日", False),
    ],
)
def test_dates_agree_where_nothing_both_give_differs(one, other, same):
    [a], [b] = dates(one), dates(other)
    assert same_kind(a, b) and agrees(a, b) == agrees(b, a) == same


def test_a_year_and_a_day_of_the_year_are_not_of_a_kind():
    [year], [day] = dates("1986年"), dates("7月23日")
    assert not same_kind(year, day)


def test_metres_are_not_of_a_kind_with_passengers():
    [metres], [passengers] = quantities("86 metres"), quantities("86 passengers")
    assert not same_kind(metres, passengers)


def test_names_agree_with_their_parts():
    [full], [short], [other] = names("by Ada Kemble"), names("by Kemble"), names("by Tobias Crane")
    assert agrees(full, short) and not agrees(full, other)
    assert [name.text for name in names("首任台长是贺兰亭。")] == ["贺兰亭"]
    assert [name.text for name in names("由詹姆斯·卡梅隆执导")] == ["詹姆斯·卡梅隆"]


@pytest.mark.parametrize(
    ("claim", "evidence", "slipped"),
    [
        ("The canal is 30 metres long.", "It runs 30 kilometres.", [("30 metres", "30 kilometres")]),
        ("The canal is 30 km long.", "It runs 30 kilometres.", []),
        ("The canal is 30,000 metres long.", "It runs 30 kilometres.", []),
        ("一节课45小时。", "每节课45分钟。", [("45小时", "45分钟")]),
        ("一节课四十五分钟。", "每节课45分钟。", []),
        ("A lesson takes 45 hours.", "每节课45分钟。", [("45 hours", "45分钟")]),
        ("苍鹭超过7吨。", "most of them were heavier than 7 kilograms", [("7吨", "7 kilograms")]),
        ("大桥长30公里。", "大桥长20-30公里，限重30吨。", []),
        ("大桥长30米。", "大桥长20-30公里。", [("30米", "30公里")]),
        ("The walk takes 30 minutes.", "The walk takes half an hour over 30 km of road.", []),
        ("The walk takes 30 minutes.", "The walk is 30 km long.", []),  # a time is no length
        ("It has 5 locks.", "It has 5 kilometres.", []),  # what is counted is no measure
    ],
)
def test_a_number_with_another_measure_slips(claim, evidence, slipped):
    found = slips(claim, evidence)
    assert [(claim[a.start : a.end], evidence[b.start : b.end]) for a, b in found] == slipped


def test_people_and_places_of_a_chinese_text():
    assert people_and_places("称重的是艾达·马什，地点在深圳。") == ["艾达·马什", "深圳"]
    assert people_and_places("保姆和阿姨花了7百万克朗。") == []
    assert people_and_places("水库这次花了两个多亿的大修，长度修正后上市。") == []
    assert people_and_places("岑若溪和李航去了浙江省、苏州和以色列。") == ["岑若溪", "李航", "浙江省", "苏州", "以色列"]
