"""Which backend an index has: ``<folder>/BACKEND`` says so; without that file it is this machine's."""

import json
import re
import secrets
from dataclasses import asdict
from pathlib import Path

from rag.errors import IndexFault
from rag.index.backend import IndexBackend
from rag.index.files import WriterLock, replace_json
from rag.index.local import LocalBackend
from rag.index.milvus import MilvusBackend, Place, drop_others
from rag.index.store import Identity

BACKEND = "BACKEND"


def place_of(folder: Path) -> Place | None:
    """Where the collections of the index in `folder` are; None for this machine. Raises IndexFault."""
    path = folder / BACKEND
    try:
        return Place(**json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise IndexFault("milvus.place_unreadable", path=path, error=error, name=folder.name) from error


def open_backend(folder: Path, identity: Identity, writer: WriterLock) -> IndexBackend:
    """Of one build of the index in `folder`. Raises IndexFault."""
    place, path = place_of(folder), folder / identity.build
    return MilvusBackend(place, path, identity, writer) if place else LocalBackend(path, identity, writer)


def new_place(folder: Path, address: str, key_env: str = "") -> Place:
    """For an index that has been on this machine: a prefix that no other index has."""
    word = re.sub("[^0-9a-z]+", "_", folder.name.lower()).strip("_")
    return Place(address, f"vouch_{word}_{secrets.token_hex(3)}".replace("__", "_"), key_env)


def set_place(folder: Path, place: Place | None) -> None:
    """From the next opening on. Raises IndexFault."""
    if place:
        replace_json(folder / BACKEND, asdict(place))
    else:
        (folder / BACKEND).unlink(missing_ok=True)


def clear(folder: Path, builds: list[str]) -> list[str]:
    """Delete the collections of builds that are no more; gives their names. Raises IndexFault."""
    place = place_of(folder)
    return drop_others(place, builds) if place else []
