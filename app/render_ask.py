"""More of the Ask page as HTML strings: a link into the live page, the trail, what a follow-up was understood as."""

from collections.abc import Sequence
from html import escape
from urllib.parse import quote as percent
from urllib.parse import urlsplit

from app.render import STEP_ICONS, block, mark, short, told
from app.words import Language, say
from rag.text.language import language as written_in
from rag.types import Computation, Hit, Step

WHOLE = 110  # characters of a quote that a link names whole; of a longer one it names both ends
END = 28  # characters of such an end, cut between words
EXCERPT = 180  # characters of a hit


def live(uri: str, text: str) -> str:
    """`uri` with a text fragment (WICG Scroll-To-Text-Fragment) that points at `text`; "" where it is no web
    address."""
    if urlsplit(uri).scheme not in ("http", "https"):
        return ""
    lines = [" ".join(line.split()) for line in text.strip().splitlines() if line.strip()]
    if not lines:
        return uri
    if len(lines) == 1 and len(lines[0]) <= WHOLE:
        directive = _encoded(lines[0])
    else:
        directive = f"{_encoded(_head(lines[0]))},{_encoded(_tail(lines[-1]))}"
    return f"{uri}{':~:' if '#' in uri else '#:~:'}text={directive}"


def _head(line: str) -> str:
    """Its first words, or in Chinese its first clause."""
    if len(line) <= END:
        return line
    if " " in line[:END]:
        return line[:END].rsplit(" ", 1)[0]
    cut = next((at for at in range(6, min(len(line), 2 * END)) if line[at] in "，。；：、！？"), END)
    return line[:cut]


def _tail(line: str) -> str:
    if len(line) <= END:
        return line
    if " " in line[-END:]:
        return line[-END:].split(" ", 1)[1]
    cut = next((at for at in range(len(line) - 7, max(0, len(line) - 2 * END), -1) if line[at] in "，。；：、！？"), 0)
    return line[cut + 1 :] if cut else line[-END:]


def _encoded(text: str) -> str:
    """Percent-encoded; ``-`` and ``,`` too, which mean something in a text directive."""
    return percent(text, safe="").replace("-", "%2D")


def at_the_quote(language: Language, uri: str, text: str) -> str:
    """A link to the quote in the page as it is today; empty for what is no web address."""
    address, said = live(uri, text), escape(say(language, "live page"))
    if not address:
        return ""
    return block(
        f'<a class="small" href="{escape(address)}" target="_blank" rel="noopener noreferrer nofollow">{said} ↗</a>'
    )


def understood(language: Language, asked_as: str) -> str:
    return block(
        f'<span class="faint small">{escape(say(language, "understood as"))} '
        f'<span lang="{escape(written_in(asked_as))}">{escape(asked_as)}</span></span>'
    )


def read_only(language: Language, at: str) -> str:
    """Above an answer that a link led to: that it can only be looked at, and when it was answered (UTC, ISO 8601)."""
    when = say(language, "share at", at=at[:16].replace("T", " "))
    return block(
        f'<p class="title" role="heading" aria-level="1">{escape(say(language, "share title"))}'
        f'<span class="badge">{escape(say(language, "share read only"))}</span></p>'
        f'<p class="lead">{escape(when)} {escape(say(language, "share lead"))}</p>'
    )


def computation(language: Language, turn: int, made: Computation) -> str:
    """The program as it ran, and below it where each of its numbers stands."""
    said = say(language, "asked for")
    inputs = "".join(
        f"<li>{escape(f'{one.name} = ' if one.name else '')}{escape(one.value)} "
        f"{mark(language, turn, one.quote) if one.quote is not None else escape(said)}</li>"
        for one in made.inputs
    )
    return block(
        f'<pre class="program"><code>{escape(made.program)}</code></pre>'
        f'<ul class="inputs small">{inputs}</ul><p class="small"><b>= {escape(made.value)}</b></p>'
    )


# --- the trail ------------------------------------------------------------------------------


def trail(language: Language, taken: Sequence[Step], at: int) -> str:
    """The steps as a timeline, number `at` (from 0) marked; those after it are still to come."""
    items = []
    for number, step in enumerate(taken):
        action = "setback" if step.setback else step.action
        state = "now" if number == at else "past" if number < at else "ahead"
        current = ' aria-current="step"' if number == at else ""
        detail = told(language, step)[:120]
        items.append(
            f'<li class="{state}"{current}><span class="dot" aria-hidden="true">{STEP_ICONS.get(action, "·")}</span>'
            f'<span class="action">{escape(say(language, f"step {action}"))}</span>'
            f'<span class="detail">{escape(detail)}</span>'
            f'<span class="seconds">{step.seconds:.1f} s</span></li>'
        )
    return block(f'<ol class="trail">{"".join(items)}</ol>')


def moment(language: Language, taken: Sequence[Step], at: int) -> str:
    """What was on the browser's screen at step `at`: the results of the last search, the page that was opened from
    them, what had been kept."""
    step, until = taken[at], taken[: at + 1]
    parts = [f'<p class="doing">{escape(_said(language, step))}</p>']
    hits = next((past.hits for past in reversed(until) if past.action == "search" and not past.setback), ())
    kept = [past.quote for past in until if past.quote]
    if step.action == "search":
        parts.append(_results(language, hits) if hits else f'<p class="faint">{escape(say(language, "no hits"))}</p>')
    if kept:
        quoted = "".join(
            f'<li><span class="number">{quote.id}</span> <span lang="{escape(written_in(quote.text))}">'
            f"{escape(' '.join(quote.text.split()))}</span></li>"
            for quote in kept
        )
        parts.append(f'<p class="faint small">{escape(say(language, "kept so far"))}</p><ul class="kept">{quoted}</ul>')
    return block(f'<div class="moment">{"".join(parts)}</div>')


def _said(language: Language, step: Step) -> str:
    action = "setback" if step.setback else step.action
    detail = told(language, step)
    return f"{STEP_ICONS.get(action, '·')} {say(language, f'step {action}')}{': ' if detail else ''}{detail}"


def _results(language: Language, hits: Sequence[Hit]) -> str:
    """The first ten, with the place each leg gave it."""
    items = []
    for hit in hits[:10]:
        text = " ".join(hit.chunk.text.split())
        shown = text if len(text) <= EXCERPT else f"{text[:EXCERPT]}…"
        ranks = say(language, "ranks", dense=hit.dense_rank or "–", text=hit.text_rank or "–")
        items.append(
            f'<li><span class="name">{escape(hit.title or short(hit.chunk.uri))}</span>'
            f' <span class="faint small">{escape(ranks)}</span>'
            f'<span class="excerpt" lang="{escape(written_in(text))}">{escape(shown)}</span></li>'
        )
    return f'<ol class="results">{"".join(items)}</ol>'
