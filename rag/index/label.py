"""The line of JSON at the end of a FAISS file: which build and generation it is of, and the hash of all before it.

FAISS may crash on damaged bytes, so nothing is handed to it unchecked.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

_TAIL_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Label:
    """`fitted` is the number of chunks the form was fitted to (0 for Flat), `since` how many were added after that;
    `probes` lists are looked at, which gave `recall` of exact search when it was measured (1 without lists); `last` is
    the highest chunk id in it."""

    build: str
    generation: int
    dimension: int
    form: str
    fitted: int
    since: int
    probes: int
    recall: float
    count: int
    last: int
    bytes: int = 0
    sha256: str = ""


def sign(path: Path, label: Label) -> Label:
    """Put `label`, with size and hash of the file as it is, at its end. Gives it as it was written."""
    size = path.stat().st_size
    signed = replace(label, bytes=size, sha256=_digest(path, size))
    with path.open("ab") as file:
        file.write(b"\n" + json.dumps(asdict(signed)).encode())
    return signed


def last_line(path: Path) -> Label | None:
    """The label as it stands there; None where there is none of this version."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
            line = file.read().rpartition(b"\n")[2]
        return Label(**json.loads(line))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def whole_label(path: Path) -> Label | None:
    """The label of a file that is as it was signed; None where it is not there, damaged or of another version."""
    label = last_line(path)
    if label is None:
        return None
    size = path.stat().st_size - len(b"\n" + json.dumps(asdict(label)).encode())
    return label if size == label.bytes and _digest(path, size) == label.sha256 else None


def relabel(path: Path, build: str) -> Label | None:
    """Say of a copy that it is of the build `build`; the bytes before the label stay as they are. None for no label."""
    label = last_line(path)
    if label is None:
        return None
    renamed = replace(label, build=build)
    with path.open("r+b") as file:
        file.truncate(label.bytes)
        file.seek(label.bytes)
        file.write(b"\n" + json.dumps(asdict(renamed)).encode())
    return renamed


def _digest(path: Path, size: int) -> str:
    """Hex SHA-256 of the first `size` bytes."""
    sha = hashlib.sha256()
    with path.open("rb") as file:
        while size > 0 and (part := file.read(min(size, 1 << 20))):
            sha.update(part)
            size -= len(part)
    return sha.hexdigest()
