"""A follow-up question -> one that can be asked on its own, and what earlier answers quoted, at hand for the next.

    put = standalone(asked, exchanges(answers), reader)     # show put.question, let it be edited
    parts = remembering(parts, answers, embedder)           # what earlier answers cited may be quoted again
    answer(put.question, parts)

The language of the question decides the language of the answer, whatever was spoken before.
"""

import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from rag.answering.engine import Parts
from rag.errors import Setback, Unreachable
from rag.generation import prompts
from rag.index.selection import SelectedIndex, selected
from rag.protocols import Embedder, Reader, SearchEngine, Vectors
from rag.text.language import question_language
from rag.types import Answer, Chunk, Hit, Page, Quote

ANSWERS = 3  # the last so many, whose quotes may be quoted again
REMEMBERED = 3  # exchanges that a follow-up may refer to
LONGEST_ANSWER = 160  # characters of an answer that are shown to the reader
MAX_TOKENS = 80
LEANS = 0.5  # P(the question needs what was said before) from which it is written anew


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question as it was asked (standing alone) and what was answered, "" where nothing was."""

    question: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Standalone:
    """What will be asked for what was `asked`."""

    question: str
    asked: str

    @property
    def rewritten(self) -> bool:
        return self.question != self.asked


def exchanges(answers: Sequence[Answer]) -> list[Exchange]:
    """The history that `standalone` wants, oldest first."""
    return [Exchange(answer.question, answer.text) for answer in answers]


def standalone(asked: str, history: Sequence[Exchange], reader: Reader | None) -> Standalone:
    """`asked` with what it leaves to the conversation put in, where the reader says that it leaves something; as it is
    without a history or a reader. `history` is oldest first. Raises ReaderFault."""
    question = " ".join(asked.split())
    if not history or reader is None:
        return Standalone(question, question)
    values = {"history": _turns(history[-REMEMBERED:]), "question": prompts.tidy(question)}
    spoken = question_language(question)
    leans = reader.choose(prompts.prompt("standalone", "leans", spoken, 1, **values), ("Yes", "No"))
    if not leans or leans["Yes"] < LEANS:
        return Standalone(question, question)
    said = "".join(reader.write(prompts.prompt("standalone", "standalone", spoken, MAX_TOKENS, **values)))
    written = said.strip().split("\n")[0].strip("\"' “”")
    return Standalone(written if _keeps(question, written) else question, question)


def _turns(history: Sequence[Exchange]) -> str:
    return "\n".join(
        f"<turn><question>{prompts.tidy(one.question)}</question>"
        f"<answer>{prompts.tidy(one.answer)[:LONGEST_ANSWER] or '–'}</answer></turn>"
        for one in history
    )


def _keeps(question: str, written: str) -> bool:
    """Whether `written` is in the language of `question`, has its figures and is not much longer."""
    if not written or question_language(written) != question_language(question):
        return False
    figures = [set(re.findall(r"\d+", text)) for text in (question, written)]
    return figures[0] <= figures[1] and len(written) <= 3 * len(question) + 80


def remembering(parts: Parts, answers: Sequence[Answer], embedder: Embedder) -> Parts:
    """The same parts, with an engine that also finds what the last answers cite; it reads nothing anew for that, so a
    page read on the live web for one question is at hand for the next; of an engine over some sources only what these
    say. `embedder` is the index's. Raises UsageFault where its selection is empty."""
    kept = [_cited(answer) for answer in answers[-ANSWERS:] if answer.status == "answered"]
    quotes = [quote for group in kept for quote in group]
    if isinstance(parts.engine, SelectedIndex):
        asked = set(selected(parts.engine.index.pages(), parts.engine.selection))
        quotes = [quote for quote in quotes if quote.uri in asked]
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
                piece = Chunk(
                    quote.uri, quote.page_sha256, quote.start, quote.end, quote.text, quote.heading, quote.locator
                )
                found.insert(place, Hit(piece, quote.title, score, cosine=float(cosine), about=quote.about))
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
