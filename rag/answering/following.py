"""An index that follows a folder: what comes, changes, moves and goes there is so in the index a second later."""

import os
import queue
import threading
from collections.abc import Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from rag.answering import adding
from rag.config import Config, expanded
from rag.errors import UsageFault
from rag.index.index import Index
from rag.messages import english
from rag.sources import archive
from rag.sources.ingest import survey

QUIET = 1.0  # seconds without an event before what changed is read: a file is written in many steps
CHANGES = ("created", "modified", "moved", "deleted", "closed")


@dataclass(frozen=True, slots=True)
class Change:
    """What was done of one source; `status` is as of an Outcome, or "removed"."""

    status: str
    uri: str
    error: str = ""


@dataclass(slots=True)
class Folder:
    """A folder that is followed. `settled` is set while all that was told of it is in the index."""

    root: Path
    settled: threading.Event = field(default_factory=threading.Event)
    _ended: threading.Event = field(default_factory=threading.Event)
    _told: "queue.Queue[str]" = field(default_factory=queue.Queue)

    @staticmethod
    def at(path: Path | str) -> "Folder":
        """By any way of writing its path."""
        return Folder(Path(os.path.normpath(expanded(path).absolute())))

    def end(self) -> None:
        """Let `follow` end, after the source that is being read. Any thread, also a signal's."""
        self._ended.set()
        self._told.put("")

    def follow(self, index: Index, config: Config) -> Iterator[Change]:
        """What is done until `end` is called: all of the folder is brought up to date, then what changes in it. Raises
        UsageFault where it is not there or cannot be watched, as on a disk that was taken out; its sources then
        stay."""
        with self._telling():
            changed = {str(self.root)}
            while True:
                for change in brought({Path(path) for path in changed}, self.root, index, config):
                    if change.status in ("added", "replaced", "removed", "failed"):
                        yield change
                    if self._ended.is_set():
                        return
                self.settled.set()
                changed = {self._told.get()}
                self.settled.clear()
                while not self._ended.is_set():
                    try:
                        changed.add(self._told.get(timeout=QUIET))
                    except queue.Empty:
                        break
                if self._ended.is_set():
                    return

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Meanwhile the paths of what changes are told."""
        observer = Observer()
        try:
            observer.schedule(_Changes(self._told), str(self.root), recursive=True)
            observer.start()
        except OSError as error:
            raise UsageFault("watch.not_watched", folder=self.root, error=error.strerror or error) from error
        try:
            yield
        finally:
            observer.stop()
            observer.join()


class _Changes(FileSystemEventHandler):
    """Tells the paths of what changed."""

    def __init__(self, told: "queue.Queue[str]") -> None:
        self._told = told

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type in CHANGES and not (event.is_directory and event.event_type == "modified"):
            for path in (str(event.src_path), str(event.dest_path)):
                if path:
                    self._told.put(path)


def brought(paths: Set[Path], root: Path, index: Index, config: Config) -> Iterator[Change]:
    """Bring what is at or under `paths`, all under `root`, up to date: take out sources whose file is gone, read what
    is there. Raises UsageFault where `root` is gone."""
    if not root.is_dir():
        raise UsageFault("watch.not_watched", folder=root, error=english("watch.gone"))
    there = [uri for uri in survey(str(root)).uris if _is_under(uri, paths)]
    for page in index.pages():
        if page.uri not in there and _is_under(page.uri, paths):
            adding.remove(page.uri, index)
            yield Change("removed", page.uri)
    for outcome in adding.add(there, index, config) if there else ():
        yield Change(outcome.status, outcome.uri, outcome.error)


def _is_under(uri: str, paths: Set[Path]) -> bool:
    at = Path(archive.split(uri)[0])
    return at in paths or not paths.isdisjoint(at.parents)
