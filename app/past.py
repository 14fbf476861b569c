"""The answers behind a figure: those of a day and a group, each with its sentences, its quotes and their places."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from app import faults, render, session
from app.figures import Run
from app.session import PAST, Session
from app.words import Language, of_text, say
from rag.history.ledger import Ledger
from rag.messages import translate
from rag.text.plain import as_typed
from rag.types import Conflict, Locator, Quote, Side, Verdict

ALL = ""
ON_A_PAGE = 10
DOUBTS = ("unsupported", "contradicted", "unjudged", "abstained")


def show(mine: Session, language: Language, ledger: Ledger, runs: Sequence[Run], by: str) -> None:
    st.html(render.heading(say(language, "past title"), say(language, "past lead")))
    chosen = narrowed(runs, by, *_choose(language, runs, by))
    st.html(render.faint(say(language, "past count", count=len(chosen))))
    if not chosen:
        st.html(render.notice(say(language, "past none")))
        return
    leaf = 1
    if len(chosen) > ON_A_PAGE:
        leaf = st.pagination(-(-len(chosen) // ON_A_PAGE), key=session.PAST_LEAF) or 1
    for at, run in enumerate(chosen[(leaf - 1) * ON_A_PAGE : leaf * ON_A_PAGE]):
        _one(mine, language, ledger, run, PAST + at)


def narrowed(runs: Sequence[Run], by: str, day: str, group: str, doubts: Sequence[str]) -> list[Run]:
    """The answers of a day and a group (ALL for any) that have one of `doubts` (none: any), the latest first."""
    return [
        run
        for run in reversed(runs)
        if day in (ALL, run["day"])
        and group in (ALL, str(run[by]))
        and (not doubts or any(doubtful(run, doubt) for doubt in doubts))
    ]


def doubtful(run: Run, doubt: str) -> bool:
    """Whether an answer has a sentence of this kind, or is none."""
    match doubt:
        case "abstained":
            return bool(run["status"] == "abstained")
        case "unsupported":
            return bool(run["sentences"] > run["supported"] + run["contradicted"] + run["unjudged"])
    return bool(run[doubt])


def _choose(language: Language, runs: Sequence[Run], by: str) -> tuple[str, str, Sequence[str]]:
    """Also what a click on the chart chose."""
    days = [ALL, *sorted({run["day"] for run in runs}, reverse=True)]
    groups = [ALL, *sorted({str(run[by]) for run in runs})]
    for key, there in ((session.DAY, days), (session.GROUP, groups)):
        if st.session_state.get(key) not in there:
            st.session_state[key] = ALL
    left, right = st.columns(2)
    day = left.selectbox(
        say(language, "quality day"), days, key=session.DAY, format_func=lambda day: day or say(language, "all")
    )
    group = right.selectbox(
        say(language, f"by {by}"), groups, key=session.GROUP, format_func=lambda group: group or say(language, "all")
    )
    doubts = st.pills(
        say(language, "standing"),
        DOUBTS,
        selection_mode="multi",
        key=session.DOUBTFUL,
        format_func=lambda doubt: say(language, "past abstained" if doubt == "abstained" else doubt),
    )
    return day, group, doubts


def _one(mine: Session, language: Language, ledger: Ledger, run: Run, turn: int) -> None:
    """One answer behind a click; its quotes can be opened where they stand."""
    with st.expander(render.label(run["question"])):
        kept = ledger.answer(run["id"])
        if kept is None:
            st.html(faults.notice(language, ""))
            return
        at, seconds = kept["at"][:16].replace("T", " "), f"{run['seconds']:.1f}"
        st.html(render.faint(say(language, "quality answered", at=at, index=run["build"], seconds=seconds)))
        st.html(render.faint(f"{run['model']} · {run['id']}"))
        draw(mine, language, kept, turn)


def draw(mine: Session, language: Language, kept: Mapping[str, Any], turn: int) -> None:
    """An answer as the ledger keeps it; its quotes can be opened where they stand."""
    mine.shown[turn] = quotes(kept)
    refused, spoken = kept["status"] == "abstained", of_text(kept["language"])
    if refused:
        st.html(
            render.notice(
                say(spoken, "abstained"),
                translate(kept["language"], kept["reason"]) or kept["reason"],
            )
        )
    rows = [
        render.Row(one["text"], tuple(one["citations"]), Verdict(one["verdict"], one["probability"], one["judge"]))
        for one in kept["sentences"]
    ]
    if rows and not refused:
        st.html(render.answer(language, turn, rows, mine.shown[turn]))
    used, unused = render.by_use(mine.shown[turn], () if refused else rows)
    if used:
        st.html(render.quotes(language, turn, used))
    if unused:
        folded = "nearest" if refused else "unused"
        with st.expander(say(spoken if refused else language, folded, count=len(unused))):
            st.html(render.quotes(language, turn, unused))
    if rows and refused:
        with st.expander(say(spoken, "refused draft")):
            st.html(render.answer(language, turn, rows, mine.shown[turn]))
    if not refused and kept.get("conflicts"):
        st.html(render.conflicts(language, turn, [_conflict(one) for one in kept["conflicts"]]))


def _conflict(kept: Mapping[str, Any]) -> Conflict:
    """The value in dispute is kept without its place: it is marked where it first stands."""
    left, right = (
        Side(
            one["quote"],
            one["text"],
            start := max(one["text"].find(one["value"]), 0),
            start + len(one["value"]),
            *(one[name] for name in ("source", "title", "date", "read_at")),
        )
        for one in kept["sides"]
    )
    return Conflict(left, right, kept["probability"])


def quotes(kept: Mapping[str, Any]) -> list[Quote]:
    """The quotes of an answer as the ledger keeps it."""
    return [
        Quote(
            id=one["id"],
            text=one["text"],
            uri=one["source"],
            title=one["title"],
            page_sha256=one["page_sha256"],
            start=one["start"],
            end=one["end"],
            heading=one.get("heading", ""),  # answers kept before have none of these
            date=one.get("date", ""),
            locator=as_typed(Locator | None, one.get("locator")),
            superseded=one.get("superseded", ""),
        )
        for one in kept["quotes"]
    ]
