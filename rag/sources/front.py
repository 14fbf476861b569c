"""The block of "key: value" lines between two rules at the head of a Markdown file: what it says of the page."""

import re
from dataclasses import dataclass

import yaml

from rag.text.tags import tags

_RULE = "---"
_LONGEST = 20_000  # characters; what is longer is a text


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """`end` is the offset in the text at which the article may begin; 0 where there is no such block."""

    title: str = ""
    author: str = ""
    date: str = ""
    end: int = 0
    tags: tuple[str, ...] = ()


def front_matter(text: str) -> FrontMatter:
    """The block at the head of `text`. A head that is no YAML mapping is a text with a rule above it, not a block."""
    lines = text[:_LONGEST].splitlines(keepends=True)
    if not lines or lines[0].strip() != _RULE:
        return FrontMatter()
    closing = next((at for at, line in enumerate(lines[1:], 1) if line.strip() in (_RULE, "...")), 0)
    try:
        # Every value as it is written: nothing is computed, so no date can be impossible and no alias unfolds.
        found = yaml.load("".join(lines[1:closing]), yaml.BaseLoader)  # nosec B506
    except (yaml.YAMLError, RecursionError):
        return FrontMatter()
    if not isinstance(found, dict):
        return FrontMatter()
    said = {key.casefold(): value for key, value in found.items() if isinstance(key, str)}
    return FrontMatter(
        _told(said.get("title")), _told(said.get("author", said.get("authors"))), _told(said.get("date")),
        len("".join(lines[: closing + 1])), _tags(said.get("tags", said.get("tag"))),
    )  # fmt: skip


def _tags(value: object) -> tuple[str, ...]:
    """A list has one an entry; in a text they stand between commas or spaces."""
    parts = value if isinstance(value, list) else re.split(r"[,\s]+", value) if isinstance(value, str) else []
    return tags(part for part in parts if isinstance(part, str))


def _told(value: object) -> str:
    """A text, or a list of texts; anything deeper is not for people to read."""
    parts = value if isinstance(value, list) else [value]
    return ", ".join(part for part in parts if isinstance(part, str))
