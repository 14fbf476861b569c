"""Formulas of web pages (MathML) and of Word (OMML) -> a line of text: a fraction with a stroke, a power with "^"."""

from lxml import etree  # type: ignore[import-untyped]

_BETWEEN = {"mfrac": "/", "f": "/", "msup": "^", "sSup": "^", "msub": "_", "sSub": "_", "mover": "^", "munder": "_"}
_ASIDE = ("annotation", "annotation-xml")


def plain(formula: "etree._Element") -> str:
    """What a formula says, read from left to right."""
    tag = str(formula.tag).rpartition("}")[2]
    parts = [plain(part) for part in formula if isinstance(part.tag, str) and not _is_aside(_name(part))]
    match tag:
        case "msubsup" | "munderover" | "sSubSup" if len(parts) == 3:
            return f"{parts[0]}_{_group(parts[1])}^{_group(parts[2])}" + (" " if tag == "munderover" else "")
        case "mfenced":
            return f"{formula.get('open', '(')}{', '.join(parts)}{formula.get('close', ')')}"
        case "mtable" | "m":
            return "; ".join(map(str.strip, parts))
        case "msqrt" | "rad":
            return f"√({''.join(parts)})"
        case "mroot" if len(parts) == 2:
            return f"{_group(parts[0])}^(1/{parts[1]})"
        case _ if tag in _BETWEEN and len(parts) == 2:
            first = _group(parts[0]) if _BETWEEN[tag] == "/" else parts[0]
            return f"{first}{_BETWEEN[tag]}{_group(parts[1])}"
        case "mtr" | "mtd":
            return "".join(parts) + " "
        case _:
            return "".join((formula.text or "").split()) + "".join(parts)


def _is_aside(name: str) -> bool:
    """The same in another notation, or how it looks."""
    return name in _ASIDE or name.endswith("Pr")


def _name(part: "etree._Element") -> str:
    return str(part.tag).rpartition("}")[2]


def _group(text: str) -> str:
    return text if len(text) < 2 or text.isalnum() else f"({text})"
