"""Evaluation results on the Quality page: every figure side by side, risk and coverage, reliability, nightly runs."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from app import charts, faults, render
from app.words import Language, say
from rag.errors import EvalFault
from rag.history import evaluations
from rag.history.evaluations import Summary
from rag.history.ledger import Ledger

MOST_CURVES = 7  # as many as can be told apart


def show(language: Language, ledger: Ledger) -> None:
    st.html(render.faint(say(language, "evaluations lead")))
    try:
        summary = evaluations.read(evaluations.FILE)
    except EvalFault as fault:
        st.html(faults.notice(language, str(fault)))
        return
    if summary is None:
        st.html(render.notice(say(language, "evaluations none")))
    else:
        _results(language, summary)
    nightly = ledger.evaluations()
    if nightly:
        st.html(render.heading(say(language, "evaluations nightly")))
        st.dataframe([_line(row) for row in nightly], hide_index=True, alt=say(language, "evaluations nightly"))


def _results(language: Language, summary: Summary) -> None:
    sets = st.multiselect(say(language, "evaluations sets"), summary.sets(), placeholder=say(language, "all"))
    for name in ("headlines", "wrong", "changes"):
        if rows := summary.table(name, sets):
            _table(say(language, f"evaluations {name}"), rows)
    shown = [one for one in summary.curves if not sets or one.set in sets][:MOST_CURVES]
    if shown:
        st.html(render.heading(say(language, "evaluations curves"), say(language, "evaluations curves are")))
        left, right = st.columns(2, gap="medium")
        with left:
            st.html(render.faint(say(language, "evaluations risk")))
            risks = {f"{one.set}, {one.variant}": one.risk for one in shown}
            drawn = charts.curves(risks, say(language, "coverage"), say(language, "evaluations among"))
            st.altair_chart(drawn, width="stretch", alt=say(language, "evaluations risk"))
        with right:
            st.html(render.faint(say(language, "reliability")))
            bins = {f"{one.set}, {one.variant}": one.reliability for one in shown}
            drawn = charts.curves(bins, say(language, "probability given"), say(language, "share right"), diagonal=True)
            st.altair_chart(drawn, width="stretch", alt=say(language, "reliability"))
    with st.expander(say(language, "evaluations every")):
        _table("", summary.table("every", sets))
        _table("", summary.table("runs", sets))


def _table(title: str, rows: Sequence[Sequence[str]]) -> None:
    """The first of `rows` are the names of the columns."""
    if title:
        st.html(render.heading(title))
    head = [name or " " for name in rows[0]]
    columns = {name: [row[at] for row in rows[1:]] for at, name in enumerate(head)}
    st.dataframe(columns, hide_index=True, alt=title or None)


def _line(row: dict[str, Any]) -> dict[str, Any]:
    """A nightly run as a line: each figure's value under its name."""
    shown = {"at": row["at"][:16].replace("T", " "), "set": row["name"], "variant": row["variant"], "n": row["n"]}
    figures = {name: found.get("value") if isinstance(found, dict) else found for name, found in row["figures"].items()}
    return shown | figures
