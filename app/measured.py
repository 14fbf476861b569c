"""Evaluation results on the Quality page: every figure side by side, risk and coverage, reliability, nightly runs."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from app import charts, faults, render
from app.words import Language, say
from eval import report, result
from eval.result import Result
from rag.errors import EvalFault
from rag.history.ledger import Ledger

BEFORE = 3  # set, figure and n stand before the variants
MOST_CURVES = 7  # as many as can be told apart


def show(language: Language, ledger: Ledger) -> None:
    st.html(render.faint(say(language, "evaluations lead")))
    try:
        made = result.latest(result.FOLDER)
    except EvalFault as fault:
        st.html(faults.notice(language, str(fault)))
        return
    if not made:
        st.html(render.notice(say(language, "evaluations none")))
    else:
        _results(language, made)
    nightly = ledger.evaluations()
    if nightly:
        st.html(render.heading(say(language, "evaluations nightly")))
        st.dataframe([_line(row) for row in nightly], hide_index=True, alt=say(language, "evaluations nightly"))


def _results(language: Language, made: Sequence[Result]) -> None:
    names = sorted({one.set for one in made})
    chosen = st.multiselect(say(language, "evaluations sets"), names, placeholder=say(language, "all"))
    some = [one for one in made if not chosen or one.set in chosen]
    for title, rows in (
        ("headlines", loop_first(report.headlines(some))),
        ("wrong", loop_first(report.wrong(some))),
        ("changes", report.changes(some)),
    ):
        if len(rows) > 1:
            _table(say(language, f"evaluations {title}"), rows)
    risks, reliable = report.calibrated(some)
    if risks:
        st.html(render.heading(say(language, "evaluations curves"), say(language, "evaluations curves are")))
        left, right = st.columns(2, gap="medium")
        shown = list(risks)[:MOST_CURVES]
        with left:
            st.html(render.faint(say(language, "evaluations risk")))
            drawn = charts.curves(
                {name: risks[name] for name in shown}, say(language, "coverage"), say(language, "evaluations among")
            )
            st.altair_chart(drawn, width="stretch", alt=say(language, "evaluations risk"))
        with right:
            st.html(render.faint(say(language, "reliability")))
            bins = {name: reliable[name] for name in shown}
            drawn = charts.curves(bins, say(language, "probability given"), say(language, "share right"), diagonal=True)
            st.altair_chart(drawn, width="stretch", alt=say(language, "reliability"))
    with st.expander(say(language, "evaluations every")):
        _table("", report.every(some))
        _table("", report.runs(some))


def loop_first(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """What Vouch itself did before what it is held against: a narrow table shows no more than the first columns."""
    made = [[*row] for row in rows]
    if report.COLUMNS["loop"] in made[0]:
        at = made[0].index(report.COLUMNS["loop"])
        for row in made:
            row.insert(BEFORE, row.pop(at))
    return made


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
