"""What the Quality page says of figures: pure functions, as in `app.render`."""

from collections.abc import Mapping, Sequence
from html import escape

from app.figures import RATES, Drift
from app.render import block
from app.words import Language, say
from rag.history.statistics import Figure
from rag.setup.self_test import Asked
from rag.text.language import language as written_in

CALLED_GOOD = "called_good"  # beside the measures of the ledger: what people said
OUTCOMES = {"right": "✓", "wrong": "✗", "declined": "∅"}
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


def shares(language: Language, found: Mapping[str, Figure]) -> str:
    """A card a share of the index tested on itself, with its interval."""
    inside = []
    for name, one in found.items():
        interval = "" if one.low is None or one.high is None else f"{one.low:.0%}–{one.high:.0%}"
        shown = "–" if one.value is None else f"{one.value:.0%}"
        inside.append(
            f'<div class="card" title="{escape(say(language, f"test {name} is"))}">'
            f'<span class="name">{escape(say(language, f"test {name}"))}</span><span class="value">{shown}</span>'
            f'<span class="below"><span>n = {one.n}</span><span>{interval}</span></span></div>'
        )
    return cards(inside)


def asked(language: Language, told: Sequence[Asked]) -> str:
    """A line a question: what came of it, what was expected, what was answered."""
    lines = []
    for one in told:
        word = escape(say(language, f"test {one.outcome}"))
        expected = escape(say(language, "test expected", answer=one.probe.expected))
        lines.append(
            f'<li class="{one.outcome}"><span class="icon" role="img" aria-label="{word}" title="{word}">'
            f'{OUTCOMES[one.outcome]}</span><span lang="{escape(written_in(one.probe.question))}">'
            f'<b>{escape(one.probe.question)}</b> <span class="faint">{expected}</span><br>'
            f"{escape(one.answer.text)}</span></li>"
        )
    return block(f'<ol class="asked">{"".join(lines)}</ol>')
