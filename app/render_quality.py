"""What the Quality page says of figures: pure functions, as in `app.render`."""

from collections.abc import Sequence
from html import escape

from app.figures import RATES, Drift
from app.render import block
from app.words import Language, say
from eval.metrics.stats import Figure

DRIFTS = {"worse": "▼", "better": "▲", "unclear": "="}


def value(measure: str, given: float | None) -> str:
    if given is None:
        return "–"
    return f"{given:.0%}" if measure in RATES else f"{given:.1f} s" if measure == "seconds" else f"{given:,.0f}"


def moved(language: Language, measure: str, by: float) -> str:
    """A difference: of shares in points."""
    if measure in RATES:
        return say(language, "points", value=f"{100 * by:+.1f}")
    return f"{by:+.1f} s" if measure == "seconds" else f"{by:+,.0f}"


def told(language: Language, measure: str, given: Figure) -> str:
    """What a measure is, over how many, and its interval."""
    said = say(language, f"measure {measure} is")
    interval = ""
    if given.low is not None and given.high is not None:
        interval = f", 95%: {value(measure, given.low)}–{value(measure, given.high)}"
    return f"{said} n = {given.n}{interval}"


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
