"""The headings of what was HTML once: its h1 to h6, found again as whole lines of the extracted text, in their order.

One that the extraction left out, or put into a line with other words, is none: nothing is guessed.
"""

import re
from collections.abc import Iterable, Iterator

from lxml import etree  # type: ignore[import-untyped]

from rag.sources.charset import clean
from rag.types import Heading

Mark = tuple[int, str]
"""Level (1 to 6) and words."""

_TAGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BESIDE = ("nav", "aside", "footer")
_SYMBOL = re.compile(
    r"^([ \t]*)(?:(?:export|default|public|private|protected|static|abstract|async|pub)\s+)*"
    r"(?:def|class|function|func|fn|interface|struct|enum|trait|impl|type|module|namespace)\s+[\w.<>]+",
    re.M,
)
_LONGEST = 200  # characters; what is longer is a paragraph in large letters


def marks(tree: "etree._Element") -> Iterator[Mark]:
    """The headings of a parsed page in order, without those of menus and what else stands beside the article."""
    for element in tree.iter(*(f"{{*}}{tag}" for tag in _TAGS)):
        words = " ".join(clean("".join(element.itertext())).split())
        if 0 < len(words) <= _LONGEST and next(element.iterancestors(*_BESIDE), None) is None:
            yield int(element.tag[-1]), words


def placed(found: Iterable[Mark], text: str) -> tuple[Heading, ...]:
    """Where `text` has these as lines of their own, each after the one before."""
    lines: dict[str, list[int]] = {}
    start = 0
    for line in text.split("\n"):
        lines.setdefault(" ".join(line.split()), []).append(start)
        start += len(line) + 1
    headings: list[Heading] = []
    at = 0
    for level, words in found:
        start = next((place for place in lines.get(words, ()) if place >= at), -1)
        if start >= 0:
            at = text.find("\n", start) + 1 or len(text) + 1
            headings.append(Heading(start, at - 1, level, words))
    return tuple(headings)


def symbols(code: str) -> tuple[Heading, ...]:
    """The functions and classes of source code as its headings, one inside another by how far they are indented."""
    return tuple(
        Heading(found.start(), found.end(), min(6, 1 + len(found[1].expandtabs(4)) // 4), found[0].strip())
        for found in _SYMBOL.finditer(code)
    )
