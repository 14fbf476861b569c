"""`vouch watch`: an index that follows a folder, as files come, change, move and go."""

import os
import queue
import signal
from collections.abc import Iterator, Set
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from rich.markup import escape
from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from rag.answering import adding
from rag.cli.terminal import IndexName, err, opened_index
from rag.config import Config, load
from rag.errors import UsageFault
from rag.index.index import Index
from rag.messages import english
from rag.sources import archive
from rag.sources.ingest import survey

QUIET = 1.0  # seconds without an event before what changed is read: a file is written in many steps
CHANGES = ("created", "modified", "moved", "deleted", "closed")
STOP = ""  # among paths, it ends the watch


class _Changes(FileSystemEventHandler):
    """Tells the paths of what changed."""

    def __init__(self, told: "queue.Queue[str]") -> None:
        self._told = told

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type in CHANGES and not (event.is_directory and event.event_type == "modified"):
            for path in (str(event.src_path), str(event.dest_path)):
                if path:
                    self._told.put(path)


def watch(
    folder: Annotated[Path, typer.Argument(help="What is under it is kept in the index, as it is at every moment.")],
    index: IndexName = "",
) -> None:
    """Keep an index up to date with a folder until Ctrl-C: files that come, change, move or go are read or taken out a
    second after the last of it."""
    config, root = load(), Path(os.path.normpath(folder.expanduser().absolute()))
    told: queue.Queue[str] = queue.Queue()

    def end(_number: int, _frame: FrameType | None) -> None:
        told.put(STOP)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    with opened_index(config, index, create=True) as opened, _telling(root, told):
        for line in followed(root, opened, config, told):
            err.print(escape(line), soft_wrap=True)


@contextmanager
def _telling(root: Path, told: "queue.Queue[str]") -> Iterator[None]:
    """Meanwhile the paths of what changes under `root` are told. Raises UsageFault where it cannot be watched."""
    observer = Observer()
    try:
        observer.schedule(_Changes(told), str(root), recursive=True)
        observer.start()
    except OSError as error:
        raise UsageFault("watch.not_watched", folder=root, error=error.strerror or error) from error
    try:
        yield
    finally:
        observer.stop()
        observer.join()


def followed(root: Path, index: Index, config: Config, told: "queue.Queue[str]") -> Iterator[str]:
    """What is done, a line each, until STOP is told: all of `root` is brought up to date, then what is told of. Raises
    UsageFault where `root` is gone, as on a disk that was taken out; its sources then stay."""
    yield from brought({root}, root, index, config)
    yield english("watch.watching", folder=root)
    while True:
        changed = [told.get()]
        while STOP not in changed:
            try:
                changed.append(told.get(timeout=QUIET))
            except queue.Empty:
                break
        if STOP in changed:
            return
        yield from brought({Path(path) for path in changed}, root, index, config)


def brought(paths: Set[Path], root: Path, index: Index, config: Config) -> Iterator[str]:
    """Bring what is at or under `paths`, all under `root`, up to date: take out sources whose file is gone, read what
    is there. A line each for what came, changed, went or failed."""
    if not root.is_dir():
        raise UsageFault("watch.not_watched", folder=root, error=english("watch.gone"))
    there = [uri for uri in survey(str(root)).uris if _is_under(uri, paths)]
    for page in index.pages():
        if page.uri not in there and _is_under(page.uri, paths):
            adding.remove(page.uri, index)
            yield f"removed {page.uri}"
    for outcome in adding.add(there, index, config) if there else ():
        if outcome.status in ("added", "replaced", "failed"):
            yield f"{outcome.status} {outcome.uri}" + (f": {outcome.error}" if outcome.error else "")


def _is_under(uri: str, paths: Set[Path]) -> bool:
    at = Path(archive.split(uri)[0])
    return at in paths or not paths.isdisjoint(at.parents)
