"""A table of checked answers as HTML; everything that comes from outside is escaped here."""

from collections.abc import Sequence
from html import escape

from app.render import ICONS, block, mark, short
from app.session import TABLED
from app.words import Language, say
from rag.answering.table import Cell, Row
from rag.text.language import language as written_in


def table(language: Language, columns: Sequence[str], rows: Sequence[Row], cells: Sequence[Cell]) -> str:
    """A row a source. A cell that was answered has its verdict and leads to its quotes; one that was not says so, and
    one that was not reached yet is empty."""
    known = {(cell.row, cell.column): cell for cell in cells}
    heads = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    lines = []
    for at, row in enumerate(rows):
        told = "".join(
            _cell(language, known.get((at, column)), TABLED + len(columns) * at + column)
            for column in range(len(columns))
        )
        lines.append(f'<tr><th scope="row">{escape(row.title or short(row.uri))}</th>{told}</tr>')
    head = f'<thead><tr><th scope="col">{escape(say(language, "table source"))}</th>{heads}</tr></thead>'
    return block(f'<div class="grid" tabindex="0"><table>{head}<tbody>{"".join(lines)}</tbody></table></div>')


def _cell(language: Language, cell: Cell | None, number: int) -> str:
    if cell is None:
        return "<td></td>"
    if not cell.text:
        return f'<td class="abstained"><span class="faint">{escape(say(language, "table not told"))}</span></td>'
    cited = dict.fromkeys(one for sentence in cell.answer.sentences for one in sentence.citations)
    marks = "".join(mark(language, number, one) for one in cited)
    verdict, said = cell.verdict, escape(say(language, cell.verdict))
    icon = f'<span class="icon" role="img" aria-label="{said}" title="{said}">{ICONS[verdict]}</span>'
    return f'<td class="{verdict}" lang="{escape(written_in(cell.text))}">{icon} {escape(cell.text)}{marks}</td>'
