"""`vouch watch`: an index that follows a folder, as files come, change, move and go."""

import signal
import threading
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from rich.markup import escape

from rag.answering.following import Folder
from rag.cli.terminal import IndexName, err, opened_index
from rag.config import load
from rag.messages import english


def watch(
    folder: Annotated[Path, typer.Argument(help="What is under it is kept in the index, as it is at every moment.")],
    index: IndexName = "",
) -> None:
    """Keep an index up to date with a folder until Ctrl-C: files that come, change, move or go are read or taken out a
    second after the last of it."""
    config, followed = load(), Folder.at(folder)

    def end(_number: int, _frame: FrameType | None) -> None:
        followed.end()

    def say() -> None:
        followed.settled.wait()
        err.print(escape(english("watch.watching", folder=followed.root)), soft_wrap=True)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    threading.Thread(target=say, daemon=True).start()
    with opened_index(config, index, create=True) as opened:
        for change in followed.follow(opened, config):
            told = f"{change.status} {change.uri}" + (f": {change.error}" if change.error else "")
            err.print(escape(told), soft_wrap=True)
