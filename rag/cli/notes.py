"""`vouch note`: the notes that were made in the page, listed, shown and written out."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from rag import wiring
from rag.cli.terminal import AsJson, out, print_object, print_text
from rag.config import Config, load
from rag.errors import UsageFault
from rag.export.note import note_as_markdown
from rag.export.paper import FORMS
from rag.history.notes import OpenNote
from rag.index.files import scratch

app = typer.Typer(no_args_is_help=True, help="The notes made in the page.", pretty_exceptions_enable=False)
Name = Annotated[str, typer.Argument(metavar="NOTE", help="Its id, or the beginning of it, or its title.")]
SHOWN = 8  # signs of an id


@app.command("list")
def list_notes(as_object: AsJson = False) -> None:
    """List the notes of everybody who makes some here, the one last used first."""
    found = wiring.notes(load()).everyones()
    if as_object:
        return print_object({"notes": [asdict(note) for _, note in found]})
    for _, note in found:
        out.print(f"{note.id[:SHOWN]}  {note.used_at[:10]}  {escape(note.title)}", soft_wrap=True)


@app.command()
def show(name: Name, as_object: AsJson = False) -> None:
    """Show a note as Markdown, with its sources at the end."""
    note = _named(load(), name)
    if as_object:
        return print_object(asdict(note))
    print_text(_markdown(note))


@app.command()
def export(
    name: Name,
    to: Annotated[Path, typer.Option(metavar="FILE", help=f"Write it here: {', '.join(f'.{end}' for end in FORMS)}.")],
    force: Annotated[bool, typer.Option("--force", help="Replace FILE where it is there already.")] = False,
) -> None:
    """Write a note as Markdown, as a Word file or as a PDF, by the ending of FILE."""
    form = FORMS.get(to.suffix.lower().removeprefix("."))
    if form is None:
        raise UsageFault("note.form", name=to.name)
    note = _named(load(), name)
    if to.exists() and not force:
        raise UsageFault("note.there", path=to)
    made = form.write(_markdown(note), note.title)
    try:
        with scratch(to) as draft:
            draft.write_bytes(made)
    except OSError as error:
        raise UsageFault("note.unwritable", path=to, error=error.strerror) from error


def _markdown(note: OpenNote) -> str:
    return note_as_markdown(note.title, [(entry.kind, entry.body) for entry in note.entries])


def _named(config: Config, name: str) -> OpenNote:
    """The note of this id or this title, else of the id that begins so. Raises UsageFault where there is none, or more
    than one."""
    notes = wiring.notes(config)
    everyones = notes.everyones()
    found = [(owner, note) for owner, note in everyones if note.id == name]
    found = found or [(owner, note) for owner, note in everyones if note.title == name]
    found = found or [(owner, note) for owner, note in everyones if name and note.id.startswith(name)]
    if len(found) > 1:
        ids = ", ".join(note.id[:SHOWN] for _, note in found)
        raise UsageFault("note.several", name=name, count=len(found), ids=ids)
    opened = notes.open(found[0][0], found[0][1].id) if found else None
    if opened is None:
        raise UsageFault("note.none", name=name)
    return opened
