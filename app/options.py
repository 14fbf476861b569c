"""What this conversation is asked with: a line above the question's field that opens into the settings."""

from dataclasses import asdict, replace

import streamlit as st

from app import render, resources, session
from app.session import Session
from app.settings import BUDGETS, Settings, applied, readers
from app.visitors import owner
from app.words import Language, say
from rag.checking.answerable import RISKS, levels
from rag.config import Config


def line(config: Config, language: Language, mine: Session) -> None:
    """The settings as they are, behind a button; a change counts from the next question on."""
    offered = readers(config)
    with st.popover(said(config, language, mine.settings), icon=":material/tune:", type="tertiary"):
        budget = session.preset(session.BUDGET, mine.conversation, mine.settings.budget)
        st.segmented_control(
            say(language, "budget"),
            BUDGETS,
            key=budget,
            required=True,
            format_func=lambda one: say(language, f"budget {one}"),
            help=say(language, "budget help"),
        )
        changed = replace(mine.settings, budget=st.session_state[budget])
        if len(offered) > 1:
            reader = session.preset(session.READER, mine.conversation, mine.settings.reader)
            st.selectbox(
                say(language, "reader"),
                offered,
                key=reader,
                format_func=lambda one: one or config.reader.model,
                help=say(language, "reader help"),
            )
            changed = replace(changed, reader=st.session_state[reader])
        changed = replace(changed, risk=_risk(config, language, mine))
        if config.web.engine:
            web = session.preset(session.WEB, mine.conversation, mine.settings.web)
            st.toggle(say(language, "web"), key=web, help=say(language, "web help", engine=config.web.engine))
            changed = replace(changed, web=st.session_state[web])
        else:
            st.html(render.faint(say(language, "web none")))
    if changed != mine.settings:
        mine.settings = changed
        if mine.conversation:
            resources.conversations(config).settle(owner(), mine.conversation, asdict(changed))
        st.rerun()


def _risk(config: Config, language: Language, mine: Session) -> float | None:
    """A slider over the risks that were fitted, with the share of questions each leaves answered."""
    usual = config.checking.risk
    steps = sorted({*RISKS, usual})
    key = session.preset(session.RISK, mine.conversation, usual if mine.settings.risk is None else mine.settings.risk)
    said, why = say(language, "risk taken"), say(language, "risk help")
    risk: float = st.select_slider(said, steps, key=key, format_func=lambda one: f"{one:.0%}", help=why)
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
    if settings.reader:
        parts.append(settings.reader)
    if settings.seed:
        parts.append(say(language, "drawn"))
    return " · ".join(parts)


def named(config: Config, settings: Settings) -> str:
    """The same as a name that is kept, whatever the interface's language, with the configuration it ran under."""
    return f"{said(config, 'en', settings)} ({applied(config, settings).fingerprint()[:8]})"
