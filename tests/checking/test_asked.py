import json
from pathlib import Path

import pytest
from rag.checking.asked import gives, kind_asked, years

FIXTURE = Path(__file__).parents[1] / "fixtures" / "questions.jsonl"


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("修石榧大坝当年一共花了多少钱？", "money"),
        ("从望汐坐火车到雁枕，二等座票价多少？", "money"),
        ("What did it cost to build the Sable Wren?", "money"),
        ("How much did Brin earn in Wangxi?", "money"),
        ("一共去了多少人？", "number"),
        ("做雁枕茶要经过哪几道工序？", "number"),
        ("How deep were the wells?", "number"),
        ("How much arsenic is there in rice?", "number"),
        ("2026年的雁枕春茶节从哪天开始？", "date"),
        ("When will Tideglass 3.1 come out?", "date"),
        ("What time did she run in her first marathon?", "date"),
        ("为什么要换闸门止水？", None),
        ("Who drew up the bridge?", None),
        ("What happens when the lamp is lit?", None),
        ("票价优惠针对哪些人？", None),
        ("费用由谁承担？", None),
        ("价格为什么上涨？", None),
        ("造价最高的桥是哪座？", None),
        ("哪座桥的造价最高，票价优惠有多少人享受？", "number"),
        ("报名费和门票费分别是多少？", "money"),
        ("这座桥的造价？", "money"),
        ("修桥用了多少费用？", "money"),
        ("价格上涨了多少？", "number"),
        ("Why did the price of tea rise?", None),
        ("Who pays the cost of the repairs?", None),
        ("What was the total cost of the dam?", "money"),
        ("What is the price of a ticket?", "money"),
        ("多少有点失望的是谁？", None),
        ("比例尺是什么？", None),
        ("许多大桥是谁设计的？", None),
        ("这张地图的比例是多少？", "number"),
    ],
)
def test_the_kind_that_is_asked_for(question: str, kind: str | None):
    assert kind_asked(question) == kind


@pytest.mark.parametrize(
    ("kind", "text", "given"),
    [
        ("money", "大坝1974年开工，1986年下闸。", False),
        ("money", "門票45元，週三免費。", True),
        ("money", "It costs 4 crowns a pot.", True),
        ("money", "She was licensed to carry 420 passengers.", False),
        ("number", "还是人多。", False),
        ("number", "去了三千多人。", True),
        ("number", "Fourteen stayed behind.", True),
        ("number", "Many stayed behind.", False),
        ("date", "The maintainers will say more later.", False),
        ("date", "It opened in May.", True),
        ("date", "She may come.", False),
        ("date", "May she decide? Monkeys march in the sun.", False),
        ("date", "They met one Monday, late in march or in March.", True),
        ("date", "他可能会来。", False),
        ("date", "星期天之前，在春天。", True),
        ("date", "十月二十一日第一次看到星光。", True),
    ],
)
def test_whether_a_text_gives_one(kind: str, text: str, given: bool):
    assert gives(kind, text) is given


def test_the_fixtures_evidence_gives_what_its_questions_ask_for():
    rows = [json.loads(line) for line in FIXTURE.read_text("utf-8").splitlines()]
    asked = [(row, kind) for row in rows if row["answerable"] and (kind := kind_asked(row["question"]))]
    assert len(asked) > 10
    assert [row["id"] for row, kind in asked if not gives(kind, " ".join(row["evidence"]))] == []


def test_years_stand_alone():
    assert years("2024年1月, 12024 and 1316 of 20245, in 1999.") == {"2024", "1316", "1999"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("估算会让牡蛎每年损失1700吨的研究所", set()),
        ("the loss of 1,700 tonnes, 1700 tonnes and $1800", set()),
        ("共1958人，2024盐道马拉松", {"2024"}),
        ("It was built in 1958 and costs 1500 crowns.", {"1958"}),
        ("1500 chairs", set()),
        ("The hall has 1500 chairs and 1600 sheep.", set()),
        ("2000多人，1350毫米，1600头牛，容纳1200辆车", set()),
        ("a 1080p screen with IEEE 1394", set()),
        ("in the 1990s, and the 1953 floods; since 1847 ships call", {"1990", "1953", "1847"}),
        ("In 1958 workers built it, in May 1960 others did.", {"1958", "1960"}),
        ("1958年和2024盐道马拉松，1999 was wet", {"1958", "2024", "1999"}),
    ],
)
def test_a_count_is_no_year(text, expected):
    assert years(text) == expected
