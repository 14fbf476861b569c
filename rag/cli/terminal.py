"""What all commands share: the two consoles, the common options, an open index, one object on standard output."""

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from textwrap import indent
from typing import Annotated, Any

import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.markup import escape
from rich.segment import Segment

from rag import wiring
from rag.answering.engine import Parts
from rag.answering.live import FusedEngine, LiveEngine
from rag.config import Config, expanded
from rag.errors import Setback, UsageFault
from rag.index.files import current_build, index_folder
from rag.index.index import Index
from rag.index.selection import SelectedIndex, selection
from rag.messages import say
from rag.protocols import Embedder, Reader
from rag.server.client import Client, find
from rag.sources.kinds import media_types
from rag.text.locator import cite
from rag.types import Answer, Answered, Event, Hit, Judged, Quote, Selection, Step, Wrote

ICONS = {"supported": "✓", "unsupported": "✗", "contradicted": "≠", "unjudged": "?"}
_CONTROLS = {code: "" for code in (*range(10), *range(11, 32), *range(127, 160))}  # all but the line's end


class PlainConsole(Console):
    """Styles of its own, and nothing that a page, a name of a file or a server could say to the terminal."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=segment.text.translate(_CONTROLS))


out, err = PlainConsole(highlight=False), PlainConsole(stderr=True, highlight=False)

IndexName = Annotated[str, typer.Option("--index", help="The index to use; the configuration's when not given.")]
OnWeb = Annotated[
    bool, typer.Option("--web", help="Search the live web too, by the engine of [web] in vouch.toml; see README.")
]
Searched = Index | SelectedIndex | FusedEngine | LiveEngine
Only = Annotated[
    list[str] | None,
    typer.Option(
        "--only",
        metavar="SOURCE",
        help="Only of this source: its address or title, the beginning of its address (a folder, a site), or a pattern"
        " with * for either. Repeatable.",
    ),
]
OfKind = Annotated[list[str] | None, typer.Option("--kind", help="Only of this kind: pdf, html, docx, … Repeatable.")]
Tagged = Annotated[
    list[str] | None,
    typer.Option("--tag", metavar="NAME", help="Only of what has this tag, or another of these. Repeatable."),
]
Since = Annotated[str, typer.Option(metavar="DATE", help="Only of pages dated then or later: 2024, 2024-05 or a day.")]
Until = Annotated[str, typer.Option(metavar="DATE", help="Only of pages dated then or earlier.")]
Local = Annotated[bool, typer.Option("--local", help="With models of its own, though `vouch serve` runs.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def server_for(config: Config, local: bool) -> Client | None:
    """The running server to ask in place of models of one's own, which is said; None where there is none, or it is to
    be `local`. Why one that runs is not asked is said too."""
    if local:
        return None
    found, why = find(config)
    if found:
        err.print(f"[dim]asked of the server at {found.server.address} (--local: of models of its own)[/]")
    elif why:
        err.print(f"[yellow]answered here: {escape(why)}[/]", soft_wrap=True)
    return found


@contextmanager
def opened_index(config: Config, name: str, create: bool = False) -> Iterator[Index]:
    """The index of that name, or the configuration's. Raises IndexFault."""
    name = name or config.index
    with wiring.index(config, name, wiring.embedder(config, name), create=create) as opened:
        yield opened


@contextmanager
def opened_for(config: Config, name: str, web: bool, create: bool = False) -> Iterator[tuple[Embedder, Index | None]]:
    """The embedder and the index; on the `web` the configured index may be missing. Raises IndexFault."""
    folder = index_folder(config.built, name or config.index)
    embedder = wiring.embedder(config, folder.name)
    if web and not name and not create and current_build(folder) is None:
        yield embedder, None
        return
    with wiring.index(config, folder.name, embedder, create=create) as opened:
        yield embedder, opened


def asking_parts(
    config: Config,
    index: Index | None,
    embedder: Embedder,
    reader: Reader,
    web: bool,
    only: Selection | None = None,
) -> Parts:
    """All of one run, over the live `web` too where that is wanted. Raises ConfigFault; UsageFault where `only` selects
    nothing, or is asked of the web."""
    if web:
        if only:
            raise UsageFault("selection.web")
        return wiring.live_parts(config, index, reader, embedder)
    assert index is not None  # only on the web may it be missing
    return wiring.parts(config, index, reader, only)


def chosen(
    only: Sequence[str] | None,
    kinds: Sequence[str] | None = None,
    since: str = "",
    until: str = "",
    tags: Sequence[str] | None = None,
) -> Selection | None:
    """What these options select; None where none was given. Raises UsageFault."""
    return selection([_named(one) for one in only or ()], media_types(kinds or ()), since, until, tags or ())


def _named(source: str) -> str:
    """A path that is there as the index knows it: absolute, a folder with a slash at its end."""
    path = expanded(source)
    if not path.exists():
        return source
    return Path(os.path.normpath(path.absolute())).as_posix() + ("/" if path.is_dir() else "")


def searched(engine: Searched, query: str, k: int) -> Sequence[Hit]:
    """The hits; setbacks on the way are shown."""
    hits, failures = list[Hit](), list[Setback]()
    try:
        hits = engine.search(query, k)
    except Setback as failure:
        failures.append(failure)
    if isinstance(engine, FusedEngine | LiveEngine):
        failures += engine.setbacks()
    for told in failures:
        err.print(f"[yellow]{escape(str(told))}[/]", soft_wrap=True)
    return hits


def told(events: Iterable[Event], quiet: bool) -> Answer:
    """What a run comes to; what it does meanwhile is shown on standard error, unless it is to be `quiet`. Raises
    Fault."""
    answer: Answer | None = None
    for event in events:
        match event:
            case Answered(found):
                if found.status == "abstained" and found.draft and not quiet:
                    err.print("\n[yellow]What stands above was a draft; it is taken back.[/]")
                answer = found
            case Step() if not quiet:
                show_step(event)
            case Wrote(text) if not quiet:
                err.print(escape(text), end="", style="dim")
            case Judged(index=0) if not quiet:
                err.print()
            case _:
                pass
    assert answer is not None  # every run ends with one
    return answer


def show_step(step: Step) -> None:
    detail = " ".join(step.detail.split())
    err.print(f"[dim]{step.seconds:5.1f} s[/]  {step.action:8} {escape(detail[:100])}", soft_wrap=True)


def show_answer(answer: Answer) -> None:
    out.print()
    if answer.status == "abstained":
        out.print(f"[yellow]{escape(say(answer.language, 'refused.answer', reason=answer.reason))}[/]")
    else:
        for sentence in answer.sentences:
            marks = "".join(f"[{mark}]" for mark in sentence.citations)
            verdict = sentence.verdict
            shown = "" if verdict.probability is None else f" {verdict.probability:.2f}"
            label = f"{ICONS[verdict.label]} {verdict.label}{shown}" if not sentence.computation else "= computed"
            out.print(f"{escape(sentence.text + marks)}  [dim]{label}[/]")
            if sentence.computation:
                out.print(f"[dim]{escape(indent(sentence.computation.program, '    '))}[/]")
    for conflict in answer.conflicts:
        out.print(f"\n[magenta]≠ sources disagree: {escape(conflict.differs)}[/]")
        for side in (conflict.left, conflict.right):
            read = f"read {side.read_at[:10]}" if side.read_at else "undated"
            when = f"written {side.date[:10]}" if side.date else read
            out.print(f"  {escape(f'[{side.quote}]')} [dim]{escape(side.title or side.source)}, {when}[/]")
            out.print(f"      {escape(' '.join(side.text.split()))}")
    if answer.status == "abstained" and answer.extract:
        out.print(f"[dim]Nearest: \\[{answer.extract.quote}] {escape(' '.join(answer.extract.text.split()))}[/]")
    cited = {number for sentence in answer.sentences for number in sentence.citations}
    used = [quote for quote in answer.quotes if quote.id in cited]
    used += [quote for quote in answer.quotes if quote.superseded and quote not in used]
    for quote in used or answer.quotes:
        out.print()
        show_quote(quote, answer.language)
    _show_samples(answer.metrics)
    if answer.stopped:
        out.print(f"\n[dim]reading ended with the budget of {escape(answer.stopped)}[/]")
    faithful = answer.metrics["faithfulness"]
    sure, needed = answer.metrics.get("answerable"), answer.metrics.get("answerable_needed")
    told = f"sure of it {sure:.0%} (needed {needed:.0%}); " if sure is not None and needed is not None else ""
    out.print(f"\n[dim]{told}supported {escape(str(faithful))}; {answer.timings['total']:.1f} s; {answer.id}[/]")


def _show_samples(metrics: Mapping[str, Any]) -> None:
    """How far other drafts agreed, and what the reward said of them, where there were any."""
    if "agreement" in metrics:
        scatter = f"semantic entropy {metrics['semantic_entropy']:.2f}"
        out.print(f"\n[dim]{escape(str(metrics['agreement']))} of the samples agree; {scatter}[/]")
    if "reward" in metrics:
        chosen, first = metrics["reward"], metrics["reward_of_first"]
        of = f"{metrics['candidates']} drafts, reward version {metrics['reward_version']}"
        out.print(f"[dim]the best of {of}: {chosen:+.2f}, the first {first:+.2f}[/]")


def show_quote(quote: Quote, language: str) -> None:
    where = cite(quote.locator, language) or f"{quote.start}–{quote.end}"
    out.print(f"[dim]\\[{quote.id}] {escape(quote.title or quote.uri)}, {where}[/]")
    out.print(f"    {escape(' '.join(quote.text.split()))}")
    if quote.superseded:
        out.print(f"    [magenta]{escape(say(language, 'quote.superseded', by=quote.superseded))}[/]")


def print_text(text: str) -> None:
    """On standard output to the letter, but for what could steer the terminal."""
    typer.echo(text.translate({**_CONTROLS, ord("\t"): "\t"}), nl=False)


def print_object(thing: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(thing, ensure_ascii=False) + "\n")
