"""A question in a conversation: what is asked for it, which evidence was found before, and what to ask back.

    put = standalone(asked, exchanges(answers), reader)     # show put.question, let it be edited
    parts = remembering(parts, answers, embedder)           # what earlier answers quoted may be quoted again
    research(put.question, parts)

The language of the question decides the language of the answer, whatever was spoken before.
"""

import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from rag.errors import Setback, Unreachable
from rag.reading.depends import Exchange, depends, english_names
from rag.reading.followup import Standalone, standalone
from rag.research import Parts
from rag.seams import Embedder, SearchEngine, Vectors
from rag.text import question_language
from rag.types import Answer, Chunk, Hit, Page, Quote

__all__ = ["Exchange", "Standalone", "clarification", "exchanges", "reading", "remembering", "standalone"]

ANSWERS = 3  # the last so many, whose quotes may be quoted again
OPTIONS = 3


def exchanges(answers: Sequence[Answer]) -> list[Exchange]:
    """The history that `standalone` wants, oldest first."""
    return [Exchange(answer.question, answer.text) for answer in answers]


def remembering(parts: Parts, answers: Sequence[Answer], embedder: Embedder) -> Parts:
    """The same parts, with an engine that also finds what the last answers cite; it reads nothing anew for that, so a
    page read on the live web for one question is at hand for the next. `embedder` is the index's."""
    kept = [_cited(answer) for answer in answers[-ANSWERS:] if answer.status == "answered"]
    quotes = [quote for group in kept for quote in group]
    if not quotes:
        return parts
    pages = {page.sha256: page for answer in answers for page in answer.pages}
    return dataclasses.replace(parts, engine=RememberingEngine(parts.engine, quotes, pages, embedder))


def _cited(answer: Answer) -> list[Quote]:
    marks = {mark for sentence in answer.sentences for mark in sentence.citations}
    return [quote for quote in answer.quotes if quote.id in marks]


@dataclass(frozen=True)
class RememberingEngine:
    """An engine and the `quotes` of earlier answers, which stand in `pages` (by SHA-256). A quote is a hit where its
    page is still as it was, or the engine has none of that address."""

    engine: SearchEngine
    quotes: Sequence[Quote]
    pages: dict[str, Page]
    embedder: Embedder

    def search(self, query: str, k: int) -> list[Hit]:
        """The engine's hits, and among them by cosine the quotes that none of them holds. Where the engine fails and
        something is remembered, that alone. Raises Unreachable where there is neither."""
        try:
            found = list(self.engine.search(query, k))
        except Setback:
            if not self._standing:
                raise
            found = []
        cosines = self._vectors @ self.embedder.queries([query])[0] if self._standing else ()
        for cosine, quote in sorted(zip(cosines, self._standing, strict=True), key=lambda pair: -pair[0]):
            if not any(_holds(hit.chunk, quote) for hit in found):
                place = next((at for at, hit in enumerate(found) if (hit.cosine or 0.0) < cosine), len(found))
                score = found[min(place, len(found) - 1)].score if found else float(cosine)
                piece = Chunk(quote.uri, quote.page_sha256, quote.start, quote.end, quote.text, quote.heading)
                found.insert(place, Hit(piece, quote.title, score, cosine=float(cosine)))
        return found[:k]

    def open(self, uri: str) -> Page:
        """Raises Unreachable."""
        remembered = next((quote for quote in self._standing if quote.uri == uri), None)
        return self.pages[remembered.page_sha256] if remembered else self.engine.open(uri)

    @cached_property
    def _standing(self) -> list[Quote]:
        once = {(quote.uri, quote.start, quote.end): quote for quote in self.quotes}
        return [quote for quote in once.values() if quote.page_sha256 in self.pages and self._still(quote)]

    @cached_property
    def _vectors(self) -> Vectors:
        return self.embedder.passages([quote.text for quote in self._standing])

    def _still(self, quote: Quote) -> bool:
        if quote.uri.startswith(("http://", "https://")):
            return True  # asking would fetch it; the answer says when it was read
        try:
            return self.engine.open(quote.uri).sha256 == quote.page_sha256
        except Unreachable:
            return False


def _holds(chunk: Chunk, quote: Quote) -> bool:
    return chunk.uri == quote.uri and chunk.start <= quote.start and quote.end <= chunk.end


# --- vague questions ----------------------------------------------------------------------------------

_ASK = {
    "zh": ("您指的是什么?请写出名称。", "您指的是{options},还是别的?请写出名称。", "、", "“{title}”"),
    "en": (
        "What do you mean? Please name it.",
        "Do you mean {options}, or something else? Please name it.",
        ", ",
        "“{title}”",
    ),
}
_READ = {"zh": "按“{title}”来理解这个问题。", "en": "Read as a question about “{title}”."}


def clarification(question: str, history: Sequence[Exchange], engine: SearchEngine) -> str:
    """One question to ask back, in the language of `question`, where it speaks of "it" and nothing was spoken of
    before; it offers the titles of what a search finds. "" where the question can be asked. A search
    that fails offers nothing."""
    if history or depends(question) == "no":
        return ""
    plain, offering, comma, named = _ASK["zh" if question_language(question) == "zh" else "en"]
    try:
        titles = dict.fromkeys(hit.title for hit in engine.search(question, 10) if hit.title)
    except Setback:
        titles = {}
    options = [named.format(title=title) for title in list(titles)[:OPTIONS]]
    return offering.format(options=comma.join(options)) if options else plain


def reading(answer: Answer) -> str:
    """How a vague question was read, a sentence in its language: for one that names nothing and was answered from one
    page it names that page. "" where there is nothing to say."""
    titles = {quote.title for quote in _cited(answer) if quote.title}
    if answer.status != "answered" or len(titles) != 1 or not _names_nothing(answer.question):
        return ""
    return _READ["zh" if question_language(answer.question) == "zh" else "en"].format(title=titles.pop())


def _names_nothing(question: str) -> bool:
    if question_language(question) == "zh":
        return depends(question) != "no"
    return not english_names(question) and not re.search(r"\d", question) and len(question.split()) <= 7
