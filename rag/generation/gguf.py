"""Any GGUF file as the local reader's model: one that Vouch pins, a name of the table, "owner/repo:file.gguf", a path.

A file is looked into before llama.cpp is started with it: what it is, whether it is whole, whether it can chat.
"""

import re
import struct
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

import httpx

from rag import models
from rag.config import expanded
from rag.errors import ModelFault
from rag.generation.table import HubFile, table
from rag.models import files
from rag.models.origins import CONNECT_SECONDS, READ_SECONDS, Progress, hub_address
from rag.models.registry import Hub, ModelFile

_HUB = re.compile(r"(?P<repository>[\w.-]+/[\w.-]+):(?P<file>[\w./-]+\.gguf)")
_REVISION = "main"
_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
_BLOCKS = {  # GGML type -> (weights a block, bytes a block), for those in use; the end of any other is not reckoned
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 10: (256, 84),
    11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292), 30: (1, 2),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Header:
    """What a GGUF file says of itself; `window`: tokens it was trained on; `bytes`: how long it has to be; `kind`:
    model, or adapter."""

    name: str
    architecture: str
    window: int
    chats: bool
    bytes: int
    kind: str = "model"


def ensure(model: str, progress: Progress = files.quiet) -> Path:
    """The file of `model`, fetched where it is missing. Raises ModelFault, UsageFault."""
    if model in models.MODELS:
        return models.ensure(model, progress)
    if named := _named(model):
        return _fetched(named, progress)
    path = expanded(model)
    if not path.is_file():
        known = ", ".join([*(name for name in models.MODELS if "instruct" in name), *(f.name for f in table().files)])
        raise ModelFault("gguf.unknown", model=model, known=known)
    check(path)
    return path


def present(model: str) -> Path | None:
    """The file of `model` where it is there; nothing is fetched or looked into."""
    if model in models.MODELS:
        return models.present(model)
    named = _named(model)
    path = _place(named) if named else expanded(model)
    return path if path.is_file() and (not named or files.stamped(path)) else None


def adapter(named: str) -> Path | None:
    """The LoRA adapter's file that `named` is the path of; None for "". Raises ModelFault where it is none."""
    if not named:
        return None
    path = expanded(named)
    if _whole(path).kind != "adapter":
        raise ModelFault("gguf.no_adapter", path=path)
    return path


def check(path: Path) -> Header:
    """Raises ModelFault where it is no GGUF, is cut short, or is a model that cannot chat."""
    found = _whole(path)
    if not found.chats:
        raise ModelFault("gguf.no_chat", path=path)
    return found


def _whole(path: Path) -> Header:
    try:
        found = header(path)
    except (OSError, ValueError, struct.error, MemoryError) as error:
        raise ModelFault("gguf.unreadable", path=path, error=error) from error
    if path.stat().st_size < found.bytes:
        have, whole = (f"{size / 1e9:.2f}" for size in (path.stat().st_size, found.bytes))
        raise ModelFault("gguf.cut_short", path=path, have=have, whole=whole)
    return found


def header(path: Path) -> Header:
    """Raises OSError, ValueError, struct.error where there is none to be read."""
    with path.open("rb") as file:
        if file.read(4) != b"GGUF":
            raise ValueError("it does not begin as a GGUF file does")
        version, tensors, count = struct.unpack("<IQQ", file.read(20))
        if version not in (2, 3):
            raise ValueError(f"its version is {version}")
        told = {}
        for _ in range(count):
            key = _string(file)
            told[key] = _value(file, struct.unpack("<I", file.read(4))[0])
        end = max((_end(file) for _ in range(tensors)), default=0)
        align = told.get("general.alignment", 32)
        data = -(-file.tell() // align) * align
    architecture = str(told.get("general.architecture", ""))
    return Header(
        str(told.get("general.name", path.stem)),
        architecture,
        int(told.get(f"{architecture}.context_length", 0)),
        "tokenizer.chat_template" in told,
        data + end,
        str(told.get("general.type", "model")),
    )


def _end(file: BinaryIO) -> int:
    """Where one tensor's data ends, from the beginning of all data."""
    _string(file)
    (dimensions,) = struct.unpack("<I", file.read(4))
    shape = struct.unpack(f"<{dimensions}Q", file.read(8 * dimensions))
    kind, offset = struct.unpack("<IQ", file.read(12))
    weights, size = _BLOCKS.get(kind, (1, 0))
    return int(offset + prod(shape) // weights * size)


def _string(file: BinaryIO) -> str:
    (length,) = struct.unpack("<Q", file.read(8))
    return file.read(length).decode("utf-8", "replace")


def _value(file: BinaryIO, kind: int) -> Any:
    """A value; of an array nothing is kept."""
    if kind == _STRING:
        return _string(file)
    if kind == _ARRAY:
        inside, count = struct.unpack("<IQ", file.read(12))
        if inside in _NUMBERS:
            file.seek(count * struct.calcsize(f"<{_NUMBERS[inside]}"), 1)
        else:
            for _ in range(count):
                _value(file, inside)
        return None
    if kind not in _NUMBERS:
        raise ValueError(f"it holds a value of the unknown kind {kind}")
    form = f"<{_NUMBERS[kind]}"
    return struct.unpack(form, file.read(struct.calcsize(form)))[0]


# --- files of the hub -------------------------------------------------------------------------


def _named(model: str) -> HubFile | None:
    """The file of the hub that `model` names, by the table or as "owner/repo:file.gguf"."""
    if known := next((file for file in table().files if file.name == model), None):
        return known
    found = _HUB.fullmatch(model)
    return HubFile(model, found["repository"], found["file"], 0.0, "", "") if found else None


def _place(named: HubFile) -> Path:
    return files.folder() / named.repository.replace("/", "--") / Path(named.file).name


def _fetched(named: HubFile, progress: Progress) -> Path:
    """The file, verified against the hash that the hub states, and the table's where it has one."""
    path = _place(named)
    if files.stamped(path):
        return path
    size, sha256, revision = _stated(named)
    if named.sha256 and named.sha256 != sha256:
        raise ModelFault("gguf.other_file", name=named.name, found=sha256[:12], expected=named.sha256[:12])
    place = path.relative_to(files.folder()).as_posix()
    origin = Hub(named.repository, revision, named.file)
    files.obtain(ModelFile(named.name, place, size, sha256, named.licence, (origin,)), progress)
    check(path)
    return path


def _stated(named: HubFile) -> tuple[int, str, str]:
    """(bytes, SHA-256, revision) as the hub states them for a file of its large-file store."""
    address = f"{hub_address()}/{named.repository}/resolve/{_REVISION}/{quote(named.file)}"
    try:
        reply = httpx.head(address, timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS))
        if reply.status_code >= httpx.codes.BAD_REQUEST:
            raise ModelFault("gguf.not_on_hub", address=address, error=reply.status_code)
        told = reply.headers
        sha256 = told["X-Linked-Etag"].strip('W/"')
        return int(told["X-Linked-Size"]), sha256, told.get("X-Repo-Commit", _REVISION)
    except (httpx.HTTPError, KeyError, ValueError) as error:
        raise ModelFault("gguf.not_on_hub", address=address, error=error) from error
