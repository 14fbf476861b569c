"""What a sentence can be wrong about: its quantities, dates and names, each with its place and what it amounts to.

Offsets are in characters of the sentence. Quantities are in a base unit where the unit is known (km -> m, 万 -> 1), so
that 1.1 km and 1100米 are one; a counted noun stands for a unit where it is not ("420 passengers").
"""

import re
from dataclasses import dataclass

from rag.text.numbers import numbers
from rag.text.scripts import HAN
from rag.text.units import BASES, DIMENSION, UNITS, singular, unit_of

_YEAR_OF_MONTHS = (
    "jan january;feb february;mar march;apr april;may;jun june;jul july;aug august;sep sept september;oct october;"
    "nov november;dec december"
)
_MONTHS = {month: n for n, group in enumerate(_YEAR_OF_MONTHS.split(";"), 1) for month in group.split()}
_MONTH = (
    "(?P<m%d>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    "|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\.?"
)
_YEAR = r"(?P<y%d>1[0-9]\d\d|20\d\d)"
_DATES = re.compile(
    "|".join(
        (
            rf"{_YEAR % 1}\s*年(?!间|代|来|多|级)(?:\s*(?P<n1>\d{{1,2}})\s*月(?:\s*(?P<d1>\d{{1,2}})\s*[日号])?)?",
            r"(?<!\d)(?P<n2>\d{1,2})\s*月\s*(?P<d2>\d{1,2})\s*[日号]",
            rf"(?<![\d.-]){_YEAR % 3}[-/.](?P<n3>0?[1-9]|1[0-2])[-/.](?P<d3>[0-3]?\d)(?![\d-])",
            rf"\b(?P<d4>[0-3]?\d)(?:st|nd|rd|th)?(?: of)? {_MONTH % 4}(?:,? {_YEAR % 4})?\b",
            rf"\b{_MONTH % 5} (?P<d5>[0-3]?\d)(?:st|nd|rd|th)?(?!\d)(?:,? {_YEAR % 5}\b)?",
            rf"\b{_MONTH % 6},? {_YEAR % 6}\b",
            rf"(?<![\d.,$£€¥/–-]){_YEAR % 7}(?![\d%％‰,.]?\d|\s*[%％‰{HAN}]|[-–]\d"
            r"|\s(?:m|km|kg|g|metres|meters|feet|people|tonnes)\b)",
        )
    ),
    re.IGNORECASE,
)
_SIGNED = re.compile(r"(?:US\$|HK\$|[$£€¥￥])\s?$", re.IGNORECASE)
_WITHIN = re.compile(r"[\d.,:/A-Za-z–第-]$")  # what stands before a number that is part of something else
_GOES_ON = re.compile(r"[\d:/]|\.\d|[-–—~～至到]\s?\d")  # and after it: a range, a score, a time
_ABOUT = re.compile(
    r"(?:about|around|some|nearly|almost|over|under|roughly|approximately|more than|less than|up to|at least|"
    r"estimated|约|大约|近|将近|超过|逾|至少|多达|不到|接近|上下|左右)\s*$",
    re.IGNORECASE,
)
_SPAN = "个?(?:小时|钟头|星期)|个月|公里|公斤|分钟|英里|斤|吨|米"
_HALVES = re.compile(
    r"\b(?P<part>half|a quarter|three[- ]quarters)(?:-|\sof\san?\s|\san?\s)(?P<of>[a-z]+)\b"
    r"|\b(?:an?|one)\s(?P<and_half>[a-z]+)\sand\sa\shalf\b"
    rf"|(?<![一二三四五六七八九十两\d个大多])半(?P<half>{_SPAN})"
    r"|(?P<whole>(?<![\d.])\d{1,3}|(?<![一二三四五六七八九十两百])[一二三四五六七八九十两])个半(?P<more>小时|钟头|月|星期)",
    re.IGNORECASE,
)
_HALF_PARTS = {"a quarter": 0.25, "three quarters": 0.75, "three-quarters": 0.75}
_LOOSE = re.compile(r"\s*(?:多|余|左右|上下|以上|or so|\+|odd)")


@dataclass(frozen=True, slots=True)
class Quantity:
    """`size` in the base of `units`, the names by which another quantity is of the same kind; `exact` is False where
    the sentence rounds ("about", 多)."""

    start: int
    end: int
    size: float
    units: frozenset[str]
    exact: bool
    digits: int
    written: float = 0.0  # the number before its unit

    @property
    def counts(self) -> bool:
        """Whether it counts things rather than measures: its unit is a noun."""
        return not self.units & (BASES - {"person"})

    def same(self, other: "Quantity") -> bool:
        """One measure and one size, in whatever unit: 1,500 m and 1.5 km, 5斤 and 2.5公斤."""
        high = max(abs(self.size), abs(other.size))
        return bool(self.units & other.units & BASES) and abs(self.size - other.size) <= 1e-9 * high

    def equals(self, other: "Quantity") -> bool:
        """The same, or one the other rounded: to the digits it gives, and within a tenth, or that where it says so."""
        low, high = sorted((abs(self.size), abs(other.size)))
        if high - low <= 1e-9 * high:
            return True
        if not (self.exact and other.exact) and low >= 0.9 * high:
            return True
        rough, fine = (self, other) if self.digits <= other.digits else (other, self)
        if rough.digits == fine.digits or not rough.size or low < 0.9 * high:
            return False
        step = 10.0 ** (len(str(int(abs(rough.size)))) - rough.digits) if rough.size >= 1 else 0.0
        return abs(rough.size - fine.size) <= step / 2


@dataclass(frozen=True, slots=True)
class Date:
    start: int
    end: int
    year: int | None
    month: int | None
    day: int | None

    def equals(self, other: "Date") -> bool:
        """Nothing both give differs."""
        return all(mine == theirs for mine, theirs in zip(self.parts, other.parts, strict=True) if mine and theirs)

    @property
    def parts(self) -> tuple[int | None, int | None, int | None]:
        return self.year, self.month, self.day


def dates(text: str) -> list[Date]:
    found = []
    for match in _DATES.finditer(text):
        given = {key: value for key, value in match.groupdict().items() if value}
        parts: dict[str, int] = {}
        for key, value in given.items():
            parts[key[0]] = _MONTHS[value.casefold().rstrip(".")] if key[0] == "m" else int(value)
        month = parts.get("n") or parts.get("m")
        if (month or 1) <= 12 and (parts.get("d") or 1) <= 31:
            found.append(Date(*match.span(), parts.get("y"), month, parts.get("d")))
    return found


def quantities(text: str) -> list[Quantity]:
    """The amounts of `text` in order, but for the ends of ranges."""
    found = _halves(text)
    spans = [(told.start, told.end) for told in dates(text)] + [(half.start, half.end) for half in found]
    taken = {at for span in spans for at in range(*span)}
    for number in numbers(text):
        sign = _SIGNED.search(text[max(0, number.start - 4) : number.start])
        start, end = number.start - len(sign.group()) if sign else number.start, number.end
        if not taken.isdisjoint(range(start, end)):
            continue
        if _WITHIN.search(text[max(0, start - 1) : start]) or _GOES_ON.match(text, end):
            continue
        units, factor, stop = unit_of(text, number, sign.group().strip() if sign else "")
        about = _ABOUT.search(text[max(0, start - 14) : start]) or _LOOSE.match(text, end)
        if number.spelled and not units:
            continue
        size = float(number.value) * factor
        found.append(Quantity(start, stop, size, units, not about, number.digits, float(number.value)))
    return sorted(found, key=lambda quantity: quantity.start)


def _halves(text: str) -> list[Quantity]:
    """Amounts with a half or a quarter of a unit: half an hour, an hour and a half, 半小时, 一个半小时."""
    found = []
    for match in _HALVES.finditer(text):
        said = match.groupdict()
        unit = UNITS.get(singular((said["of"] or said["and_half"] or "").casefold()))
        unit = unit or UNITS.get(said["half"] or "") or UNITS.get(said["more"] or "")
        if not unit or unit[0] not in DIMENSION:
            continue
        part = _HALF_PARTS.get((said["part"] or "").casefold(), 0.5)
        if said["and_half"]:
            part = 1.5
        elif said["whole"]:
            part = 0.5 + float(next(numbers(said["whole"] + "个")).value)
        about = _ABOUT.search(text[max(0, match.start() - 14) : match.start()])
        found.append(Quantity(*match.span(), part * unit[1], frozenset({unit[0]}), not about, 2, part))
    return found


_CAPITALISED = re.compile(r"[A-ZÀ-Þ][\w'’.-]*(?:\s+(?:(?:of|the|de|von|van|der|du|la|al|bin)\s+)*[A-ZÀ-Þ][\w'’-]*)*")
_OPENING = (
    "The A An In On At It He She They This That We I And But For From To As By After Before When While With His Her "
    "Their Its Who How Why Is Did Whose What Which Where There Then Mr Mrs Ms Dr Prof "
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"
)
_COMMON = frozenset(_OPENING.split())
# What jieba takes for a person or a place is one only where it looks like one: a common surname and one or two more
# characters, a syllable-by-syllable spelling of a foreign name, or the word for a kind of place at its end.
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖"
    "贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温岑骆蓝谷佟鲁邬柏"
)
_SYLLABLES = frozenset(
    "阿埃艾爱安奥巴拜班贝本比彼宾波伯勃布查达戴丹德登迪蒂丁顿多厄恩尔法菲费芬弗福盖戈哥格古哈汉赫亨霍基吉加贾杰捷卡凯坎考科克肯"
    "库拉莱兰朗劳勒雷里利丽列林琳卢鲁伦罗洛马玛迈曼芒梅蒙米密莫姆穆娜纳尼妮诺欧帕佩皮普奇乔切琴瑞若萨塞色桑沙莎舍圣施史士斯丝苏索"
    "塔泰坦汤特提托瓦威维温沃乌西希锡夏谢辛休雅亚扬耶伊以因尤约泽扎詹佐"
)
_KINDS = frozenset("省市县區区州国國岛島山江河湖港镇鎮乡鄉村京")
_COMMON_WORDS = "城市 城镇 都市 小城镇 山区 老城区 偏远地区 外国 大国 金秋 高山 高达 高昂 白光 白班 石阶 向东"
_NO_NAMES = frozenset(_COMMON_WORDS.split())
_WELL_KNOWN = (  # and without such a word
    "上海 天津 重庆 深圳 武汉 成都 西安 沈阳 大连 厦门 宁波 长沙 哈尔滨 长春 济南 合肥 南昌 昆明 贵阳 南宁 海口 西宁 "
    "银川 太原 拉萨 澳门 香港 台北 无锡 广东 山东 河南 河北 山西 陕西 云南 广西 新疆 西藏 内蒙古 宁夏 青海 甘肃 安徽 "
    "福建 四川 辽宁 吉林 湖南 湖北 江西 海南 台湾 浙江 江苏 日本 印度 越南 朝鲜 埃及 加拿大 俄罗斯 欧洲 亚洲 非洲 美洲"
)
_PLACES = frozenset(_WELL_KNOWN.split())
_TAGS = {"nr": "person", "nrt": "person", "nrfg": "person", "ns": "place", "nt": "", "nz": "", "eng": ""}
_DOTS = "·•・‧"
