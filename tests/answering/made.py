"""A run out of the shipped fakes, and what comes of it."""

import re
from dataclasses import replace

from rag.answering.engine import Parts
from rag.answering.policies import GuidedPolicy
from rag.answering.recording import answer as answering
from rag.answering.verification import verify_prompt
from rag.checking.verify import ReaderJudge
from rag.config import ReadingConfig
from rag.generation import prompts
from rag.types import Answer, Answered, Event, Page, Quote, Stated
from rag.web.static import StaticEngine

BRIDGE = Page(
    "memory:bridge",
    "The Orrin bridge was opened on 4 May 1931 after three years of work.\nIt replaced a ferry.",
    title="Bridge",
)
LAKE = Page("memory:lake", "静湖位于青州以北。湖面海拔812米。每年冬天结冰四个月。", title="静湖")
ENGINE = StaticEngine([BRIDGE, LAKE])
_MARKS = (
    "passages", "quotes", "question", "answer", "claim", "statement", "history", "screen",
    "about", "text",
)  # fmt: skip


def asks(name: str, task: str = "", **about: str) -> str:
    """A pattern of a scripted reader for the prompts of this task, in either language; of them those whose marks hold
    what `about` says."""
    return "|".join(_asks(name, task or name, language, about) for language in ("en", "zh"))


def _asks(name: str, task: str, language: str, about: dict[str, str]) -> str:
    whole = prompts.prompt(name, task, language, **{mark: f"\0{mark}\0" for mark in _MARKS}).user
    pieces = re.split("\0(.+?)\0", whole)
    filled = [_filled(about.get(piece, "")) if at % 2 else re.escape(piece) for at, piece in enumerate(pieces)]
    return rf"\A{''.join(filled)}"


def _filled(about: str) -> str:
    return rf"[\s\S]*?(?:{about})[\s\S]*?" if about else r"[\s\S]*?"


def parts(reader, policy=None, engine=ENGINE, states=None, limits: ReadingConfig | None = None, **changes) -> Parts:
    reading = limits or ReadingConfig()
    guided = GuidedPolicy(reader, reading.passages, reading.passage_tokens, states)
    judge = ReaderJudge(reader, verify_prompt, 0.5)
    made = Parts(engine, policy or guided, reader, judge, reading, states=states, index={"name": "t", "build": "b"})
    return replace(made, **changes)


def answer(question: str, made: Parts) -> tuple[Answer, list[Event]]:
    """(the answer, the events before it)."""
    *events, last = answering(question, made)
    assert isinstance(last, Answered) and not any(isinstance(event, Answered) for event in events)
    return last.answer, events


def quote(text: str, number: int = 1, uri: str = "memory:page", about: str = "") -> Quote:
    return Quote(number, text, uri, about, f"of {uri}", 0, len(text), about=about)


def holding(**stated: float):
    """A small judge that finds the answer, so surely, where a word stands; nowhere else."""

    def states(passages, question):
        return [
            max(
                (Stated(sure, text.find(word), text.find(word) + len(word)) for word, sure in stated.items()),
                key=lambda one: one.probability * (one.start >= 0),
            )
            if any(word in text for word in stated)
            else Stated(0.0)
            for text in passages
        ]

    return states
