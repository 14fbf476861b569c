"""LaTeX source -> the text that it sets, sections on lines of their own."""

from typing import Any

from pylatexenc.latex2text import (  # type: ignore[import-untyped]
    LatexNodes2Text,
    MacroTextSpec,
    get_default_latex_context_db,
)

_LEVELS = ("part", "chapter", "section", "subsection", "subsubsection", "paragraph", "title")


def read_latex(source: str) -> str:
    """Without comments and commands; formulas as their source says them."""
    context = get_default_latex_context_db()
    context.add_context_category("lines", prepend=True, macros=[MacroTextSpec(name, _line) for name in _LEVELS])
    told: str = LatexNodes2Text(latex_context=context, math_mode="verbatim", keep_comments=False).latex_to_text(source)
    return told


def _line(node: Any, l2tobj: Any) -> str:
    """The library's own would write a section's name in capitals, and a title nowhere."""
    return f"\n\n{l2tobj.nodelist_to_text([node.nodeargd.argnlist[-1]])}\n\n"
