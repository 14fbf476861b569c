"""The quote's own words for what the reader wrote: an answer in the quotes' language is published verbatim.

The reader chooses the quote (its citation) and what of it to say; the sentences are then the page's, not the reader's.
A small model that copies "one trillion" for "a hundred billion" can then do no harm.
"""

import re
from collections.abc import Sequence

from rag.reading.prompts import one_line, tidy
from rag.text import language, news, newsworthy, sentences, telling
from rag.types import Quote

SENTENCE = 12  # letters
HEADING = 16  # characters; a shorter line without a mark at its end is one
SLIP = 0.6  # F1 from which a sentence is its quote but for the word it slipped in
MOST = 6  # sentences of one quote that may stand together for one written sentence
_NAME = re.compile(r"(?<=[\w,;] )[A-Z]\w+")  # a capital that does not only begin a sentence
_BULLET = re.compile(r"^(?:[•·●▪‣]\s*|[*–-]\s+|\(?\d{1,2}[.)、]\s+)(?=\S)")  # "-7.25", "3.5" and "3.1" begin with none


def is_sentence(text: str) -> bool:
    """Whether `text` is long enough to say something by itself; "ten days" is a fragment and may mean anything."""
    return len(_letters(_BULLET.sub("", tidy(text)))) >= SENTENCE


def standing(text: str, quotes: Sequence[Quote]) -> list[Quote]:
    """The quotes in which the sentence `text` stands to the letter; white space, punctuation and a list number do not
    count. None for a fragment."""
    wanted = _letters(_BULLET.sub("", tidy(text)))
    return [quote for quote in quotes if wanted in _letters(tidy(quote.text))] if is_sentence(text) else []


def in_the_quotes_words(
    text: str, quotes: Sequence[Quote], spoken: str, least: float, asked: str = ""
) -> tuple[str, tuple[int, ...]]:
    """What `text` says, as the cited `quotes` say it, and the ids of the quotes whose words these are.

    Of each quote in the language `spoken`, the run of sentences closest to `text`, tidied and joined in order. Where
    `text` answers the question `asked`, a run must hold its news (`newsworthy`), and if it can its names that the quote
    has; where the quote has no news of it, it must be close, `text` but for a slip. ("", ()) where no quote has a run
    whose F1 over terms with `text` is above `least`.
    """
    found = dict[str, int]()
    for quote in quotes:
        run = _closest(text, quote.text, least, asked) if (language(quote.text) or spoken) == spoken else ""
        if run:
            found.setdefault(run, quote.id)
    return ("" if spoken in ("zh", "ja") else " ").join(found), tuple(found.values())


def _closest(text: str, quote: str, least: float, asked: str) -> str:
    """The run of sentences with the best F1 over terms against `text`, among those that keep the figures the two
    share, the names they share beyond `asked`, and the news; of equals the shorter. A list that the run announces comes
    whole."""
    wanted = telling(tidy(text))
    shared = wanted & telling(tidy(quote))
    fresh = news(tidy(text), asked) if asked else set()
    if not newsworthy(fresh, shared):
        fresh, least = set(), max(least, SLIP)
    figures = {term for term in shared if any(letter.isdigit() for letter in term)}
    names = {name.casefold() for name in {*_NAME.findall(text)} & {*_NAME.findall(quote)}} & fresh
    spans = [span for span in sentences(quote) if not quote.startswith("#", span[0])]
    best, score = (0, -1), (False, least)
    for first in range(len(spans)):
        if _is_heading(quote[slice(*spans[first])]) and len(spans) > 1:
            continue  # a heading says nothing by itself and does not begin a sentence
        for last in range(first, min(len(spans), first + MOST)):
            held = telling(tidy(quote[spans[first][0] : spans[last][1]]))
            common = len(wanted & held) if figures <= held and newsworthy(fresh, held) else 0
            value = 2 * common / (len(wanted) + len(held)) if common else 0.0
            if value > least and (names <= held, value) > score:
                best, score = (first, last), (names <= held, value)
    first, last = best
    if last < first:
        return ""
    if any(quote[spans[at][1] - 1] in ":：" for at in range(first, last + 1)):
        while last + 1 < len(spans) and _BULLET.match(quote[slice(*spans[last + 1])]):
            last += 1
    return _BULLET.sub("", one_line(quote[spans[first][0] : spans[last][1]]))


def _is_heading(line: str) -> bool:
    return len(line) < HEADING and line[-1].isalnum() and not _BULLET.match(line)


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())
