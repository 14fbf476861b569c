"""When what was written is no answer: the last look before publishing."""

from collections.abc import Sequence

from rag.text import language, telling, terms
from rag.types import Quote, Sentence


def no_answer(question: str, drafted: Sequence[Sentence], quotes: Sequence[Quote]) -> str:
    """Why the draft must not be published, or "".

    Nothing drafted, nothing of it supported by what it cites, or nothing in it that the question did not say already.
    """
    if not drafted:
        return "not found in your sources"
    if all(sentence.verdict.label in ("unsupported", "contradicted") for sentence in drafted):
        return "what the reader wrote is not in the quotes it cites"
    if not any(_adds(question, sentence.text, quotes) for sentence in drafted):
        return "your sources speak of it but do not say"
    return ""


def _adds(question: str, text: str, quotes: Sequence[Quote]) -> bool:
    """Whether `text` says something that a quote says and the question does not; across languages, anything."""
    fresh = telling(text) - set(terms(question))
    if not any(language(quote.text) == language(text) for quote in quotes):
        return bool(fresh)
    return bool(fresh & set(terms(" ".join(quote.text for quote in quotes))))
