"""A run that a person drives at the terminal: the screen, then a line to type a command on."""

import sys
from dataclasses import replace

from rich.markup import escape

from rag.answering.engine import Parts
from rag.answering.plan import undivided
from rag.answering.policy_hand import HandPolicy
from rag.cli.terminal import err

HELP = (
    "Search WORDS · Clicked on link N · Find in page: WORDS · Quote: TEXT (start━end) · Scrolled down N · Scrolled up N"
    " · Top · Back · End: Answer · End: Abstain"
)


def driven(parts: Parts) -> Parts:
    """`parts` with whoever sits at the terminal as the policy; the answer is written and checked as any other."""
    return replace(parts, policy=HandPolicy(_asked, parts.limits.steps), kind=undivided(parts.kind))


def _asked(screen: str) -> str:
    """Screens go to standard error, so that standard output holds the answer alone. Raises EOFError."""
    err.print(f"\n{escape(screen)}\n[dim]{HELP}[/]")
    return err.input("[bold]>[/] ") if sys.stdin.isatty() else input()
