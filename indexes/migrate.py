"""Take an index to Milvus, or back to this machine; without `--to`, bring its vectors up to date.

    python -m indexes.migrate NAME       embed again what another embedder or an earlier version embedded otherwise
    python -m indexes.migrate NAME --to http://milvus:19530 --key-env MILVUS_TOKEN
    python -m indexes.migrate NAME --to folder/file.db          Milvus Lite
    python -m indexes.migrate NAME --to local

Moving embeds nothing: the vectors are in the store. The index answers from where it was until everything is there and
has been counted and sampled against exact search; then it answers from the new place, in every program that opens it
next. The old place keeps what it had.

Embedding again is done page by page, once; the index answers meanwhile, and what is broken off goes on at the next
call. With another embedder, that of [embedder], a build is made beside the one in use, which goes on with its own. An
index with a recipe has all of it done by its next build.
"""

import json
import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from indexes.reembed import reembed, wants
from rag import wiring
from rag.cli.terminal import PlainConsole
from rag.config import Config, load
from rag.errors import Fault, IndexFault, UsageFault
from rag.index import made_with, places
from rag.index.build import Build
from rag.index.files import WriterLock, current_build
from rag.index.staging import rebuilding
from rag.protocols import Embedder
from rag.types import Rate

SAMPLE, NEAREST, LEAST = 100, 10, 0.95

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help=__doc__)
out, err = PlainConsole(highlight=False), PlainConsole(stderr=True, highlight=False)


@dataclass(frozen=True, slots=True)
class Moved:
    """Where the index is searched now; `recall` is of exact search, over SAMPLE stored vectors."""

    index: str
    build: str
    place: str
    chunks: int
    recall: Rate
    seconds: float


@dataclass(frozen=True, slots=True)
class Refreshed:
    """How many pages were brought to the present form, and how many texts had to be embedded for that."""

    index: str
    pages: int
    embedded: int
    seconds: float


def migrate(config: Config, name: str, to: str, key_env: str = "") -> Moved:
    """Take an index to another place. Raises UsageFault, IndexFault; the index stays where it was then."""
    folder, current, began = config.built / name, _current(config, name), perf_counter()
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


def refresh(
    config: Config, name: str, embedder: Embedder, tell: Callable[[int, int], None] = lambda done, total: None
) -> Refreshed:
    """Embed again what another than `embedder`, which is the configuration's, has embedded, or this one in an earlier
    form; `tell` hears how many pages of how many are done. Raises UsageFault, IndexFault; what was done until then
    stays."""
    began, pages = perf_counter(), 0
    _current(config, name)
    if wants(config.built / name, embedder):
        pages, embedded = reembed(config, name, embedder, tell)
        return Refreshed(name, pages, embedded, round(perf_counter() - began, 2))
    with rebuilding(config.built / name), wiring.index(config, name, embedder) as index:
        made_with.note(index.store.origins, config.embedder)
        for pages, total in index.refresh():
            tell(pages, total)
        index.store.tidy()
        return Refreshed(name, pages, index.embedded, round(perf_counter() - began, 2))


def _current(config: Config, name: str) -> str:
    """The build of the index that is in use. Raises UsageFault where there is none."""
    current = current_build(config.built / name)
    if current is None:
        raise UsageFault(f"There is no index {name} in {config.built}. Make it first.")
    return current


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
    to: Annotated[str, typer.Option("--to", help="A Milvus address, a file for Milvus Lite, or local.")] = "",
    key_env: Annotated[str, typer.Option("--key-env", help="Environment variable with the server's token.")] = "",
    as_object: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Take an index to Milvus, or back; without --to, embed again what was embedded otherwise."""
    if not to:
        return _refresh(name, as_object)
    moved = migrate(load(), name, to, key_env)
    if as_object:
        sys.stdout.write(json.dumps(asdict(moved), ensure_ascii=False) + "\n")
        return
    out.print(
        f"{escape(moved.index)} is searched in {escape(moved.place)} now: {moved.chunks} chunks, {moved.recall} of "
        f"exact search; nothing was embedded. {moved.seconds:.1f} s",
        soft_wrap=True,
    )


def _refresh(name: str, as_object: bool) -> None:
    config = load()
    columns = (TextColumn("Embedding"), BarColumn(), MofNCompleteColumn(), TextColumn("pages"), TimeRemainingColumn())
    with Progress(*columns, console=err, disable=as_object) as bar:
        task = bar.add_task("Embedding", total=None)
        done = refresh(
            config, name, wiring.embedder(config), lambda pages, total: bar.update(task, completed=pages, total=total)
        )
    if as_object:
        sys.stdout.write(json.dumps(asdict(done)) + "\n")
        return
    told = f"{done.pages} pages brought up to date, {done.embedded} texts embedded" if done.pages else "nothing to do"
    out.print(f"{escape(name)}: {told}. {done.seconds:.1f} s", soft_wrap=True)


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
