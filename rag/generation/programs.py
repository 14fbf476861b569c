"""Small programs as a reader writes them: their grammar, and reading one back."""

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.errors import Stopped

LINES = 8
_FENCE = re.compile(r"```(?:python)?\n?|```")
_CALLS = frozenset({"round", "abs", "min", "max", "sum", "len"})
_NODES = (
    ast.Expression, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop, ast.Name, ast.Load, ast.Constant, ast.Call,
    ast.List, ast.Tuple,
)  # fmt: skip
_EXPRESSION = r"""expression ::= term (" " [-+*/] " " term){0,7}
term ::= number | name | "(" expression ")" | call "(" expression (", " expression){0,7} ")"
call ::= "round" | "abs" | "min" | "max"
name ::= [a-z] [a-z0-9_]{0,30}
number ::= [0-9]{1,15} ("." [0-9]{1,6})?
"""


@dataclass(frozen=True, slots=True)
class Line:
    """``name = expression  # comment``"""

    name: str
    expression: str
    comment: str = ""


def grammar(marks: Sequence[int] = ()) -> str:
    """GBNF of at most eight lines that give names to values and a last one that names the `answer`.

    With `marks` each of the lines before it may give a name to a number and say in which quote it stands
    (``opened = 1931  # [2]``), the last one says in what the answer is counted, and NONE is a program too.
    """
    if not marks:
        return f'root ::= line{{1,{LINES}}} "answer = " expression\nline ::= name " = " expression "\\n"\n{_EXPRESSION}'
    ids = " | ".join(f'"{mark}"' for mark in marks)
    return (
        f'root ::= "NONE" | line{{1,{LINES}}} "answer = " expression "  # " [^\\n#]{{1,24}}\n'
        'line ::= name " = " (number "  # [" mark "]" | expression) "\\n"\n'
        f"mark ::= {ids}\n{_EXPRESSION}"
    )


def read(said: str) -> list[Line]:
    """The lines of a program that only gives names to numbers and to sums of them, the last of them the answer. Raises
    Stopped where it does anything else: what a model writes is run only when it is of this form."""
    lines = list[Line]()
    for written in _FENCE.sub("", said).strip().splitlines():
        code, _, comment = written.partition("#")
        if not code.strip():
            continue
        name, equals, expression = code.partition("=")
        if not equals or not name.strip().isidentifier():
            raise Stopped("sum.no_name", line=written.strip()[:60])
        _only_sums(expression.strip())
        lines.append(Line(name.strip(), expression.strip(), comment.strip()))
    if len(lines) > 3 * LINES:
        raise Stopped("sum.lines", count=len(lines), most=3 * LINES)
    if not lines or lines[-1].name != "answer":
        raise Stopped("sum.no_answer")
    return lines


def source(lines: Sequence[Line]) -> str:
    """The program whose last line is the answer's value."""
    return "\n".join([*(f"{line.name} = {line.expression}" for line in lines), lines[-1].name])


def tree(expression: str) -> ast.Expression:
    """Raises Stopped where it is no expression."""
    try:
        return ast.parse(expression, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Stopped("sum.no_expression", line=expression[:60]) from error


def _only_sums(expression: str) -> None:
    for node in ast.walk(tree(expression)):
        allowed = isinstance(node, _NODES)
        if isinstance(node, ast.Constant):
            allowed = isinstance(node.value, int | float) and not isinstance(node.value, bool)
        elif isinstance(node, ast.Call):
            allowed = isinstance(node.func, ast.Name) and node.func.id in _CALLS and not node.keywords
        if not allowed:
            raise Stopped("sum.more_than_a_sum", line=expression[:60])
