"""The numbers of a text by value: "1,870" and "1870" are the same, and so are "148万" and "1.48 million"."""

import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction

from rag.text import HAN

_LIST = re.compile(r"\w+")
_ONES = _LIST.findall("one two three four five six seven eight nine")
_TEENS = _LIST.findall("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen")
_DECADES = _LIST.findall("twenty thirty forty fifty sixty seventy eighty ninety")
_WORDS = {word: at for at, word in enumerate(["zero", *_ONES, *_TEENS])}
_WORDS |= {word: 10 * at for at, word in enumerate(_DECADES, 2)}
_SCALES = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12, "dozen": 12}
_MONTHS = _LIST.findall("January February March April May June July August September October November December")
_DIGITS = {digit: at for at, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_TENS = {"十": 10, "百": 100, "千": 1000}
_MYRIADS = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}

_LATIN = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_ANY_WORD, _ANY_MONTH = "|".join(sorted(_WORDS, key=len, reverse=True)), "|".join(_MONTHS)
_COUNTED = "成|个|名|人|年|月|日|号|天|米|元|次|条|座|艘|台|处|间|小时|分|公|吨|岁|辆|村|镇|级|所"
_FIGURE = re.compile(
    rf"(?P<latin>{_LATIN})(?P<scale>\s*(?:hundred|thousand|million|billion|trillion)\b|\s*[百千]?[万萬亿億])?"
    rf"|\b(?P<word>{_ANY_WORD})(?:[- ](?P<second>{'|'.join(_ONES)}))?"
    r"(?P<wordscale>\s+(?:hundred|thousand|million|billion|dozen))?\b"
    # "May" and "March" are months beside a number, or after "in"
    rf"|\b(?P<month>{_ANY_MONTH})(?=\s+\d)|(?:(?<=\d )|(?<=[Ii]n ))(?P<month2>{_ANY_MONTH})\b"
    rf"|(?P<han>[零〇一二三四五六七八九十百千两][零〇一二三四五六七八九十百千万萬亿億]*(?={_COUNTED}))",
)
_COUNTED_ALONE = (
    "米元人个年天吨名条次岁座艘辆扇层页句张台只头匹棵所家位度级株枚件"  # what follows is no unit's second half
)
_MEASURES = _COUNTED_ALONE + "公小平立千毫厘吉兆分秒吨克升瓦亩斤里海日月号美欧英港多余趟辈只毛块万亿字步"
_IS_YEAR = re.compile(r"1[0-9]{3}|20[0-9]{2}")
_HEDGE = re.compile(
    r"(?:\b(?:about|around|roughly|approximately|nearly|almost|some|circa|more than|over|under|less than|at least"
    r"|up to)\s|(?:约|大约|近|将近|超过|不到|至少|多达|接近)\s*)$",
    re.IGNORECASE,
)
_MORE = re.compile(r"^\s*(?:多|余|左右|上下|以上|以下)")
_UNIT = re.compile(rf"\s*(?:(?P<percent>%|％|‰|per cent\b|percent\b|成)|(?P<han>[{HAN}]{{1,2}})|-?(?P<word>[A-Za-z]+))")


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of a text: ``text[start:end]``. `unit` is what follows it, folded; `hedged` figures say "about"."""

    text: str
    start: int
    end: int
    value: Fraction
    unit: str
    hedged: bool


def figures(text: str) -> list[Figure]:
    """The numbers of `text` in order: digits with separators and scales, English and Chinese number words, months."""
    plain = unicodedata.normalize("NFKC", text)
    if len(plain) != len(text):
        plain = text  # offsets must stay those of `text`
    return [
        Figure(
            text[match.start() : match.end()],
            match.start(),
            match.end(),
            _value(match),
            _unit(match, plain),
            bool(_HEDGE.search(plain[: match.start()]) or _MORE.match(plain[match.end() :])),
        )
        for match in _FIGURE.finditer(plain)
    ]


def missing_values(claim: str, evidence: str) -> list[Figure]:
    """Figures of `claim` whose value `evidence` does not hold; hedged ones ("about 190") are not asked for."""
    held = {figure.value for figure in figures(evidence)}
    return [figure for figure in figures(claim) if not figure.hedged and figure.value not in held]


def _value(match: re.Match[str]) -> Fraction:
    found = match.groupdict()
    month = found["month"] or found["month2"]
    if month:
        return Fraction(_MONTHS.index(month) + 1)
    if found["han"]:
        return Fraction(_han(found["han"]))
    if found["word"]:
        base = _WORDS[found["word"]] + _WORDS.get(found["second"] or "", 0)
        return Fraction(base * _SCALES.get((found["wordscale"] or "").strip(), 1))
    value = Fraction(found["latin"].replace(",", ""))
    scale = (found["scale"] or "").strip()
    if scale in _SCALES:
        return value * _SCALES[scale]
    for letter in scale:
        value *= (_TENS | _MYRIADS)[letter]
    return value


def _han(numeral: str) -> int:
    """一千二百 is 1200, 一九八六 is 1986."""
    if not set(numeral) & (_TENS.keys() | _MYRIADS.keys()):
        return int("".join(str(_DIGITS[letter]) for letter in numeral))
    total = part = digit = 0
    for letter in numeral:
        if letter in _DIGITS:
            digit = _DIGITS[letter]
        elif letter in _TENS:
            part, digit = part + (digit or 1) * _TENS[letter], 0
        else:
            total, part, digit = total + (part + digit) * _MYRIADS[letter], 0, 0
    return total + part + digit


def _unit(match: re.Match[str], text: str) -> str:
    found = match.groupdict()
    if found["month"] or found["month2"]:
        return "month"
    number = found["latin"] or ""
    after = _UNIT.match(text, match.end())
    if after and after["han"]:
        first = after["han"][0]
        if (first == "年" and len(number) == 4) or (_IS_YEAR.fullmatch(number) and first not in _MEASURES):
            return "year"  # 2024盐道马拉松 is of that year
        return {"月": "month", "日": "day", "号": "day"}.get(first, first if first in _COUNTED_ALONE else after["han"])
    if after and after["percent"]:
        return "share"
    word = after["word"].casefold() if after and after["word"] else ""
    if word.capitalize() in _MONTHS:
        return "day"
    if _IS_YEAR.fullmatch(number):
        return "year"
    if re.search(rf"(?:{_ANY_MONTH}) $", text[: match.start()]):
        return "day"
    return word.removesuffix("s")
