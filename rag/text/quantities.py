"""What a sentence can be wrong about: its quantities and dates, each with its place and what it amounts to.

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
_SPAN = "个?(?:小时|钟头|星期)|个月|公里|公斤|分钟|英里|斤|吨|米"
_HALVES = re.compile(
    r"\b(?P<part>half|a quarter|three[- ]quarters)(?:-|\sof\san?\s|\san?\s)(?P<of>[a-z]+)\b"
    r"|\b(?:an?|one)\s(?P<and_half>[a-z]+)\sand\sa\shalf\b"
    rf"|(?<![一二三四五六七八九十两\d个大多])半(?P<half>{_SPAN})"
    r"|(?P<whole>(?<![\d.])\d{1,3}|(?<![一二三四五六七八九十两百])[一二三四五六七八九十两])个半(?P<more>小时|钟头|月|星期)",
    re.IGNORECASE,
)
_HALF_PARTS = {"a quarter": 0.25, "three quarters": 0.75, "three-quarters": 0.75}


@dataclass(frozen=True, slots=True)
class Quantity:
    """`size` in the base of `units`, the names by which another quantity is of the same kind."""

    start: int
    end: int
    size: float
    units: frozenset[str]

    def same(self, other: "Quantity") -> bool:
        """One measure and one size, in whatever unit: 1,500 m and 1.5 km, 5斤 and 2.5公斤."""
        high = max(abs(self.size), abs(other.size))
        return bool(self.units & other.units & BASES) and abs(self.size - other.size) <= 1e-9 * high


@dataclass(frozen=True, slots=True)
class Date:
    start: int
    end: int
    year: int | None
    month: int | None
    day: int | None

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
        if number.spelled and not units:
            continue
        found.append(Quantity(start, stop, float(number.value) * factor, units))
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
        found.append(Quantity(*match.span(), part * unit[1], frozenset({unit[0]})))
    return found
