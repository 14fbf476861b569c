"""Who chooses the actions by which evidence is gathered. A policy is a generator: it yields an action, and when it is
resumed the browser holds what came of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from rag.answering.ranking import Ranked, States, believed, rank
from rag.browsing.browser import Browser
from rag.generation.translation import translated
from rag.protocols import Reader
from rag.text.language import language, question_language
from rag.text.tokens import tokens
from rag.types import Action, Hit, Keep, Kind, Open, Search

ONE_THING: tuple[Kind, ...] = ("fact", "compare", "chain")  # kinds whose questions, or parts, ask for one thing
RELEVANT = 0.12  # P(states the answer) below which the best passage is taken for none, and the other language is tried
OPEN_RELEVANT = 0.3  # likewise, of a question that no one passage answers
SHARE: dict[Kind, float] = {"explain": 1.5, "list": 2.0, "summary": 2.0}  # of `passages` and `room`

SHOWN = 0.05
"""P(states the answer) below which a passage is neither shown nor read, unless it is the best, where a question asks
for one thing. On the development sets 15% of what is read lies below it and, of 209 questions whose evidence was found,
the evidence of one; below .08 21% and of three. Of an explanation the judge knows less (docs/evaluation.md)."""


class Policy(Protocol):
    """Real: GuidedPolicy, ModelPolicy. Shipped fake: ScriptedPolicy."""

    def actions(self, browser: Browser, sought: str, kind: Kind) -> Iterator[Action]:
        """Actions that gather evidence for the question `sought`, one of the plan's; `browser` is up to date at every
        resumption. Finish and Abstain end the whole run's reading."""
        ...


@dataclass(frozen=True, slots=True)
class GuidedPolicy:
    """Acts without asking a model what to do: search, rank what was found, keep the best passages whole; where nothing
    found is relevant, search once more in the other of Chinese and English. What asks for one thing is then looked up
    in the language that has the better passage, any other question in both.

    `passages` and `room` (tokens) bound what is kept for one question, SHARE times as much of some kinds; what asks for
    one thing has no more than is believed to hold it. `states` is the small judge; without one the order of the search
    stands.
    """

    reader: Reader
    passages: int
    room: int
    states: States | None = None

    def actions(self, browser: Browser, sought: str, kind: Kind) -> Iterator[Action]:
        yield Search(sought)
        one_thing, query = kind in ONE_THING, sought
        found, there = rank(sought, browser.hits, self.states, one_thing), list[Ranked]()
        other = {"zh": "en", "en": "zh"}.get(question_language(sought))
        if other and self.states and self._lacks(found, browser.hits, one_thing):
            query = translated(sought, other, self.reader)
            yield Search(query)
            there = rank(query, browser.hits, self.states, one_thing)
            there = [one for one in there if language(one.hit.chunk.text) == other]
            found = either(found, there) if one_thing else both(found, there)
        put = query
        if self.states and one_thing:
            found = [one for one in believed(found) if one.stated >= SHOWN] or found[:1]
        share = SHARE.get(kind, 1.0)
        for one in chosen(found, int(self.passages * share), int(self.room * share), kind == "summary"):
            if query != (source := put if one in there else sought):
                yield Search(source)  # results are opened by their rank
                query = source
            if browser.page is None or browser.page.uri != one.hit.chunk.uri:
                yield Open(one.rank)
            browser.position = one.hit.chunk.start
            yield Keep(one.hit.chunk.text)

    def _lacks(self, found: Sequence[Ranked], hits: Sequence[Hit], one_thing: bool) -> bool:
        """Whether nothing found is relevant enough to leave the other language out."""
        if not found or found[0].stated < RELEVANT:
            return not (one_thing and agreed(hits))
        return not one_thing and found[0].stated < OPEN_RELEVANT


def either(found: Sequence[Ranked], there: Sequence[Ranked]) -> list[Ranked]:
    """What was found in the question's language or, where the best of it is better, `there` in the other."""
    return list(there if there and (not found or there[0].score > found[0].score) else found)


def both(found: Sequence[Ranked], there: Sequence[Ranked]) -> list[Ranked]:
    """What was found in both languages, each passage once, best first."""
    known = {one.hit.chunk for one in there}
    return sorted([*there, *(one for one in found if one.hit.chunk not in known)], key=lambda one: -one.score)


def agreed(hits: Sequence[Hit]) -> bool:
    """Whether one chunk is the first by its words and by its vector alike: then it is about what is asked, in whatever
    words, and no other language need be tried."""
    return bool(hits) and hits[0].dense_rank == hits[0].text_rank == 1


def chosen(found: Sequence[Ranked], most: int, room: int, of_one_page: bool) -> list[Ranked]:
    """At most `most` passages of together at most `room` tokens, best first, one at least. With `of_one_page` those of
    the best one's page before all others, in the order of the page: a summary tells what a page says."""
    ordered = list(found)
    if of_one_page and found:
        uri = found[0].hit.chunk.uri
        of_page = [one for one in found if one.hit.chunk.uri == uri][:most]
        ordered = [
            *sorted(of_page, key=lambda one: one.hit.chunk.start),
            *(one for one in found if one.hit.chunk.uri != uri),
        ]
    kept: list[Ranked] = []
    for one in ordered:
        cost = tokens(one.hit.chunk.text)
        if kept and (len(kept) == most or cost > room):
            continue
        kept.append(one)
        room -= cost
    return kept


@dataclass(frozen=True, slots=True)
class ScriptedPolicy:
    """The shipped fake: plays the actions it was given, whatever comes of them; for a second sub-question none."""

    script: Sequence[Action]

    def actions(self, browser: Browser, sought: str, kind: Kind) -> Iterator[Action]:
        yield from () if browser.steps else self.script
