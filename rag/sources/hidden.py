"""What a page holds and its reader does not see: no evidence, and the place where instructions to machines are hidden.

Seen is what a browser would show on a wide screen by attributes and the styles within the page. Where more than half of
a page's text would go, a script shows it, and it stays.
"""

import functools
import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any

import cssselect2
import tinycss2  # type: ignore[import-untyped]
from lxml import etree  # type: ignore[import-untyped]
from tinycss2.color4 import parse_color  # type: ignore[import-untyped]

from rag.sources.charset import clean

Style = Mapping[str, str]
Colour = tuple[float, ...]
Order = tuple[bool, tuple[int, ...], int]

_LENGTH = re.compile(r"(-?[\d.]+)\s*([a-z%]*)")
_VARIABLE = re.compile(r"var\(\s*(--[\w-]+)\s*(?:,([^()]*))?\)")
_FAR = 500  # px or any other unit: no layout for people moves a text so far
_FAR_AHEAD = {"px": 5000, "vw": 100, "vh": 100, "em": 300, "rem": 300}  # to the right or down, a page may be long
_SCREEN = 1280  # px wide
_FAINT = 0.05  # opacity
_OPAQUE = 0.5
_OVERRIDE = re.compile("[\u202d\u202e]")
_PARTS = re.compile(r"\s+(?![^(]*\))")
_ALIKE = 0.05  # of 1 in each of red, green and blue
_NEUTRAL = ("span", "div", "font", "b", "i", "em", "strong", "small")
_BOXES = {"block": "div", "flex": "div", "grid": "div", "list-item": "div", "table": "table", "table-row": "tr"}
_BOXES |= {"table-cell": "td"}
_STEPS = 4  # combinators; a longer selector is left aside
_WHITE = (1.0, 1.0, 1.0)


def apply_styles(root: "etree._Element") -> None:
    """Take out of a parsed page, in place, what its reader does not see; and name by their elements what only a style
    raises, strikes out, puts on a line of its own or into a table."""
    body = root.find("body") if root.find("body") is not None else root
    try:
        sheet = _Sheet.of(root)
        styles = sheet.styles(root)
    except (RecursionError, ValueError, NotImplementedError):  # no sheet for people: what elements say of themselves
        sheet = _Sheet(cssselect2.Matcher(), {}, False)
        styles = sheet.styles(root)
    whole = len(body.text_content())
    faint = {one for one, style in styles.items() if _is_faint(style)}
    if root.find(".//script") is not None and _length_of(faint) > whole / 2:
        faint = set()  # a script shows each section when it is scrolled to
    for element in list(body.iterdescendants(etree.Element)):
        if element.getparent() is None:
            continue
        if not (element in faint or _is_hidden(element, styles, sheet.is_all)):
            _turn(element, styles.get(element, {}))
            if element.tag in _NEUTRAL and element in styles:
                element.tag = _element(styles[element]) or element.tag
        elif element.tag == "template" or len(element.text_content()) <= whole / 2:
            element.drop_tree()


def _turn(element: "etree._Element", style: Style) -> None:
    """Put the letters of an element as they are read where something overrides their direction."""
    if element.tag == "bdo" or "override" in style.get("unicode-bidi", ""):
        mark = "\u202e" if style.get("direction", element.get("dir", "")).lower() == "rtl" else "\u202d"
        element.text = clean(mark + element.text_content())
        element[:] = []
    if _OVERRIDE.search(element.text or ""):
        element.text = clean(element.text)
    if _OVERRIDE.search(element.tail or ""):
        element.tail = clean(element.tail)


def _element(style: Style) -> str:
    """What an element of this style is."""
    shift = style.get("vertical-align", "")
    up = _length(shift)[0] or 0
    if shift in ("super", "sub") or up:
        return "sup" if shift == "super" or up > 0 else "sub"
    if "line-through" in style.get("text-decoration", style.get("text-decoration-line", "")):
        return "s"
    return _BOXES.get(style.get("display", ""), "")


def _is_hidden(element: "etree._Element", styles: Mapping[Any, Style], plain: bool) -> bool:
    if element.tag == "script":
        return False
    if element.tag == "template" or "hidden" in element.attrib or element.get("aria-hidden") == "true":
        return True
    style = styles.get(element, {})
    return _is_unshown(style) or _is_outside(style) or _is_as_its_ground(element, styles, plain)


def _length_of(elements: Set[Any]) -> int:
    """Of the text in them; none counts twice."""
    return sum(len(one.text_content()) for one in elements if elements.isdisjoint(one.iterancestors()))


def _is_faint(style: Style) -> bool:
    opacity, _ = _length(style.get("opacity", ""))
    return style.get("visibility") in ("hidden", "collapse") or (opacity is not None and opacity <= _FAINT)


def _is_unshown(style: Style) -> bool:
    size, unit = _length(style.get("font-size", ""))
    return (
        style.get("display") == "none"
        or style.get("content-visibility") == "hidden"
        or (size is not None and size <= (1 if unit in ("", "px", "pt") else 0.1 if unit in ("em", "rem") else 0))
    )


def _is_outside(style: Style) -> bool:
    """Moved off the screen, cut away, or in a box without room."""
    sides = ("left", "top", "right", "bottom") if style.get("position") in ("absolute", "fixed") else ()
    moved = [_length(style.get(name, "")) for name in (*sides, "text-indent", "margin-left", "margin-top")]
    if any(far is not None and (far <= -_FAR or far >= _FAR_AHEAD.get(unit, _FAR_AHEAD["px"])) for far, unit in moved):
        return True
    if re.match(r"rect\((?:[01](?:px)?[\s,]*){4}\)|inset\((?:50|100)%", style.get("clip", style.get("clip-path", ""))):
        return True
    if re.search(r"translate\w*\(\s*-\d{4}|scale\(\s*0\s*\)", style.get("transform", "")):
        return True
    rooms = [_length(style.get(name, ""))[0] for name in ("height", "max-height", "width", "max-width")]
    return style.get("overflow") == "hidden" and any(room is not None and room <= 1 for room in rooms)


def _is_as_its_ground(element: "etree._Element", styles: Mapping[Any, Style], plain: bool) -> bool:
    """In the colour of what it stands on, or in none; `plain`: where nothing says what that is, it is white."""
    letters = _colour(styles.get(element, {}).get("color", element.get("color", "")))
    if letters is None or letters[3] <= _FAINT:
        return letters is not None
    for around in (element, *element.iterancestors()):
        own = styles.get(around, {})
        said = own.get("background-color", own.get("background", around.get("bgcolor", "")))
        if "(" in said and not said.startswith(("rgb", "hsl")):
            return False  # on a picture, or a gradient
        ground = next(filter(None, map(_colour, _PARTS.split(said))), None)
        if ground is not None and ground[3] > _OPAQUE:
            return _alike(letters, ground)
    return plain and _alike(letters, _WHITE)


def _alike(one: Colour, other: Colour) -> bool:
    return all(abs(a - b) <= _ALIKE for a, b in zip(one[:3], other[:3], strict=True))


@functools.lru_cache(1024)
def _colour(said: str) -> Colour | None:
    """Red, green, blue and how opaque it is, of 1; None of none, a picture, a gradient."""
    found = parse_color(said)
    try:
        return None if found in (None, "currentcolor") else tuple(found.to("srgb"))
    except NotImplementedError:  # oklch() and others of CSS 4
        return None


def _length(said: str) -> tuple[float | None, str]:
    found = _LENGTH.match(said)
    try:
        return (float(found.group(1)), found.group(2)) if found else (None, "")
    except ValueError:  # "1.2.3"
        return None, ""


@dataclass(frozen=True, slots=True)
class _Sheet:
    """The rules of a page's own styles; `is_all`: none of another file goes with them."""

    matcher: Any
    variables: Mapping[str, str]
    is_all: bool

    @staticmethod
    def of(root: "etree._Element") -> "_Sheet":
        matcher, variables = cssselect2.Matcher(), dict[str, str]()
        for element in root.iter("style"):
            if _is_for_screens(element.get("media", "")):
                for rule in _rules(tinycss2.parse_stylesheet(element.text or "", True, True)):
                    declared = list(_declared(tinycss2.parse_blocks_contents(rule.content, True, True)))
                    for name, value, _ in declared:
                        if name.startswith("--") and (tinycss2.serialize(rule.prelude).strip() == ":root"):
                            variables[name] = value
                        elif name.startswith("--"):
                            variables.setdefault(name, value)
                    try:
                        parsed = [*cssselect2.parser.parse(rule.prelude)]
                        selectors = cssselect2.compile_selector_list(rule.prelude)
                    except cssselect2.SelectorError:  # of browsers' own
                        continue
                    for selector, read in zip(selectors, parsed, strict=True):
                        if selector.pseudo_element is None and _steps(read.parsed_tree) <= _STEPS:
                            matcher.add_selector(selector, declared)
        return _Sheet(matcher, variables, root.find(".//link[@rel='stylesheet']") is None)

    def styles(self, root: "etree._Element") -> dict[Any, Style]:
        elements = cssselect2.ElementWrapper.from_html_root(root).iter_subtree()
        return {one.etree_element: style for one in elements if (style := self.style(one))}

    def style(self, element: Any) -> Style:
        """What the rules and the element itself say, the strongest last."""
        found: list[tuple[Order, str, str]] = []
        for specificity, at, _, declared in self.matcher.match(element):
            found += [((strong, (0, *specificity), at), name, value) for name, value, strong in declared]
        own = element.etree_element.get("style")
        for name, value, strong in _declared(tinycss2.parse_blocks_contents(own, True, True)) if own else ():
            found.append(((strong, (1,), 0), name, value))
        return {name: _VARIABLE.sub(self._value, value).strip() for _, name, value in sorted(found, key=_order)}

    def _value(self, found: re.Match[str]) -> str:
        return self.variables.get(found[1], found[2] or "")


def _rules(found: list[Any]) -> Iterator[Any]:
    """Those that hold on a screen, also within @media, @supports and @layer."""
    for rule in found:
        if rule.type == "qualified-rule":
            yield rule
        elif rule.type == "at-rule" and rule.content is not None:
            name, said = rule.lower_at_keyword, tinycss2.serialize(rule.prelude)
            asked = name == "supports" and "not" not in said.lower().split()
            if asked or name == "layer" or (name == "media" and _is_for_screens(said)):
                yield from _rules(tinycss2.parse_rule_list(rule.content, True, True))


def _is_for_screens(media: str) -> bool:
    """Whether a wide screen is one of these."""
    return any(_holds(query) for query in media.lower().split(","))


def _holds(query: str) -> bool:
    words = re.sub(r"\([^()]*\)", "", query).split()
    wide = [(name, _pixels(said)) for name, said in re.findall(r"\(\s*(m\w+-width)\s*:([^()]*)\)", query)]
    return (
        not {"print", "not", "speech"} & set(words)
        and len(wide) == query.count("(")
        and all(at <= _SCREEN if name == "min-width" else at >= _SCREEN for name, at in wide)
    )


def _pixels(said: str) -> float:
    length, unit = _length(said.strip())
    return (length or 0.0) * (16 if unit in ("em", "rem") else 1)


def _steps(selector: Any) -> int:
    """How many combinators a selector has: matching takes time to this power."""
    return 1 + _steps(selector.left) if hasattr(selector, "combinator") else 0


def _order(found: tuple[Order, str, str]) -> Order:
    return found[0]


def _declared(found: list[Any]) -> Iterator[tuple[str, str, bool]]:
    """Name, value and whether it is important."""
    for one in found:
        if one.type == "declaration":
            value = tinycss2.serialize(one.value).strip()
            name = one.name if one.name.startswith("--") else one.lower_name
            yield name, value if name.startswith("--") else value.lower(), one.important
            if name == "font" and (size := _LENGTH.search(value.lower())):
                yield "font-size", size[0], one.important
