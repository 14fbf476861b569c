"""`vouch setup`: which reader answers, what else could, how good that is here, and back."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from rag.cli.terminal import AsJson, err, out, print_object
from rag.config import Config, ReaderConfig, load
from rag.errors import Fault, UsageFault
from rag.generation.table import table
from rag.setup import choice, offers, trial
from rag.setup.offers import Offer
from rag.setup.trial import ABILITIES, OUTCOMES, Trial

Look = Annotated[bool, typer.Option("--look", help="Look for model servers on this machine, at their usual ports.")]


def setup(
    look: Look = False,
    address: Annotated[
        list[str] | None, typer.Option(metavar="URL", help="Ask this server too what it has; ends in /v1. Repeatable.")
    ] = None,
    tries: Annotated[
        bool, typer.Option("--try", help="Only try out what these servers have, and show a table.")
    ] = False,
    use: Annotated[str, typer.Option(metavar="READER", help="Try this one out and let it answer; no questions.")] = "",
    back: Annotated[bool, typer.Option("--back", help="Let the reader before the chosen one answer again.")] = False,
    offered: Annotated[bool, typer.Option("--list", help="Only list what could answer here.")] = False,
    as_object: AsJson = False,
) -> None:
    """Choose the reader: what is found here is offered, tried out on a few questions, and used from then on."""
    config = load()
    if back:
        return _go_back(as_object)
    asks = not (use or offered or tries or as_object)
    if asks:
        _tell_current(config, False)
        ports = ", ".join(f"{server.name} {server.port}" for server in table().servers)
        look = look or typer.confirm(f"Look for model servers on this machine ({ports})?", default=True)
    there = [offer for one in address or [] for offer in offers.at(one)]
    if tries:
        return _try_all(config, there, as_object)
    found = [*there, *offers.offers(look)]
    if use:
        return _use(config, chosen(found, use), as_object)
    if as_object:
        told = [{**_facts(offer.reader), **asdict(offer), "reader": offer.id} for offer in found]
        return print_object({"current": _facts(config.reader), "offers": told})
    out.print(_listed(found))
    if not asks:
        return
    number = typer.prompt("Try which one out? (0: none)", type=int, default=0)
    if not 1 <= number <= len(found):
        return
    offer = found[number - 1]
    leaves = offers.destination(offer.reader)
    if leaves and not typer.confirm(f"Questions and passages will be sent to {leaves}. Go on?", default=False):
        return
    tried = _tried(config, offer.reader)
    out.print(escape(shown(tried)), soft_wrap=True)
    if typer.confirm("Use it from now on?", default=True):
        choice.choose(trial.suited(offer.reader, tried), config.reader)
        _tell_current(load(), False)


def chosen(found: Sequence[Offer], named: str) -> Offer:
    """The offer of that number, id or model; or any GGUF file. Raises UsageFault."""
    if named.isdecimal() and 1 <= int(named) <= len(found):
        return found[int(named) - 1]
    for offer in found:
        if named in (offer.id, offer.reader.model):
            return offer
    if named.endswith(".gguf"):
        return Offer(ReaderConfig("local", named), "hub", "")
    known = ", ".join(offer.id for offer in found)
    raise UsageFault(
        f"Nothing here is called {named}. Take one of: {known}; --look finds servers; or name a .gguf file."
    )


def _go_back(as_object: bool) -> None:
    if choice.back() is None:
        raise UsageFault("No reader was chosen here, so there is none to go back to. Choose one: vouch setup")
    _tell_current(load(), as_object)


def _use(config: Config, offer: Offer, as_object: bool) -> None:
    tried = _tried(config, offer.reader)
    choice.choose(trial.suited(offer.reader, tried), config.reader)
    if as_object:
        return print_object({"current": _facts(load().reader), "trial": asdict(tried)})
    out.print(escape(shown(tried)), soft_wrap=True)
    _tell_current(load(), False)


def _try_all(config: Config, there: Sequence[Offer], as_object: bool) -> None:
    """Each that answers, as rows of Markdown. Raises UsageFault where there is none."""
    if not there:
        raise UsageFault("No server answers at --address. Start it, and give the address that ends in /v1.")
    headings = ["reader", "at", "reads tokens/s", "writes tokens/s", "s an answer", *ABILITIES, *OUTCOMES]
    rows, told = [headings, ["---"] * len(headings)], []
    for offer in there:
        reader = offer.reader
        try:
            tried = _tried(config, reader)
        except Fault as fault:
            err.print(escape(str(fault)), soft_wrap=True)
            continue
        rates = [f"{rate:.1f}" if rate else "–" for rate in (tried.prompt_rate, tried.output_rate, tried.seconds)]
        able = ["yes" if getattr(tried, name) else "–" for name in ABILITIES]
        counts = [str(tried.count(outcome)) for outcome in OUTCOMES]
        rows.append([reader.model, reader.address, *rates, *able, *counts])
        told.append({**_facts(reader), "trial": asdict(tried)})
    if as_object:
        return print_object({"tried": told})
    for row in rows:
        out.print(escape(f"| {' | '.join(row)} |"), soft_wrap=True)


def _tried(config: Config, reader: ReaderConfig) -> Trial:
    def tell(what: str, done: int, total: int) -> None:
        if err.is_terminal:
            err.print(f"{what} {done}/{total}", end="\r", markup=False)

    return trial.try_out(reader, config, tell)


def _tell_current(config: Config, as_object: bool) -> None:
    if as_object:
        return print_object({"current": _facts(config.reader)})
    out.print(f"Reader: {escape(describe(config.reader))}", soft_wrap=True)


def describe(reader: ReaderConfig) -> str:
    """Which reader it is and where what it is asked goes, in a line."""
    leaves = offers.destination(reader)
    where = f"questions and passages are sent to {leaves}" if leaves else "nothing leaves this machine"
    return f"{reader.model}{f' at {reader.address}' if reader.address else ''}; {where}"


def _facts(reader: ReaderConfig) -> dict[str, Any]:
    return {"model": reader.model, "address": reader.address, "sent_to": offers.destination(reader)}


def shown(tried: Trial) -> str:
    """What a trial came to, in a line."""
    rates = [("reads", tried.prompt_rate), ("writes", tried.output_rate)]
    speed = ", ".join(f"{verb} {rate:.0f} tokens/s" for verb, rate in rates if rate)
    counts = ", ".join(f"{tried.count(one)} {one}" for one in OUTCOMES)
    asked = f"of {len(tried.outcomes)} questions {counts}" if tried.outcomes else "no demo index to ask questions of"
    able = [name for name in ABILITIES if getattr(tried, name)]
    cut = f"reads {tried.window} tokens at most" if tried.window else ""
    return "; ".join(filter(None, [speed, asked, ", ".join(able), cut]))


def _listed(found: Sequence[Offer]) -> Table:
    shown = Table(
        "", "reader", "from", "sent to", "to fetch", "an answer takes", "tried here", box=None, pad_edge=False
    )
    for number, offer in enumerate(found, 1):
        tried = trial.kept(offer.reader)
        expected = f"~{offer.seconds:.0f} s" if offer.seconds else "?"
        shown.add_row(
            str(number),
            escape(offer.reader.model),
            escape(offer.by),
            escape(offers.destination(offer.reader) or "–"),
            f"{offer.gigabytes:.1f} GB" if offer.gigabytes else "–",
            f"{tried.seconds:.0f} s" if tried and tried.seconds else expected,
            f"{tried.count('right')}/{len(tried.outcomes)} right" if tried and tried.outcomes else "",
        )
    return shown
