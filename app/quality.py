"""The Quality page: faithfulness, abstention and seconds over days, and the answers behind them."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from app import render, session
from app.words import Language, of_text, say
from rag import wiring
from rag.checking.alarms import alarms
from rag.config import Config
from rag.types import Verdict

LATEST = 30  # answers that are listed
MEASURES = ("faithfulness", "abstained", "seconds")


def page(config: Config) -> None:
    """Raises Fault where the ledger cannot be opened."""
    language = session.language()
    ledger = wiring.ledger(config)
    st.html(render.title(say(language, "quality title"), say(language, "quality lead")))
    days = st.slider(say(language, "quality days"), 1, 365, 30, key=session.DAYS)
    whole = ledger.sums(days=days)
    if not whole:
        st.html(render.notice(say(language, "quality none")))
        return
    for alarm in alarms(whole[0], config.alarms):
        value, limit = f"{alarm.value:.3g}", f"{alarm.threshold:.3g}"
        told = say(language, "quality alarm", name=alarm.name, value=value, n=alarm.n, limit=limit)
        st.html(render.notice(told, fault=True))
    rows = points(ledger.by_day()[-2 * days :])
    titles = {
        "faithfulness": say(language, "quality faithfulness"),
        "abstained": say(language, "quality abstained"),
        "seconds": say(language, "quality seconds"),
    }
    for measure in MEASURES:
        st.vega_lite_chart(spec=chart(rows, measure, titles[measure], say(language, "quality day")), width="stretch")
    _answers(language, ledger.answers(LATEST))


def points(days: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Of `Ledger.by_day`: a row a day and language with its shares and the mean seconds; None where n is 0."""
    return [
        {
            "day": row["day"],
            "language": row["language"],
            "faithfulness": row["supported"] / row["sentences"] if row["sentences"] else None,
            "abstained": row["abstained"] / row["answers"],
            "seconds": row["seconds"] / row["answers"],
            "n": row["answers"],
        }
        for row in days
    ]


def chart(rows: Sequence[Mapping[str, Any]], measure: str, title: str, day: str) -> dict[str, Any]:
    """One measure over days as a Vega-Lite specification, a line a language; shares from 0 to 1."""
    form = ".1f" if measure == "seconds" else "%"
    scale = {} if measure == "seconds" else {"domain": [0, 1]}
    return {
        "title": title,
        "height": 160,
        "data": {"values": [dict(row) for row in rows if row[measure] is not None]},
        "mark": {"type": "line", "point": True},
        "encoding": {
            "x": {"field": "day", "type": "temporal", "title": day},
            "y": {
                "field": measure,
                "type": "quantitative",
                "title": None,
                "scale": scale,
                "axis": {"format": form},
            },
            "color": {"field": "language", "type": "nominal", "title": None},
            "tooltip": [
                {"field": "day", "type": "nominal", "title": day},
                {"field": measure, "type": "quantitative", "title": title, "format": form},
                {"field": "n", "type": "quantitative", "title": "n"},
            ],
        },
    }


def _answers(language: Language, kept: Sequence[Mapping[str, Any]]) -> None:
    """The latest answers, each with its sentences and verdicts behind a click."""
    only = st.toggle(say(language, "quality doubtful"), key=session.DOUBTFUL)
    for answer in kept:
        if only and all(sentence["verdict"] == "supported" for sentence in answer["sentences"]):
            continue
        with st.expander(render.label(answer["question"])):
            seconds = f"{answer['timings'].get('total', 0.0):.1f}"
            where = answer["index"].get("name", "")
            told = say(
                language, "quality answered", at=answer["at"][:16].replace("T", " "), index=where, seconds=seconds
            )
            st.html(render.faint(told))
            if answer["status"] == "abstained":
                st.html(render.notice(say(of_text(answer["language"]), "abstained")))
            rows = [
                render.Row(
                    sentence["text"],
                    tuple(sentence["citations"]),
                    Verdict(sentence["verdict"], sentence["probability"], sentence["judge"]),
                )
                for sentence in answer["sentences"]
            ]
            if rows:
                st.html(render.answer(language, 0, rows, ()))
