"""Nothing that a stranger wrote reaches the terminal as a command to it."""

import io

import pytest
from rich.markup import escape
from rich.table import Table

from rag.cli.terminal import PlainConsole

HOSTILE = "\x1b[31mred\x1b]0;owned\x07 \x9b2J \x08back\rline \x7f"


@pytest.mark.parametrize("coloured", [False, True])
def test_what_steers_a_terminal_is_left_out(coloured: bool) -> None:
    written = io.StringIO()
    console = PlainConsole(file=written, highlight=False, force_terminal=coloured, width=200)
    table = Table("name", box=None)
    table.add_row(escape(HOSTILE))
    console.print(f"[bold]{escape(HOSTILE)}[/]")
    console.print(table)
    said = written.getvalue()
    assert "owned" in said and ("\x1b[1m" in said) == coloured
    assert "\x1b]" not in said and "\x1b[31m" not in said
    assert not {"\x07", "\x08", "\r", "\x7f", "\x9b"} & set(said)
