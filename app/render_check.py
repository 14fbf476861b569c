"""What the Check page shows of a text and its claims, as HTML strings: pure functions, as in `app.render`."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from app.render import block, mark
from app.words import Language, say
from rag.facts import Check, Checked, CheckEnded, CheckEvent, Claim, ClaimChecked, Split
from rag.text.language import language as written_in
from rag.types import Quote, Step

FINDINGS = {  # of a claim: its icon and the class it shares with the verdicts
    "supported": ("✓", "supported"),
    "refuted": ("≠", "contradicted"),
    "not found": ("–", "unsupported"),
    "unjudged": ("?", "unjudged"),
    "not checkable": ("·", "idle"),
    "pending": ("…", "pending"),
}


@dataclass(frozen=True, slots=True)
class CheckProgress:
    """A check as far as it has come; `checked` are the first so many of `claims`."""

    claims: tuple[Claim, ...]
    checked: tuple[Checked, ...]
    steps: tuple[Step, ...]
    quotes: tuple[Quote, ...]
    check: Check | None


def check_progress(events: Sequence[CheckEvent]) -> CheckProgress:
    claims = next((event.claims for event in events if isinstance(event, Split)), ())
    checked = tuple(event.checked for event in events if isinstance(event, ClaimChecked))
    taken = tuple(event for event in events if isinstance(event, Step))
    last = events[-1] if events else None
    kept = tuple(step.quote for step in taken if step.quote)
    return CheckProgress(claims, checked, taken, kept, last.check if isinstance(last, CheckEnded) else None)


def pasted(language: Language, text: str, claims: Sequence[Claim], checked: Sequence[Checked]) -> str:
    """The text with each claim marked by its finding; those that have none yet are pending."""
    shown, at = "", 0
    for number, claim in enumerate(claims):
        finding = checked[number].finding if number < len(checked) else "pending"
        said = escape(say(language, finding))
        shown += escape(text[at : claim.start])
        shown += (
            f'<span class="claim {FINDINGS[finding][1]}" title="{said}">{escape(text[claim.start : claim.end])}</span>'
        )
        at = claim.end
    return block(f'<div class="pasted">{shown}{escape(text[at:])}</div>', written_in(text))


def revised(language: Language, check: Check) -> str:
    """The text with what was taken out struck through and what was put in underlined; a screen reader, which tells
    neither, is given words."""
    taken, put = (
        f'<span class="unseen" lang="{language}">{escape(say(language, word))} </span>'
        for word in ("taken out", "put in")
    )
    shown, at = "", 0
    for change in check.changes:
        old = escape(check.text[change.start : change.end])
        shown += escape(check.text[at : change.start])
        shown += f"<del>{taken}{old}</del>" if old else ""
        shown += f"<ins>{put}{escape(change.new)}</ins>" if change.new else ""
        at = change.end
    return block(f'<div class="pasted">{shown}{escape(check.text[at:])}</div>', check.language)


def counts(language: Language, check: Check) -> str:
    """How many claims have which finding, and the seconds it took."""
    shown = []
    for finding, (icon, kind) in FINDINGS.items():
        number = sum(one.finding == finding for one in check.claims)
        if number:
            shown.append(
                f'<span class="{kind}"><span class="verdict"><span class="icon" aria-hidden="true">{icon}</span>'
                f"{escape(say(language, finding))} <b>{number}</b></span></span>"
            )
    seconds = escape(say(language, "figure seconds", value=f"{check.timings.get('total', 0.0):.1f}"))
    return block(f'<div class="figures" role="status">{"".join(shown)}<span>{seconds}</span></div>')


def findings(language: Language, turn: int, claims: Sequence[Claim], checked: Sequence[Checked]) -> str:
    """A line a claim: its words with the pronoun resolved, its quotes, its finding."""
    items = []
    for number, claim in enumerate(claims):
        one = checked[number] if number < len(checked) else None
        icon, kind = FINDINGS[one.finding if one else "pending"]
        marks = "".join(mark(language, turn, quote) for quote in one.quotes) if one else ""
        others = [quote for quote in one.against if quote not in one.quotes] if one else []
        against = "".join(mark(language, turn, quote) for quote in others)
        if against:
            marks += f' <span class="faint small">{escape(say(language, "but see"))}</span>{against}'
        items.append(
            f'<li class="{kind}"><span class="text" lang="{escape(written_in(claim.text))}">{escape(claim.text)}{marks}'
            f'</span><span class="verdict" title="{escape(_found(language, one))}">'
            f'<span class="icon" aria-hidden="true">{icon}</span>'
            f"{escape(say(language, one.finding if one else 'pending'))}</span></li>"
        )
    return block(f'<ol class="answer">{"".join(items)}</ol>')


def _found(language: Language, one: Checked | None) -> str:
    """Why a claim has its finding, for the tooltip."""
    if one is None:
        return ""
    if one.claim.why:
        return say(language, f"why {one.claim.why}")
    if one.finding == "refuted" and not one.probability:
        return say(language, "words alone")
    if one.probability is None:
        return say(language, "no probability", judge=one.judge)
    return say(language, "probability", value=f"{one.probability:.2f}", judge=one.judge)
