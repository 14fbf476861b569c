"""Formulas of web pages (MathML) and of Word (OMML) -> a line of text: a fraction with a stroke, a power with "^"."""

from collections.abc import Callable, Sequence

from lxml import etree  # type: ignore[import-untyped]

_BETWEEN = {
    "mfrac": "/",
    "f": "/",
    "msup": "^",
    "sSup": "^",
    "msub": "_",
    "sSub": "_",
    "mover": "^",
    "munder": "_",
    "limLow": "_",
}
Parts = Sequence[str]
Writer = Callable[["etree._Element", Parts], str]
_ASIDE = ("annotation", "annotation-xml")


def plain(formula: "etree._Element") -> str:
    """What a formula says, read from left to right."""
    tag = _name(formula)
    parts = [plain(part) for part in formula if isinstance(part.tag, str) and not _is_aside(_name(part))]
    if tag in _BETWEEN and len(parts) == 2:
        first = _group(parts[0]) if _BETWEEN[tag] == "/" else parts[0]
        return f"{first}{_BETWEEN[tag]}{_group(parts[1])}"
    if len(parts) == 3 and tag in _THREE:
        return _THREE[tag](formula, parts)
    return _ANY[tag](formula, parts) if tag in _ANY else "".join((formula.text or "").split()) + "".join(parts)


def _around(formula: "etree._Element", parts: Parts) -> str:
    """Brackets, as Word or MathML has them."""
    if _name(formula) == "mfenced":
        return f"{formula.get('open', '(')}{', '.join(parts)}{formula.get('close', ')')}"
    return (
        _sign(formula, "sepChr", "|").join(parts).join((_sign(formula, "begChr", "("), _sign(formula, "endChr", ")")))
    )


def _root(formula: "etree._Element", parts: Parts) -> str:
    """MathML has the degree last, Word first, also where there is none."""
    degree, inside = ("", "".join(parts)) if len(parts) != 2 or _name(formula) == "msqrt" else parts
    if _name(formula) == "mroot":
        degree, inside = inside, degree
    return f"{_group(inside)}^(1/{degree})" if degree else f"√({inside})"


def _summed(formula: "etree._Element", parts: Parts) -> str:
    below, above = (f"{mark}{_group(said)}" if said else "" for mark, said in zip("_^", parts[:2], strict=True))
    return f"{_sign(formula, 'chr', '∫')}{below}{above} {parts[2]}"


def _bounded(_: "etree._Element", parts: Parts) -> str:
    return f"{parts[0]}_{_group(parts[1])}^{_group(parts[2])}"


_THREE: dict[str, Writer] = {
    "msubsup": _bounded,
    "sSubSup": _bounded,
    "munderover": lambda formula, parts: _bounded(formula, parts) + " ",
    "nary": _summed,
    "sPre": lambda _, parts: f"_{_group(parts[0])}^{_group(parts[1])}{parts[2]}",
}
_ANY: dict[str, Writer] = {
    **dict.fromkeys(("msqrt", "mroot", "rad"), _root),
    **dict.fromkeys(("mfenced", "d"), _around),
    **dict.fromkeys(("mtable", "m"), lambda _, parts: "; ".join(parts)),
    **dict.fromkeys(("mtr", "mr", "func"), lambda _, parts: " ".join(parts)),
    "acc": lambda formula, parts: "".join(parts) + _sign(formula, "chr", "\u0302"),
    "bar": lambda _, parts: "".join(parts) + "\u0305",
}


def _sign(formula: "etree._Element", name: str, usual: str) -> str:
    """The sign that Word sets, by its name among the properties."""
    found = formula.find(f"./{{*}}{_name(formula)}Pr/{{*}}{name}")
    return usual if found is None else next(iter(found.attrib.values()), "")


def _is_aside(name: str) -> bool:
    """The same in another notation, or how it looks."""
    return name in _ASIDE or name.endswith("Pr")


def _name(part: "etree._Element") -> str:
    return str(part.tag).rpartition("}")[2]


def _group(text: str) -> str:
    return text if len(text) < 2 or text.isalnum() else f"({text})"
