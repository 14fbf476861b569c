"""`vouch chat`: questions one after the other, each put so that it stands alone, and shown before it is asked."""

import sys
from typing import Annotated, Any

import typer
from rich.markup import escape

from rag import wiring
from rag.answering.conversation import Standalone, exchanges, remembering, standalone
from rag.answering.engine import Parts
from rag.answering.recording import answer as research
from rag.cli.terminal import (
    AsJson,
    IndexName,
    OfKind,
    Only,
    OnWeb,
    Since,
    Tagged,
    Until,
    asking_parts,
    chosen,
    err,
    opened_for,
    out,
    print_object,
    show_answer,
    told,
)
from rag.config import load
from rag.export.json import as_json
from rag.protocols import Reader
from rag.types import Answer

NEW, QUIT = "/new", "/quit"


def chat(
    index: IndexName = "",
    web: OnWeb = False,
    yes: Annotated[bool, typer.Option("--yes", help="Ask what was rewritten without stopping to show it.")] = False,
    as_object: AsJson = False,
    only: Only = None,
    kind: OfKind = None,
    since: Since = "",
    until: Until = "",
    tag: Tagged = None,
) -> None:
    """Ask questions one after the other: a follow-up is put so that it stands alone, and can be put otherwise.

    An empty line or /quit ends it, /new begins another conversation. Lines may come through a pipe.
    """
    config, turns = load(), list[dict[str, Any]]()
    within = chosen(only, kind, since, until, tag)
    answers = list[Answer]()
    with opened_for(config, index, web) as (embedder, opened):
        reader = wiring.reader(config)
        while (asked := _line("[bold]>[/] ")) not in ("", QUIT):
            if asked == NEW:
                answers.clear()
                continue
            parts = asking_parts(config, opened, embedder, reader, web, within)
            turn = _turn(asked, answers, remembering(parts, answers, embedder), reader, yes or as_object, as_object)
            turns.append(turn)
    if as_object:
        print_object({"turns": turns})


def _turn(
    asked: str,
    answers: list[Answer],
    parts: Parts,
    reader: Reader,
    yes: bool,
    quiet: bool,
) -> dict[str, Any]:
    """One question, which is answered. The answer is put to `answers`. Raises Fault."""
    put = standalone(asked, exchanges(answers), reader)
    question = _shown(put, yes, quiet)
    try:
        answer = told(research(question, parts), quiet)
    except KeyboardInterrupt:
        err.print("\n[yellow]Stopped.[/]")
        return {"asked": asked, "put": question, "answer": None}
    answers.append(answer)
    if not quiet:
        show_answer(answer)
        out.print()
    return {"asked": asked, "put": question, "answer": as_json(answer)}


def _shown(put: Standalone, yes: bool, quiet: bool) -> str:
    """What is asked: the question as it was put, or as the user puts it instead."""
    if not put.rewritten or quiet:
        return put.question
    out.print(f"[cyan]asked as:[/] {escape(put.question)}", soft_wrap=True)
    if yes or not sys.stdin.isatty():
        return put.question
    return _line("[dim]Enter to ask this, or write it otherwise:[/] ") or put.question


def _line(prompt: str) -> str:
    """The next line without white space round it; "" at the end of the input."""
    try:
        return " ".join((out.input(prompt) if sys.stdin.isatty() else input()).split())
    except (EOFError, KeyboardInterrupt):
        return ""
