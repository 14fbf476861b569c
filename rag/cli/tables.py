"""`vouch table`: the same questions to many sources, as a table whose every cell is a checked answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from rag import wiring
from rag.answering.recording import answer as research
from rag.answering.table import Cell, Row, columns_of, fill, written
from rag.cli.terminal import (
    AsJson,
    IndexName,
    OfKind,
    Only,
    Since,
    Tagged,
    Until,
    chosen,
    err,
    opened_index,
    out,
    print_object,
    told,
)
from rag.config import load
from rag.errors import UsageFault
from rag.export.json import as_json
from rag.export.table import Written, as_csv, as_workbook
from rag.index.files import scratch
from rag.index.selection import passes
from rag.text.language import language
from rag.types import Answer, Selection


def table(
    column: Annotated[
        list[str], typer.Option("--column", "-c", help="A question, or what is asked for: “revenue”. Repeatable.")
    ],
    index: IndexName = "",
    to: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write it: .csv or .xlsx.")] = None,
    as_object: AsJson = False,
    only: Only = None,
    kind: OfKind = None,
    since: Since = "",
    until: Until = "",
    tag: Tagged = None,
) -> None:
    """Ask every source the same questions: a table, one source a row, each cell answered from that source alone."""
    if to is not None and to.suffix.lower() not in (".csv", ".xlsx"):
        raise UsageFault("table.form", name=to.name)
    config, within = load(), chosen(only, kind, since, until, tag)
    with opened_index(config, index) as opened:
        pages = sorted((page for page in opened.pages() if not within or passes(page, within)), key=lambda one: one.uri)
        rows = [Row(page.uri, page.title) for page in pages]
        columns = columns_of(column, len(rows))
        reader = wiring.reader(config)

        def ask(question: str, uri: str) -> Answer:
            return told(research(question, wiring.parts(config, opened, reader, Selection(uris=(uri,)))), quiet=True)

        cells, spoken = list[Cell](), language(" ".join(columns)) or "en"
        file = TableFile(to, spoken) if to is not None else None
        if file:
            file.write(written(columns, rows, [], spoken))  # before the first of many minutes
        try:
            for cell in fill(rows, columns, ask, reader):
                cells.append(cell)
                if file and cell.column == len(columns) - 1:
                    file.update(written(columns, rows, cells, spoken))  # whatever ends the next row
                err.print(f"[dim]{len(cells)}/{len(rows) * len(columns)}[/] {escape(rows[cell.row].title)}")
        finally:  # a row that was begun is told too
            made = written(columns, rows, cells, spoken)
            if file:
                file.write(made)
                err.print(f"[dim]written: {escape(str(to))}[/]", soft_wrap=True)
            elif not as_object:
                _show(made)
    if as_object:
        print_object(_plain(columns, rows, cells))


@dataclass(slots=True)
class TableFile:
    """The file of a table that is being made, a .csv or .xlsx with headings in the language `spoken`: at any moment the
    last whole table that could be written."""

    path: Path
    spoken: str
    _warned: bool = False

    def write(self, made: Written) -> None:
        """Raises UsageFault where it cannot be written."""
        try:
            with scratch(self.path) as draft:
                if self.path.suffix.lower() == ".csv":
                    draft.write_text(as_csv(made, self.spoken), "utf-8")
                else:
                    draft.write_bytes(as_workbook(made, self.spoken))
        except OSError as error:
            raise UsageFault("table.unwritable", path=self.path, error=error.strerror) from error

    def update(self, made: Written) -> None:
        """The same while more rows are to come, which costs none of them: that it cannot be written is said once."""
        try:
            self.write(made)
        except UsageFault as fault:
            if not self._warned:
                err.print(f"[yellow]{escape(str(fault))}[/]", soft_wrap=True)
            self._warned = True


def _plain(columns: Sequence[str], rows: Sequence[Row], cells: Sequence[Cell]) -> dict[str, Any]:
    return {
        "columns": list(columns),
        "rows": [{"source": row.uri, "title": row.title} for row in rows],
        "cells": [
            {"row": cell.row, "column": cell.column, "text": cell.text, "verdict": cell.verdict,
             "answer": as_json(cell.answer)}
            for cell in cells
        ],
    }  # fmt: skip


def _show(made: Written) -> None:
    shown = Table("", *map(escape, made.columns), show_lines=True)
    for at, (title, address) in enumerate(made.rows):
        line = [made.cells.get((at, column)) for column in range(len(made.columns))]
        shown.add_row(escape(title or address), *(escape(one.value) if one and one.value else "–" for one in line))
    out.print(shown)
