"""Writes tests/fixtures/minimal_pairs.jsonl: quotes of things that do not exist, and claims that are a word away.

    python -m benchmarks.minimal_pairs

Each quote is told in English and in Chinese with the same facts; of each come a supported and a contradicted claim for
each of six kinds (number, date, name, negation, unit, quantifier) and two that it says nothing about. Nothing of this
is used in training, and the wording is not that of `training/edits.py`.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

FIXTURE = Path(__file__).parents[1] / "tests" / "fixtures" / "minimal_pairs.jsonl"
KINDS = ("number", "date", "name", "negation", "unit", "quantifier")

# quote; then (supported, contradicted) in the order of KINDS; then two that are not said.
FAMILIES = {
    "canal": {
        "en": (
            "Opened on {d} {month} {y}, the {a} canal runs {n} kilometres to {p}; all {k} of its locks still work, and "
            "motor boats have not been allowed on it since the dry summer.",
            [
                ("There are {k} locks on the {a} canal.", "There are {k2} locks on the {a} canal."),
                ("The {a} canal dates from {y}.", "The {a} canal dates from {y2}."),
                ("The {a} canal leads to {p}.", "The {a} canal leads to {p2}."),
                ("Motor boats may not use the {a} canal.", "Motor boats may use the {a} canal."),
                ("The {a} canal is {n} km long.", "The {a} canal is {n} metres long."),
                ("Every lock of the {a} canal works.", "Only a few locks of the {a} canal work."),
            ],
            ["The {a} canal cost {k2} million crowns to build.", "The {a} canal is drained for repairs every autumn."],
        ),
        "zh": (
            "{a_zh}运河于{y}年{m}月{d}日通航，全长{n}公里，通往{p_zh}；{k}座船闸全部仍在使用，自那个干旱的夏天起机动船一直不得驶入。",
            [
                ("{a_zh}运河上有{k}座船闸。", "{a_zh}运河上有{k2}座船闸。"),
                ("{a_zh}运河在{y}年启用。", "{a_zh}运河在{y2}年启用。"),
                ("{a_zh}运河的终点是{p_zh}。", "{a_zh}运河的终点是{p2_zh}。"),
                ("机动船不可以驶入{a_zh}运河。", "机动船可以驶入{a_zh}运河。"),
                ("{a_zh}运河长{n}千米。", "{a_zh}运河长{n}米。"),
                ("{a_zh}运河的每一座船闸都能用。", "{a_zh}运河只有少数几座船闸能用。"),
            ],
            ["修建{a_zh}运河花了{k2}百万克朗。", "{a_zh}运河每年秋天都要放干检修。"],
        ),
    },
    "study": {
        "en": (
            "In {month} {y} Dr {s} weighed {n} adult herons at Lake {a}; most of them were heavier than {k} kilograms, "
            "none carried a ring, and the report was never printed.",
            [
                ("{n} herons were weighed at Lake {a}.", "{n2} herons were weighed at Lake {a}."),
                ("The herons of Lake {a} were weighed in {month}.", "The herons of Lake {a} were weighed in {month2}."),
                ("{s} weighed the herons.", "{s2} weighed the herons."),
                ("The heron report did not appear in print.", "The heron report appeared in print."),
                ("Over half of the herons exceeded {k} kg.", "Over half of the herons exceeded {k} tonnes."),
                ("No heron at Lake {a} wore a ring.", "Each heron at Lake {a} wore a ring."),
            ],
            ["{s} was born near Lake {a}.", "The herons of Lake {a} eat mostly eels."],
        ),
        "zh": (
            "{y}年{m}月，{s_zh}博士在{a_zh}湖给{n}只成年苍鹭称重，其中大多数重于{k}公斤，没有一只戴脚环，报告始终没有付印。",
            [
                ("在{a_zh}湖称重的苍鹭共{n}只。", "在{a_zh}湖称重的苍鹭共{n2}只。"),
                ("{a_zh}湖的苍鹭是在{m}月称重的。", "{a_zh}湖的苍鹭是在{m2}月称重的。"),
                ("给苍鹭称重的是{s_zh}。", "给苍鹭称重的是{s2_zh}。"),
                ("这份苍鹭报告没有印出来。", "这份苍鹭报告已经印出来了。"),
                ("半数以上的苍鹭超过{k}千克。", "半数以上的苍鹭超过{k}吨。"),
                ("{a_zh}湖的苍鹭都没有脚环。", "{a_zh}湖的苍鹭每只都有脚环。"),
            ],
            ["{s_zh}出生在{a_zh}湖边。", "{a_zh}湖的苍鹭主要吃鳗鱼。"],
        ),
    },
    "firm": {
        "en": (
            "{s} sold the {a} foundry to its workers on {d} {month} {y} for {n} thousand crowns. The foundry has {k} "
            "furnaces, half of them electric, and does not cast bells any more.",
            [
                ("The {a} foundry owns {k} furnaces.", "The {a} foundry owns {k2} furnaces."),
                ("The workers bought the {a} foundry in {y}.", "The workers bought the {a} foundry in {y2}."),
                ("The seller of the {a} foundry was {s}.", "The seller of the {a} foundry was {s2}."),
                ("The {a} foundry has given up casting bells.", "The {a} foundry still casts bells."),
                ("The workers paid {n},000 crowns.", "The workers paid {n} million crowns."),
                ("Half of the {a} foundry's furnaces are electric.", "All of the {a} foundry's furnaces are electric."),
            ],
            ["The {a} foundry employs {n2} people.", "{s} inherited the foundry from an uncle."],
        ),
        "zh": (
            "{y}年{m}月{d}日，{s_zh}以{n}千克朗把{a_zh}铸造厂卖给了工人。该厂有{k}座熔炉，其中一半用电，如今不再铸钟。",
            [
                ("{a_zh}铸造厂拥有{k}座熔炉。", "{a_zh}铸造厂拥有{k2}座熔炉。"),
                ("工人们在{y}年买下了{a_zh}铸造厂。", "工人们在{y2}年买下了{a_zh}铸造厂。"),
                ("出售{a_zh}铸造厂的人是{s_zh}。", "出售{a_zh}铸造厂的人是{s2_zh}。"),
                ("{a_zh}铸造厂已经停止铸钟。", "{a_zh}铸造厂还在铸钟。"),
                ("工人付了{n}千克朗。", "工人付了{n}百万克朗。"),
                ("{a_zh}铸造厂半数熔炉用电。", "{a_zh}铸造厂的熔炉全部用电。"),
            ],
            ["{a_zh}铸造厂有{n2}名员工。", "{s_zh}从叔父那里继承了工厂。"],
        ),
    },
    "school": {
        "en": (
            "At the {a} music school {n} pupils sat the examination of {d} {month} {y}. {k} of them failed; everyone "
            "who passed got a place in {p}. Lessons last 45 minutes, and no fee is charged.",
            [
                ("{n} pupils of the {a} school were examined.", "{n2} pupils of the {a} school were examined."),
                ("The examination was held in {month} {y}.", "The examination was held in {month2} {y}."),
                ("Pupils who passed went on to {p}.", "Pupils who passed went on to {p2}."),
                ("Pupils of the {a} school pay nothing.", "Pupils of the {a} school have to pay a fee."),
                ("A lesson at the {a} school takes three quarters of an hour.", "A lesson there takes 45 hours."),
                ("All pupils who passed were given a place.", "Only some of the pupils who passed were given a place."),
            ],
            ["The {a} music school was founded by {s}.", "Most pupils of the {a} school play the violin."],
        ),
        "zh": (
            "{y}年{m}月{d}日，{a_zh}音乐学校有{n}名学生参加考试，{k}人不及格，及格的人全都进了{p_zh}的学校。每节课45分钟，不收学费。",
            [
                ("{a_zh}音乐学校有{n}名学生应考。", "{a_zh}音乐学校有{n2}名学生应考。"),
                ("考试在{y}年{m}月举行。", "考试在{y}年{m2}月举行。"),
                ("及格的学生去了{p_zh}。", "及格的学生去了{p2_zh}。"),
                ("在{a_zh}音乐学校上学是免费的。", "在{a_zh}音乐学校上学要交学费。"),
                ("{a_zh}音乐学校一节课是四十五分钟。", "{a_zh}音乐学校一节课是45小时。"),
                ("所有及格的学生都升了学。", "及格的学生只有一部分升了学。"),
            ],
            ["{a_zh}音乐学校是{s_zh}创办的。", "{a_zh}音乐学校的学生大多拉小提琴。"],
        ),
    },
    "storm": {
        "en": (
            "The storm of {d} {month} {y} lifted the roof of {a} station. {s}, the only person on duty, was not hurt. "
            "{n} trains were cancelled, the line to {p} was shut for {k} days, and several barns burned.",
            [
                ("The storm led to the cancelling of {n} trains.", "The storm led to the cancelling of {n2} trains."),
                ("The storm struck in {y}.", "The storm struck in {y2}."),
                ("The line that had to close was the one to {p}.", "The line that had to close was the one to {p2}."),
                ("{s} came through unharmed.", "{s} was injured."),
                ("Trains could not use the line for {k} days.", "Trains could not use the line for {k} months."),
                ("{s} was alone on duty at {a} station.", "Several people were on duty at {a} station."),
            ],
            ["The new roof of {a} station is made of copper.", "Insurance paid for the barns."],
        ),
        "zh": (
            "{y}年{m}月{d}日的风暴掀掉了{a_zh}车站的屋顶，唯一的值班员{s_zh}没有受伤；{n}趟列车停开，通往{p_zh}的线路中断{k}天，几座谷仓起火。",
            [
                ("风暴使{n}趟列车停运。", "风暴使{n2}趟列车停运。"),
                ("这场风暴发生在{y}年。", "这场风暴发生在{y2}年。"),
                ("中断的是去{p_zh}的线路。", "中断的是去{p2_zh}的线路。"),
                ("{s_zh}安然无恙。", "{s_zh}受了伤。"),
                ("线路停了{k}天。", "线路停了{k}个月。"),
                ("{a_zh}车站当时只有{s_zh}一人值班。", "{a_zh}车站当时有好几个人值班。"),
            ],
            ["{a_zh}车站的新屋顶是铜的。", "谷仓的损失由保险赔付。"],
        ),
    },
}  # fmt: skip
MONTHS = ("January", "March", "April", "June", "August", "September", "November")
PLACES = (("Tarnhill", "塔恩山"), ("Ostby", "奥斯比"), ("Veld", "维尔德"), ("Kirrin", "基林"), ("Halmstow", "哈姆斯托"))
NAMES = (("Orrin", "奥林"), ("Maskel", "马斯克尔"), ("Dune", "杜恩"), ("Corley", "科利"), ("Pellan", "佩兰"))
PEOPLE = (("Ida Marsh", "艾达·马什"), ("Jon Tveit", "约恩·特维特"), ("Lin Qiao", "林乔"), ("Ravi Sood", "拉维·苏德"))
MONTH_NUMBERS = {"January": 1, "March": 3, "April": 4, "June": 6, "August": 8, "September": 9, "November": 11}


def facts(family: int, turn: int) -> Mapping[str, str]:
    """What one telling is filled with, by simple arithmetic."""
    at = 3 * family + turn
    month, other = MONTHS[at % 7], MONTHS[(at + 3) % 7]
    place, elsewhere = PLACES[at % 5], PLACES[(at + 2) % 5]
    name, person, somebody = NAMES[(at + turn) % 5], PEOPLE[at % 4], PEOPLE[(at + 1) % 4]
    number, few, year = 34 + 17 * at, 3 + at % 6, 1871 + 9 * at
    dates = {"d": str(2 + at), "y": str(year), "y2": str(year + (7 if turn else -12)), "month": month, "month2": other}
    dates |= {"m": str(MONTH_NUMBERS[month]), "m2": str(MONTH_NUMBERS[other])}
    numbers = {"n": str(number), "n2": str(number + (11 if turn else -9))}
    numbers |= {"k": str(few), "k2": str(few + (2 if turn else 4))}
    names = {"a": name[0], "a_zh": name[1], "p": place[0], "p_zh": place[1], "p2": elsewhere[0], "p2_zh": elsewhere[1]}
    names |= {"s": person[0], "s_zh": person[1], "s2": somebody[0], "s2_zh": somebody[1]}
    return dates | numbers | names


def pairs() -> Iterator[dict[str, str]]:
    """{language, kind, quote, claim, label}; label supported, contradicted or "not enough" (kind: the label's)."""
    for number, family in enumerate(FAMILIES.values()):
        for turn in range(3):
            filled = facts(number, turn)
            for language, (quote, claims, unsaid) in family.items():
                told = {"language": language, "quote": quote.format(**filled)}
                for kind, (good, bad) in zip(KINDS, claims, strict=True):
                    yield told | {"kind": kind, "claim": good.format(**filled), "label": "supported"}
                    yield told | {"kind": kind, "claim": bad.format(**filled), "label": "contradicted"}
                for claim in unsaid:
                    yield told | {"kind": "unsaid", "claim": claim.format(**filled), "label": "not enough"}


def lines() -> str:
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in pairs())


if __name__ == "__main__":
    FIXTURE.write_text(lines(), "utf-8")
