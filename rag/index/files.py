"""How the room writes files, and where a build lies: ``<folder>/<build>/…`` with one line in ``<folder>/CURRENT``.

``<folder>/STAGED`` names in the same way the build that is being made. It is written before that build's folder and
goes after CURRENT has moved, so that a folder that neither names and that has no manifest is what a crash left.
"""

import errno
import json
import logging
import os
import re
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from rag.errors import IndexFault
from rag.messages import english

log = logging.getLogger("vouch.index")

CURRENT = "CURRENT"
STAGED = "STAGED"
STORE = "store.sqlite"
VECTORS = "vectors.faiss"
TERMS = "terms"
MANIFEST = "manifest.json"

_LOCK_SECONDS = 120.0
_FOLDER = re.compile(r"\w[^/\\:*?\"<>|\x00-\x1f\x7f]*")
_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))}
_LONGEST = 200  # bytes
_NAME = re.compile(r"[\w-]+")  # one folder beside CURRENT, never a way out of it


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def new_build(after: str = "") -> str:
    """A name that sorts by time, to the microsecond, and that two processes never share; behind the build `after`, also
    where the clock was set back since that was made."""
    moment = datetime.now(UTC)
    if after[:16] >= f"{moment:%Y%m%dT%H%M%SZ}":
        moment = datetime.strptime(f"{after[:15]}+0000", "%Y%m%dT%H%M%S%z") + timedelta(seconds=1)
    return f"{moment:%Y%m%dT%H%M%SZ}-{moment.microsecond:05x}{secrets.token_hex(2)}"


def current_build(folder: Path) -> str | None:
    """The build CURRENT names, or None where there is no index yet. Raises IndexFault where CURRENT is damaged: to take
    that for "none yet" would begin an empty index over the one that is there."""
    path = folder / CURRENT
    name = _named(path)
    if name is not None and not _NAME.fullmatch(name):
        said = english("index.pointer_names_none")
        raise IndexFault("index.pointer", path=path, error=said, name=folder.name)
    return name


def staged_build(folder: Path) -> str | None:
    """The build STAGED names: one that is being made, or that a crash or a failed check left. None otherwise, also
    where STAGED is damaged: what it named can be made again."""
    try:
        name = _named(folder / STAGED)
    except IndexFault as fault:
        log.warning("%s", fault)
        return None
    return name if name and _NAME.fullmatch(name) else None


def _named(path: Path) -> str | None:
    try:
        return path.read_text("utf-8").strip()
    except FileNotFoundError:
        return None
    except NotADirectoryError as error:
        raise IndexFault("index.no_folder", path=path.parent, error=error.strerror) from error
    except (OSError, UnicodeDecodeError) as error:
        if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
            raise IndexFault("index.no_folder", path=path.parent, error=error.strerror) from error
        raise IndexFault("index.pointer", path=path, error=error, name=path.parent.name) from error


def index_folder(root: Path, name: str) -> Path:
    """Where the index `name` lies under `root`. Raises IndexFault for a name that is no folder directly in it, or that
    no file system has on all machines."""
    stem = name.partition(".")[0].casefold()
    if not _FOLDER.fullmatch(name) or name.endswith((" ", ".")) or stem in _DEVICES or len(name.encode()) > _LONGEST:
        raise IndexFault("index.bad_name", name=name[:80])
    return root / name


def index_names(root: Path) -> list[str]:
    """The indexes under `root`, sorted."""
    return sorted(path.parent.name for path in root.glob(f"*/{CURRENT}"))


def replace_text(path: Path, text: str) -> None:
    """Write `path` so that a reader, or a crash, sees the old text or the new one and nothing between.

    Raises IndexFault where the disk is full or the folder cannot be written to.
    """
    with write_faults(path), scratch(path) as draft:
        draft.write_text(text, "utf-8")


@contextmanager
def write_faults(path: Path) -> Iterator[None]:
    """What goes wrong while `path` is written leaves here as an IndexFault. FAISS raises RuntimeError for it."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        raise IndexFault("index.unwritable", path=path, error=error) from error


def replace_json(path: Path, value: Any) -> None:
    replace_text(path, json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True) + "\n")


@contextmanager
def scratch(path: Path) -> Iterator[Path]:
    """A file beside `path` to fill; it takes the place of `path`, flushed to the disk, when the block ends well."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        yield draft
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.replace(path)
        _sync_folder(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # folders cannot be flushed there
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class WriterLock:
    """Held while the index is written, by one thread of one process at a time; the system lets go when it dies."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._threads = threading.RLock()
        self._processes = FileLock(folder / ".lock", thread_local=False)

    @contextmanager
    def held(self) -> Iterator[None]:
        """May be nested. Raises IndexFault when another process holds it for too long, or the folder is read-only."""
        with self._threads:
            try:
                self._processes.acquire(timeout=_LOCK_SECONDS)
            except Timeout as error:
                raise IndexFault("index.busy", folder=self._folder, seconds=f"{_LOCK_SECONDS:.0f}") from error
            except OSError as error:
                raise IndexFault("index.folder_unwritable", folder=self._folder, error=error.strerror) from error
            try:
                yield
            finally:
                self._processes.release()
