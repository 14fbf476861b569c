"""What can be done with one click where a question was not answered: the same question, asked with other settings."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import streamlit as st

from app import session
from app.settings import Settings, readers
from app.words import Language, say
from rag.answering.answerability import RISKS, levels
from rag.config import Config
from rag.messages import find
from rag.types import Answer


@dataclass(frozen=True, slots=True)
class Remedy:
    """`name` is the key of its words, which say what it costs; `settings` are those to ask with."""

    name: str
    icon: str
    settings: Settings
    cost: str = ""


def remedies(config: Config, settings: Settings, given: Answer) -> list[Remedy]:
    """Those that differ from how it was asked, the cheapest first."""
    found = [_surer(config, settings, given)]
    if settings.only:
        found.append(Remedy("widen", "library_books", replace(settings, sources=(), tags=(), uris=())))
    if settings.budget == "quick":
        seconds = f"{2 * given.timings.get('total', 0.0):.0f}"
        found.append(Remedy("deeper", "manage_search", replace(settings, budget="thorough"), seconds))
    if config.web.engine and not settings.web:
        found.append(Remedy("web", "language", replace(settings, web=True), config.web.engine))
    others = [one for one in readers(config) if one != settings.reader]
    if others:
        found.append(
            Remedy("reader", "neurology", replace(settings, reader=others[-1]), others[-1] or config.reader.model)
        )
    return [one for one in found if one]


def _surer(config: Config, settings: Settings, given: Answer) -> Remedy | None:
    """Where there is a draft that was not sure enough: the least risk at which it would have been told."""
    sure, said = given.metrics.get("answerable"), find(given.reason)
    if not isinstance(sure, float) or said is None or said.code != "refused.unsure":
        return None
    taken = config.checking.risk if settings.risk is None else settings.risk
    enough = [one for one in levels(RISKS) if one.risk > taken and one.threshold <= sure]
    return (
        Remedy("risk", "balance", replace(settings, risk=enough[0].risk), f"{enough[0].risk:.0%}") if enough else None
    )


def show(config: Config, language: Language, given: Answer, again: Callable[[Settings], None]) -> None:
    """A button each: the question is asked with those settings `again`, and the conversation keeps its own."""
    with st.container(horizontal=True, gap="small", key=f"remedies-{given.id}"):
        for one in remedies(config, session.current().settings, given):
            label = say(language, f"remedy {one.name}", cost=one.cost)
            if st.button(label, key=f"remedy-{one.name}-{given.id}", icon=f":material/{one.icon}:", type="secondary"):
                again(one.settings)
