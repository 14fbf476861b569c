"""Files in a folder of bounded size, shared by processes: a file is there whole or not at all."""

import os
import tempfile
from pathlib import Path

from rag.errors import ConfigFault


def keep(file: Path, content: bytes, megabytes: float) -> None:
    """Write `file`; of those in its folder with its ending, the oldest beyond `megabytes` go. Raises ConfigFault."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent, suffix=".part", delete=False) as part:
            part.write(content)
        Path(part.name).replace(file)
        _make_room(file, megabytes)
    except OSError as error:
        raise ConfigFault("source.no_cache", folder=file.parent, error=error.strerror) from error


def _make_room(newest: Path, megabytes: float) -> None:
    files = [(entry.stat(), entry.path) for entry in os.scandir(newest.parent) if entry.name.endswith(newest.suffix)]
    size = sum(facts.st_size for facts, _ in files)
    for facts, path in sorted(files, key=lambda file: file[0].st_mtime_ns):
        if size <= megabytes * 1e6:
            return
        Path(path).unlink(missing_ok=True)
        size -= facts.st_size
