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

SHOWN = 0.05
"""P(states the answer) below which a passage is neither shown nor read, unless it is the best. On the development sets
15% of what is read lies below it and, of 209 questions whose evidence was found, the evidence of one; below .08 21% and
of three (docs/evaluation.md)."""


class Policy(Protocol):
    """Real: GuidedPolicy, ModelPolicy. Shipped fake: ScriptedPolicy."""

    def actions(self, browser: Browser, sought: str, kind: Kind) -> Iterator[Action]:
        """Actions that gather evidence for the question `sought`, one of the plan's; `browser` is up to date at every
        resumption. Finish and Abstain end the whole run's reading."""
        ...


@dataclass(frozen=True, slots=True)
class GuidedPolicy:
    """Acts without asking a model what to do: search, rank what was found, keep the best passages whole; where nothing
    found is relevant, search once more in the other of Chinese and English.

    `passages` and `room` (tokens) bound what is kept for one question; a summary and a list may have twice as
    much, and what asks for one thing has no more than is believed to hold it. `states` is the small judge; without one
    the order of the search stands.
    """

    reader: Reader
    passages: int
    room: int
    states: States | None = None

    def actions(self, browser: Browser, sought: str, kind: Kind) -> Iterator[Action]:
        yield Search(sought)
        found = rank(sought, browser.hits, self.states)
        other = {"zh": "en", "en": "zh"}.get(question_language(sought))
        if other and self.states and not agreed(browser.hits) and (not found or found[0].stated < RELEVANT):
            put = translated(sought, other, self.reader)
            yield Search(put)
            abroad = [one for one in rank(put, browser.hits, self.states) if language(one.hit.chunk.text) == other]
            if abroad and (not found or abroad[0].score > found[0].score):
                found = abroad
            else:
                yield Search(sought)  # back to the first results, which are opened by their rank
        if self.states and kind in ONE_THING:
            found = believed(found)
        wide = kind in ("summary", "list")
        if self.states and not wide:
            found = [one for one in found if one.stated >= SHOWN] or found[:1]
        for one in chosen(found, self.passages * (1 + wide), self.room * (1 + wide), kind == "summary"):
            if browser.page is None or browser.page.uri != one.hit.chunk.uri:
                yield Open(one.rank)
            browser.position = one.hit.chunk.start
            yield Keep(one.hit.chunk.text)


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
