"""The Quality page: figures over days with the answers behind them, what changed with the last build, evaluations."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from app import clicks, evidence, learned, past, render, render_quality, resources, session, views
from app.figures import MEASURES, RATES, SHARES, Run, drifts, figure, series
from app.session import Session
from app.words import Language, say
from rag import wiring
from rag.config import Config
from rag.history.alarms import alarms
from rag.history.ledger import Ledger
from rag.history.statistics import Figure, rate

VIEWS = ("answers", "test", "evaluations", "learned")
HEADLINES = ("faithfulness", "citation_precision", "citation_recall", "abstained", "contradicted", "seconds", "tokens")
BY = ("language", "model", "build", "judge", "prompts")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is looked at: one measure, split by `by`, over the last `days` days."""

    measure: str
    by: str
    days: int


def page(config: Config) -> None:
    """Raises Fault where the ledger cannot be opened."""
    mine, language = session.current(), session.language()
    clicks.listen(session.CITED, mine.cite)
    st.html(render.title(say(language, "quality title"), say(language, "quality lead")))
    view = views.choose(language, VIEWS, session.QUALITY_VIEW, "quality view")
    ledger = wiring.ledger(config)
    if view == "evaluations":
        from app import measured

        measured.show(language, ledger)
        return
    if view == "test":
        from app import self_test

        self_test.show(config, language, mine)
        return
    if view == "learned":
        learned.show(config, language)
        return
    _answers(config, mine, language, ledger)
    evidence.show(config, language, mine, session.index(config.index))


def _answers(config: Config, mine: Session, language: Language, ledger: Ledger) -> None:
    days = st.slider(say(language, "quality days"), 1, 365, 30, key=session.DAYS)
    before_and_now = ledger.runs(2 * days)
    whole = ledger.sums(days=days)
    if not whole:
        st.html(render.notice(say(language, "quality none"), say(language, "quality none yet")))
        return
    runs = before_and_now[-whole[0]["answers"] :]
    for alarm in alarms(whole[0], config.alarms):
        value, limit = f"{alarm.value:.3g}", f"{alarm.threshold:.3g}"
        name = say(language, f"measure {alarm.name}")
        told = say(language, "quality alarm", name=name, value=value, n=alarm.n, limit=limit)
        st.html(render.notice(told, fault=True))
    kept = resources.feedback(config)
    now, before = kept.called_good(days), kept.called_good(2 * days, days)
    thumbs = rate(now.hits, now.n), rate(before.hits, before.n)
    _headlines(language, runs, before_and_now[: -len(runs)], thumbs)
    _drifts(language, ledger.runs())
    chosen = _choose(language, days)
    _chart(language, runs, chosen)
    past.show(mine, language, ledger, runs, chosen.by)


def _headlines(language: Language, runs: Sequence[Run], before: Sequence[Run], thumbs: tuple[Figure, Figure]) -> None:
    """Each measure as it is now, and by how much it moved against as many days before; first, where anybody said
    anything, what people thought (`thumbs`, now and before)."""
    shown = [render_quality.card(language, render_quality.CALLED_GOOD, *thumbs, True)] if thumbs[0].n else []
    shown += [
        render_quality.card(
            language, measure, figure(runs, measure), figure(before, measure), measure in SHARES and SHARES[measure][2]
        )
        for measure in HEADLINES
    ]
    st.html(render_quality.cards(shown))


def _drifts(language: Language, runs: Sequence[Run]) -> None:
    """What changed with the last build of the index that answered last."""
    index = runs[-1]["index_name"]
    before, now, found = drifts(runs, index)
    if not found:
        return
    worse = [one for one in found if one.word == "worse"]
    label = say(language, "drift some" if worse else "drift none", index=index, count=len(worse))
    with st.expander(render.label(label), expanded=bool(worse), icon=":material/trending_down:" if worse else None):
        st.html(render_quality.drifts(language, before, now, found))


def _choose(language: Language, days: int) -> Chosen:
    left, right = st.columns(2)
    measure = left.selectbox(
        say(language, "quality measure"),
        MEASURES,
        key=session.MEASURE,
        format_func=lambda measure: say(language, f"measure {measure}"),
    )
    by = right.selectbox(
        say(language, "quality by"), BY, key=session.BY, format_func=lambda by: say(language, f"by {by}")
    )
    return Chosen(measure, by, days)


def _chart(language: Language, runs: Sequence[Run], chosen: Chosen) -> None:
    from app import charts  # altair takes half a second to import, and only this page draws

    points = series(runs, chosen.measure, chosen.by)
    if not points:
        st.html(render.notice(say(language, "quality no value")))
        return
    share = chosen.measure in RATES
    title = say(language, f"measure {chosen.measure}")
    drawn = charts.over_time(
        points,
        title,
        say(language, "quality day"),
        say(language, f"by {chosen.by}"),
        "%" if share else ".1f" if chosen.measure == "seconds" else ",.0f",
        share,
    )

    def clicked() -> None:
        picked: Any = st.session_state[session.CHART].selection.get(charts.CLICKED) or []
        if picked:
            st.session_state[session.DAY], st.session_state[session.GROUP] = picked[0]["on"], picked[0]["group"]
        else:
            st.session_state[session.DAY] = st.session_state[session.GROUP] = past.ALL

    st.html(render.faint(say(language, f"measure {chosen.measure} is")))
    st.altair_chart(
        drawn, width="stretch", key=session.CHART, on_select=clicked, selection_mode=[charts.CLICKED], alt=title
    )
