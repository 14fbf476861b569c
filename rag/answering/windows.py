"""What of a kept quote the reader reads: the sentences around the one that most probably answers.

A small reader takes seconds for every hundred tokens, and what stands beside the point distracts it. The quote stays
whole where it is shown; what is read of it keeps its number and is as verbatim as it.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from rag.answering.ranking import States, about_first
from rag.text.sentences import sentences
from rag.text.tokens import tokens
from rag.types import Kind, Quote, Stated

READ_TOKENS: dict[Kind, int] = {"fact": 145, "compare": 145, "chain": 145, "explain": 220}
"""So much of a quote is read at least, by `rag.text.tokens`, where it is that long: 145 are some 90 tokens of a
reader's. Of other kinds of question all is read."""


def to_read(kept: Sequence[Quote], question: str, kind: Kind, states: States | None) -> tuple[Quote, ...]:
    """What the reader reads of the quotes kept, best first. The best comes last, next to the question, where a small
    reader reads it best; a summary's are in the order of the page."""
    if kind == "summary":
        return tuple(kept)
    if states and (room := READ_TOKENS.get(kind)):
        kept = [narrowed(quote, question, states, room) for quote in kept]
    return tuple(reversed(kept))


def narrowed(quote: Quote, question: str, states: States, room: int) -> Quote:
    """The run of whole sentences of `quote` that is about `room` tokens long and holds the one in which the answer most
    probably stands, about as much before it as after it."""
    spans = sentences(quote.text)
    if len(spans) < 2 or tokens(quote.text) <= room:
        return quote
    at = first = last = _where(quote, states([_read(quote)], question)[0], spans)
    while tokens(quote.text[spans[first][0] : spans[last][1]]) < room:
        before, after = spans[at][0] - spans[first][0], spans[last][1] - spans[at][1]
        if first and (before <= after or last + 1 == len(spans)):
            first -= 1
        else:
            last += 1
    return _part(quote, spans[first][0], spans[last][1])


def likeliest(quotes: Sequence[Quote], question: str, states: States) -> tuple[Quote, float]:
    """(the sentence of `quotes` in which the answer most probably stands, as a part of its quote; P(that quote states
    the answer))."""
    found = states([_read(quote) for quote in quotes], question)
    at = max(range(len(quotes)), key=lambda one: found[one].probability)
    spans = sentences(quotes[at].text)
    return _part(quotes[at], *spans[_where(quotes[at], found[at], spans)]), found[at].probability


def _read(quote: Quote) -> str:
    return about_first(quote.about, quote.text)


def _where(quote: Quote, stated: Stated, spans: Sequence[tuple[int, int]]) -> int:
    """The number of the sentence in which the answer begins."""
    begins = stated.start - (len(_read(quote)) - len(quote.text))
    return max(0, bisect_right([start for start, _ in spans], begins) - 1)


def _part(quote: Quote, start: int, end: int) -> Quote:
    return replace(quote, start=quote.start + start, end=quote.start + end, text=quote.text[start:end])


def remembered(states: States) -> States:
    """`states`, asked about each passage and question once."""
    known: dict[tuple[str, str], Stated] = {}

    def told(passages: Sequence[str], question: str) -> Sequence[Stated]:
        new = [passage for passage in dict.fromkeys(passages) if (passage, question) not in known]
        if new:
            known.update(zip(((passage, question) for passage in new), states(new, question), strict=True))
        return [known[passage, question] for passage in passages]

    return told
