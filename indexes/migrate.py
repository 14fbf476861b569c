"""Take an index to Milvus, or back to this machine. Nothing is embedded again: the vectors are in the store.

    python -m indexes.migrate NAME --to http://milvus:19530 --key-env MILVUS_TOKEN
    python -m indexes.migrate NAME --to folder/file.db          Milvus Lite
    python -m indexes.migrate NAME --to local

The index answers from where it was until everything is there and has been counted and sampled against exact search;
then it answers from the new place, in every program that opens it next. The old place keeps what it had.
"""

import json
import logging
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from rag.config import Config, load
from rag.errors import Fault, IndexFault, UsageFault
from rag.index import places
from rag.index.build import Build
from rag.index.files import WriterLock, current_build
from rag.index.staging import rebuilding
from rag.types import Rate

SAMPLE, NEAREST, LEAST = 100, 10, 0.95

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help=__doc__)
out, err = Console(highlight=False), Console(stderr=True, highlight=False)


@dataclass(frozen=True, slots=True)
class Moved:
    """Where the index is searched now; `recall` is of exact search, over SAMPLE stored vectors."""

    index: str
    build: str
    place: str
    chunks: int
    recall: Rate
    seconds: float


def migrate(config: Config, name: str, to: str, key_env: str = "") -> Moved:
    """Raises UsageFault, IndexFault; the index stays where it was then."""
    folder, began = config.built / name, perf_counter()
    current = current_build(folder)
    if current is None:
        raise UsageFault(f"There is no index {name} in {config.built}. Make it first.")
    with rebuilding(folder):
        before = places.place_of(folder)
        after = None if to == "local" else places.new_place(folder, to, key_env)
        if before and after and before.address == after.address:
            after = before
        places.set_place(folder, after)
        try:
            moved = _fill(folder.name, Build(folder, current, WriterLock(folder)), to, began)
        except BaseException:
            places.set_place(folder, before)
            raise
    return moved


def _fill(name: str, build: Build, to: str, began: float) -> Moved:
    build.check()
    recall = build.recall(SAMPLE, NEAREST)
    if recall.value is not None and recall.value < LEAST:
        raise IndexFault(f"{to} gives only {recall} of exact search for {name}; it stays where it was.")
    build.save()
    build.promote()
    chunks, named = build.store.counts()[1], build.identity.build
    build.close()
    return Moved(name, named, to, chunks, recall, round(perf_counter() - began, 2))


@app.command()
def command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="An index.")],
    to: Annotated[str, typer.Option("--to", help="A Milvus address, a file for Milvus Lite, or local.")],
    key_env: Annotated[str, typer.Option("--key-env", help="Environment variable with the server's token.")] = "",
    as_object: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Take an index to Milvus, or back."""
    moved = migrate(load(), name, to, key_env)
    if as_object:
        sys.stdout.write(json.dumps(asdict(moved), ensure_ascii=False) + "\n")
        return
    out.print(
        f"{escape(moved.index)} is searched in {escape(moved.place)} now: {moved.chunks} chunks, {moved.recall} of "
        f"exact search; nothing was embedded. {moved.seconds:.1f} s",
        soft_wrap=True,
    )


def run(arguments: Sequence[str] | None = None) -> None:
    """Faults become a sentence on standard error and an exit code: 2 for wrong use, 1 for the rest."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(message)s")
    try:
        app(list(sys.argv[1:] if arguments is None else arguments), standalone_mode=True)
    except Fault as fault:
        err.print(f"[red]{escape(str(fault))}[/]", soft_wrap=True)
        sys.exit(2 if isinstance(fault, UsageFault) else 1)


if __name__ == "__main__":
    run()
