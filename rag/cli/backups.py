"""`vouch backup` and `vouch restore`, while everything else goes on: all that is kept, in one file whose hashes are
checked before anything of it is used.

Databases are copied by SQLite's own backup, which is one steady view whatever is written meanwhile. FAISS and tantivy
files are left out: they are made again from the databases, without embedding anything. Of an index the build in use is
kept; older ones, and one that is being made, are not.
"""

import hashlib
import io
import json
import os
import re
import secrets
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from rag import __version__
from rag.cli.terminal import AsJson, out, print_object
from rag.config import load
from rag.errors import IndexFault, UsageFault
from rag.index.files import CURRENT, STAGED, TERMS, VECTORS, current_build, new_build, replace_text

FORMAT = 1
CONTENTS = "vouch-backup.json"
ASIDE = "before-restore"
_LEFT_OUT = re.compile(
    rf"\.lock$|-wal$|-shm$|-journal$|\.part$|^\.|^{re.escape(VECTORS)}$|^{STAGED}$|^{CURRENT}$|^manifest\.json$"
)
_TRIES = 3  # a build may be replaced and cleared away while it is looked at


@dataclass(frozen=True, slots=True)
class Kept:
    """A file of a backup: its path within the folder of indexes, its bytes and their hex SHA-256."""

    path: str
    bytes: int
    sha256: str


def backup(built: Path, to: Path) -> list[Kept]:
    """Write all that is kept under `built` to the file `to`, which only its owner may read; it is there whole or not at
    all. Raises UsageFault where there is nothing to keep or the disk does not take it, IndexFault for a damaged
    database."""
    part = to.with_name(f".{to.name}.{secrets.token_hex(4)}.part")
    kept: list[Kept] = []
    try:
        with tempfile.TemporaryDirectory(dir=to.parent, prefix=".vouch-backup-") as scratch:
            with _opened_for_owner(part) as file, tarfile.open(fileobj=file, mode="w") as archive:
                for name, path in _files(built, Path(scratch)):
                    kept.append(_put(archive, name, path))
                if not kept:
                    raise UsageFault(f"There is nothing to keep in {built}.")
                _put_text(archive, json.dumps(_contents(kept)).encode())
            part.replace(to)
    except OSError as error:
        raise UsageFault(
            f"The backup cannot be written to {to} ({error}). Make room, or name another place."
        ) from error
    finally:
        part.unlink(missing_ok=True)
    return kept


def restore(file: Path, built: Path, force: bool = False) -> Path | None:
    """Put what the backup `file` holds into `built`; what stood there under the same names is moved aside, into the
    folder that is given, never deleted. Running processes see it with their next question.

    Raises UsageFault where the file is no backup or damaged, and unless `force` where something would be moved."""
    built.mkdir(parents=True, exist_ok=True)
    scratch = built / f".restore-{secrets.token_hex(4)}"
    try:
        scratch.mkdir()
        _unpacked(file, scratch)
        _rename_builds(scratch)
        names = list(_entries(scratch))
        there = [name for name in names if (built / name).exists()]
        if there and not force:
            raise UsageFault(
                f"{built} holds {', '.join(there)} already. Restore into another "
                "folder (`indexes` in vouch.toml), or use --force: what is there is moved aside and kept."
            )
        aside = built / f".{ASIDE}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}" if there else None
        for name in names:
            _swap(scratch / name, built / name, aside and (aside / name).parent)
        return aside
    except OSError as error:
        raise UsageFault(f"{built} does not take the backup ({error}). Make room, or mend its permissions.") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


# --- what is kept ---


def _files(built: Path, scratch: Path) -> Iterator[tuple[str, Path]]:
    """(path within `built`, where its content lies) of all that is kept."""
    for entry in sorted(built.iterdir()) if built.is_dir() else ():
        if entry.is_dir() and (entry / CURRENT).exists():
            yield from _index_files(entry, scratch)
        elif entry.is_dir() and not entry.name.startswith("."):
            for path in sorted(entry.rglob("*")):  # uploads and the like: files of people, whatever they are called
                if path.is_file() and not path.is_symlink():
                    yield path.relative_to(built).as_posix(), path
        elif not _LEFT_OUT.search(entry.name):
            yield from _own_files(entry, entry.name, scratch)


def _index_files(folder: Path, scratch: Path) -> Iterator[tuple[str, Path]]:
    """An index with its build in use: CURRENT as it was when the build's database was copied."""
    for left in reversed(range(_TRIES)):
        name = current_build(folder)
        try:
            found = list(_own_files(folder / str(name), f"{folder.name}/{name}", scratch, must=True))
            break
        except FileNotFoundError:
            if not left:
                raise
    pointer = scratch / f"{folder.name}-{CURRENT}"
    pointer.write_text(f"{name}\n", "utf-8")
    yield from found
    yield f"{folder.name}/{CURRENT}", pointer
    for entry in sorted(folder.iterdir()):
        if not entry.is_dir() and not _LEFT_OUT.search(entry.name):
            yield from _own_files(entry, f"{folder.name}/{entry.name}", scratch)


def _own_files(path: Path, name: str, scratch: Path, must: bool = False) -> Iterator[tuple[str, Path]]:
    """Of what Vouch itself writes: no locks, no caches, databases as they are at one moment."""
    if path.is_dir():
        for entry in sorted(path.iterdir()):
            if entry.name != TERMS and not _LEFT_OUT.search(entry.name):
                yield from _own_files(entry, f"{name}/{entry.name}", scratch)
    elif path.suffix == ".sqlite":
        yield name, _snapshot(path, scratch)
    elif path.is_file():
        yield name, path
    elif must:
        raise FileNotFoundError(path)


def _snapshot(path: Path, scratch: Path) -> Path:
    """A copy of a database as it is at one moment. Raises IndexFault where it is damaged."""
    if not path.exists():
        raise FileNotFoundError(path)
    copy = scratch / f"{secrets.token_hex(8)}.sqlite"
    try:
        with closing(sqlite3.connect(path, timeout=30)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
            target.execute("PRAGMA journal_mode=DELETE")
            said = target.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        raise IndexFault(f"{path} cannot be copied ({error}). Mend it first: `vouch doctor` says how.") from error
    if said != "ok":
        raise IndexFault(f"{path} is damaged ({said}). Mend it first: `vouch doctor` says how.")
    return copy


def _contents(kept: list[Kept]) -> dict[str, Any]:
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    return {"format": FORMAT, "version": __version__, "made_at": made_at, "files": [asdict(one) for one in kept]}


@contextmanager
def _opened_for_owner(path: Path) -> Iterator[io.BufferedRandom]:
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def _put(archive: tarfile.TarFile, name: str, path: Path) -> Kept:
    """One file as it is at this moment: one that grows meanwhile is taken up to the size it had."""
    with path.open("rb") as file:
        facts = archive.gettarinfo(arcname=name, fileobj=file)
        facts.uid = facts.gid = 0
        facts.uname = facts.gname = ""
        facts.mode = 0o600
        reading = _Hashed(file)
        archive.addfile(facts, reading)
    return Kept(name, facts.size, reading.sha.hexdigest())


def _put_text(archive: tarfile.TarFile, content: bytes) -> None:
    facts = tarfile.TarInfo(CONTENTS)
    facts.size, facts.mode = len(content), 0o600
    archive.addfile(facts, io.BytesIO(content))


class _Hashed:
    """A file that is hashed as it is read."""

    def __init__(self, file: io.BufferedReader) -> None:
        self._file = file
        self.sha = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(size)
        self.sha.update(piece)
        return piece


# --- what comes back ---


def _unpacked(file: Path, into: Path) -> None:
    """Raises UsageFault unless it holds exactly what it says, with its hashes."""
    try:
        with tarfile.open(file, "r:") as archive:
            archive.extractall(into, filter="data")  # no links, no devices, no way out of the folder
        contents = json.loads((into / CONTENTS).read_text("utf-8"))
        kept = [Kept(**one) for one in contents["files"]]
    except (tarfile.TarError, OSError, ValueError, KeyError, TypeError) as error:
        raise UsageFault(f"{file} is no backup that can be read ({error}). Use another copy of it.") from error
    if contents.get("format") != FORMAT:
        raise UsageFault(f"{file} is of a later version of Vouch ({contents.get('version')}). Use that one.")
    (into / CONTENTS).unlink()
    found = {path.relative_to(into).as_posix() for path in into.rglob("*") if path.is_file()}
    wrong = found ^ {one.path for one in kept}
    wrong |= {one.path for one in kept if one.path in found and _sha(into / one.path) != one.sha256}
    if wrong:
        raise UsageFault(f"{file} is damaged: {', '.join(sorted(wrong)[:3])} is not as it was. Use another copy of it.")


def _sha(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _rename_builds(root: Path) -> None:
    """Give each build a new name: a running process opens a build anew where CURRENT names another."""
    for pointer in root.glob(f"*/{CURRENT}"):
        old = pointer.read_text("utf-8").strip()
        new = new_build(old)
        (pointer.parent / old).rename(pointer.parent / new)
        with closing(sqlite3.connect(pointer.parent / new / "store.sqlite")) as database, database:
            database.execute("UPDATE meta SET value = ? WHERE key = 'build'", (new,))
        replace_text(pointer, f"{new}\n")


def _entries(root: Path) -> Iterator[str]:
    """What is put back one by one: files, indexes, and of other folders what stands in them (uploads of one index)."""
    for path in sorted(root.iterdir()):
        if path.is_file() or (path / CURRENT).exists():
            yield path.name
        else:
            yield from (f"{path.name}/{inner.name}" for inner in sorted(path.iterdir()))


def _swap(new: Path, old: Path, aside: Path | None) -> None:
    """`new` in place of `old`, with what SQLite keeps beside it; `aside`: where that goes."""
    for path in [old, *(old.with_name(f"{old.name}{ending}") for ending in ("-wal", "-shm"))]:
        if path.exists():
            assert aside is not None
            aside.mkdir(parents=True, exist_ok=True)
            path.rename(aside / path.name)
    old.parent.mkdir(exist_ok=True)
    new.rename(old)


# --- the commands ---


def backup_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it, as backup.tar.")],
    force: Annotated[bool, typer.Option("--force", help="In place of a file of that name.")] = False,
    as_object: AsJson = False,
) -> None:
    """Keep all indexes, uploads, answers and conversations in one file, while everything else goes on.

    Not in it: vouch.toml and keys, models, older builds."""
    if file.exists() and not force:
        raise UsageFault(f"{file} is there already. Name another file, or use --force.")
    kept = backup(load().built, file.absolute())
    size = sum(one.bytes for one in kept)
    if as_object:
        return print_object({"file": str(file), "files": len(kept), "bytes": size})
    out.print(f"{file}: {len(kept)} files, {size / 1e6:.1f} MB, for its owner only", soft_wrap=True, markup=False)


def restore_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="As `vouch backup` wrote it.")],
    force: Annotated[bool, typer.Option("--force", help="Move aside what is there under the same names.")] = False,
    as_object: AsJson = False,
) -> None:
    """Bring back what a backup holds, once its hashes were checked. What is not in it stays as it is."""
    built = load().built
    aside = restore(file, built, force)
    if as_object:
        return print_object({"into": str(built), "aside": str(aside) if aside else None})
    out.print(f"{file} is in {built} again", soft_wrap=True, markup=False)
    if aside:
        out.print(f"what was there is kept in {aside}: delete it when you miss nothing", soft_wrap=True, markup=False)
