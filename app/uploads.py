"""Uploaded files, kept on this machine so that they can be read again."""

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from rag.config import Config

LONGEST = 150  # bytes of a file name; file systems take 255, and a lock or a copy may add to it
_REFUSED = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\u200b-\u200f\u202a-\u202e\u2066-\u2069]')


class Upload(Protocol):
    """What Streamlit gives for an uploaded file."""

    name: str

    def getvalue(self) -> bytes: ...


def folder(config: Config, index: str) -> Path:
    return (config.built / "uploads" / index).resolve()


def save(uploads: Iterable[Upload], into: Path) -> list[Path]:
    """Write the files under safe names. A name that came before replaces that file; twice at once, it is numbered."""
    into.mkdir(parents=True, exist_ok=True)
    saved: list[Path] = []
    for upload in uploads:
        path = into / safe_name(upload.name)
        number = 2
        while path in saved:
            path = path.with_stem(f"{Path(safe_name(upload.name)).stem}-{number}")
            number += 1
        path.write_bytes(upload.getvalue())
        saved.append(path)
    return saved


def discard(uri: str, config: Config, index: str) -> None:
    """Delete the file of a source that was uploaded; files that are the user's own are left alone."""
    path = Path(uri)
    if path.is_relative_to(folder(config, index)):
        path.unlink(missing_ok=True)


def safe_name(name: str) -> str:
    """The last part of `name` without anything a file system or a terminal could take for a command."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    clean = _REFUSED.sub("", last).strip(" .")
    stem, dot, suffix = clean.rpartition(".")
    if not dot:
        stem, suffix = clean, ""
    ending = f".{suffix}"[:20] if suffix else ""
    room = LONGEST - len(ending.encode())
    stem = (stem or "file").encode()[:room].decode(errors="ignore")
    return f"{stem}{ending}"
