"""Build an index from a recipe, or bring it up to date: what has not changed is neither fetched nor embedded again.

    python -m indexes.build NAME                      the recipe indexes/NAME.toml, or a path to one
    python -m indexes.build NAME --dry-run            say what would be done
    python -m indexes.build NAME --ray auto           embed on all machines of a Ray cluster
    python -m indexes.build NAME --check              put the build that is in use to the recipe's checks
    python -m indexes.build rollback NAME             go back to the build before
    python -m indexes.build prune NAME --keep 1       delete older builds

Ctrl-C ends it at once, also while a source is waited for: the build in use stays, and the next run goes on where this
one was. Exit codes, for cron: 0 done, or nothing to do; 1 a fault, the build in use stays; 2 wrong use, or a recipe
with a mistake; 3 done, and some sources failed and kept what they had; 4 a check failed, the build in use stays. With
--json, standard output is one object; progress goes to standard error.
"""

import json
import logging
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from indexes import recipe
from indexes.checks import Check, examine
from indexes.rebuild import Progress as Ended
from indexes.rebuild import Report, Tell, rebuild
from rag import wiring
from rag.cli.terminal import PlainConsole
from rag.config import Config, load
from rag.errors import ConfigFault, Fault, UsageFault
from rag.index import staging
from rag.index.files import WriterLock, current_build, index_folder
from rag.index.scattered import TEXTS_A_CALL, ScatteredEmbedder

FAULT, WRONG_USE, SOME_FAILED, CHECKS_FAILED = 1, 2, 3, 4

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
out, err = PlainConsole(highlight=False), PlainConsole(stderr=True, highlight=False)

Name = Annotated[str, typer.Argument(metavar="NAME", help="A recipe: indexes/NAME.toml, or a path that ends in .toml.")]
FolderName = Annotated[str, typer.Option("--folder", help="What {folder} stands for in the recipe.")]
IndexName = Annotated[str, typer.Option("--index", help="The index to make; the recipe's when not given.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Keep = Annotated[int | None, typer.Option("--keep", min=0, help="Older builds to keep; the recipe's when not given.")]


def run(arguments: Sequence[str] | None = None) -> None:
    """Faults become a sentence on standard error and an exit code."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(message)s")
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words and not words[0].startswith("-") and words[0] not in ("build", "rollback", "prune"):
        words.insert(0, "build")
    try:
        app(words, standalone_mode=True)
    except (UsageFault, ConfigFault) as fault:
        err.print(f"[red]{escape(str(fault))}[/]", soft_wrap=True)
        sys.exit(WRONG_USE)
    except Fault as fault:
        err.print(f"[red]{escape(str(fault))}[/]", soft_wrap=True)
        sys.exit(FAULT)


@app.command()
def build(
    name: Name,
    check: Annotated[bool, typer.Option("--check", help="Only check the build that is in use.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Look at the sources and write nothing.")] = False,
    keep: Keep = None,
    folder: FolderName = "",
    index: IndexName = "",
    ray: Annotated[str, typer.Option("--ray", help="Embed on a Ray cluster: its address, or auto.")] = "",
    workers: Annotated[int, typer.Option("--workers", min=1, help="Embedders on it, one processor each.")] = 2,
    as_object: AsJson = False,
) -> None:
    """Build the index of a recipe, or bring it up to date. (The word `build` may be left out.)"""
    made_from = recipe.read(recipe.find(name), folder, index)
    config = _config(made_from)
    if check:
        return _check(made_from, config, as_object)
    with _progress(as_object) as tell, _stopping() as stop:
        embedder = wiring.embedder(config)
        if ray:
            embedder = ScatteredEmbedder(embedder, partial(wiring.embedder, config), ray, workers)
        report = rebuild(made_from, config, embedder, keep, dry_run, tell, TEXTS_A_CALL if ray else None, stop)
    if as_object:
        _print(asdict(report))
    else:
        _show(report)
    if report.status == "refused":
        raise typer.Exit(CHECKS_FAILED)
    if report.failed:
        raise typer.Exit(SOME_FAILED)


@app.command()
def rollback(
    name: Name,
    to: Annotated[str, typer.Option("--to", help="The build to go back to; the one before when not given.")] = "",
    index: IndexName = "",
    as_object: AsJson = False,
) -> None:
    """Use an older build again. What was added by hand since it was made is in the newer one only."""
    folder = index_folder(load().built, _index_name(name, index))
    if not staging.kept_builds(folder):
        _existing(folder)
    with staging.rebuilding(folder):
        before = staging.readable_current(folder)
        now = staging.roll_back(folder, WriterLock(folder), to)
    if as_object:
        return _print({"index": folder.name, "build": now, "previous": before})
    out.print(f"{folder.name}: {now} is in use again" + (f", {before} is kept" if before else ""))


@app.command()
def prune(name: Name, keep: Keep = None, index: IndexName = "", as_object: AsJson = False) -> None:
    """Delete older builds, and what broken-off runs have left."""
    folder = index_folder(load().built, _index_name(name, index))
    with staging.rebuilding(_existing(folder)):
        kept = recipe.IndexPart().keep if keep is None else keep
        gone = staging.prune(folder, WriterLock(folder), kept)
        left = staging.kept_builds(folder)
    if as_object:
        return _print({"index": folder.name, "build": current_build(folder), "pruned": gone, "kept": left})
    out.print(f"{folder.name}: {len(gone)} deleted, {len(left)} older kept")


def _config(made_from: recipe.Recipe) -> Config:
    """The configuration with what the recipe says otherwise."""
    config = load()
    return replace(config, embedder=made_from.embedder) if made_from.embedder else config


def _index_name(name: str, index: str) -> str:
    """The index that a recipe makes; a name without a recipe is the index itself."""
    if index:
        return index
    if name.endswith(".toml") or name in recipe.names():
        return recipe.read(recipe.find(name), folder=".").index.name
    return name


def _existing(folder: Path) -> Path:
    if current_build(folder) is None:
        raise UsageFault(f"There is no index {folder.name} in {folder.parent}. Build it first.")
    return folder


def _check(made_from: recipe.Recipe, config: Config, as_object: bool) -> None:
    started = perf_counter()
    name = made_from.index.name
    with wiring.index(config, name, wiring.embedder(config, name)) as opened:
        pages, chunks = opened.store.counts()
        checks = examine(opened, made_from.checks, pages, 0)
        ok, name = all(one.ok for one in checks), opened.build
    if as_object:
        seconds = round(perf_counter() - started, 3)
        told = {"status": "checked", "index": made_from.index.name, "build": name, "pages": pages, "chunks": chunks}
        _print({**told, "ok": ok, "checks": [asdict(one) for one in checks], "seconds": seconds})
    else:
        _show_checks(checks, every=True)
    if not ok:
        raise typer.Exit(CHECKS_FAILED)


def _show(report: Report) -> None:
    for failure in report.failed:
        kept = "what it had stays" if failure.kept else "not in the index"
        err.print(f"[red]✗[/] {escape(failure.address)}: {escape(failure.error)} ({kept})", soft_wrap=True)
    for line in report.skipped:
        err.print(f"[dim]– {escape(line)}[/]", soft_wrap=True)
    _show_checks(report.checks, every=report.status == "refused")
    counts = {name: getattr(report, name) for name in ("added", "replaced", "removed", "unchanged")}
    told = ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "nothing"
    said = {
        "built": f"{report.build} is in use",
        "unchanged": "nothing to do",
        "refused": f"not used; {report.previous or 'nothing'} stays",
        "planned": "would be done",
    }[report.status]
    embedded = f"{report.embedded} texts embedded, {report.reused} reused"
    out.print(f"{report.index}: {told}; {embedded}; {said}. {report.seconds:.1f} s", soft_wrap=True)


def _show_checks(checks: Sequence[Check], every: bool) -> None:
    for check in checks:
        if every or not check.ok:
            mark = "[green]✓[/]" if check.ok else "[red]✗[/]"
            err.print(f"{mark} {check.name}: {escape(check.detail)}", soft_wrap=True)


@contextmanager
def _progress(as_object: bool) -> Iterator[Tell]:
    """A bar on a terminal; elsewhere a line for each page that is not as it was."""
    if as_object or not err.is_terminal:
        yield lambda ended: _line(ended) if ended.status != "unchanged" else None
        return
    columns = (TextColumn("Reading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err) as bar:
        task = bar.add_task("Reading", total=None)
        yield lambda ended: bar.update(task, completed=ended.done, total=ended.total or None)


@contextmanager
def _stopping() -> Iterator[threading.Event]:
    """Set by Ctrl-C; by a second one the program is broken off."""
    stop = threading.Event()
    before = signal.getsignal(signal.SIGINT)

    def asked(number: int, frame: object) -> None:
        stop.set()
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, asked)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def _line(ended: Ended) -> None:
    err.print(f"{ended.status} {ended.uri}", markup=False, soft_wrap=True)


def _print(thing: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(thing, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    run()
