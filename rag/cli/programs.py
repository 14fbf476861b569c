"""`vouch app`, `demo`, `build`, `migrate` and `models`: programs of their own, started by name so that they are there
wherever `vouch` is.

The page and the recipes stand upon rag, which does not import them; each takes the place of this process.
"""

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from rag.config import REPOSITORY

PAGE = REPOSITORY / "app" / "main.py"
# Whatever stands after the name is the program's own, its --help too.
PASSED = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
Port = Annotated[int, typer.Option(min=1, max=65535, help="Of the page.")]


def page(context: typer.Context, port: Port = 8501) -> None:
    """Serve the page at http://127.0.0.1:8501. Further options are Streamlit's: --server.address and the like."""
    _become("streamlit", ["run", str(PAGE), f"--server.port={port}", *context.args])


def demo(context: typer.Context) -> None:
    """Make the demo's index, or bring it up to date."""
    _become("indexes.demo", context.args)


def build(context: typer.Context) -> None:
    """Build an index from a recipe, or bring it up to date: `vouch build --help`."""
    _become("indexes.build", context.args)


def migrate(context: typer.Context) -> None:
    """Embed an index anew, or move its vectors: `vouch migrate --help`."""
    _become("indexes.migrate", context.args)


def models(context: typer.Context) -> None:
    """Fetch and verify the local models: `vouch models --help`."""
    _become("rag.models", context.args)


def _become(module: str, arguments: Sequence[str]) -> None:
    os.execv(sys.executable, [sys.executable, "-P", "-m", module, *arguments])  # -P: no folder of the user's shadows it
