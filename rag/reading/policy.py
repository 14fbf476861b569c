"""Who chooses the next action. A policy is a generator: it yields an action, and when it is resumed the browser
holds what came of it."""

import re
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from rag.reading import hops
from rag.reading.browser import Browser
from rag.reading.compose import named, sufficient, translated
from rag.reading.passages import Passage, choose, heard_names, learned, other_names
from rag.seams import Embedder, Reader
from rag.text import language, question_language, simplified
from rag.types import Abstain, Action, Click, Finish, Hit, Hop, Keep, Open, Quote, Search

LOOKED_AT = 8
PASSAGES = 2  # kept of one hop
SEEN = 0.1  # P(states the answer) from which it is seen at all; of two finds the surer was right in 15 of 16 above it
T = TypeVar("T")
Steps = Generator[Action, None, T]
_IN_BRACKETS = re.compile(r"[（(]([^()（）]{2,40})[)）]")
SURE = 0.6  # P(sufficient) from which no further search is made; below it, one costs little and may find the rest


class Policy(Protocol):
    """Real: GuidedPolicy. Shipped fake: ScriptedPolicy."""

    def actions(self, browser: Browser) -> Iterator[Action]:
        """Actions until Finish or Abstain; `browser` is up to date at every resumption."""
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """Quotes, and the question as it was put in their language to find them."""

    question: str
    quotes: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True)
class GuidedPolicy:
    """Acts without asking a model what to do: search, keep the best sentences of the best pages with their
    neighbours, ask the reader whether they suffice, search again, finish or abstain. The next search is the question
    in the other of Chinese and English (embeddings put a poor match in the question's language before a good one in
    another), then the question with names learned from what was kept. A question that describes a thing without naming
    it is taken apart first.

    `threshold` is the least P(sufficient) at which it finishes; `characters` bounds the quotes of a question that is
    looked up as it stands, together; of one that is taken apart the last step has as many, the others half.
    `states`: (passages, question in their language) -> P(states the answer), each: the small judge's word on what was
    found in two languages, for a thirtieth of the reader's time.
    """

    embedder: Embedder
    reader: Reader
    searches: int
    quotes: int
    characters: int
    threshold: float
    states: Callable[[Sequence[str], str], Sequence[float]] | None = None

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
        first = yield from self._look_up(browser, parts.first, spoken, PASSAGES)
        name = named(parts.first, spoken, first.quotes, self.reader) if first.quotes else ""
        kept = hops.source_of(name, first.quotes)
        if kept is None:
            return None, ()
        rest = parts.resolved(name)
        found = yield from self._by_link(browser, name, kept, rest, spoken)
        sure = self._sure(found, rest, spoken)
        if sure is not None and sure < SEEN:  # behind a link on its name is what is about it
            names = self._names(name, browser, spoken)
            elsewhere = parts.resolved(names[1]) if names[1:] else ""
            searched = yield from self._look_up(browser, rest, spoken, self.quotes, names, elsewhere)
            found = self._likelier(found, searched, rest, spoken)
        if not found.quotes:
            return None, ()
        probability = sufficient(rest, spoken, found.quotes, self.reader)
        return probability, (Hop(parts.first, name, kept.id, rest, tuple(quote.id for quote in found.quotes)),)

    def _look_up(
        self, browser: Browser, query: str, spoken: str, count: int, names: Sequence[str] = (), elsewhere: str = ""
    ) -> Steps[Found]:
        """What a search finds: at most `count` passages, from pages that hold one of `names` where any does, and those
        kept before that hold one; or a search in the other language, where the pages are in it, or what it finds more
        likely answers. `elsewhere`: `query` with the name as that language has it, where it has one."""
        other = {"zh": "en", "en": "zh"}.get(spoken, "")
        before, found, told = len(browser.quotes), Found(query), [simplified(name) for name in names]
        yield Search(query)
        abroad = _mostly(browser.hits) == other
        if not abroad:
            yield from self._choose(browser, query, browser.hits, count, "", names)
            earlier = [kept for kept in browser.quotes[:before] if any(name in simplified(kept.text) for name in told)]
            found = Found(query, (*earlier, *browser.quotes[before:]))
            sure = self._sure(found, query, spoken)
            if not other or sure is None or (not elsewhere and sure >= SURE):
                return found
            before = len(browser.quotes)
        put, heard = yield from self._abroad(browser, other, elsewhere or query)
        names = [*names, *heard] if names else ()
        yield from self._choose(browser, put, browser.hits, count, "" if abroad else other, names)
        return self._likelier(found, Found(put, tuple(browser.quotes[before:])), query, spoken)

    def _likelier(self, one: Found, other: Found, query: str, spoken: str) -> Found:
        """Which of the two more likely answers `query`: by the small judge, and by the reader where that sees it in
        neither."""
        if not one.quotes or not other.quotes:
            return one if one.quotes else other
        seen = [self._seen(found) or 0.0 for found in (one, other)]
        if max(seen) < SEEN:
            seen = [sufficient(query, spoken, found.quotes, self.reader) or 0.0 for found in (one, other)]
        return other if seen[1] > seen[0] else one

    def _sure(self, found: Found, query: str, spoken: str) -> float | None:
        """P(it answers `query`), by the small judge if there is one, else by the reader; None where that cannot say."""
        if not found.quotes:
            return 0.0
        return self._seen(found) if self.states else sufficient(query, spoken, found.quotes, self.reader)

    def _seen(self, found: Found) -> float | None:
        """P(one of the quotes states the answer) by the small judge, asked in their language; None without one."""
        return max(self.states([kept.text for kept in found.quotes], found.question)) if self.states else None

    def _names(self, name: str, browser: Browser, spoken: str) -> list[str]:
        """`name`, and how a hit or the question writes it in the other language, where one does."""
        into = {"zh": "en", "en": "zh"}.get(spoken)
        if into is None:
            return [name]
        return [name, *(other_names(name, browser.hits, into, browser.question) or _given(browser.question, into))[:1]]

    def _by_link(self, browser: Browser, name: str, kept: Quote, rest: str, spoken: str) -> Steps[Found]:
        """Follow the link on `name` in a quote and keep what its page says, looked for in that page's language;
        nothing where there is no such link."""
        number = hops.link_of(name, kept, browser.pages[kept.page_sha256])
        rank = next((rank for rank, hit in enumerate(browser.hits, 1) if hit.chunk.uri == kept.uri), 0)
        if not number or not (rank or _is_open(browser, kept.uri)):
            return Found(rest)
        if not _is_open(browser, kept.uri):
            yield Open(rank)
        if not _is_open(browser, kept.uri):
            return Found(rest)
        yield Click(number)
        if browser.page is None or browser.page.uri == kept.uri:
            return Found(rest)
        before, into = len(browser.quotes), language(browser.page.text)
        known = into in ("zh", "en") and into != spoken
        put = self._translated(browser, into, rest) if known else rest
        yield from self._choose(browser, put, hops.pieces(browser.page, put), self.quotes, "")
        return Found(put, tuple(browser.quotes[before:]))

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
            if attempt and other:
                (query, _), other = (yield from self._abroad(browser, other)), ""
            else:
                yield Search(query)
            if not browser.hits and not (other and browser.nothing_found):
                break
            if browser.hits and attempt == 0 and _mostly(browser.hits) == other:
                (query, _), other = (yield from self._abroad(browser, other)), ""
            yield from self._keep(browser, query, attempt, before)
            if browser.quotes:
                probability = sufficient(browser.question, spoken, browser.quotes, self.reader)
                if probability is None or probability >= SURE:
                    break
            query = query if other else learned(query, browser.queries, [kept.text for kept in browser.quotes])
            if not query:
                break
        return probability

    def _abroad(self, browser: Browser, into: str, query: str = "") -> Steps[tuple[str, list[str]]]:
        """Search with the question, or with `query`, in the other language; and once more where what that finds tells
        how a name in it is written there. (What was searched with last, the names that were told or heard.)"""
        asked = query or browser.question
        put, names = self._translated(browser, into, query), heard_names(asked, browser.hits, into)
        yield Search(put)
        names += _unsaid(
            " ".join(names), [*other_names(asked, browser.hits, into), *heard_names(asked, browser.hits, into)]
        )
        if further := _unsaid(put, names):
            put = " ".join([put, *further])
            yield Search(put)
        return put, names

    def _translated(self, browser: Browser, into: str, query: str = "") -> str:
        """The question in the other language, with the names that the hits give in both, or as they sound."""
        asked = query or browser.question
        said = translated(asked, into, self.reader)
        names = [*other_names(asked, browser.hits, into), *heard_names(asked, browser.hits, into)]
        return " ".join([said, *_unsaid(said, names)])

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


def _unsaid(said: str, names: Sequence[str]) -> list[str]:
    return [name for name in names if name.casefold() not in said.casefold()]


def _given(question: str, into: str) -> list[str]:
    """What the question itself has in brackets in the language `into`: "the shoal (鹤嘴洲)"."""
    return [inside for inside in _IN_BRACKETS.findall(question) if language(inside) == into]


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
