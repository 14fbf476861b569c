"""What went wrong, in the interface's language: pure functions that give HTML.

A fault is kept as its English sentence; its words in the page's language come from the catalogue of `rag.messages`.
"""

from collections.abc import Sequence
from html import escape

from app.render import block, short, with_commands
from app.words import Language, say
from rag.messages import translate

OUTCOME_ICONS = {"added": "✓", "replaced": "✓", "unchanged": "=", "failed": "✗", "skipped": "–"}


def explained(language: Language, fault: str) -> tuple[str, str]:
    """(what is said, the original beneath it where the catalogue does not know it, else ""). An empty fault is one that
    only the log can say more of."""
    if not fault:
        return say(language, "unforeseen"), ""
    if language == "en":
        return fault, ""
    said = translate(language, fault)
    return (said, "") if said else (say(language, "went wrong"), fault)


def notice(language: Language, fault: str) -> str:
    """For a fault that stands by itself."""
    return block(f'<div class="notice fault" role="alert">{inline(language, fault)}</div>')


def outcomes(language: Language, told: Sequence[tuple[str, str, str]]) -> str:
    """(status, source, what went wrong) a line; the failed first."""
    ordered = sorted(told, key=lambda outcome: outcome[0] != "failed")
    lines = [
        f'<li class="{escape(status)}"><span aria-hidden="true">{OUTCOME_ICONS.get(status, "·")}</span>'
        f"<div><p>{escape(short(uri))} — {escape(say(language, status))}</p>"
        f"{inline(language, error) if error else ''}</div></li>"
        for status, uri, error in ordered
    ]
    return block(f'<ul class="outcomes">{"".join(lines)}</ul>')


def inline(language: Language, fault: str) -> str:
    """For one that stands in a line of its own among others."""
    said, original = explained(language, fault)
    beneath = f'<p class="original" lang="en">{escape(original)}</p>' if original else ""
    return f"<p>{with_commands(said)}</p>{beneath}"
