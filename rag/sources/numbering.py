"""The numbers that Word shows before headings and list items, which its file only implies, as text of the paragraphs.

A clause is cited by its number: it must be the one that Word shows. ECMA-376 Part 1, 17.9.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_ROMAN = {1000: "m", 900: "cm", 500: "d", 400: "cd", 100: "c", 90: "xc", 50: "l", 40: "xl", 10: "x", 9: "ix", 5: "v"}
_ROMAN |= {4: "iv", 1: "i"}
_DIGITS = "〇一二三四五六七八九"
_BASED = 20  # styles one after another


@dataclass(frozen=True, slots=True)
class Level:
    """`text` is "%1.%2": the numbers of the levels from the first."""

    format: str
    text: str
    start: int


@dataclass(slots=True)
class Numbering:
    """Writes the number of each paragraph as it comes, in the order of the text."""

    levels: dict[str, tuple[str, dict[int, Level]]]  # by list: the scheme it counts in, its levels
    styles: dict[str, tuple[str | None, int | None, str | None]]  # by style: list, level, what it is based on
    headings: frozenset[str]  # styles of headings
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)
    _begun: set[str] = field(default_factory=set)
    _restarts: dict[str, dict[int, int]] = field(default_factory=dict)

    @classmethod
    def read(cls, numbering: bytes, styles: bytes) -> "Numbering":
        """Of the parts of these names, b"" where there is none. Raises XMLSyntaxError."""
        root = _parse(numbering)
        schemes = {one.get(f"{_W}abstractNumId"): _levels(one) for one in root.iterfind(f"{_W}abstractNum")}
        written = _parse(styles)
        headings = (one for one in written.iterfind(f"{_W}style") if (_value(one, "name") or "").startswith("heading"))
        made = cls({}, dict(_styles(written)), frozenset(one.get(f"{_W}styleId", "") for one in headings))
        for one in root.iterfind(f"{_W}num"):
            name, scheme = one.get(f"{_W}numId"), _value(one, "abstractNumId") or ""
            levels = dict(schemes.get(scheme, {}))
            for changed in one.iterfind(f"{_W}lvlOverride"):
                at = int(changed.get(f"{_W}ilvl", "0"))
                if (own := changed.find(f"{_W}lvl")) is not None:
                    levels[at] = _level(own)
                if (start := _value(changed, "startOverride")) is not None:
                    made._restarts.setdefault(name, {})[at] = int(start)
            made.levels[name] = (scheme, levels)
        return made

    def write(self, paragraph: Any) -> None:
        """Put its number before the text of a numbered paragraph, which is then no list item any more."""
        name, at = self._list_of(paragraph)
        scheme, levels = self.levels.get(name or "", ("", {}))
        if at not in levels or levels[at].format in ("bullet", "none"):
            return
        counts = self._counts.setdefault(scheme, {})
        if name not in self._begun:
            self._begun.add(name or "")
            for level, start in self._restarts.get(name or "", {}).items():
                counts[level] = start - 1
        counts[at] = counts[at] + 1 if at in counts else levels[at].start
        for deeper in [level for level in counts if level > at]:
            del counts[deeper]
        shown = re.sub(r"%(\d)", lambda found: self._number(counts, levels, int(found[1]) - 1), levels[at].text)
        run = etree.Element(f"{_W}r")
        etree.SubElement(run, f"{_W}t").text = f"{shown} "
        properties = paragraph.find(f"{_W}pPr")
        if properties is None:
            properties = etree.Element(f"{_W}pPr")
            paragraph.insert(0, properties)
        for old in (*properties.findall(f"{_W}numPr"), *properties.findall(f"{_W}pStyle")):
            if old.get(f"{_W}val") not in self.headings:  # of a style of lists mammoth would number it once more
                properties.remove(old)
        etree.SubElement(etree.SubElement(properties, f"{_W}numPr"), f"{_W}numId").set(f"{_W}val", "0")
        properties.addnext(run)

    def _number(self, counts: dict[int, int], levels: dict[int, Level], at: int) -> str:
        level = levels.get(at, Level("decimal", "", 1))
        return _FORMATS.get(level.format, str)(counts.get(at, level.start))

    def _list_of(self, paragraph: Any) -> tuple[str | None, int]:
        """The list that a paragraph belongs to, by itself or by its style, and its level."""
        own = paragraph.find(f"{_W}pPr/{_W}numPr")
        name = _value(own, "numId") if own is not None else None
        at = _value(own, "ilvl") if own is not None else None
        level = None if at is None else int(at)
        style = _value(paragraph.find(f"{_W}pPr"), "pStyle")
        for _ in range(_BASED):
            if style not in self.styles or (name is not None and level is not None):
                break
            theirs, their_level, based = self.styles[style]
            name, level = theirs if name is None else name, their_level if level is None else level
            style = based
        return name, level or 0


def _styles(root: Any) -> Iterator[tuple[str, tuple[str | None, int | None, str | None]]]:
    for one in root.iterfind(f"{_W}style"):
        numbered = one.find(f"{_W}pPr/{_W}numPr")
        at = _value(numbered, "ilvl")
        yield (
            one.get(f"{_W}styleId", ""),
            (_value(numbered, "numId"), None if at is None else int(at), _value(one, "basedOn")),
        )


def _levels(scheme: Any) -> dict[int, Level]:
    return {int(one.get(f"{_W}ilvl", "0")): _level(one) for one in scheme.iterfind(f"{_W}lvl")}


def _level(one: Any) -> Level:
    return Level(_value(one, "numFmt") or "decimal", _value(one, "lvlText") or "", int(_value(one, "start") or 1))


def _value(element: Any, name: str) -> str | None:
    found = None if element is None else element.find(f"{_W}{name}")
    return None if found is None else found.get(f"{_W}val")


def _parse(part: bytes) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    return etree.fromstring(part or b"<none/>", parser)


def letters(number: int) -> str:
    """a to z, then aa, bb and so on, as Word goes on."""
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)


def roman(number: int) -> str:
    said = ""
    for value, sign in _ROMAN.items():
        said += sign * (number // value)
        number %= value
    return said


def _chinese(number: int) -> str:
    if number >= 100:
        return str(number)
    tens, ones = divmod(number, 10)
    return ("" if tens < 2 else _DIGITS[tens]) + ("十" if tens else "") + (_DIGITS[ones] if ones or not tens else "")


_FORMATS: dict[str, Callable[[int], str]] = {
    "decimalZero": lambda number: f"{number:02}",
    "lowerLetter": letters,
    "upperLetter": lambda number: letters(number).upper(),
    "lowerRoman": roman,
    "upperRoman": lambda number: roman(number).upper(),
    "chineseCounting": _chinese,
    "chineseCountingThousand": _chinese,
    "ideographDigital": _chinese,
    "japaneseCounting": _chinese,
}
