"""Markdown -> its text, each row of a table with the names of its columns."""

from collections.abc import Iterator, Sequence
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from rag.sources import markup, tables


def read_markdown(text: str) -> str:
    """The text as it is written, but for its tables: a row that a search finds alone would else say numbers without
    saying of what."""
    lines, at, told = text.split("\n"), 0, list[str]()
    for (start, end), written in _tables(text):
        told += [*lines[at:start], *written]
        at = end
    return "\n".join([*told, *lines[at:]])


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("table")


def _tables(text: str) -> Iterator[tuple[tuple[int, int], list[str]]]:
    """Of each table outside of quotes and lists, also one in HTML, its first line and the one after its last, and its
    rows."""
    tokens = _parser().parse(text)
    for at, token in enumerate(tokens):
        if token.type == "html_block" and token.map and token.level == 0 and "<table" in token.content.lower():
            yield (token.map[0], token.map[1]), markup.flatten(token.content).split("\n")
        if token.type == "table_open" and token.map and token.level == 0:
            end = next(after for after in range(at, len(tokens)) if tokens[after].type == "table_close")
            yield (token.map[0], token.map[1]), tables.lines(_rows(tokens[at:end]), head=1)


def _rows(tokens: Sequence[Token]) -> list[list[str]]:
    rows: list[list[str]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(token.content)
    return rows
