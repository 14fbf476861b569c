"""What is computed and not quoted: a question that is a sum, and one whose answer follows from numbers in the quotes.

The reader writes a program, the sandbox runs it. Every number in it must stand in a quote, which is then cited, or in
the question; no number comes from the reader's head.
"""

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from rag.browsing.browser import Browser
from rag.errors import Stopped
from rag.generation import calculate, programs, sandbox
from rag.generation.programs import Line
from rag.protocols import Reader
from rag.text.figures import figures
from rag.types import COMPUTED, Computation, Input, Quote, Sentence, Verdict

# What stands in no source: percent, parts of a day, a year and a thousand.
CONSTANTS = frozenset(map(Fraction, (100, 7, 12, 24, 60, 365, 1000)))
LONGEST = 120  # characters of an expression that is shown whole
SHOWN = 6  # digits of a number that has no end
_MARK = re.compile(r"\[(\d+)\]")
_DIGITS = re.compile(r"\d[\d,]*(?:\.\d+)?")
_UNITS = frozenset(
    re.findall(r"\S+", "% percent times years months weeks days hours minutes 倍 年 岁 个月 天 小时 分钟 百分比")
)
_JUDGED = Verdict("supported", None, COMPUTED)


def plain(browser: Browser) -> tuple[Sentence, ...]:
    """The answer to a question that is an arithmetic expression and nothing else, and a step that says so; () for any
    other."""
    expression = calculate.arithmetic(browser.question)
    return _tried(browser, lambda: of_expression(expression)) if expression else ()


def worked_out(browser: Browser, spoken: str, reader: Reader) -> tuple[Sentence, ...]:
    """The answer from the numbers of the kept quotes, and a step that tells the program or why there is none; () where
    there is none. Raises ReaderFault."""
    return (
        _tried(browser, lambda: from_quotes(browser.question, spoken, browser.quotes, reader)) if browser.quotes else ()
    )


def _tried(browser: Browser, working_out: Callable[[], Sentence]) -> tuple[Sentence, ...]:
    try:
        sentence = working_out()
    except Stopped as stopped:
        browser.note(stopped)
        return ()
    assert sentence.computation  # that is what it was made by
    browser.compute(sentence.computation.program)
    return (sentence,)


def of_expression(expression: str) -> Sentence:
    """What an arithmetic expression comes to. Raises Stopped."""
    lines = programs.read(f"answer = {expression}")
    value = shown(sandbox.run(programs.source(lines)))
    return Sentence(f"{expression} {value}", (), _JUDGED, computation=Computation(_told(lines), (), value[2:]))


def from_quotes(question: str, spoken: str, kept: Sequence[Quote], reader: Reader) -> Sentence:
    """The sentence that tells the result, citing the quotes of its inputs. Raises Stopped where the quotes do not give
    it, where a number of the program stands nowhere or in quotes about something else, where nothing is worked out, and
    where the program is stopped; raises ReaderFault."""
    said = calculate.written(question, spoken, kept, reader)
    if not said:
        raise Stopped("sum.no_numbers")
    lines, inputs = traced(programs.read(said), question, kept)
    whole = expanded(lines)
    if not any(isinstance(node, ast.BinOp | ast.Call) for node in ast.walk(ast.parse(whole))):
        raise Stopped("sum.repeats")
    cited = tuple(dict.fromkeys(each.quote for each in inputs if each.quote is not None))
    if not cited or len(inputs) < 2:
        raise Stopped("sum.not_two")
    result = sandbox.run(programs.source(lines))
    value = shown(result)
    unit = _unit(lines[-1].comment, " ".join([question, *(quote.text for quote in kept)]), spoken)
    sum_ = f"{whole} {value}" if len(whole) <= LONGEST else value
    text = f"由引文算出：{sum_}{unit}。" if spoken == "zh" else f"Worked out from the quotes: {sum_}{unit}."
    return Sentence(text, cited, _JUDGED, computation=Computation(_told(lines), inputs, value[2:] + unit))


def traced(lines: Sequence[Line], question: str, kept: Sequence[Quote]) -> tuple[list[Line], tuple[Input, ...]]:
    """The lines, with every number as it is meant ("148万" is 1480000), and where each of them stands.

    A number goes to the quote that its line names, where it stands there, else to the first in which it does. Raises
    Stopped for one that stands nowhere.
    """
    made, inputs = list[Line](), list[Input]()
    for line in lines:
        marks = [int(mark) for mark in _MARK.findall(line.comment)]
        quotes = sorted(kept, key=lambda quote: quote.id not in marks)
        tree = programs.tree(line.expression)
        for node in ast.walk(tree):
            if not isinstance(node, ast.Constant):
                continue
            number = Fraction(str(node.value))
            name = line.name if isinstance(tree.body, ast.Constant) else ""
            if found := _standing(number, quotes):
                value, quote = found
                node.value = int(value) if value.denominator == 1 else float(value)
                inputs.append(Input(name, str(node.value), quote.id))
                if name:
                    line = replace(line, comment=f"[{quote.id}]")
            elif any(number in values for values in _values(question)):
                inputs.append(Input(name, str(node.value), None))
            elif name or number not in CONSTANTS | {Fraction(len(inputs))}:
                raise Stopped("sum.foreign_number", number=ast.unparse(node))
        made.append(replace(line, expression=ast.unparse(tree)))
    return made, tuple(inputs)


def expanded(lines: Sequence[Line]) -> str:
    """The answer's expression with every name replaced by what it stands for. Raises Stopped for an unknown name."""
    known = dict[str, ast.expr]()

    class Filled(ast.NodeTransformer):
        def visit_Call(self, node: ast.Call) -> ast.expr:
            node.args = [self.visit(argument) for argument in node.args]
            return node

        def visit_Name(self, node: ast.Name) -> ast.expr:
            if node.id not in known:
                raise Stopped("sum.undefined", name=node.id)
            return known[node.id]

    for line in lines:
        known[line.name] = Filled().visit(programs.tree(line.expression)).body
        if len(ast.unparse(known[line.name])) > sandbox.LENGTH:
            raise Stopped("sum.too_long")
    return ast.unparse(known["answer"])


def shown(value: int | float) -> str:
    """ "= 27", "= 2.5"; of a number with no end in sight its first six digits, as "≈ 0.333333"."""
    if isinstance(value, int):
        return f"= {value}"
    whole = f"{value:.12g}"
    if "e" not in whole and len(whole.replace("-", "").replace(".", "")) <= SHOWN + 3:
        return f"= {whole}"
    return f"≈ {value:.{SHOWN}g}"


def _standing(number: Fraction, quotes: Sequence[Quote]) -> tuple[Fraction, Quote] | None:
    """(the number as a quote means it, that quote)."""
    for quote in quotes:
        for values in _values(quote.text):
            if number in values:
                return values[0], quote
    return None


def _values(text: str) -> Iterator[tuple[Fraction, ...]]:
    """Of every figure of `text` its value, and its digits alone where a word such as 万 or million makes them more."""
    for figure in figures(text):
        digits = _DIGITS.search(text[figure.start : figure.end])
        yield (figure.value, Fraction(digits.group().replace(",", ""))) if digits else (figure.value,)


def _unit(comment: str, known: str, spoken: str) -> str:
    """What the reader says the answer is counted in, where question or quotes say so too."""
    unit = _MARK.sub("", comment).strip().strip(".")
    if not unit or (unit.casefold() not in _UNITS and unit.casefold() not in known.casefold()):
        return ""
    return unit if unit == "%" or spoken == "zh" else f" {unit}"


def _told(lines: Sequence[Line]) -> str:
    """The program as it is shown: with the quotes that its numbers stand in and what the answer is counted in."""
    return "\n".join(
        f"{line.name} = {line.expression}" + (f"  # {line.comment}" if line.comment else "") for line in lines
    )
