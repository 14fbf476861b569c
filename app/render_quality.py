"""What the Quality page says of figures: pure functions, as in `app.render`."""

from collections.abc import Sequence
from html import escape

from app.figures import RATES, Drift
from app.render import block
from app.words import Language, say
from rag.history.statistics import Figure

CALLED_GOOD = "called_good"  # beside the measures of the ledger: what people said
DRIFTS = {"worse": "▼", "better": "▲", "unclear": "="}


def value(measure: str, given: float | None) -> str:
    if given is None:
        return "–"
    return (
        f"{given:.0%}"
        if measure in (*RATES, CALLED_GOOD)
        else f"{given:.1f} s"
        if measure == "seconds"
        else f"{given:,.0f}"
    )


def moved(language: Language, measure: str, by: float) -> str:
    """A difference: of shares in points."""
    if measure in (*RATES, CALLED_GOOD):
        return say(language, "points", value=f"{100 * by:+.1f}")
    return f"{by:+.1f} s" if measure == "seconds" else f"{by:+,.0f}"


def told(language: Language, measure: str, given: Figure) -> str:
    """What a measure is, over how many, and its interval."""
    said = say(language, f"measure {measure} is")
    interval = ""
    if given.low is not None and given.high is not None:
        interval = f", 95%: {value(measure, given.low)}–{value(measure, given.high)}"
    return f"{said} n = {given.n}{interval}"


def card(language: Language, measure: str, now: Figure, then: Figure, more_is_better: bool) -> str:
    """One measure: its value, its n, and by how much it moved against the days before, where both have a value."""
    change = ""
    if now.value is not None and then.value is not None:
        by = now.value - then.value
        kind = "still" if abs(by) < 0.0005 else "good" if (by > 0) == more_is_better else "bad"
        sign = {"still": "=", "good": "▲" if by > 0 else "▼", "bad": "▲" if by > 0 else "▼"}[kind]
        change = f'<span class="moved {kind}">{sign} {escape(moved(language, measure, by))}</span>'
    return (
        f'<div class="card" title="{escape(told(language, measure, now))}">'
        f'<span class="name">{escape(say(language, f"measure {measure}"))}</span>'
        f'<span class="value">{escape(value(measure, now.value))}</span>'
        f'<span class="below"><span>n = {now.n}</span>{change}</span></div>'
    )


def cards(inside: Sequence[str]) -> str:
    return block(f'<div class="cards">{"".join(inside)}</div>')


def drifts(language: Language, before: str, now: str, found: Sequence[Drift]) -> str:
    """A line a measure: what it was, what it is, whether that is a change."""
    lines = []
    for one in found:
        name = say(language, f"measure {one.measure}")
        change = f"{value(one.measure, one.before.value)} → {value(one.measure, one.now.value)}"
        interval = say(language, "drift interval", low=f"{100 * one.low:+.0f}", high=f"{100 * one.high:+.0f}")
        counts = f"n = {one.before.n}, {one.now.n}"
        word = say(language, f"drift {one.word}")
        lines.append(
            f'<li class="{one.word}"><span class="icon" aria-hidden="true">{DRIFTS[one.word]}</span>'
            f'<span class="name">{escape(name)}</span><span>{escape(change)}</span>'
            f'<span class="faint small">{escape(f"{word} · {interval} · {counts}")}</span></li>'
        )
    lead = say(language, "drift builds", before=before, now=now)
    return block(f'<p class="faint small">{escape(lead)}</p><ul class="drifts">{"".join(lines)}</ul>')
