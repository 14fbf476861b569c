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
    macros.append(MacroTextSpec("maketitle", lambda node: "\n\n".join(["", *facts.values(), ""])))
    environments = [EnvironmentTextSpec(name, _table) for name in _TABLES]
    context = get_default_latex_context_db()
    context.add_context_category("ours", prepend=True, macros=macros, environments=environments)
    text = clean(_plain(source, context))
    return Page(
        uri, text, title=facts.get("title", ""), author=facts.get("author", ""),
        date=facts.get("date", "") if re.match(r"\d{4}", facts.get("date", "")) else "",
        headings=outline.placed(marks, text),
    )  # fmt: skip


def _plain(source: str, context: Any) -> str:
    told: str = LatexNodes2Text(latex_context=context, math_mode="verbatim", keep_comments=False).latex_to_text(source)
    return told


def _argument(node: Any, converter: Any) -> str:
    return " ".join(clean(converter.nodelist_to_text([node.nodeargd.argnlist[-1]])).split())


def _table(node: Any, l2tobj: Any) -> str:
    inside = _RULES.sub("", _EDGES.sub("", node.latex_verbatim()))
    rows = [re.split(r"(?<!\\)&", row) for row in re.split(r"\\\\(?:\[[^\]]*\])?", inside)]
    read = [[" ".join(_plain(cell, l2tobj.latex_context).split()) for cell in row] for row in rows]
    return "\n\n" + "\n".join(tables.lines([row for row in read if any(row)])) + "\n\n"
