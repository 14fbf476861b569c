"""What is embedded and indexed of a chunk: what it is about, and its text.

A chunk from the middle of a page seldom names what it speaks of; the title of its page and the headings above it do,
and where a page has no title of its own, the words it opens with. Both legs of every index and the live web take this
one form of a chunk.
"""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from rag.text.headings import JOIN, leading
from rag.text.sentences import sentences
from rag.text.tokens import fitting, tokens
from rag.types import Chunk, Page

FORM = 1
"""Raised whenever `passage` gives another text for a chunk: pages embedded in another form are embedded again."""

HEAD_TOKENS = 48
"""What stands before the text may take of an embedder's limit, by `tokens`, which counts rather too many."""

OPENING_TOKENS = 24

_CLAUSE_END = re.compile(r"[,，、;；:：]")


def passage(subject: str, chunk: Chunk) -> str:
    """The `subject` of its page, its heading path and its text, with JOIN between them; what the text says itself only
    once."""
    about = head(subject, chunk.heading, chunk.text)
    return f"{about}{JOIN}{chunk.text}" if about else chunk.text


def passages(page: Page, chunks: Sequence[Chunk]) -> list[str]:
    """The passage of each of these chunks of `page`."""
    about = subject(page)
    return [passage(about, chunk) for chunk in chunks]


def subject(page: Page) -> str:
    """What the chunks of `page` are about: its title. Where that is missing, or only the name of its file, a line with
    the words that the page opens with stands in its place, or follows."""
    title = " ".join(page.title.split())
    if title and title != file_stem(page.uri):
        return title
    return "\n".join(line for line in (title, opening(page)) if line)


def opening(page: Page) -> str:
    """The first words of the body, of one sentence and at most OPENING_TOKENS; cut after a clause or a word."""
    start = page.body[0][0] if page.body else 0
    first = next(iter(sentences(page.text, start, min(len(page.text), start + 1000))), (start, start))
    words = " ".join(page.text[slice(*first)].split()).lstrip("#>|-*•· ")
    fits = fitting(words, OPENING_TOKENS)
    if fits == len(words):
        return words
    clauses = [mark.start() for mark in _CLAUSE_END.finditer(words, fits // 2, fits)]
    cut = clauses[-1] if clauses else words.rfind(" ", fits // 2, fits + 1)
    return words[: cut if cut > 0 else fits].rstrip()


def file_stem(uri: str) -> str:
    """The name of the file at a path or address, without its ending; "" where the address names none."""
    path = unquote(urlsplit(uri).path) if uri.startswith(("http://", "https://")) else uri
    return PurePosixPath(path).stem


def head(subject: str, heading: str, text: str) -> str:
    """What goes before the text, at most HEAD_TOKENS: without the headings that `text` begins with, and without a line
    of `subject` with which the path or the text's first line begins. Of a long path the outer headings go first."""
    path = [words for words in heading.split(JOIN) if words]
    own = leading(text, path)
    path = [words for words in path if words not in own]
    first = own[0] if own else text.lstrip().partition("\n")[0]
    said = [line for line in subject.split("\n") if line and not (_begins(heading, line) or _begins(first, line))]
    named = _cut(JOIN.join(said), HEAD_TOKENS // 2 if path else HEAD_TOKENS)
    room = HEAD_TOKENS - tokens(named)
    while len(path) > 1 and tokens(JOIN.join(path)) > room:
        path = path[1:]
    return JOIN.join(part for part in (named, _cut(JOIN.join(path), room)) if part)


def _begins(text: str, line: str) -> bool:
    words = " ".join(text.split()).casefold()
    return re.match(rf"{re.escape(line.casefold())}(?![a-z0-9])", words) is not None


def _cut(text: str, most: int) -> str:
    return text[: fitting(text, most)].rstrip()
