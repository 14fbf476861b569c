"""The numbers of a text by value: "1,870" and "1870" are the same, and so are "148万" and "1.48 million"."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from rag.text.numbers import MOST, Number, numbers
from rag.text.quantities import quantities
from rag.text.scripts import HAN

_ANY_MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
_MONTHS = _ANY_MONTH.split("|")
# "May" and "March" are months beside a number, or after "in"
_MONTH = re.compile(rf"\b(?:{_ANY_MONTH})(?=\s+\d)|(?:(?<=\d )|(?<=[Ii]n ))(?:{_ANY_MONTH})\b")
_COUNTED_ALONE = (
    "米元人个年天吨名条次岁座艘辆扇层页句张台只头匹棵所家位度级株枚件"  # what follows is no unit's second half
)
_MEASURES = _COUNTED_ALONE + "公小平立千毫厘吉兆分秒吨克升瓦亩斤里海日月号美欧英港多余趟辈只毛块万亿字步"
SHARE = "share"  # the unit of what is per cent
_IS_YEAR = re.compile(r"1[0-9]{3}|20[0-9]{2}")
_HEDGE = re.compile(
    r"(?:\b(?:about|around|roughly|approximately|nearly|almost|some|circa|more than|over|under|less than|at least"
    r"|up to)\s|(?:约|大约|近|将近|超过|不到|至少|多达|接近)\s*)$",
    re.IGNORECASE,
)
_MORE = re.compile(r"\s*(?:多|余|左右|上下|以上|以下)")
_UNIT = re.compile(rf"\s*(?:(?P<percent>%|％|‰|per cent\b|percent\b)|(?P<han>[{HAN}]{{1,2}})|-?(?P<word>[A-Za-z]+))")


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of a text: ``text[start:end]``. `value` of a share is per cent. `unit` is what follows it, folded;
    `hedged` figures say "about", `spelled` ones are in words."""

    text: str
    start: int
    end: int
    value: Fraction
    unit: str
    hedged: bool
    spelled: bool = False


def figures(text: str) -> list[Figure]:
    """The numbers of `text` in order: digits with separators and scales, English and Chinese number words, months."""
    plain = unicodedata.normalize("NFKC", text)
    if len(plain) != len(text):
        plain = text  # offsets must stay those of `text`
    counted = [
        Figure(
            text[number.start : number.end],
            number.start,
            number.end,
            number.value,
            SHARE if number.share else number.unit or _unit(number, plain),
            bool(_HEDGE.search(plain[max(0, number.start - 16) : number.start]) or _MORE.match(plain, number.end)),
            number.spelled,
        )
        for number in numbers(plain)
    ]
    months = [
        Figure(match.group(), *match.span(), Fraction(_MONTHS.index(match.group()) + 1), "month", False)
        for match in _MONTH.finditer(plain)
    ]
    return sorted(counted + months, key=lambda figure: figure.start)


def missing_values(claim: str, evidence: str) -> list[Figure]:
    """Figures of `claim` whose value `evidence` does not hold. Of hedged ones ("about 190") only the magnitude is asked
    for, and "one" or 一, which may be an article, only where the evidence counts the same thing otherwise. What the
    evidence measures in another unit (1.5 km, half an hour) it holds."""
    held = figures(evidence)
    missing = [figure for figure in figures(claim) if _missing(figure, held)]
    if not missing:
        return []
    measured = quantities(evidence)
    told = [ours for ours in quantities(claim) if any(ours.same(theirs) for theirs in measured)]
    return [figure for figure in missing if not any(ours.start <= figure.start < ours.end for ours in told)]


def _missing(figure: Figure, held: Sequence[Figure]) -> bool:
    if any(figure.value == other.value and (figure.spelled or not _article(other)) for other in held):
        return False
    if figure.unit == SHARE and any(other.unit == SHARE and _rounded(figure.value, other.value) for other in held):
        return False
    if figure.hedged:
        near = any(other.value > 0 and Fraction(1, 2) <= figure.value / other.value <= 2 for other in held)
        return not near and any(slipped(figure.value, other.value) for other in held)
    if _article(figure):
        return figure.unit not in ("", "个") and any(figure.unit == other.unit for other in held)
    return True


def _rounded(one: Fraction, other: Fraction) -> bool:
    """Whether one is a fraction without an end in decimals (two thirds) and the other rounds it: 67, 66.7."""
    if _ends(one) == _ends(other):
        return False
    endless, told = (other, one) if _ends(one) else (one, other)
    step = next(Fraction(1, 10**places) for places in range(MOST + 1) if (told * 10**places).denominator == 1)
    return abs(endless - told) <= step / 2


def _ends(value: Fraction) -> bool:
    return (value * Fraction(10**MOST)).denominator == 1


def _article(figure: Figure) -> bool:
    return figure.spelled and figure.value == 1


def slipped(one: Fraction, other: Fraction) -> bool:
    """Whether two values have the same digits and another magnitude, as 2800亿 and 2800 billion have."""
    if not (one > 0 and other > 0) or one == other:
        return False
    ratio = max(one, other) / min(one, other)
    return ratio.denominator == 1 and re.fullmatch("10+", str(ratio.numerator)) is not None


def _unit(number: Number, text: str) -> str:
    digits = text[number.start : number.end]
    after = _UNIT.match(text, number.end)
    if after and after["han"]:
        first = after["han"][0]
        if (first == "年" and len(digits) == 4) or (_IS_YEAR.fullmatch(digits) and first not in _MEASURES):
            return "year"  # a name may follow: 2024马拉松 is of that year
        return {"月": "month", "日": "day", "号": "day"}.get(first, first if first in _COUNTED_ALONE else after["han"])
    if after and after["percent"]:
        return SHARE
    word = after["word"].casefold() if after and after["word"] else ""
    if word.capitalize() in _MONTHS:
        return "day"
    if _IS_YEAR.fullmatch(digits):
        return "year"
    if re.search(rf"(?:{_ANY_MONTH}) $", text[max(0, number.start - 12) : number.start]):
        return "day"
    return word.removesuffix("s")
