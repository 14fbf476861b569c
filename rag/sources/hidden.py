"""What a page holds and its reader does not see: no evidence, and the place where instructions to machines are hidden.

Seen is what a browser would show by attributes and the page's own styles (selectors of one element; no media rules).
Where more than half of a page's text would go, a script shows it, and it stays.
"""

import re
from collections import defaultdict
from collections.abc import Mapping

from lxml import etree  # type: ignore[import-untyped]

Style = Mapping[str, str]
Sheet = Mapping[str, list[tuple[set[str], Style]]]
Colour = tuple[int, ...]

_MEDIA = re.compile(r"/\*.*?\*/|@[^{};]+(?:;|\{(?:[^{}]*\{[^{}]*\})*[^{}]*\})", re.S)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_SELECTOR = re.compile(r"[\w-]*(?:[.#][\w-]+)*")
_LENGTH = re.compile(r"(-?[\d.]+)\s*([a-z%]*)")
_FAR = 500  # px or any other unit: no layout for people moves a text so far
_ALIKE = 12  # of 255 in each of red, green and blue
_WHITE = (255, 255, 255)


def remove_hidden(root: "etree._Element") -> None:
    """Take out of a parsed page, in place, what its reader does not see."""
    body = root.find("body") if root.find("body") is not None else root
    sheet, plain = _sheet(root)
    whole = len(body.text_content())
    for element in list(body.iterdescendants(etree.Element)):
        if not _is_hidden(element, sheet, plain) or element.getparent() is None:
            continue
        if element.tag == "template" or len(element.text_content()) <= whole / 2:
            element.drop_tree()


def _is_hidden(element: "etree._Element", sheet: Sheet, plain: bool) -> bool:
    if element.tag == "script":
        return False
    if element.tag == "template" or "hidden" in element.attrib or element.get("aria-hidden") == "true":
        return True
    style = _style(element, sheet)
    return _is_unshown(style) or _is_outside(style) or _is_as_its_ground(element, style, sheet, plain)


def _is_unshown(style: Style) -> bool:
    size, unit = _length(style.get("font-size", ""))
    return (
        style.get("display") == "none"
        or style.get("visibility") in ("hidden", "collapse")
        or _length(style.get("opacity", ""))[0] == 0
        or (size is not None and size <= (1 if unit in ("", "px", "pt") else 0.1 if unit in ("em", "rem") else 0))
        or style.get("color") == "transparent"
    )


def _is_outside(style: Style) -> bool:
    """Moved off the screen, cut away, or in a box without room."""
    if style.get("position") in ("absolute", "fixed") and any(
        (_length(style.get(side, ""))[0] or 0) <= -_FAR for side in ("left", "top", "right", "bottom")
    ):
        return True
    if any((_length(style.get(name, ""))[0] or 0) <= -_FAR for name in ("text-indent", "margin-left", "margin-top")):
        return True
    if re.match(r"rect\((?:[01](?:px)?[\s,]*){4}\)|inset\((?:50|100)%", style.get("clip", style.get("clip-path", ""))):
        return True
    if re.search(r"translate\w*\(\s*-\d{4}|scale\(\s*0\s*\)", style.get("transform", "")):
        return True
    rooms = [_length(style.get(name, ""))[0] for name in ("height", "max-height", "width", "max-width")]
    return style.get("overflow") == "hidden" and any(room is not None and room <= 1 for room in rooms)


def _is_as_its_ground(element: "etree._Element", style: Style, sheet: Sheet, plain: bool) -> bool:
    """In the colour of what it stands on; `plain`: where nothing says what that is, it is white."""
    letters = _colour(style.get("color", element.get("color", "")))
    if letters is None:
        return False
    for around in (element, *element.iterancestors()):
        own = style if around is element else _style(around, sheet)
        said = own.get("background-color", own.get("background", around.get("bgcolor", "")))
        if said and said not in ("none", "transparent", "inherit"):
            ground = _colour(said.split("!")[0].strip())
            return ground is not None and _alike(letters, ground)
    return plain and _alike(letters, _WHITE)


def _alike(one: Colour, other: Colour) -> bool:
    return all(abs(a - b) <= _ALIKE for a, b in zip(one[:3], other[:3], strict=True))


def _colour(said: str) -> Colour | None:
    from PIL import ImageColor

    try:
        return ImageColor.getrgb(said)
    except ValueError:  # none, a picture, a gradient
        return None


def _length(said: str) -> tuple[float | None, str]:
    found = _LENGTH.match(said)
    try:
        return (float(found.group(1)), found.group(2)) if found else (None, "")
    except ValueError:  # "1.2.3"
        return None, ""


def _style(element: "etree._Element", sheet: Sheet) -> Style:
    """What the page's own rules and the element say, the latter last."""
    marks = {element.tag, *(f".{name}" for name in element.get("class", "").split()), f"#{element.get('id', '')}"}
    rules = [style for mark in marks if mark in sheet for wanted, style in sheet[mark] if wanted <= marks]
    own = element.get("style")
    merged: dict[str, str] = {}
    for style in (*rules, _declared(own)) if own else rules:
        merged |= style
    return merged


def _sheet(root: "etree._Element") -> tuple[Sheet, bool]:
    """The rules that can be told here, by the last part of their selectors (".note", "#end", "p"); and whether the page
    is white where they do not say otherwise: no rule that cannot be told here might colour it."""
    rules: dict[str, dict[str, str]] = {}
    white = root.find(".//link[@rel='stylesheet']") is None
    for element in root.iter("style"):
        if element.get("media", "all") not in ("all", "screen"):
            continue
        for selectors, said in _RULE.findall(_MEDIA.sub("", element.text or "")):
            declared = _declared(said)
            for selector in map(str.strip, selectors.split(",")):
                if not _SELECTOR.fullmatch(selector):
                    white = white and not any(name.startswith("background") for name in declared)
                elif selector:
                    rules[selector] = {**rules.get(selector, {}), **declared}
    sheet: dict[str, list[tuple[set[str], Style]]] = defaultdict(list)
    for selector, style in rules.items():
        parts = re.findall(r"[.#]?[\w-]+", selector)
        if parts == [selector] and selector[0] not in ".#":
            style.pop("color", None)  # "a" in white is what most links are not, by some longer selector
        sheet[parts[-1]].append((set(parts), style))
    return sheet, white


def _declared(said: str) -> dict[str, str]:
    pairs = (part.partition(":") for part in said.lower().split(";"))
    return {name.strip(): value.replace("!important", "").strip() for name, _, value in pairs if value}
