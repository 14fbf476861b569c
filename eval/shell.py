"""The edge of eval's commands: a Fault is one line on standard error and an exit code, as in `rag.__main__`."""

import typer
from rich.console import Console

from rag.errors import Fault, UsageFault

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def command(app: typer.Typer) -> None:
    """Run `app`; exit 2 for wrong use, 1 for any other fault."""
    try:
        app()
    except Fault as fault:
        err.print(str(fault), markup=False)
        raise SystemExit(2 if isinstance(fault, UsageFault) else 1) from fault
