"""When what was written is no answer: the last look before publishing."""

from collections.abc import Mapping, Sequence

from rag.checking.asked import gives, kind_asked, years
from rag.checking.figures import figures
from rag.text import language, news, telling
from rag.types import Page, Quote, Sentence

SILENT = "your sources speak of it but do not say"


def no_answer(
    question: str,
    drafted: Sequence[Sentence],
    told: Sequence[Sentence],
    quotes: Sequence[Quote],
    pages: Mapping[str, Page],
    hops: int = 0,
) -> str:
    """Why what was `drafted`, and would be `told`, sentence by sentence, must not be published, or ""; `pages`: the
    quotes' own, by hash. The first `hops` sentences say what was found out on the way, which answers nothing yet.

    Nothing drafted; nothing of it supported by what it cites; nothing in it that the question did not say already; a
    sum, a number or a date asked for and none told; or a year asked about that no page cited knows of.
    """
    cited = {number for sentence in told for number in sentence.citations}
    drafted, told = drafted[hops:], told[hops:]
    if not drafted:
        return "not found in your sources"
    if all(sentence.verdict.refused for sentence in drafted):
        return "what the reader wrote is not in the quotes it cites"
    if not any(_adds(question, sentence.text, quotes) for sentence in drafted):
        return SILENT
    kind = kind_asked(question)
    if kind and not gives(kind, " ".join(sentence.text for sentence in told)):
        return SILENT
    known = [f"{quote.title} {pages[quote.page_sha256].text}" for quote in quotes if quote.id in cited]
    return SILENT if years(question) - years(" ".join(known)) else ""


def _adds(question: str, text: str, quotes: Sequence[Quote]) -> bool:
    """Whether `text` says something that a quote says and the question does not; across languages, anything."""
    fresh = news(text, question)
    if not any(language(quote.text) == language(text) for quote in quotes):
        return bool(fresh)
    said = " ".join(quote.text for quote in quotes)
    numbers = {figure.value for figure in figures(text)} - {figure.value for figure in figures(question)}
    return bool(fresh & telling(said) or numbers & {figure.value for figure in figures(said)})
