"""Notes of an Obsidian vault: wiki-links as links with the words that Obsidian shows, tags in the text as tags.

A vault is a folder that holds a folder `.obsidian`. Nothing else is read so: elsewhere "#include" is no tag.
"""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.sources import archive
from rag.text.headings import fenced
from rag.types import Link, Span

_LINK = re.compile(r"!?\[\[([^\[\]|#^\n]*)(?:[#^]+([^\[\]|\n]*?))?(?:\\?\|([^\[\]\n]*))?\]\]")
_CODE = re.compile(r"(`+)[^`\n]+\1")
_TAG = re.compile(r"(?<!\S)#([\w/-]*[^\W\d_][\w/-]*)")  # a number alone is none


@dataclass(frozen=True, slots=True)
class Note:
    """A note as Obsidian shows it."""

    text: str
    links: tuple[Link, ...]
    tags: tuple[str, ...]


def vault_of(uri: str) -> Path | None:
    """The vault in which the file at this path lies; None for any other file, and for an address."""
    path = Path(archive.split(uri)[0])
    if "://" in uri or not path.is_absolute():
        return None
    return next((folder for folder in path.parents if (folder / ".obsidian").is_dir()), None)


def read_note(text: str, uri: str, vault: Path) -> Note:
    """`text` with the words of its wiki-links in their place."""
    code = [*fenced(text), *(found.span() for found in _CODE.finditer(text))]
    written, links, at, length = list[str](), list[Link](), 0, 0
    for found in _outside(_LINK, text, code):
        page, heading, alias = (part.strip() if part else "" for part in found.groups())
        said = alias or " › ".join(filter(None, (page.rpartition("/")[2].removesuffix(".md"), heading)))
        before = text[at : found.start()]
        length += len(before)
        target = _target(page, Path(uri), vault) if page else None
        if target and said:
            links.append(Link(length, length + len(said), target.as_posix()))
        written += [before, said]
        length, at = length + len(said), found.end()
    tags = tuple(found.group(1) for found in _outside(_TAG, text, code))
    return Note("".join([*written, text[at:]]), tuple(links), tags)


def _outside(pattern: re.Pattern[str], text: str, code: Sequence[Span]) -> Iterator[re.Match[str]]:
    return (found for found in pattern.finditer(text) if not any(start <= found.start() < end for start, end in code))


def _target(page: str, note: Path, vault: Path) -> Path | None:
    """The file that a link names: by its path in the vault, beside the note, or by its name alone, where the one with
    the shortest path is meant. Nothing outside the vault is."""
    names = (page, f"{page}.md")
    for folder in (vault, note.parent):
        for name in names:
            path = Path(os.path.normpath(folder / name))
            if path.is_relative_to(vault) and path.is_file():
                return path
    if "/" in page:
        return None
    wanted = {name.casefold() for name in names}
    held = [Path(place) / name for place, names in _files(vault) for name in names if name.casefold() in wanted]
    return min(held, key=lambda path: (len(path.parts), path), default=None)


def _files(vault: Path) -> Iterator[tuple[str, list[str]]]:
    for place, folders, names in os.walk(vault):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield place, names
