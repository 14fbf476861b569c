"""The commands about one kept answer: run it again, write it out, forget it."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from rag import wiring
from rag.answering.replay import replay as run_again
from rag.cli import forgetting
from rag.cli.terminal import AsJson, err, out, print_object, print_text, show_step
from rag.config import load
from rag.errors import UsageFault
from rag.export.bibtex import bibtex
from rag.export.json import answer_as_markdown
from rag.history.ledger import Kept
from rag.types import Step

FORMATS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "md": answer_as_markdown,
    "json": lambda answer: json.dumps(answer, ensure_ascii=False, indent=2) + "\n",
    "bib": bibtex,
}
Number = Annotated[str, typer.Argument(metavar="ID|last", help="An answer's id, or the beginning of it.")]


def replay(number: Number, as_object: AsJson = False) -> None:
    """Run a kept answer again without network, index or model, and compare. Exit code 1 where it differs."""
    kept = wiring.ledger(load()).run(number)
    again = run_again(kept)
    if as_object:
        print_object(
            {"id": kept.answer["id"], "equal": again.equal, "bytes": again.bytes, "differences": again.differences}
        )
    else:
        for event in again.events:
            if isinstance(event, Step):
                show_step(event)
        if again.answer:
            out.print(f"\n{escape(again.answer.text or again.answer.reason)}\n", soft_wrap=True)
        if again.equal:
            out.print(f"{kept.answer['id']} of {kept.at[:10]}: byte-equal, {again.bytes} bytes")
        for difference in again.differences:
            err.print(f"[red]differs[/] {escape(difference)}", soft_wrap=True)
    if not again.equal:
        raise typer.Exit(1)


def export(
    number: Number,
    form: Annotated[str, typer.Option("--format", help=f"One of: {', '.join(FORMATS)}.")] = "md",
    to: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it here, not to standard output.")] = None,
) -> None:
    """Write a kept answer as Markdown or JSON, or its sources as BibTeX."""
    written = exported(wiring.ledger(load()).run(number), form)
    if to is None:
        print_text(written)
        return
    try:
        to.write_text(written, "utf-8")
    except OSError as error:
        raise UsageFault(f"{to} cannot be written: {error.strerror}. Name another file.") from error


def exported(kept: Kept, form: str) -> str:
    """A kept answer in one of FORMATS. Raises UsageFault for another."""
    if form not in FORMATS:
        raise UsageFault(f"There is no format '{form}'. Use one of: {', '.join(FORMATS)}.")
    return FORMATS[form]({**kept.answer, "at": kept.at})


def forget(
    number: Annotated[str, typer.Argument(metavar="ID|last", help="An answer's or a check's id.")] = "",
    older_than: Annotated[
        float | None, typer.Option(metavar="DAYS", min=0, help="All answers and checks of more than so many days ago.")
    ] = None,
    as_object: AsJson = False,
) -> None:
    """Delete kept answers and checks, with the pages that only they read, wherever they are kept: nothing of them stays
    in the ledger, in the page's conversations and notes or among compared answers."""
    if bool(number) == (older_than is not None):
        raise UsageFault("Give either an id or --older-than DAYS.")
    config = load()
    gone = [forgetting.forget(config, number)] if older_than is None else forgetting.forget_older(config, older_than)
    if as_object:
        print_object({"forgotten": gone})
    else:
        out.print(f"{len(gone)} forgotten")
