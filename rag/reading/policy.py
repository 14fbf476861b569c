"""Who chooses the next action. A policy is a generator: it yields an action, and when it is resumed the browser
holds what came of it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from rag.reading.browser import Browser
from rag.reading.compose import sufficient, translated
from rag.reading.passages import Passage, choose, learned, other_names
from rag.seams import Embedder, Reader
from rag.text import language, question_language
from rag.types import Abstain, Action, Finish, Hit, Keep, Open, Search

LOOKED_AT = 8
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
    another), then the question with names learned from what was kept.

    `threshold` is the least P(sufficient) at which it finishes; `characters` bounds all quotes of a run together.
    """

    embedder: Embedder
    reader: Reader
    searches: int
    quotes: int
    characters: int
    threshold: float

    def actions(self, browser: Browser) -> Iterator[Action]:
        spoken = question_language(browser.question)
        other = {"zh": "en", "en": "zh"}.get(spoken, "")
        query, probability = browser.question, None
        for attempt in range(self.searches):
            yield Search(query)
            if not browser.hits:
                break
            if attempt == 0 and _mostly(browser.hits) == other:
                query, other = self._translated(browser, other), ""
                yield Search(query)
            yield from self._keep(browser, query, attempt)
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
        if browser.quotes and (probability is None or probability >= self.threshold):
            yield Finish(probability)
        else:
            yield Abstain("not found in your sources", probability)

    def _translated(self, browser: Browser, into: str) -> str:
        """The question in the other language, with the names that the hits give in both."""
        said = translated(browser.question, into, self.reader)
        names = other_names(browser.question, browser.hits, into)
        return " ".join([said, *(name for name in names if name.casefold() not in said.casefold())])

    def _keep(self, browser: Browser, query: str, attempt: int) -> Iterator[Action]:
        """Open and quote the best passages of the present hits that are in the query's language, all of them the first
        time; later searches may add fewer."""
        room = self.characters - sum(len(kept.text) for kept in browser.quotes)
        count = self.quotes if attempt == 0 else max(1, self.quotes // 2)
        only = language(query) if attempt else ""
        for passage in choose(query, browser.hits, self.embedder, count, room, _kept(browser), only):
            if browser.page is None or browser.page.uri != passage.uri:
                yield Open(passage.rank)
            browser.position = passage.start
            yield Keep(passage.text)


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
