"""The headings of a page, where they are marked, and the path of headings that a place in it stands under.

Marked is what the page's source marked (`Page.headings`), and in a text Markdown's lines of one to six "#" outside
fenced code. What merely looks like a heading is not taken for one.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from rag.types import Heading, Page, Span

JOIN = " › "
"""Between the headings of a path, outermost first."""

_MARKED = ("text/markdown", "text/plain")
_LINE = re.compile(r"^ {0,3}(#{1,6})[ \t]+(\S[^\n]*?)(?:[ \t]+#+)?[ \t]*$", re.M)
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})([^\n]*)$", re.M)


def headings(page: Page) -> list[Heading]:
    """Those in the body of `page`, in order; [] where none are marked."""
    every = page.headings or (tuple(_marked(page.text)) if page.media_type in _MARKED and "#" in page.text else ())
    body = page.body or ((0, len(page.text)),)
    return [each for each in every if any(start <= each.start < end for start, end in body)]


def heading_path(marked: Sequence[Heading], text: str, span: Span) -> str:
    """The words of the headings that ``text[start:end]`` stands under, those that it begins with included, as
    "outer › inner"; "" where there is none. `marked` are the headings of `text`."""
    start, end = span
    path: list[Heading] = []
    for heading in marked:
        if heading.start >= end or text[start : heading.start].strip():
            break
        path = [*(outer for outer in path if outer.level < heading.level), heading]
        start = max(start, heading.end)
    return JOIN.join(heading.words for heading in path)


def leading(text: str, path: Sequence[str] = ()) -> list[str]:
    """The words of the headings that `text` begins with: lines marked as such, and lines that say what one of `path`
    says."""
    found: list[str] = []
    for line in text.splitlines():
        mark = _LINE.fullmatch(line)
        words = mark[2] if mark else " ".join(line.split())
        if mark or words in path:
            found.append(words)
        elif words:
            break
    return found


def _marked(text: str) -> Iterator[Heading]:
    code = list(fenced(text))
    ends = [end for _, end in code]
    for mark in _LINE.finditer(text):
        at = bisect_right(ends, mark.start())  # the first block that ends after it
        if at == len(code) or mark.start() < code[at][0]:
            yield Heading(mark.start(), mark.end(), len(mark[1]), mark[2])


def fenced(text: str) -> Iterator[Span]:
    """Blocks of code between fences; one that is never closed goes to the end."""
    opened: re.Match[str] | None = None
    for fence in _FENCE.finditer(text):
        if opened is None:
            opened = fence
        elif fence[1][0] == opened[1][0] and len(fence[1]) >= len(opened[1]) and not fence[2].strip():
            yield opened.start(), fence.end()
            opened = None
    if opened is not None:
        yield opened.start(), len(text)
