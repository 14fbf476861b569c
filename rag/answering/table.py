"""A table of checked answers: a row is a source, a column a question, and every cell is answered from its row's source
alone."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rag.answering import drafting
from rag.errors import UsageFault
from rag.export.table import Told, Written
from rag.protocols import Reader
from rag.text.language import language
from rag.text.locator import cite
from rag.types import Answer, Quote

MOST_CELLS = 400
_MARKS = "?？"
Ask = Callable[[str, str], Answer]
"""(question, address of the source) -> the answer from this source alone."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What came of one question to one source. `text` is short: the value alone where the answer states one, else the
    answer; "" where it abstained."""

    row: int
    column: int
    text: str
    answer: Answer

    @property
    def quote(self) -> Quote | None:
        """The passage that carries it: the first that the answer cites; nothing carries what was not answered."""
        if self.answer.status == "abstained":
            return None
        cited = [number for sentence in self.answer.sentences for number in sentence.citations]
        return next((quote for quote in self.answer.quotes if quote.id in cited[:1]), None)

    @property
    def verdict(self) -> str:
        """The least favourable of its sentences', or "abstained"."""
        said = [sentence.verdict.label for sentence in self.answer.sentences]
        if self.answer.status == "abstained" or not said:
            return "abstained"
        return next((label for label in ("contradicted", "unsupported", "unjudged") if label in said), said[0])


@dataclass(frozen=True, slots=True)
class Row:
    """A source: its address and its title."""

    uri: str
    title: str


def fill(rows: Sequence[Row], columns: Sequence[str], ask: Ask, reader: Reader) -> Iterator[Cell]:
    """The cells row by row, each as soon as it is answered. What `ask` raises ends the table."""
    for at, row in enumerate(rows):
        for column, named in enumerate(columns):
            answer = ask(question_of(named), row.uri)
            yield Cell(at, column, _short(answer, reader), answer)


def columns_of(lines: Sequence[str], rows: int) -> tuple[str, ...]:
    """The columns that are named, each once, of a table of so many rows. Raises UsageFault where it has no rows, no
    columns or too many cells."""
    columns = tuple(dict.fromkeys(line.strip() for line in lines if line.strip()))
    if not rows or not columns:
        raise UsageFault("table.empty")
    if rows * len(columns) > MOST_CELLS:
        raise UsageFault("table.too_large", cells=rows * len(columns), most=MOST_CELLS)
    return columns


def question_of(column: str) -> str:
    """A column's question: itself where it is one, else what it names is asked for."""
    if column.rstrip()[-1:] in _MARKS:
        return column
    return f"{column}是什么？" if language(column) == "zh" else f"What is the {column}?"


def _short(answer: Answer, reader: Reader) -> str:
    """The name, date or number that the answer states, which the reader points at and which stands in it to the letter;
    else the whole answer without its marks."""
    if answer.status == "abstained":
        return ""
    whole = " ".join(sentence.text for sentence in answer.sentences)
    if answer.plan is None or answer.plan.kind != "fact" or len(answer.sentences) != 1:
        return whole
    cited = [quote for quote in answer.quotes if quote.id in answer.sentences[0].citations]
    said = drafting.named(answer.question, answer.language, cited, reader)
    return said if said and said in whole else whole


def written(columns: Sequence[str], rows: Sequence[Row], cells: Sequence[Cell], spoken: str) -> Written:
    """The cells that there are, as they are taken along; places in the language `spoken`."""
    made = {(cell.row, cell.column): _told(cell, spoken) for cell in cells}
    return Written(columns, [(row.title, row.uri) for row in rows], made)


def _told(cell: Cell, spoken: str) -> Told:
    quote = cell.quote
    if quote is None:
        return Told(cell.text, cell.verdict, "", "")
    place = cite(quote.locator, spoken) or f"{quote.start}–{quote.end}"
    return Told(cell.text, cell.verdict, " ".join(quote.text.split()), place)
