"""Builds beside the current one: begun, taken up again after a crash, brought up to date, gone back to, cleared away.

A rebuild works on one staged build, which starts as a copy of the current one. What is added by hand meanwhile goes to
the current build, and is brought over when the staged one takes its place.
"""

import logging
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from rag.errors import IndexFault
from rag.index import places
from rag.index.build import Build
from rag.index.files import (
    CURRENT,
    MANIFEST,
    STAGED,
    STORE,
    TERMS,
    WriterLock,
    current_build,
    new_build,
    now,
    replace_text,
    staged_build,
    write_faults,
)
from rag.index.inherit import inherit
from rag.index.store import Store
from rag.messages import english
from rag.protocols import Embedder

log = logging.getLogger("vouch.index")

BASE = "base"
FAILED = "failed"
_GONE = ".gone-"
_BUILD = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6,9}")
_SCRATCH = re.compile(r"\.[A-Za-z]+(?:\.[a-z]+)?\.[0-9a-f]{8}")
_ROOM = 1.5
"""A build wants this many times the room of the one it is copied from: the copy, new caches, and what SQLite logs."""


@contextmanager
def rebuilding(folder: Path) -> Iterator[None]:
    """Held by the one process that rebuilds, rolls back or prunes this index. Raises IndexFault where one does."""
    with write_faults(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".rebuild.lock", thread_local=False)
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise IndexFault("index.being_rebuilt", name=folder.name) from error
    try:
        yield
    finally:
        lock.release()


def release_stage(folder: Path) -> None:
    """Take STAGED away where it names the current build, or nothing that is there."""
    name = staged_build(folder)
    if name and (name == current_build(folder) or not (folder / name).exists()):
        (folder / STAGED).unlink(missing_ok=True)


def drop_stage(folder: Path) -> None:
    """Delete the staged build, if there is one."""
    name = staged_build(folder)
    if name and name != current_build(folder):
        (folder / name / MANIFEST).unlink(missing_ok=True)
        remove_build(folder, name)
    (folder / STAGED).unlink(missing_ok=True)


def usable_stage(folder: Path, embedder: Embedder) -> bool:
    """Whether a broken-off build is there that can be gone on with: of this embedder, copied from the current build,
    and not one that failed its checks."""
    name = staged_build(folder)
    if name is None or name == current_build(folder) or not (folder / name / STORE).exists():
        return False
    try:
        store = Store(folder / name / STORE)
    except IndexFault:  # it was broken off before it had been begun
        return False
    begun = store.origins.noted(BASE) == _base_name(current_build(folder))
    usable = begun and store.identity.embedder == embedder.name and not store.origins.noted(FAILED)
    store.close()
    return usable


def begin_stage(folder: Path, embedder: Embedder, lock: WriterLock) -> Build:
    """A new build to work on: a copy of the current one, or empty where there is none or it is of another embedder.

    The vectors of a build that was broken off come along. Raises IndexFault, also where the disk has too little room.
    """
    current, left = current_build(folder), staged_build(folder)
    source = Store(folder / current / STORE) if current else None
    name = new_build(max([*kept_builds(folder), current or ""]))
    if source and current:
        source.examine()
        require_room(folder, int(size(folder / current) * _ROOM))
    previous = _salvage(folder / left, embedder) if left and left != current else None
    if left and left != current:
        (folder / left / MANIFEST).unlink(missing_ok=True)  # or it would pass for an older build from here on
    replace_text(folder / STAGED, f"{name}\n")
    if source and source.identity.embedder == embedder.name:
        with write_faults(folder / name):
            (folder / name).mkdir()
        source.copy(folder / name / STORE, name, now())
        known = inherit(folder / (current or ""), folder / name, lock)
        copied = Store(folder / name / STORE)
        copied.forget_removals(known)
        copied.close()
    else:
        Build.begin(folder, name, embedder)
    build = Build(folder, name, lock)
    if previous:
        try:
            build.store.carry_all(previous)
        except IndexFault as fault:
            log.warning("Not all could be taken over from the broken-off build %s: %s", left, fault)
        previous.close()
    if source is None or source.identity.embedder != embedder.name:
        build.store.set_base(source.numbers() if source else {})
    build.store.origins.note(FAILED, "")
    build.store.origins.note(BASE, _base_name(current))
    if source:
        source.close()
    if left and left != current:
        remove_build(folder, left)
    return build


def catch_up(staged: Build, folder: Path) -> tuple[list[str], list[str]]:
    """(uris that came or changed, uris that went) in the current build by hand since the staged one was begun. Pages
    that the recipe answers for are not among them. Raises IndexFault where another build has become the current one."""
    current = current_build(folder)
    if staged.store.origins.noted(BASE) != _base_name(current):
        raise IndexFault("index.moved_on", name=folder.name, build=staged.identity.build)
    if current is None:
        return [], []
    source = Store(folder / current / STORE)
    now_there = source.numbers()
    source.close()
    known, recipe = staged.store.base(), staged.store.origins.uris()
    came = [uri for number, uri in now_there.items() if number not in known and uri not in recipe]
    went = set(known.values()) - set(now_there.values()) - recipe
    return came, sorted(went)


def kept_builds(folder: Path) -> list[str]:
    """The builds that can be gone back to, oldest first; the current and the staged one are not among them. Where
    CURRENT is damaged the one it named is, and need not have been saved."""
    try:
        named, mark = {current_build(folder), staged_build(folder)}, MANIFEST
    except IndexFault:
        named, mark = {staged_build(folder)}, STORE
    return sorted(path.parent.name for path in folder.glob(f"*/{mark}") if path.parent.name not in named)


def roll_back(folder: Path, lock: WriterLock, to: str = "") -> str:
    """Make the build `to`, or the last one before the current, the current one. Gives its name. Raises IndexFault."""
    current, kept = readable_current(folder), kept_builds(folder)
    older = [to] if to else [name for name in kept if name < (current or "~")]
    if not older or older[-1] not in kept:
        others = english("index.others", names=", ".join(kept)) if kept else english("index.none_kept")
        raise IndexFault("index.no_such_build" if to else "index.no_older", name=folder.name, build=to, others=others)
    build = Build(folder, older[-1], lock)
    build.store.examine()
    build.check()
    build.close()
    with lock.held():
        if (folder / CURRENT).is_dir():
            (folder / CURRENT).rmdir()
        replace_text(folder / CURRENT, f"{older[-1]}\n")
    return older[-1]


def readable_current(folder: Path) -> str | None:
    """The build in use; None where CURRENT is damaged, as where there is none."""
    try:
        return current_build(folder)
    except IndexFault:
        return None


def prune(folder: Path, lock: WriterLock, keep: int) -> list[str]:
    """Delete all but the newest `keep` older builds, and what crashes left behind. Gives the names of the builds."""
    kept = kept_builds(folder)
    doomed = kept[: max(0, len(kept) - keep)]
    for name in doomed:
        remove_build(folder, name)
    sweep(folder, lock)
    places.clear(folder, [path.name for path in folder.iterdir() if _BUILD.fullmatch(path.name)])
    return doomed


def sweep(folder: Path, lock: WriterLock) -> None:
    """Delete what a process that was killed left: folders that nothing names, unfinished files."""
    with lock.held():
        named = {current_build(folder), staged_build(folder)}
        for path in list(folder.iterdir()):
            orphan = _BUILD.fullmatch(path.name) and path.name not in named and not (path / MANIFEST).exists()
            if orphan or path.name.startswith(_GONE):
                log.warning("%s was left by a run that was broken off; it is deleted", path)
                shutil.rmtree(path)
        places = [folder, *(folder / name for name in named if name and (folder / name).is_dir())]
        for place in places:
            for path in [*place.iterdir(), *place.glob(f"{TERMS}/.*")]:
                if _SCRATCH.fullmatch(path.name):
                    path.unlink()


def remove_build(folder: Path, name: str) -> None:
    """Delete one build; half-deleted it is known as such. Nothing happens where it is not there."""
    if (folder / name).exists():
        gone = folder / f"{_GONE}{secrets.token_hex(4)}"
        with write_faults(gone):
            (folder / name).rename(gone)
            shutil.rmtree(gone)


def size(folder: Path) -> int:
    """Bytes of the files under it."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def require_room(folder: Path, needed: int) -> None:
    """Raises IndexFault unless the disk has that many bytes free."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise IndexFault("index.no_room", name=folder.name, needed=f"{needed / 1e6:.1f}", free=f"{free / 1e6:.1f}")


def _base_name(current: str | None) -> str:
    return current or "none"


def _salvage(path: Path, embedder: Embedder) -> Store | None:
    """The store of a build that was broken off, where it opens and its vectors are of use."""
    if not (path / STORE).exists():
        return None
    try:
        store = Store(path / STORE)
    except IndexFault as fault:
        log.warning("Nothing can be taken over from the broken-off build %s: %s", path.name, fault)
        return None
    return store if store.identity.embedder == embedder.name else None
