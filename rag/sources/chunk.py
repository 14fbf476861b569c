"""A page -> chunks: whole sentences, about as many tokens as asked for, each an exact span of the page."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rag.text.headings import heading_path, headings
from rag.text.locator import locator
from rag.text.passage import HEAD_TOKENS, subject
from rag.text.sentences import sentences
from rag.text.tokens import tokens
from rag.types import Chunk, Page, Span

_CLAUSE_END = re.compile(r"[,，、;；:：،؛]")
_MARKUP = re.compile(r"^\s*(?:[-*+•●○■◆·]\s|\||>)")
_NUMBER = re.compile(r"[(（]?[0-9]{1,3}[.．)）]")
_STOP = re.compile(r"[。．.!！?？,，;；、]$")
_MARGIN = 16  # tokens; a quarter of the limit where that is less
_HEADING_TOKENS = 40
_MOST_HEADINGS = 3  # more short lines in a row are a list or a poem


@dataclass(frozen=True, slots=True)
class _Piece:
    """A sentence, or a part of one too long for a chunk. `leads`: a heading, or the introduction of a list."""

    start: int
    end: int
    starts_paragraph: bool
    leads: bool


def chunk(page: Page, token_ends: Callable[[str], Sequence[int]], aim: int, limit: int) -> list[Chunk]:
    """Cut the body of `page` (all of its text where no body is given) into chunks.

    `token_ends(text)`: the character offset at which each token ends, ascending; called once, on the whole text.
    `aim`: tokens a chunk should have, at most `limit`: tokens it must not exceed. Cuts are made `_MARGIN` short of
    `limit`, since a chunk tokenised by itself may count a few more than within the page, and an embedder
    adds its prefix and special tokens (six for multilingual-e5); and shorter still by what stands above the text of
    a chunk when it is embedded (see `rag.text.passage`).

    The chunks are in order and do not overlap; every character of the body that is not white space lies
    in exactly one of them. Sentences stay whole unless one alone exceeds `limit`.
    """
    if aim < 1:
        raise ValueError(f"aim must be at least 1, not {aim}")
    aim = min(aim, limit)
    marked = headings(page)
    counter = _Counter(token_ends(page.text), _room(limit, _above(page, bool(marked))))
    spans: list[Span] = []
    for start, end in page.body or ((0, len(page.text)),):
        spans += _packed(list(_pieces(page.text, start, end, counter)), counter, aim)
    digest = page.sha256
    return [
        Chunk(
            page.uri,
            digest,
            *span,
            page.text[slice(*span)],
            heading_path(marked, page.text, span),
            locator(page, span),
        )
        for span in spans
    ]


def _room(limit: int, above: int) -> int:
    """Tokens that the text of a chunk may have; half the limit at least, which takes effect under 128."""
    return max(limit - min(_MARGIN, limit // 4) - above, (limit + 1) // 2)


def _above(page: Page, headed: bool) -> int:
    """Tokens that may stand above the text of a chunk of `page`."""
    return HEAD_TOKENS if headed else min(HEAD_TOKENS, tokens(subject(page)))


class _Counter:
    """Tokens between two offsets of one page, by bisection."""

    def __init__(self, ends: Sequence[int], limit: int) -> None:
        self._ends = ends
        self.limit = limit

    def __call__(self, start: int, end: int) -> int:
        return bisect_right(self._ends, end) - bisect_right(self._ends, start)

    def reach(self, start: int) -> int:
        """The offset at which `limit` tokens have ended since `start`, of which more follow; past `start` at least."""
        return max(start + 1, self._ends[bisect_right(self._ends, start) + self.limit - 1])


def _pieces(text: str, start: int, end: int, count: _Counter) -> Iterator[_Piece]:
    before = start
    for first, last in _numbered(text, sentences(text, start, end)):
        breaks = first == start or "\n" in text[before:first]
        alone = breaks and (last >= end or "\n" in text[last : last + 2])
        leads = alone and _leads(text[first:last], count(first, last))
        for place, (left, right) in enumerate(_fitting(text, first, last, count)):
            yield _Piece(left, right, breaks and place == 0, leads)
        before = last


def _numbered(text: str, spans: Sequence[Span]) -> Iterator[Span]:
    """Sentences, with the number of a heading or list item ("1.") kept on the words it numbers."""
    opened: int | None = None
    for start, end in spans:
        first = start if opened is None else opened
        opened = first if _NUMBER.fullmatch(text, first, end) and text[end : end + 1] not in ("\n", "") else None
        if opened is None:
            yield first, end
    if opened is not None:
        yield opened, spans[-1][1]


def _leads(line: str, tokens: int) -> bool:
    """A line of its own that belongs to what follows: a heading, or "… as follows:"."""
    return tokens <= _HEADING_TOKENS and not _STOP.search(line) and not _MARKUP.match(line)


def _fitting(text: str, start: int, end: int, count: _Counter) -> Iterator[Span]:
    """A sentence in parts that fit: cut after a clause, else at a space, else after a token."""
    while count(start, end) > count.limit:
        reach = min(end, count.reach(start))
        cut = _cut(text, start, reach)
        right = cut
        while right > start and text[right - 1].isspace():
            right -= 1
        if right > start:
            yield start, right
        start = cut
        while start < end and text[start].isspace():
            start += 1
    if start < end:
        yield start, end


def _cut(text: str, start: int, reach: int) -> int:
    """The last good place to cut in the second half of ``text[start:reach]``; `reach` where there is none."""
    half = start + (reach - start) // 2
    clauses = [match.end() for match in _CLAUSE_END.finditer(text, half, reach)]
    if clauses:
        return clauses[-1]
    space = next((place for place in range(reach - 1, half, -1) if text[place].isspace()), 0)
    return space or max(reach, start + 1)


def _packed(pieces: Sequence[_Piece], count: _Counter, aim: int) -> list[Span]:
    """Pieces put together, in order, until `aim` is reached; cut at a paragraph's end where one is near."""
    groups: list[list[_Piece]] = []
    current: list[_Piece] = []
    for place, piece in enumerate(pieces):
        if current and _ends_here(current, pieces, place, count, aim):
            led = _leading(current)
            groups.append(current[: len(current) - len(led)])
            current = list(led)
        current.append(piece)
        if count(current[0].start, piece.end) > count.limit:  # only where headings were carried over
            groups.append(current[:-1])
            current = [piece]
    if current:
        groups.append(current)
    return _without_crumbs([(group[0].start, group[-1].end) for group in groups if group], count, aim)


def _ends_here(current: Sequence[_Piece], pieces: Sequence[_Piece], place: int, count: _Counter, aim: int) -> bool:
    piece = pieces[place]
    start = current[0].start
    whole = count(start, piece.end)
    if whole > count.limit:
        return True
    if all(part.leads for part in current) and len(current) <= _MOST_HEADINGS:
        return False
    have = count(start, current[-1].end)
    if whole > aim:
        return 2 * have > aim or whole > 2 * aim
    if not piece.starts_paragraph:
        return False
    if piece.leads and not current[-1].leads:
        return 3 * have > aim  # a new section
    return 5 * have > 3 * aim and count(start, _paragraph_end(pieces, place)) > 1.25 * aim


def _paragraph_end(pieces: Sequence[_Piece], place: int) -> int:
    end = place + 1
    while end < len(pieces) and not pieces[end].starts_paragraph:
        end += 1
    return pieces[end - 1].end


def _leading(current: Sequence[_Piece]) -> list[_Piece]:
    """The headings at the end of a chunk, which go with what follows; none where the chunk is nothing else."""
    led: list[_Piece] = []
    for piece in reversed(current):
        if not piece.leads or len(led) == _MOST_HEADINGS:
            break
        led.insert(0, piece)
    return led if len(led) < len(current) and len(led) < _MOST_HEADINGS else []


def _without_crumbs(spans: list[Span], count: _Counter, aim: int) -> list[Span]:
    """A last chunk under a quarter of the aim goes to the one before it, if that can take it."""
    if len(spans) > 1:
        (start, _), (left, right) = spans[-2:]
        if 4 * count(left, right) < aim and count(start, right) <= min(count.limit, 1.3 * aim):
            return [*spans[:-2], (start, right)]
    return spans
