"""What was learned from votes, on the Quality page: the card of the reward in use, and every version so far."""

import streamlit as st

from app import faults, render, resources
from app.words import Language, say
from rag import wiring
from rag.config import Config
from rag.errors import ModelFault
from rag.history.statistics import Figure
from rag.learning.versions import Card, Learned


def show(config: Config, language: Language) -> None:
    st.html(render.faint(say(language, "learned lead")))
    kept, store = wiring.rewards(config), resources.feedback(config)
    try:
        versions, present = kept.all(), kept.present()
    except ModelFault as fault:
        st.html(faults.notice(language, str(fault)))
        return
    comparisons, opinions = store.count(), store.opinions()
    counts = {
        "comparisons": comparisons,
        "thumbs": len(opinions),
        "corrections": sum(bool(one.correction) for one in opinions),
        "words": len(store.remarks()),
    }
    st.html(render.faint(say(language, "learned votes", **counts)))
    if not versions:
        st.html(render.notice(say(language, "learned none"), say(language, "learned how")))
        return
    if present is None:
        st.html(render.notice(say(language, "learned unused"), say(language, "learned how")))
    else:
        _card(language, present)
    st.html(render.heading(say(language, "learned versions")))
    st.dataframe(
        [_row(language, one, present) for one in reversed(versions)],
        hide_index=True,
        alt=say(language, "learned versions"),
    )


def _card(language: Language, present: Learned) -> None:
    card = present.card
    st.html(render.heading(say(language, "learned in use", version=present.version)))
    told = {"votes": card.votes, "questions": card.questions, "accuracy": _told(card.accuracy)}
    st.html(render.faint(say(language, "learned accuracy", **told)))
    beside = {"length": _told(card.by_length), "support": _told(card.by_support)}
    st.html(render.faint(say(language, "learned beside", **beside)))
    before, after = (_number(one) for one in (card.length_before, card.length_after))
    st.html(render.faint(say(language, "learned length", before=before, after=after)))
    if card.doubtful:
        st.html(render.faint(say(language, "learned doubtful", count=len(card.doubtful))))


def _row(language: Language, one: Learned, present: Learned | None) -> dict[str, object]:
    """A version as a line."""
    used = present is not None and one.version == present.version
    return {
        say(language, "learned version"): one.version,
        say(language, "learned made"): one.card.made[:16].replace("T", " "),
        say(language, "learned votes of"): one.card.votes,
        say(language, "learned agrees"): _told(one.card.accuracy),
        say(language, "learned gain"): _gain(one.card),
        say(language, "learned used"): say(language, "learned yes") if used else "",
    }


def _gain(card: Card) -> str:
    """In points over the version before it, on votes new to both."""
    gain = card.gain
    if gain.value is None or gain.low is None or gain.high is None:
        return "–"
    return f"{gain.value:+.0%} [{gain.low:+.0%}, {gain.high:+.0%}]"


def _told(figure: Figure) -> str:
    if figure.value is None or figure.low is None or figure.high is None:
        return "–"
    return f"{figure.value:.0%} [{figure.low:.0%}, {figure.high:.0%}]"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
