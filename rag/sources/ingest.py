"""Targets -> pages and chunks on their way to the index, one outcome a source. A failing source stops no other."""

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from rag.config import FetchConfig, expanded
from rag.errors import GoneFault, SourceFault
from rag.sources import archive, rendering
from rag.sources.chunk import chunk
from rag.sources.edge import one_source, shown
from rag.sources.fetch import Fetched, fetch
from rag.sources.kinds import EXTENSIONS, READABLE
from rag.sources.stopping import NEVER, until_stopped
from rag.types import Chunk, Page

Status = Literal["added", "replaced", "unchanged", "failed", "skipped"]
Shelve = Callable[[Iterable[tuple[Page, list[Chunk]]]], Iterator[tuple[str, str]]]
TokenEnds = Callable[[str], Sequence[int]]

_STATUSES: dict[str, Status] = {"added": "added", "replaced": "replaced", "unchanged": "unchanged"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one source ended. `error` is a sentence where status is "failed" (or "skipped": files of a folder
    that were left alone), or on what reading left out. `done` of `total` sources have ended; the skipped ones count as
    neither."""

    uri: str
    status: Status
    title: str
    chunks: int
    error: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Found:
    """What a target holds: the uris to read, and a sentence on what a folder holds besides ("" if nothing)."""

    uris: tuple[str, ...]
    skipped: str = ""


def find(target: str) -> list[str]:
    """The uris behind a URL, a file or a folder. See `survey`."""
    return list(survey(target).uris)


def survey(target: str) -> Found:
    """The uris behind a target: a URL is itself, a file its absolute POSIX path, a zip archive every readable file in
    it, a folder every readable file under it, sorted; hidden files and unknown extensions are counted instead.

    Raises SourceFault where there is nothing to read.
    """
    if not target.strip():
        raise SourceFault("An empty name stands for nothing. Give the path of a file or folder, or a web address.")
    split = urlsplit(target)
    if split.scheme in ("http", "https"):
        return Found((target,))
    if "://" in target and split.scheme != "file":
        raise SourceFault(f"{target} is neither a file nor an http address. Give a path, or an address with https://…")
    named = expanded(unquote(split.path) if split.scheme == "file" else target)
    path = Path(os.path.normpath(named.absolute()))  # not resolved: a link is the name the user knows
    if path.is_dir():
        return _folder(path)
    if path.is_file():
        return _packed(path) if path.suffix.lower() == archive.ENDING else Found((path.as_posix(),))
    what = "is not a regular file" if path.exists() else "does not exist"
    raise SourceFault(f"{shown(str(path))} {what}. Give the path of a file or folder, or a web address.")


def read(uri: str, config: FetchConfig) -> Page:
    """The page behind a uri that `find` gave. Raises SourceFault, naming the uri and the remedy."""
    with one_source(uri):
        return rendering.read(_fetched(uri, config), config)[0]


def _fetched(uri: str, config: FetchConfig, stop: threading.Event = NEVER) -> Fetched:
    if uri.startswith(("http://", "https://")):
        return until_stopped(lambda: fetch(uri, config), uri, stop)
    return Fetched(uri, "", "", content(uri, config), datetime.now(UTC).isoformat(timespec="seconds"))


def ingest(
    targets: Sequence[str],
    shelve: Shelve,
    token_ends: TokenEnds,
    aim: int,
    limit: int,
    config: FetchConfig,
    keep: Callable[[Page, bytes], None] = lambda page, content: None,
    begin: Callable[[str], None] = lambda uri: None,
    stop: threading.Event = NEVER,
) -> Iterator[Outcome]:
    """Read, chunk and shelve every source behind `targets`, each once, yielding an Outcome as each one ends. `begin` is
    told each source before it is read, `keep` is given each page with the bytes it was read from. Once `stop` is set,
    the source that is being read fails, what was read before it is shelved, and the rest is not begun.

    `shelve` pulls (page, chunks) pairs when it wants them and yields (uri, "added" | "replaced" | "unchanged")
    once they are durable, in groups of any size. Failures met while it pulls are yielded before what it yields
    next. A Fault that is no SourceFault (the index, the embedder) ends the whole.
    """
    run = _Run(targets, token_ends, aim, limit, config, keep, begin, stop)
    yield from run.ended()
    for uri, status in shelve(run.pairs()):
        yield from run.ended()
        yield run.shelved(uri, status)
    yield from run.ended()


class _Run:
    """The count of one `ingest`: what was read and not yet shelved, and what failed and was not yet told."""

    def __init__(
        self,
        targets: Sequence[str],
        token_ends: TokenEnds,
        aim: int,
        limit: int,
        config: FetchConfig,
        keep: Callable[[Page, bytes], None],
        begin: Callable[[str], None],
        stop: threading.Event,
    ) -> None:
        self._keep, self._begin, self._stop = keep, begin, stop
        self._token_ends = token_ends
        self._aim = aim
        self._limit = limit
        self._config = config
        self._untold: list[tuple[str, Status, str]] = []
        self._read: dict[str, tuple[str, int, str]] = {}
        self._done = 0
        uris: dict[str, None] = {}
        failures = 0
        for target in dict.fromkeys(targets):
            try:
                with one_source(target):
                    found = survey(target)
            except SourceFault as fault:
                self._untold.append((shown(target), "failed", str(fault)))
                failures += 1
                continue
            uris |= dict.fromkeys(found.uris)
            if found.skipped:
                self._untold.append((target, "skipped", found.skipped))
        self._uris = list(uris)
        self._total = len(uris) + failures

    def pairs(self) -> Iterator[tuple[Page, list[Chunk]]]:
        """Each page that can be read, with its chunks; the others are noted."""
        for uri in self._uris:
            if self._stop.is_set():
                return
            self._begin(shown(uri))
            try:
                with one_source(uri):
                    fetched = _fetched(uri, self._config, self._stop)
                    page, fetched = rendering.read(fetched, self._config, self._stop)
                self._keep(page, fetched.content)
            except SourceFault as fault:
                self._untold.append((shown(uri), "failed", str(fault)))
                continue
            if page.uri in self._read:
                # Two addresses that redirect to one page.
                self._untold.append((uri, "skipped", f"{uri} leads to {page.uri}, which was read already."))
                self._total -= 1
                continue
            chunks = chunk(page, self._token_ends, self._aim, self._limit)
            self._read[page.uri] = (page.title, len(chunks), left_out(page))
            yield page, chunks

    def ended(self) -> Iterator[Outcome]:
        """What failed or was skipped since this was last asked."""
        while self._untold:
            uri, status, error = self._untold.pop(0)
            self._done += status == "failed"
            yield Outcome(uri, status, "", 0, error, self._done, self._total)

    def shelved(self, uri: str, status: str) -> Outcome:
        title, chunks, lacking = self._read[uri]
        self._done += 1
        return Outcome(uri, _STATUSES[status], title, chunks, lacking, self._done, self._total)


def left_out(page: Page) -> str:
    """A sentence on what of a source was not read; "" where all was."""
    return f"Not read of {page.uri}: {page.left_out}." if page.left_out else ""


def _folder(folder: Path) -> Found:
    uris: list[str] = []
    unknown: dict[str, int] = {}
    hidden = 0
    unreadable: list[str] = []
    for place, folders, names in os.walk(folder, onerror=lambda error: unreadable.append(str(error.filename))):
        hidden += sum(name.startswith(".") for name in (*folders, *names))
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in names:
            suffix = Path(name).suffix.lower()
            if name.startswith("."):
                continue
            if suffix in EXTENSIONS and (Path(place) / name).is_file():
                uris.append((Path(place) / name).as_posix())
            elif suffix == archive.ENDING:
                uris += _inside(Path(place) / name)
            else:
                unknown[suffix or "no extension"] = unknown.get(suffix or "no extension", 0) + 1
    skipped = _skipped(folder, unknown, hidden, unreadable)
    if not uris:
        raise SourceFault(f"{folder} holds no file that Vouch reads ({READABLE}). {skipped}".rstrip())
    return Found(tuple(sorted(uris)), skipped)


def _inside(path: Path) -> list[str]:
    """The sources in an archive; of one that cannot be unpacked itself, so that reading it says why."""
    try:
        return archive.members(path)[0]
    except SourceFault:
        return [path.as_posix()]


def _packed(path: Path) -> Found:
    uris, others = archive.members(path)
    if not uris:
        raise SourceFault(f"{path} holds no file that Vouch reads ({READABLE}).")
    return Found(tuple(uris), _skipped(path, {"other": others} if others else {}, 0, ()))


def _skipped(folder: Path, unknown: dict[str, int], hidden: int, unreadable: Sequence[str]) -> str:
    parts = []
    if unknown:
        kinds = ", ".join(f"{count} {suffix}" for suffix, count in sorted(unknown.items()))
        parts.append(f"{sum(unknown.values())} of other kinds ({kinds})")
    if hidden:
        parts.append(f"{hidden} hidden")
    if unreadable:
        parts.append(f"{len(unreadable)} folders without permission ({', '.join(unreadable[:3])})")
    said = f"Left alone in {folder}: {'; '.join(parts)}. Name a file itself to have it read." if parts else ""
    return shown(said)


def content(uri: str, config: FetchConfig) -> bytes:
    """The bytes of a file, after its size was looked at: 200 MB must not be read to be refused. Raises SourceFault;
    GoneFault where it is no longer there."""
    if shown(uri) != uri:
        raise SourceFault(
            f"The name of {shown(uri)} is not UTF-8, so it cannot be kept. Rename the file and add it again."
        )
    file, member = archive.split(uri)
    if member:
        return archive.read(file, member, config.max_megabytes)
    path = Path(uri)
    try:
        size = path.stat().st_size
        if size > config.max_megabytes * 1e6:
            raise SourceFault(
                f"{uri} has {size / 1e6:.0f} MB, over the limit of {config.max_megabytes:g} MB. "
                "Split it, or raise fetch.max_megabytes."
            )
        return path.read_bytes()
    except FileNotFoundError as error:
        raise GoneFault(f"{uri} is no longer there. Add it again from where it is now.") from error
    except PermissionError as error:
        raise SourceFault(f"{uri} may not be read: permission denied. Allow reading it, or add a copy.") from error
    except OSError as error:
        raise SourceFault(f"{uri} cannot be read ({error.strerror}). Check the disk, or add a copy.") from error
