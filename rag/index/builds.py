"""What builds an index has on the disk: the one in use, older ones to go back to, one that is being made."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rag.errors import IndexFault
from rag.index import staging
from rag.index.files import STORE, current_build, staged_build
from rag.index.store import Store


@dataclass(frozen=True, slots=True)
class BuildInfo:
    """`created_at` is UTC, ISO 8601; `bytes` those on the disk; `problem` a sentence where it cannot be opened."""

    name: str
    standing: Literal["current", "older", "staged"]
    created_at: str = ""
    pages: int = 0
    chunks: int = 0
    embedder: str = ""
    bytes: int = 0
    recipe: str = ""
    problem: str = ""


def builds(folder: Path) -> list[BuildInfo]:
    """Newest first; [] where there is no index in `folder`."""
    current, staged = current_build(folder), staged_build(folder)
    found = [_describe(folder, name, "older") for name in staging.kept_builds(folder)]
    if current:
        found.append(_describe(folder, current, "current"))
    if staged and staged != current:
        found.append(_describe(folder, staged, "staged"))
    return sorted(found, key=lambda build: build.name, reverse=True)


def _describe(folder: Path, name: str, standing: Literal["current", "older", "staged"]) -> BuildInfo:
    try:
        store = Store(folder / name / STORE)
    except IndexFault as fault:
        return BuildInfo(name, standing, problem=str(fault))
    pages, chunks = store.counts()
    made, recipe = store.identity, store.origins.noted("sha256")
    store.close()
    return BuildInfo(name, standing, made.created_at, pages, chunks, made.embedder, staging.size(folder / name), recipe)
