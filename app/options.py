"""What this conversation is asked with: a line above the question's field that opens into the settings."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace

import streamlit as st

from app import render, resources, session
from app.render import short
from app.session import Session
from app.settings import BUDGETS, Settings, applied, readers
from app.visitors import owner
from app.words import Language, say
from rag.answering.answerability import RISKS, levels
from rag.config import Config
from rag.text.tags import tags
from rag.types import PageInfo

LISTED, PLACES = 500, 40  # sources, and folders or sites, that are offered; others can be typed


def line(config: Config, language: Language, mine: Session) -> None:
    """The settings as they are, behind a button; a change counts from the next question on.

    Each field gets its value as its default: one that is set through `st.session_state` would be told to the browser
    once, which forgets it where the popover is closed at that moment.
    """
    now, offered = mine.settings, readers(config)
    with st.popover(said(config, language, now), icon=":material/tune:", type="tertiary"):
        budget = st.segmented_control(
            say(language, "budget"),
            BUDGETS,
            default=now.budget,
            key=session.of(session.BUDGET, mine),
            required=True,
            format_func=lambda one: say(language, f"budget {one}"),
            help=say(language, "budget help"),
        )
        changed = replace(now, budget=budget, risk=_risk(config, language, mine))
        if len(offered) > 1:
            reader = st.selectbox(
                say(language, "reader"),
                offered,
                index=offered.index(now.reader) if now.reader in offered else 0,
                key=session.of(session.READER, mine),
                format_func=lambda one: one or config.reader.model,
                help=say(language, "reader help"),
            )
            changed = replace(changed, reader=reader)
        pages = resources.index(config, session.index(config.index)).pages()
        sources, uris = _sources(language, mine, pages)
        changed = replace(changed, sources=sources, uris=uris, tags=_tags(language, mine, pages))
        if config.web.engine:
            web = st.toggle(
                say(language, "web"),
                now.web,
                key=session.of(session.WEB, mine),
                help=say(language, "web help", engine=config.web.engine),
            )
            changed = replace(changed, web=web)
        else:
            st.html(render.faint(say(language, "web none")))
    if changed != mine.settings:
        mine.settings = changed
        if mine.conversation:
            resources.conversations(config).settle(owner(), mine.conversation, asdict(changed))
        st.rerun()


def _sources(language: Language, mine: Session, pages: Sequence[PageInfo]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The sources that alone are asked: titles, folders and sites to choose from, and patterns that can be typed; and
    the addresses, of documents that were open, that are meant to the letter."""
    offered = [*places([page.uri for page in pages]), *dict.fromkeys(page.title or page.uri for page in pages[:LISTED])]
    now = [*mine.settings.sources, *mine.settings.uris]
    chosen: list[str] = st.multiselect(
        say(language, "only sources"),
        [*offered, *(one for one in now if one not in offered)],
        now,
        key=session.of(session.ONLY, mine),
        placeholder=say(language, "all sources"),
        accept_new_options=True,
        help=say(language, "only help"),
    )
    exact = tuple(one for one in chosen if one in mine.settings.uris)
    return tuple(one for one in chosen if one not in exact), exact


def _tags(language: Language, mine: Session, pages: Sequence[PageInfo]) -> tuple[str, ...]:
    """The tags whose sources alone are asked; nothing is drawn where the index has none."""
    known = tags((*(tag for page in pages for tag in page.tags), *mine.settings.tags))
    if not known:
        return ()
    chosen: list[str] = st.multiselect(
        say(language, "only tags"),
        sorted(known, key=str.casefold),
        [one for one in known if one in mine.settings.tags],
        key=session.of(session.ONLY_TAGGED, mine),
        placeholder=say(language, "all sources"),
        help=say(language, "only tags help"),
    )
    return tuple(chosen)


def places(uris: Sequence[str]) -> list[str]:
    """The folders and sites that hold more than one of these sources and not all of them, as beginnings of addresses,
    the fullest first."""
    held = Counter(uri.rsplit("/", 1)[0] + "/" for uri in uris if "/" in uri)
    return [place for place, count in held.most_common(PLACES) if 1 < count < len(uris)]


def _risk(config: Config, language: Language, mine: Session) -> float | None:
    """A slider over the risks that were fitted, with the share of questions each leaves answered."""
    usual = config.checking.risk
    steps = sorted({*RISKS, usual, usual if mine.settings.risk is None else mine.settings.risk})
    risk: float = st.select_slider(
        say(language, "risk taken"),
        steps,
        usual if mine.settings.risk is None else mine.settings.risk,
        key=session.of(session.RISK, mine),
        format_func=lambda one: f"{one:.0%}",
        help=say(language, "risk help"),
    )
    found = next((level for level in levels() if level.risk == risk), None)
    if found:
        st.html(render.faint(say(language, "risk answered", share=f"{found.coverage:.0%}")))
    return None if risk == usual else risk


def said(config: Config, language: Language, settings: Settings) -> str:
    """What differs from one settings to another, in words."""
    parts = [say(language, f"budget {settings.budget}")]
    if settings.risk is not None:
        parts.append(say(language, "risk said", share=f"{settings.risk:.0%}"))
    if settings.web:
        parts.append(say(language, "web"))
    if settings.only:
        only = [*settings.sources, *map(short, settings.uris), *(f"#{tag}" for tag in settings.tags)]
        parts.append(say(language, "only said", sources=", ".join(only)))
    if settings.reader:
        parts.append(settings.reader)
    if settings.seed:
        parts.append(say(language, "drawn"))
    return " · ".join(parts)


def named(config: Config, settings: Settings) -> str:
    """The same as a name that is kept, whatever the interface's language, with the configuration it ran under."""
    return f"{said(config, 'en', settings)} ({applied(config, settings).fingerprint()[:8]})"
