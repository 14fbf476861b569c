"""What of a kept quote the reader reads: the sentences around the one that most probably answers.

A small reader takes seconds for every hundred tokens, and what stands beside the point distracts it. The quote stays
whole where it is shown; what is read of it keeps its number and is as verbatim as it.
"""

from collections.abc import Sequence
from dataclasses import replace

from rag.answering.drafting import about
from rag.answering.ranking import States
from rag.text.sentences import sentences
from rag.text.tokens import tokens
from rag.types import Kind, Quote

READ_TOKENS: dict[Kind, int] = {"fact": 145, "compare": 145, "chain": 145, "explain": 220}
"""So much of a quote is read at least, by `rag.text.tokens`, where it is that long: 145 are some 90 tokens of a
reader's. Of other kinds of question all is read."""


def narrowed(quote: Quote, question: str, states: States, room: int) -> Quote:
    """The run of whole sentences of `quote` that is about `room` tokens long and holds the sentence that most probably
    answers; from there it grows towards the likelier neighbour."""
    spans = sentences(quote.text)
    if len(spans) < 2 or tokens(quote.text) <= room:
        return quote
    likely = states([_sentence(quote, *span) for span in spans], question)
    first = last = max(range(len(spans)), key=lambda at: likely[at])
    while tokens(quote.text[spans[first][0] : spans[last][1]]) < room:
        before = likely[first - 1] if first else -1.0
        after = likely[last + 1] if last + 1 < len(spans) else -1.0
        if before < 0 and after < 0:
            break
        if before >= after:
            first -= 1
        else:
            last += 1
    return _part(quote, spans[first][0], spans[last][1])


def likeliest(quotes: Sequence[Quote], question: str, states: States) -> tuple[Quote, float]:
    """(the sentence of `quotes` that most probably answers, as a part of its quote; P(it states the answer))."""
    spans = [(quote, *span) for quote in quotes for span in sentences(quote.text)]
    likely = states([_sentence(*each) for each in spans], question)
    at = max(range(len(spans)), key=lambda one: likely[one])
    return _part(*spans[at]), likely[at]


def _sentence(quote: Quote, start: int, end: int) -> str:
    return f"{about(quote)}: {quote.text[start:end]}"


def _part(quote: Quote, start: int, end: int) -> Quote:
    return replace(quote, start=quote.start + start, end=quote.start + end, text=quote.text[start:end])


def remembered(states: States) -> States:
    """`states`, asked about each passage and question once."""
    known: dict[tuple[str, str], float] = {}

    def told(passages: Sequence[str], question: str) -> Sequence[float]:
        new = [passage for passage in dict.fromkeys(passages) if (passage, question) not in known]
        if new:
            known.update(zip(((passage, question) for passage in new), states(new, question), strict=True))
        return [known[passage, question] for passage in passages]

    return told
