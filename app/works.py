"""Checks and tables that were made before: kept as they are made, opened again by the page's address or from a list."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from app import render, resources, session, visitors
from app.confirm import confirm
from app.runs import Run
from app.session import NOTED, TABLED, CheckedText, Session, Tabling
from app.words import Language, say
from rag import wiring
from rag.answering.table import Cell, Row
from rag.config import Config
from rag.facts import Check
from rag.history.conversations import Unreadable, pack, unpack
from rag.history.works import Kind, Works
from rag.types import Answer

KINDS: tuple[Kind, ...] = ("check", "table")  # of a work; its page is called alike, and its parameter of the address
SETTLING = 1.0  # seconds


def keep_check(kept: Works, work: str, check: Check) -> None:
    kept.add(work, check.id, render.label(check.text), pack(check))


def keep_cell(kept: Works, work: str, row: Row, column: str, cell: Cell) -> None:
    told = {"row": [row.uri, row.title], "column": column, "text": cell.text, "answer": pack(cell.answer)}
    kept.add(work, cell.answer.id, column, json.dumps(told, ensure_ascii=False))


def restore(config: Config, mine: Session) -> None:
    """On the page of a kind, come back to the work that the address names, where it is this visitor's, and let the
    address name the one looked at. Before the index's field is drawn. Raises IndexFault."""
    for kind in KINDS:
        if mine.page != kind or (kind == "check" and mine.checking):
            continue
        named, here = st.query_params.get(kind, ""), _looked_at(mine, kind)
        if named and named != here and not open_(config, mine, kind, named):
            st.query_params.pop(kind, None)
        elif here and not named:
            st.query_params[kind] = here


def open_(config: Config, mine: Session, kind: Kind, work: str) -> bool:
    """Look at a work of this visitor, before the index's field is drawn. False where there is none that can be read.
    Raises IndexFault."""
    found, text = resources.works(config).open(visitors.owner(), kind, work), wiring.ledger(config).text
    if found is None:
        return False
    try:
        if kind == "check":
            check = unpack(found.parts[0], text, Check)
            mine.checked = CheckedText(check.text, check, id=work)
        else:
            cells = [json.loads(part) for part in found.parts]
            answers = [unpack(cell["answer"], text, Answer) for cell in cells]
            mine.tabling = _table(found.index, cells, answers, work)
    except Unreadable:  # written by another version
        return False
    mine.reading = None
    if found.index in resources.names(config):
        session.choose_index(found.index)
    st.query_params[kind] = work
    return True


def show_cells(mine: Session, table: Tabling) -> None:
    """Let the marks of a table's cells, and of no other's, lead to their quotes."""
    for number in [number for number in mine.shown if TABLED <= number < NOTED]:
        del mine.shown[number]
    for cell in table.run.told:
        mine.shown[table.number(cell)] = cell.answer.quotes


def earlier(config: Config, language: Language, mine: Session, kind: Kind) -> None:
    """The list of those made before, each to be opened or deleted. Raises IndexFault."""
    kept, owner = resources.works(config), visitors.owner()
    there = kept.of(owner, kind)
    if not there:
        return
    with st.expander(say(language, f"earlier {kind}", count=len(there)), icon=":material/history:"):
        for one in there:
            with st.container(horizontal=True, gap=None, vertical_alignment="center", key=f"work-{one.id}"):
                st.button(
                    render.label(one.title),
                    key=f"come-{one.id}",
                    type="secondary" if one.id == _looked_at(mine, kind) else "tertiary",
                    width="stretch",
                    on_click=_come,
                    args=(config, mine, kind, one.id),
                    help=one.at[:16].replace("T", " ") + " UTC",
                )
                if st.button(
                    "", key=f"drop-{one.id}", icon=":material/delete:", type="tertiary", help=say(language, "delete")
                ):
                    mine.reading, mine.deleting = None, one.id  # one dialog at a time
    titles = {one.id: one.title for one in there}
    if mine.deleting in titles:
        _confirm(language, mine, kind, kept, owner, titles[mine.deleting])


def _come(config: Config, mine: Session, kind: Kind, work: str) -> None:
    open_(config, mine, kind, work)


def _confirm(language: Language, mine: Session, kind: Kind, kept: Works, owner: str, title: str) -> None:
    def what() -> None:
        st.html(render.question(title))
        st.html(render.faint(say(language, "earlier delete what")))

    def delete() -> None:
        kept.delete(owner, mine.deleting)
        if mine.deleting == _looked_at(mine, kind):
            mine.checked, mine.tabling = (None, mine.tabling) if kind == "check" else (mine.checked, None)
            st.query_params.pop(kind, None)

    def closed() -> None:
        mine.deleting = ""

    yes = "delete", ":material/delete:"
    confirm(language, f"earlier delete {kind}", what, yes, "keep", delete, closed, "delete-work")


def _looked_at(mine: Session, kind: Kind) -> str:
    at = mine.checked if kind == "check" else mine.tabling
    return at.id if at else ""


def _table(index: str, cells: Sequence[Mapping[str, Any]], answers: Sequence[Answer], work: str) -> Tabling:
    """Of the cells that are left: a row and a column are there where one of theirs is."""
    rows = list(dict.fromkeys(Row(*cell["row"]) for cell in cells))
    columns = list(dict.fromkeys(cell["column"] for cell in cells))
    told = [
        Cell(rows.index(Row(*cell["row"])), columns.index(cell["column"]), cell["text"], answer)
        for cell, answer in zip(cells, answers, strict=True)
    ]

    def tell(one: Callable[[Cell], None]) -> None:
        for cell in told:
            one(cell)

    run = Run(tell)
    run.wait(SETTLING)
    return Tabling(index, tuple(rows), tuple(columns), run, work)
