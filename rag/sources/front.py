"""The block of "key: value" lines between two rules at the head of a Markdown file: what it says of the page."""

from dataclasses import dataclass

import yaml

_RULE = "---"


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """`end` is the offset in the text at which the article may begin; 0 where there is no such block."""

    title: str = ""
    author: str = ""
    date: str = ""
    end: int = 0


def front_matter(text: str) -> FrontMatter:
    """The block at the head of `text`. A head that is no YAML mapping is a text with a rule above it, not a block."""
    lines = text.splitlines(keepends=True)
    if not lines or lines[0].strip() != _RULE:
        return FrontMatter()
    closing = next((at for at, line in enumerate(lines[1:], 1) if line.strip() in (_RULE, "...")), 0)
    try:
        found = yaml.safe_load("".join(lines[1:closing]))
    except yaml.YAMLError:
        return FrontMatter()
    if not isinstance(found, dict):
        return FrontMatter()
    said = {str(key).casefold(): value for key, value in found.items()}
    return FrontMatter(
        _told(said.get("title")), _told(said.get("author", said.get("authors"))), _told(said.get("date")),
        len("".join(lines[: closing + 1])),
    )  # fmt: skip


def _told(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
