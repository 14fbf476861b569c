"""Who chooses the next action. A policy is a generator: it yields an action, and when it is resumed the browser
holds what came of it."""

from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from rag.reading import hops
from rag.reading.browser import Browser
from rag.reading.compose import named, sufficient, translated
from rag.reading.passages import Passage, choose, learned, other_names
from rag.seams import Embedder, Reader
from rag.text import language, question_language
from rag.types import Abstain, Action, Click, Finish, Hit, Hop, Keep, Open, Quote, Search

LOOKED_AT = 8
PASSAGES = 2  # kept of one hop
T = TypeVar("T")
Steps = Generator[Action, None, T]
SURE = 0.6  # P(sufficient) from which no further search is made; below it, one costs little and may find the rest


class Policy(Protocol):
    """Real: GuidedPolicy. Shipped fake: ScriptedPolicy."""

    def actions(self, browser: Browser) -> Iterator[Action]:
        """Actions until Finish or Abstain; `browser` is up to date at every resumption."""
        ...


@dataclass(frozen=True, slots=True)
class GuidedPolicy:
    """Acts without asking a model what to do: search, keep the best sentences of the best pages with their
    neighbours, ask the reader whether they suffice, search again, finish or abstain. The next search is the question
    in the other of Chinese and English (embeddings put a poor match in the question's language before a good one in
    another), then the question with names learned from what was kept. A question that describes a thing without naming
    it is taken apart first.

    `threshold` is the least P(sufficient) at which it finishes; `characters` bounds the quotes of a question that is
    looked up as it stands, together; of one that is taken apart the last step has as many, the others half.
    """

    embedder: Embedder
    reader: Reader
    searches: int
    quotes: int
    characters: int
    threshold: float

    def actions(self, browser: Browser) -> Iterator[Action]:
        probability, via = yield from self._by_hops(browser)
        if not via or (probability is not None and probability < self.threshold):
            plain = yield from self._plainly(browser)
            if plain is not None or not via:
                probability, via = plain, ()  # what was found on the way is no part of what answers
        if browser.quotes and (probability is None or probability >= self.threshold):
            yield Finish(probability, via)
        else:
            yield Abstain("not found in your sources", probability)

    def _by_hops(self, browser: Browser) -> Steps[tuple[float | None, tuple[Hop, ...]]]:
        """Where the question describes a thing without naming it, find out which it is, then look up the rest: by the
        link that the quote holds to it, or by a search. (None, ()) where there is nothing to find out or it is not
        found."""
        question, spoken = browser.question, question_language(browser.question)
        parts = hops.split(question, spoken, self.reader) if hops.nested(question) else None
        if parts is None:
            return None, ()
        yield from self._look_up(browser, parts.first, spoken, PASSAGES)
        name = named(parts.first, spoken, browser.quotes, self.reader) if browser.quotes else ""
        kept = hops.source_of(name, browser.quotes)
        if kept is None:
            return None, ()
        rest, linked = parts.resolved(name), (yield from self._by_link(browser, name, kept, parts.resolved(name)))
        if linked:
            probability, found = sufficient(rest, spoken, linked, self.reader), linked
        else:
            names = self._names(name, browser, spoken)
            probability, found = yield from self._look_up(
                browser, rest, spoken, self.quotes, names, parts.resolved(names[1]) if names[1:] else ""
            )
        if not found:
            return None, ()
        return probability, (Hop(parts.first, name, kept.id, rest, tuple(quote.id for quote in found)),)

    def _look_up(
        self, browser: Browser, query: str, spoken: str, count: int, names: Sequence[str] = (), elsewhere: str = ""
    ) -> Steps[tuple[float | None, Sequence[Quote]]]:
        """(P(they answer), the quotes) of a search: at most `count`, from pages that hold one of `names` where any
        does, and those kept before that hold one; or of a search in the other language, where the pages are in it, or
        these more likely answer. `elsewhere`: `query` with the name as that language has it, where it has one."""
        other = {"zh": "en", "en": "zh"}.get(spoken, "")
        before, found, best = len(browser.quotes), list[Quote](), 0.0
        yield Search(query)
        abroad = _mostly(browser.hits) == other
        if not abroad:
            yield from self._choose(browser, query, browser.hits, count, "", names)
            earlier = [kept for kept in browser.quotes[:before] if any(name in kept.text for name in names)]
            found = [*earlier, *browser.quotes[before:]]
            probability = sufficient(query, spoken, found, self.reader) if found else 0.0
            if probability is None or not other or (probability >= SURE and not elsewhere):
                return probability, found
            before, best = len(browser.quotes), probability
        put = self._translated(browser, other, elsewhere or query)
        yield Search(put)
        yield from self._choose(browser, put, browser.hits, count, "" if abroad else other, names)
        further = browser.quotes[before:]
        probability = sufficient(query, spoken, further, self.reader) if further else 0.0
        return (probability, further) if probability is None or probability > best else (best, found)

    def _names(self, name: str, browser: Browser, spoken: str) -> list[str]:
        """`name`, and how the question or a hit writes it in the other language, where one does."""
        into = {"zh": "en", "en": "zh"}.get(spoken)
        return [name, *other_names(name, browser.hits, into, browser.question)[:1]] if into else [name]

    def _by_link(self, browser: Browser, name: str, kept: Quote, rest: str) -> Steps[Sequence[Quote]]:
        """Follow the link on `name` in a quote and keep what its page says; the quotes kept, none where there is no
        such link."""
        number = hops.link_of(name, kept, browser.pages[kept.page_sha256])
        rank = next((rank for rank, hit in enumerate(browser.hits, 1) if hit.chunk.uri == kept.uri), 0)
        if not number or not (rank or _is_open(browser, kept.uri)):
            return ()
        if not _is_open(browser, kept.uri):
            yield Open(rank)
        if not _is_open(browser, kept.uri):
            return ()
        yield Click(number)
        if browser.page is None or browser.page.uri == kept.uri:
            return ()
        before = len(browser.quotes)
        yield from self._choose(browser, rest, hops.pieces(browser.page, rest), self.quotes, "")
        return browser.quotes[before:]

    def _choose(
        self, browser: Browser, query: str, hits: Sequence[Hit], count: int, only: str, names: Sequence[str] = ()
    ) -> Iterator[Action]:
        """Open and quote the best `count` passages of `hits`; half of them have half of the characters."""
        room = self.characters * count // self.quotes
        for passage in choose(query, hits, self.embedder, count, room, _kept(browser), only, names):
            if not _is_open(browser, passage.uri):
                yield Open(passage.rank)
            browser.position = passage.start
            yield Keep(passage.text)

    def _plainly(self, browser: Browser) -> Steps[float | None]:
        """Searches with the question itself and what it turns into; P(the quotes answer it)."""
        spoken = question_language(browser.question)
        other = {"zh": "en", "en": "zh"}.get(spoken, "")
        query, probability, before = browser.question, None, len(browser.quotes)
        for attempt in range(self.searches):
            yield Search(query)
            if not browser.hits and not (other and browser.nothing_found):
                break
            if browser.hits and attempt == 0 and _mostly(browser.hits) == other:
                query, other = self._translated(browser, other), ""
                yield Search(query)
            yield from self._keep(browser, query, attempt, before)
            if browser.quotes:
                probability = sufficient(browser.question, spoken, browser.quotes, self.reader)
                if probability is None or probability >= SURE:
                    break
            if other:
                query, other = self._translated(browser, other), ""
            else:
                query = learned(query, browser.queries, [kept.text for kept in browser.quotes])
            if not query:
                break
        return probability

    def _translated(self, browser: Browser, into: str, query: str = "") -> str:
        """The question in the other language, with the names that the hits give in both."""
        said = translated(query or browser.question, into, self.reader)
        names = other_names(query or browser.question, browser.hits, into)
        return " ".join([said, *(name for name in names if name.casefold() not in said.casefold())])

    def _keep(self, browser: Browser, query: str, attempt: int, before: int) -> Iterator[Action]:
        """Open and quote the best passages of the present hits that are in the query's language, all of them the first
        time; later searches may add fewer. What was kept `before`, on the way of the hops, takes none of the room."""
        room = self.characters - sum(len(kept.text) for kept in browser.quotes[before:])
        count = self.quotes if attempt == 0 else max(1, self.quotes // 2)
        only = language(query) if attempt else ""
        for passage in choose(query, browser.hits, self.embedder, count, room, _kept(browser), only):
            if not _is_open(browser, passage.uri):
                yield Open(passage.rank)
            browser.position = passage.start
            yield Keep(passage.text)


def _is_open(browser: Browser, uri: str) -> bool:
    return browser.page is not None and browser.page.uri == uri


def _mostly(hits: Sequence[Hit]) -> str | None:
    """The language of most of the first hits; None where there are none."""
    found = Counter(language(hit.chunk.text) for hit in hits[:LOOKED_AT]).most_common(1)
    return found[0][0] if found else None


def _kept(browser: Browser) -> list[Passage]:
    return [Passage(kept.uri, kept.start, kept.end, kept.text, 0, 0.0) for kept in browser.quotes]


@dataclass(frozen=True, slots=True)
class ScriptedPolicy:
    """The shipped fake: plays the actions it was given, whatever comes of them."""

    script: Sequence[Action]

    def actions(self, browser: Browser) -> Iterator[Action]:
        yield from self.script
