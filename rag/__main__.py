"""The command line: app, add, remove, tag, sources, search, ask, chat, check, stats, recheck, replay, export, note,
forget, learn, feedback, backup, restore, password, reader, setup, serve, mcp, watch, doctor, models, demo, build,
migrate.

Exit codes: 0 done (answered or abstained alike), 1 a fault, 2 wrong use, 3 an alarm (`stats`). With --json, standard
output is one object; progress goes to standard error.
"""

import logging
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from rag import __version__, wiring
from rag.answering import adding, live
from rag.answering.recording import answer as research
from rag.cli import (
    backups,
    chat,
    commands,
    kept,
    learning,
    notes,
    programs,
    reference,
    resident,
    self_test,
    serving,
    tables,
    watching,
)
from rag.cli import setup as choosing
from rag.cli.by_hand import driven
from rag.cli.terminal import (
    AsJson,
    IndexName,
    Local,
    OfKind,
    Only,
    OnWeb,
    Searched,
    Since,
    Tagged,
    Until,
    asking_parts,
    chosen,
    err,
    opened_for,
    opened_index,
    out,
    print_object,
    searched,
    server_for,
    show_answer,
    told,
)
from rag.config import Config, Wanted, load
from rag.errors import Fault, UsageFault
from rag.export.json import as_json
from rag.index.selection import selected
from rag.index.staging import kept_builds
from rag.text.language import language
from rag.text.locator import cite
from rag.types import Hit, Selection

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)


def _show_version(wanted: bool) -> None:
    if wanted:
        out.print(f"vouch {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


def run() -> None:
    """The `vouch` script: faults become one sentence on standard error and an exit code."""
    logging.getLogger().addHandler(logging.NullHandler())
    try:
        app()
    except UsageFault as fault:
        err.print(f"[red]{escape(str(fault))}[/]")
        sys.exit(2)
    except Fault as fault:
        err.print(f"[red]{escape(str(fault))}[/]")
        sys.exit(1)


app.command("app", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(programs.page)


@app.command()
def add(
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE...", help="Files, folders or http(s) addresses.")],
    index: IndexName = "",
    as_object: AsJson = False,
    tag: Annotated[
        list[str] | None, typer.Option("--tag", metavar="NAME", help="Give them this tag. Repeatable.")
    ] = None,
) -> None:
    """Read sources and put them into an index (made when missing). A source that is there already is replaced."""
    from rag.sources.ingest import Outcome

    config, started = load(), perf_counter()
    outcomes: list[Outcome] = []
    with (
        opened_index(config, index, create=True) as opened,
        _progress("Reading", as_object) as (step, begin),
        _stopped_by_ctrl_c() as stop,
    ):
        for outcome in adding.add(sources, opened, config, begin, stop):
            outcomes.append(outcome)
            if tag and outcome.status in ("added", "replaced", "unchanged"):
                opened.tag([outcome.uri], give=tag)
            step(f"{outcome.status} {outcome.uri}", outcome.done, outcome.total)
        counts = {status: sum(o.status == status for o in outcomes) for status in STATUSES}
        seconds = round(perf_counter() - started, 3)
        where = {"name": opened.name, "build": opened.build}
    if as_object:
        print_object({"index": where, "sources": [asdict(o) for o in outcomes], **counts, "seconds": seconds})
    else:
        for outcome in outcomes:
            if outcome.error:
                mark = "[red]✗[/]" if outcome.status == "failed" else "[dim]–[/]"
                err.print(f"{mark} {escape(outcome.uri)}: {escape(outcome.error)}", soft_wrap=True)
        told = ", ".join(f"{count} {status}" for status, count in counts.items() if count) or "nothing to add"
        out.print(f"{where['name']}: {told} in {seconds:.1f} s")
    if stop.is_set():
        err.print("[yellow]Stopped: what is not named here was not read.[/]")
    if counts["failed"] or stop.is_set():
        raise typer.Exit(1)


@contextmanager
def _stopped_by_ctrl_c() -> Iterator[threading.Event]:
    """Set by the first Ctrl-C, after which what was begun is brought to its end; the second ends the process."""
    stop = threading.Event()

    def first(number: int, frame: object) -> None:
        stop.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, first)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


STATUSES = ("added", "replaced", "unchanged", "skipped", "failed")


@app.command()
def remove(
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE...", help="As `sources` lists them.")],
    index: IndexName = "",
    as_object: AsJson = False,
) -> None:
    """Take sources out of an index. The next question no longer sees them, and their text is gone from its files; what
    still holds it is told."""
    config = load()
    with opened_index(config, index) as opened:
        known = {page.uri for page in opened.pages()}
        named = {given: given if given in known else str(Path(given).absolute()) for given in sources}
        missing = [given for given, uri in named.items() if uri not in known]
        if missing:
            raise UsageFault(f"Not in {opened.name}: {', '.join(missing)}. `vouch sources` lists what is there.")
        for uri in named.values():
            adding.remove(uri, opened)
        where, older = {"name": opened.name, "build": opened.build}, kept_builds(opened.folder)
    ledger = wiring.ledger(config)
    answers = sorted({id for uri in named.values() for id in ledger.holding(uri)})
    if as_object:
        print_object({"index": where, "removed": list(named.values()), "answers": answers, "older_builds": older})
        return
    out.print(f"{where['name']}: {len(named)} removed")
    if answers:
        out.print(f"Kept answers still hold text of it: vouch forget {' '.join(answers)}", soft_wrap=True)
    if older:
        told = f"Older builds still hold it: python -m indexes.build prune {where['name']} --keep 0"
        out.print(told, soft_wrap=True)


@app.command()
def sources(index: IndexName = "", as_object: AsJson = False) -> None:
    """List what an index holds."""
    with opened_index(load(), index) as opened:
        pages = opened.pages()
        where = {"name": opened.name, "build": opened.build}
    if as_object:
        return print_object({"index": where, "sources": [asdict(page) for page in pages]})
    table = Table("source", "title", "tags", "language", "chunks", "read", box=None, pad_edge=False)
    for page in pages:
        told = (page.uri, page.title, ", ".join(page.tags), page.language, str(page.chunks), page.read_at[:10])
        table.add_row(*map(escape, told))
    out.print(table)


@app.command("tag")
def tag_command(
    source: Annotated[str, typer.Argument(help="As of --only: an address, a title, a folder, a site, or a pattern.")],
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="The tags.")],
    remove: Annotated[bool, typer.Option("--remove", help="Take them away instead.")] = False,
    index: IndexName = "",
    as_object: AsJson = False,
) -> None:
    """Give tags to sources, or take them away. They stay when the sources are read again."""
    with opened_index(load(), index) as opened:
        of = chosen([source])
        assert of is not None  # a source was named
        uris = selected(opened.pages(), of)
        opened.tag(uris, take=names) if remove else opened.tag(uris, give=names)
        tagged = {page.uri: list(page.tags) for page in opened.pages() if page.uri in set(uris)}
        where = {"name": opened.name, "build": opened.build}
    if as_object:
        return print_object({"index": where, "tags": tagged})
    for uri, tags in tagged.items():
        out.print(f"{escape(uri)}: {escape(', '.join(tags)) or '–'}", soft_wrap=True)


@app.command()
def search(
    query: str,
    k: Annotated[int, typer.Option("-k", min=1, max=200, help="How many hits.")] = 10,
    index: IndexName = "",
    as_object: AsJson = False,
    web: OnWeb = False,
    only: Only = None,
    kind: OfKind = None,
    since: Since = "",
    until: Until = "",
    local: Local = False,
    tag: Tagged = None,
) -> None:
    """Show the best chunks for a query, with the rank each leg gave them."""
    if not query.strip():
        raise UsageFault("The query is empty. Give a few words.")
    within = chosen(only, kind, since, until, tag)
    config = load()
    if server := server_for(config, local or web):
        started = perf_counter()
        hits, where = server.search(query, k, index, within)
        seconds = perf_counter() - started
    else:
        hits, where, seconds = _searched(config, query, k, index, web, within)
    if as_object:
        found = [{**asdict(hit), "place": cite(hit.chunk.locator, "en")} for hit in hits]
        return print_object({"query": query, "index": where, "hits": found, "seconds": seconds})
    for rank, hit in enumerate(hits, start=1):
        legs = f"dense {hit.dense_rank or '–'}, text {hit.text_rank or '–'}"
        place = cite(hit.chunk.locator, language(query))
        out.print(f"[bold]{rank}. {escape(hit.title or hit.chunk.uri)}[/]{place and f', {place}'}  [dim]{legs}[/]")
        out.print(f"   {escape(' '.join(hit.chunk.text.split())[:240])}\n")


def _searched(
    config: Config, query: str, k: int, index: str, web: bool, within: Selection | None
) -> tuple[Sequence[Hit], dict[str, str], float]:
    """(hits, of which index, seconds)."""
    with opened_for(config, index, web) as (embedder, opened):
        if web and within:
            raise UsageFault("selection.web")
        engine: Searched | None = opened.selected(within) if opened and within else opened
        if web:
            engine = wiring.web_engine(config, opened, embedder)
        assert engine is not None  # without the web there is always an index
        started = perf_counter()
        hits = searched(engine, query, k)
        seconds = perf_counter() - started
        where = {"name": opened.name, "build": opened.build} if opened else {"name": wiring.LIVE_WEB, "build": ""}
        return hits, where, seconds


@app.command()
def ask(
    question: str,
    index: IndexName = "",
    as_object: AsJson = False,
    draft: Annotated[
        bool, typer.Option("--draft", help="Let the reader answer by heart, then check and revise what it wrote.")
    ] = False,
    web: OnWeb = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="With --web: put the pages that are quoted into the index.")
    ] = False,
    thorough: Annotated[
        bool, typer.Option("--thorough", help="Read twice as much evidence; takes about twice as long.")
    ] = False,
    samples: Annotated[
        int | None,
        typer.Option(min=0, max=20, help="Draw so many drafts and take what most say; else [reading] samples."),
    ] = None,
    risk: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="How often it may answer wrongly; else [checking] risk."),
    ] = None,
    policy: Annotated[
        str,
        typer.Option(
            help="Who chooses what to do next: guided, model (the reader) or hand (you, by WebGPT's commands); else"
            " [reading] policy."
        ),
    ] = "",
    only: Only = None,
    kind: OfKind = None,
    since: Since = "",
    until: Until = "",
    local: Local = False,
    tag: Tagged = None,
) -> None:
    """Answer a question from the index: quotes first, then the answer, a verdict a sentence."""
    by_hand = policy == "hand"
    configured, wanted = load(), Wanted(thorough, samples, risk, "" if by_hand else policy)
    config = wanted.of(configured)
    if not question.strip():
        raise UsageFault("question.empty")
    within = chosen(only, kind, since, until, tag)
    if keep and not web:
        raise UsageFault("--keep puts pages read on the live web into the index: use it with --web.")
    if draft:
        checking = commands.Checking(question, within, by_heart=True, local=local)
        return commands.tell_check(configured, index, as_object, checking)
    kept: list[tuple[str, str]] = []
    if server := server_for(configured, local or web or by_hand):
        answer = told(server.ask(question, index, wanted, within), as_object)
    else:
        reader = wiring.ready_reader(config, question)
        with opened_for(config, index, web, create=keep) as (embedder, opened):
            parts = asking_parts(config, opened, embedder, reader, web, within)
            parts = driven(parts) if by_hand else parts
            answer = told(research(question, parts), as_object)
            if keep and opened:
                kept = live.keep(answer.pages, opened, config.chunk.tokens)
    if as_object:
        gate = wiring.gate(config)
        level = gate.level if gate else None
        told_more = {"risk": asdict(level) if level else None, **({"kept": [uri for uri, _ in kept]} if keep else {})}
        print_object(as_json(answer) | told_more)
    else:
        show_answer(answer)
        for uri, _ in kept:
            out.print(f"[dim]kept: {escape(uri)}[/]", soft_wrap=True)


app.command()(commands.check)
app.command()(tables.table)
app.command()(self_test.test)
app.command()(commands.recheck)
app.command()(commands.stats)
app.command()(commands.password)
app.command()(chat.chat)
app.command()(kept.replay)
app.command()(kept.export)
app.command()(kept.forget)
app.command()(learning.learn)
app.add_typer(notes.app, name="note")
app.add_typer(learning.app, name="feedback")
app.command("backup")(backups.backup_command)
app.command("restore")(backups.restore_command)
app.command()(commands.risks)
app.command()(choosing.setup)
app.command()(watching.watch)
app.command()(serving.serve)
app.command()(serving.mcp)
app.add_typer(resident.app, name="reader")
app.command(hidden=True)(reference.reference)
for program in (programs.models, programs.demo, programs.build, programs.migrate):
    app.command(context_settings=programs.PASSED)(program)


@app.command()
def doctor(as_object: AsJson = False) -> None:
    """Check the installation: packages, models, index, disk. Exit code 1 when something needs doing."""
    from rag.cli.doctor import examine

    checks = examine(load())
    if as_object:
        print_object({"version": __version__, "ok": all(c.ok for c in checks), "checks": [asdict(c) for c in checks]})
    else:
        for check in checks:
            mark = "[green]✓[/]" if check.ok else "[red]✗[/]"
            out.print(f"{mark} {check.name}: {escape(check.detail)}")
            if check.remedy:
                out.print(f"  → {escape(check.remedy)}")
    if not all(check.ok for check in checks):
        raise typer.Exit(1)


@contextmanager
def _progress(title: str, as_object: bool) -> Iterator[tuple[Any, Any]]:
    """(what is told each source that ended, what is told each before it is read): on a terminal a bar with time left
    and the source it is at; elsewhere a line a source on standard error, so that a log shows what was durable when."""
    if as_object or not err.is_terminal:
        yield lambda line, done, total: err.print(line, markup=False, soft_wrap=True), lambda uri: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err) as bar:
        task = bar.add_task(title, total=None)
        yield (
            lambda line, done, total: bar.update(task, completed=done, total=total),
            lambda uri: bar.update(task, description=escape(f"{title} {uri[-48:]}")),
        )


if __name__ == "__main__":
    run()
