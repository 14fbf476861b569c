"""`vouch reader`: keep the local reader running between commands, so that none of them has to load it."""

import os
import signal
from time import perf_counter

import typer
from rich.markup import escape

from rag import wiring
from rag.cli.terminal import AsJson, out, print_object
from rag.config import home, load
from rag.errors import UsageFault
from rag.generation import running
from rag.generation.local_reader import LocalReader
from rag.generation.running import Running

app = typer.Typer(no_args_is_help=True, help=__doc__)


@app.command()
def start(as_object: AsJson = False) -> None:
    """Load the configured local reader, unless it runs, and leave it running until `vouch reader stop`."""
    config, began = load(), perf_counter()
    if config.reader.kind != "local":
        raise UsageFault(f'The reader is of kind "{config.reader.kind}", and only a local one is kept running.')
    reader = wiring.reader(config, lasting=True)
    assert isinstance(reader, LocalReader)  # that is what "local" makes
    wiring.warm(reader)
    one = next(one for one in running.every(home()) if one.address == reader.server.address)
    if as_object:
        return print_object({"started": reader.server.started, **_facts(one)})
    took = f"ready after {perf_counter() - began:.1f} s" if reader.server.started else "was running"
    out.print(f"{took}: {escape(_line(one))}", soft_wrap=True)


@app.command()
def status(as_object: AsJson = False) -> None:
    """Which local readers run, and what each ends with."""
    found = running.every(home())
    if as_object:
        return print_object({"running": [_facts(one) for one in found]})
    for one in found:
        out.print(escape(_line(one)), soft_wrap=True)
    if not found:
        out.print("No local reader is running.")


@app.command()
def stop(as_object: AsJson = False) -> None:
    """Stop the readers that `vouch reader start` left running. Those of a page or a command end with it."""
    found = [one for one in running.every(home()) if not one.owner]
    for one in found:
        os.kill(one.pid, signal.SIGTERM)
        running.withdraw(home(), one)
    if as_object:
        return print_object({"stopped": [one.pid for one in found]})
    out.print(f"{len(found)} stopped" if found else "None was left running by `vouch reader start`.")


def _facts(one: Running) -> dict[str, object]:
    """All but the key."""
    return {"pid": one.pid, "owner": one.owner, "address": one.address, "identity": one.identity}


def _line(one: Running) -> str:
    until = f"ends with process {one.owner}" if one.owner else "until `vouch reader stop`"
    return f"process {one.pid} at {one.address}, {until}: {one.identity}"
