"""LaTeX source -> the text that it sets: sections as headings, rows of tables with the names of their columns."""

import re
from collections.abc import Callable
from typing import Any

from pylatexenc.latex2text import (  # type: ignore[import-untyped]
    EnvironmentTextSpec,
    LatexNodes2Text,
    MacroTextSpec,
    get_default_latex_context_db,
)

from rag.sources import outline, tables
from rag.sources.charset import clean
from rag.types import Page

_LEVELS = {"part": 1, "chapter": 1, "section": 2, "subsection": 3, "subsubsection": 4, "paragraph": 5}
_FACTS = ("title", "author", "date")
_TABLES = ("tabular", "tabular*", "tabularx", "longtable")
_RULES = re.compile(r"\\(?:hline|toprule|midrule|bottomrule|cline\{[^}]*\}|cmidrule(?:\([^)]*\))?\{[^}]*\})")
_UNSET = re.compile(r"\\begin\{comment\}.*?\\end\{comment\}|\\iffalse\b.*?\\fi\b|\\end\{document\}.*", re.S)
_MACRO = re.compile(
    r"\\(?:(?:re)?newcommand|providecommand|DeclareMathOperator)\*?\s*\{?\\(\w+)\}?\s*\{((?:[^{}]|\{[^{}]*\})*)\}|\\def\\(\w+)\{((?:[^{}]|\{[^{}]*\})*)\}"
)
_QUANTITY = re.compile(r"\\(?:SI|qty)(?:\[[^\]]*\])?\{([^{}]*)\}\{([^{}]*)\}")
_UNIT = re.compile(r"\\(?:si|unit)(?:\[[^\]]*\])?\{([^{}]*)\}")
_ACROSS = re.compile(r"\s*\\multicolumn\s*\{(\d{1,2})\}\s*\{[^{}]*\}\s*\{(.*)\}\s*", re.S)
_INSIDE = re.compile(r"\A\\begin\{verbatim\}|\\end\{verbatim\}\Z")
_POWER = "\ue05e"  # of nobody else's
_DEEP = 4
_LONGEST = 2000  # characters that one command stands for
_DISPLAYED = re.compile(r"\\(?:begin|end)\{(?:equation|align|gather|multline|displaymath|eqnarray)\*?\}")
_EDGES = re.compile(r"\A\\begin\{([^}]*)\}(?:\[[^\]]*\])?(?:\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}){1,2}|\\end\{[^}]*\}\Z")


def read_latex(source: str, uri: str) -> Page:
    """Without comments and commands; formulas as their source says them."""
    marks: list[outline.Mark] = []
    facts: dict[str, str] = {}

    def heading(level: int) -> Callable[[Any, Any], str]:
        def told(node: Any, l2tobj: Any) -> str:  # the library looks for this name
            words = _argument(node, l2tobj)
            marks.append((level, words))
            return f"\n\n{words}\n\n"  # the library's own would write it in capitals

        return told

    def fact(name: str) -> Callable[[Any, Any], str]:
        def told(node: Any, l2tobj: Any) -> str:  # the library looks for this name
            facts[name] = _argument(node, l2tobj)
            return ""

        return told

    macros = [MacroTextSpec(name, heading(level)) for name, level in _LEVELS.items()]
    macros += [MacroTextSpec(name, fact(name)) for name in _FACTS]
    macros += [MacroTextSpec(name, _named) for name in ("ref", "eqref", "autoref", "cref", "pageref")]
    macros += [MacroTextSpec(name, _named) for name in ("cite", "citep", "citet", "parencite", "textcite")]
    macros.append(MacroTextSpec("includegraphics", ""))
    macros.append(MacroTextSpec("maketitle", lambda node: "\n\n".join(["", *facts.values(), ""])))
    environments = [EnvironmentTextSpec(name, _table) for name in _TABLES]
    environments.append(EnvironmentTextSpec("verbatim", lambda node: _INSIDE.sub("", node.latex_verbatim())))
    context = get_default_latex_context_db()
    context.add_context_category("ours", prepend=True, macros=macros, environments=environments)
    text = clean(_DISPLAYED.sub("", _plain(_as_set(source), context)).replace(_POWER, "^"))
    return Page(
        uri, text, title=facts.get("title", ""), author=facts.get("author", ""),
        date=facts.get("date", "") if re.match(r"\d{4}", facts.get("date", "")) else "",
        headings=outline.placed(marks, text),
    )  # fmt: skip


def _as_set(source: str) -> str:
    """Without what is not set, the document's own short commands written out, and amounts with their units in words."""
    source = _UNSET.sub("", source)
    own = {name or other: said or short for name, said, other, short in _MACRO.findall(source)}
    source = _MACRO.sub("", source)
    for _ in range(_DEEP if own else 0):  # one may stand in another
        source = re.sub(r"\\([A-Za-z]+)\b(?:\{\})?", lambda found: own.get(found[1], found[0])[:_LONGEST], source)
    source = re.sub(r"\\textsuperscript\{([-+−]?\d+)\}", _POWER + r"\1", source)
    source = _UNIT.sub(lambda found: _unit(found[1]), source)
    return _QUANTITY.sub(lambda found: f"{found[1]} {_unit(found[2])}", source)


def _unit(said: str) -> str:
    return re.sub(r"\\(\w+)", r"\1", said.replace("\\per", "/")).replace("squared", "²").replace("cubed", "³")


def _named(node: Any) -> str:
    """What a reference goes to, by its own name: which number it has is not known here."""
    return f"[{node.nodeargd.argnlist[-1].latex_verbatim().strip('{}')}]"


def _plain(source: str, context: Any) -> str:
    told: str = LatexNodes2Text(latex_context=context, math_mode="verbatim", keep_comments=False).latex_to_text(source)
    return told


def _argument(node: Any, converter: Any) -> str:
    return " ".join(clean(converter.nodelist_to_text([node.nodeargd.argnlist[-1]])).split())


def _table(node: Any, l2tobj: Any) -> str:
    inside = _RULES.sub("", _EDGES.sub("", node.latex_verbatim()))
    rows = [re.split(r"(?<!\\)&", row) for row in re.split(r"\\\\(?:\[[^\]]*\])?", inside)]
    read = [[told for cell in row for told in _cell(cell, l2tobj.latex_context)] for row in rows]
    return "\n\n" + "\n".join(tables.lines([row for row in read if any(row)])) + "\n\n"


def _cell(cell: str, context: Any) -> list[str]:
    """One over several columns is said in each of them."""
    across = _ACROSS.fullmatch(cell)
    told = " ".join(_plain(across[2] if across else cell, context).split())
    return [told] * (int(across[1]) if across else 1)
