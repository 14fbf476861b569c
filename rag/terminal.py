"""What all commands share: the two consoles, the common options, an open index, one object on standard output."""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from rag import wiring
from rag.config import Config
from rag.index.index import Index
from rag.types import Step

out, err = Console(highlight=False), Console(stderr=True, highlight=False)

IndexName = Annotated[str, typer.Option("--index", help="The index to use; the configuration's when not given.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@contextmanager
def opened_index(config: Config, name: str, create: bool = False) -> Iterator[Index]:
    """The index of that name, or the configuration's. Raises IndexFault."""
    with wiring.index(config, name or config.index, wiring.embedder(config), create=create) as opened:
        yield opened


def show_step(step: Step) -> None:
    detail = " ".join(step.detail.split())
    err.print(f"[dim]{step.seconds:5.1f} s[/]  {step.action:8} {escape(detail[:100])}", soft_wrap=True)


def print_object(thing: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(thing, ensure_ascii=False) + "\n")
