"""What a number of a sentence measures or counts: its unit, the factor to the base unit, and where the value ends."""

import re
from itertools import takewhile

from rag.text.numbers import Number
from rag.text.scripts import HAN

UNITS: dict[str, tuple[str, float]] = {
    spelling: (base, factor)
    for base, factor, spellings in (
        ("m", 1.0, "m metre meter 米 公尺 公寸"),
        ("m", 1e3, "km kilometre kilometer 公里 千米"),
        ("m", 1e-2, "cm centimetre centimeter 厘米"),
        ("m", 1e-3, "mm millimetre millimeter 毫米"),
        ("m", 0.3048, "ft foot feet 英尺"),
        ("m", 1609.344, "mi mile 英里"),
        ("m2", 1.0, "平方米"),
        ("m2", 1e6, "平方公里 平方千米"),
        ("m2", 1e4, "ha hectare 公顷"),
        ("m2", 666.67, "亩"),
        ("m3", 1.0, "立方米"),
        ("kg", 1.0, "kg kilogram 公斤 千克"),
        ("kg", 1e-3, "g gram 克"),
        ("kg", 0.5, "斤"),
        ("kg", 1e3, "t tonne ton 吨"),
        ("%", 1.0, "% ％ percent"),
        ("‰", 1.0, "‰"),
        ("point", 1.0, "百分点 个百分点"),
        ("s", 1.0, "second 秒 秒钟"),
        ("s", 60.0, "min minute 分钟"),
        ("s", 3600.0, "h hr hour 小时 个小时 钟头 个钟头"),
        ("day", 1.0, "day 天"),
        ("day", 7.0, "week 周 星期 个星期"),
        ("month", 1.0, "month 个月"),
        ("month", 12.0, "year 年间"),
        ("W", 1.0, "w watt 瓦"),
        ("W", 1e3, "kw kilowatt 千瓦"),
        ("W", 1e6, "mw megawatt 兆瓦"),
        ("°C", 1.0, "℃ °c celsius 摄氏度"),
        ("yuan", 1.0, "元 块 yuan rmb ¥ ￥"),
        ("dollar", 1.0, "dollar 美元 $ us$ usd"),
        ("euro", 1.0, "euro 欧元 €"),
        ("pound", 1.0, "pound 英镑 £"),
        ("crown", 1.0, "crown 克朗"),
        ("person", 1.0, "person people 人 名 位"),
    )
    for spelling in spellings.split()
}
# Units of one dimension stand for one another by mistake; a length and a weight of one number are two things.
_DIMENSIONS = (
    "m", "m2", "m3", "kg", "W", "% ‰", "s day month", "yuan dollar euro pound crown",
)  # fmt: skip
DIMENSION = {base: at for at, bases in enumerate(_DIMENSIONS) for base in bases.split()}
BASES = frozenset(base for base, _ in UNITS.values())
_MORE = re.compile(r"\s?(?:多|余)?")
_MEASURES = "个名位座层台架艘辆张只头条件项种届篇首本部家间所颗棵片块支枚场次股幅门户级"
_NO_NOUN = (
    "of in on at to and or the a an was is were are by for with as from when while but than that which who after "
    "before per its his her their it this more most other different new years"
)
_STOP = frozenset(_NO_NOUN.split())


def unit_of(text: str, number: Number, sign: str) -> tuple[frozenset[str], float, int]:
    """(names of the unit by which two amounts are of one kind, factor to its base, where the value ends)."""
    if number.share:
        return frozenset("%"), 1.0, number.end
    if number.unit:
        return frozenset({UNITS[number.unit][0]}), 1.0, number.end
    if sign:
        base, factor = UNITS.get(sign.casefold(), ("dollar", 1.0))
        return frozenset({base}), factor, number.end
    rest = _MORE.match(text, number.end)
    at = rest.end() if rest else number.end
    tail = text[at : at + 24]
    if symbol := re.match(r"[%％‰℃]|°\s?C", tail):
        return frozenset({UNITS[symbol.group().replace(" ", "").casefold()][0]}), 1.0, at + symbol.end()
    return _chinese_unit(tail, at) if re.match(f"[{HAN}]", tail) else _latin_unit(tail, at, number.end)


def _chinese_unit(tail: str, at: int) -> tuple[frozenset[str], float, int]:
    for length in (4, 3, 2, 1):
        if tail[:length] in UNITS:
            base, factor = UNITS[tail[:length]]
            return frozenset({base}), factor, at + length
    run = re.match(f"([{_MEASURES}]?)([{HAN}]{{0,2}})", tail)
    measure, noun = run.groups() if run else ("", "")
    found = {noun if len(noun) == 2 else measure or noun, "" if measure == "个" else measure}
    return frozenset(found - {""}), 1.0, at + len(measure or noun[:1])


def _latin_unit(tail: str, at: int, end: int) -> tuple[frozenset[str], float, int]:
    """A unit, or the nouns that are counted: at most three words, up to the first that is none."""
    counted = re.findall(r"[A-Za-z]+(?:'s)?", re.split(r"[.,;:()!?\n，。；（]", tail.lstrip(" -"))[0])[:3]
    if counted[1:] and counted[0].casefold() == "percentage" and singular(counted[1].casefold()) == "point":
        return frozenset({"point"}), 1.0, at + tail.index(counted[1]) + len(counted[1])
    if [word.casefold() for word in counted[:2]] == ["per", "cent"]:
        return frozenset("%"), 1.0, at + tail.casefold().index("cent") + 4
    if counted and (unit := UNITS.get(singular(counted[0].casefold()))):
        return frozenset({unit[0]}), unit[1], at + tail.index(counted[0]) + len(counted[0])
    kept = list(takewhile(lambda word: word.casefold() not in _STOP, counted))
    stems = frozenset(stem for word in kept if len(stem := singular(word.casefold())) > 2)
    return stems, 1.0, at + tail.index(counted[0]) + len(counted[0]) if stems else end


def singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 2 else word
