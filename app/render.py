"""What the page shows, as HTML strings: pure functions, and everything that comes from outside is escaped here.

Each string is one ``<div class="vouch">`` for `st.html`. A clickable citation is a button with ``data-cite``
("turn:quote"), to which `app.clicks` listens.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import urlsplit

from app.words import Language, of_text, say
from rag.answering.verification import drafted
from rag.messages import find, translate
from rag.messages import say as phrase
from rag.text.language import language as written_in
from rag.text.locator import cite
from rag.types import (
    COMPUTED,
    Answer,
    Answered,
    Conflict,
    Event,
    Extract,
    Extracted,
    Judged,
    Locator,
    Page,
    Quote,
    Rate,
    Sentence,
    Side,
    Span,
    Step,
    Verdict,
    Wrote,
)

PREVIEW = 240  # characters
MOST_FOUND = 500  # places that are marked
BEFORE = 60  # characters that are shown before the sentence that is marked
MARKDOWN = (".md", ".markdown")
_MARKED = re.compile(r"^\s{0,3}(?:#{1,6}|[-*+]|>)\s+", re.MULTILINE)
_COMMAND = re.compile(r"`([^`\n]+)`")
_EMPHASIS = re.compile(r"(\*\*|__|\*|`)(?=\S)(.+?)(?<=\S)\1")
ICONS = {"supported": "✓", "unsupported": "✗", "contradicted": "≠", "unjudged": "?", "pending": "…"}
REFUSALS = {  # why a question is not answered -> what the page says of it
    "refused.not_in_passages": "abstained refused",
    "refused.unsure": "abstained unsure",
    "refused.nonsense": "abstained nonsense",
    "refused.controversial": "abstained controversial",
}
STEP_ICONS = {"search": "⌕", "open": "▤", "keep": "❝", "compute": "=", "finish": "✓", "abstain": "∅", "setback": "!"}


@dataclass(frozen=True, slots=True)
class Row:
    """A sentence of the answer as far as it is known: no verdict yet means it is still being checked."""

    text: str
    citations: tuple[int, ...]
    verdict: Verdict | None


def block(inside: str, spoken: str = "") -> str:
    attribute = f' lang="{escape(spoken)}"' if spoken else ""
    return f'<div class="vouch"{attribute}>{inside}</div>'


def title(heading: str, lead: str = "") -> str:
    below = f'<p class="lead">{escape(lead)}</p>' if lead else ""
    return block(f'<p class="title" role="heading" aria-level="1">{escape(heading)}</p>{below}')


def heading(text: str, lead: str = "") -> str:
    below = f'<p class="faint small">{escape(lead)}</p>' if lead else ""
    return block(f'<p class="heading" role="heading" aria-level="2">{escape(text)}</p>{below}')


def question(text: str) -> str:
    return block(f'<div class="question">{escape(text)}</div>', written_in(text))


def faint(text: str) -> str:
    return block(f'<span class="faint small">{with_commands(text)}</span>')


def with_commands(text: str) -> str:
    """Escaped, with the commands that stand between backticks as such."""
    return _COMMAND.sub(r"<code>\1</code>", escape(text))


def notice(*sentences: str, fault: bool = False) -> str:
    kind = "fault" if fault else "plain"
    role = ' role="alert"' if fault else ""
    inside = "".join(f"<p>{with_commands(sentence)}</p>" for sentence in sentences if sentence)
    return block(f'<div class="notice {kind}"{role}>{inside}</div>')


# --- a run ----------------------------------------------------------------------------------


def steps(language: Language, taken: Sequence[Step]) -> str:
    lines = []
    for step in taken:
        action = "setback" if step.setback else step.action
        detail = told(language, step)[:200]
        lines.append(
            f"<li><span>{STEP_ICONS.get(action, '·')}</span>"
            f'<span class="action">{escape(say(language, f"step {action}"))}</span>'
            f'<span class="detail" title="{escape(detail)}">{escape(detail)}</span>'
            f'<span class="seconds">{step.seconds:.1f} s</span></li>'
        )
    return block(f'<ol class="steps">{"".join(lines)}</ol>')


def told(language: Language, step: Step) -> str:
    """What a step was about, in a line of plain text; a setback in the page's language."""
    detail = " ".join(step.detail.split())
    if step.setback:
        return translate(language, detail) or detail
    return detail or (say(language, "enough") if step.action == "finish" else "")


def summary(language: Language, taken: Sequence[Step]) -> str:
    """What the steps amount to, in a line of plain text."""
    counts = {action: sum(s.action == action and not s.setback for s in taken) for action in ("search", "open", "keep")}
    if not any(counts.values()):
        return say(language, "done without")
    return say(language, "done", searches=counts["search"], pages=counts["open"], quotes=counts["keep"])


def quotes(language: Language, turn: int, kept: Sequence[Quote], extract: Extract | None = None) -> str:
    """Cards, in the order given; in the quote of the extractive answer that is marked."""
    cards = [
        f'<button type="button" class="quote" data-cite="{turn}:{quote.id}" '
        f'title="{escape(say(language, "open quote", id=quote.id))}">'
        f'<span class="from"><span class="number">{quote.id}</span>'
        f'<span class="name">{escape(quote.title or short(quote.uri))}</span>{place(language, quote.locator)}'
        f"{_superseded(language, quote)}</span>"
        f'<span class="words" lang="{escape(written_in(quote.text))}">{_words(quote, extract)}</span>'
        "</button>"
        for quote in kept
    ]
    return block(f'<div class="quotes">{"".join(cards)}</div>')


def place(language: Language, locator: Locator | None) -> str:
    return f'<span class="place">{escape(cite(locator, language))}</span>' if locator else ""


def _superseded(language: Language, quote: Quote) -> str:
    told = phrase(language, "quote.superseded", by=quote.superseded)
    return f'<span class="superseded">{escape(told)}</span>' if quote.superseded else ""


def in_a_line(quote: Quote, text: str) -> str:
    """`text` of a quote on one line. The signs by which Markdown marks headings, lists and stress are left out; in its
    page they are there."""
    if quote.uri.lower().endswith(MARKDOWN):
        text = _EMPHASIS.sub(r"\2", _MARKED.sub("", text))
    return " ".join(text.split())


def _words(quote: Quote, extract: Extract | None) -> str:
    """A quote's text on one line; what answers in it comes first and is marked."""
    if extract is None or extract.quote != quote.id:
        return escape(in_a_line(quote, quote.text))
    before, after = (
        escape(in_a_line(quote, part)) for part in (quote.text[: extract.start], quote.text[extract.end :])
    )
    cut = f"…{before[-BEFORE:]} " if len(before) > BEFORE else f"{before} " if before else ""
    return f"{cut}<mark>{escape(' '.join(extract.text.split()))}</mark> {after}".strip()


def by_use(kept: Sequence[Quote], sentences: Sequence[Sentence | Row]) -> tuple[list[Quote], list[Quote]]:
    """(the quotes that the sentences cite, in the order in which they do; the others)."""
    order = list(dict.fromkeys(mark for sentence in sentences for mark in sentence.citations))
    used = sorted((quote for quote in kept if quote.id in order), key=lambda quote: order.index(quote.id))
    return used, [quote for quote in kept if quote.id not in order]


def rows(draft: str, judged: Sequence[Sentence]) -> list[Row]:
    """The answer as far as it is written, in sentences; those judged have their verdict."""
    done = [Row(sentence.text, sentence.citations, sentence.verdict) for sentence in judged]
    return done + [Row(text, (), None) for text in drafted(draft)[len(done) :]]


def answer(language: Language, turn: int, sentences: Sequence[Row], known: Sequence[Quote]) -> str:
    """`known` are the quotes there are: a mark for any other is shown and cannot be clicked."""
    quoted = {quote.id: quote for quote in known}
    spoken = written_in(" ".join(row.text for row in sentences))
    items = []
    for row in sentences:
        label = row.verdict.label if row.verdict else "pending"
        word = "worked out" if row.verdict and row.verdict.judge == COMPUTED and label == "supported" else label
        marks = "".join(
            mark(language, turn, number, quoted[number])
            if number in quoted
            else f'<span class="number">{number}</span>'
            for number in row.citations
        )
        items.append(
            f'<li class="{label}"><span class="text" lang="{spoken}">{escape(row.text)}{marks}</span>'
            f'<span class="verdict" title="{escape(_judged(language, row.verdict))}">'
            f'<span class="icon" aria-hidden="true">{ICONS[label]}</span>{escape(say(language, word))}</span></li>'
        )
    return block(f'<ol class="answer">{"".join(items)}</ol>')


def mark(language: Language, turn: int, number: int, quote: Quote | None = None) -> str:
    """The number of a quote, which leads to it; with the `quote`, pointed at it shows what that says."""
    label = escape(say(language, "open quote", id=number))
    return (
        f'<button type="button" class="number" data-cite="{turn}:{number}" aria-label="{label}">'
        f"{number}{_preview(language, quote) if quote else ''}</button>"
    )


def _preview(language: Language, quote: Quote) -> str:
    """What a quote says and where it stands, for a pointer that rests on its number."""
    where = ", ".join(filter(None, (quote.title or short(quote.uri), cite(quote.locator, language), quote.date[:10])))
    said = in_a_line(quote, quote.text)
    cut = said if len(said) <= PREVIEW else f"{said[:PREVIEW].rstrip()} …"
    return (
        f'<span class="preview" aria-hidden="true"><span class="from">{escape(where)}</span>'
        f'<span lang="{escape(written_in(said))}">{escape(cut)}</span></span>'
    )


def conflicts(language: Language, turn: int, found: Sequence[Conflict]) -> str:
    """Each conflict as two sides beside one another (below one another on a narrow screen), the values in dispute
    marked. Empty where there are none."""
    if not found:
        return ""
    pairs = "".join(
        f'<div class="conflict" role="group" aria-label="{escape(conflict.differs)}">'
        f'{_side(language, turn, conflict.left)}<span class="against" aria-hidden="true">≠</span>'
        f"{_side(language, turn, conflict.right)}</div>"
        for conflict in found
    )
    heading = f'<span class="icon" aria-hidden="true">≠</span> {escape(say(language, "disagree"))}'
    lead = f'<p class="faint small">{escape(say(language, "disagree lead"))}</p>'
    return block(f'<section class="conflicts"><p class="disagree">{heading}</p>{lead}{pairs}</section>')


def _side(language: Language, turn: int, side: Side) -> str:
    text = f"{escape(side.text[: side.start])}<mark>{escape(side.value)}</mark>{escape(side.text[side.end :])}"
    if side.date:
        when = say(language, "written on", date=side.date[:10])
    elif side.read_at:
        when = say(language, "read on", date=side.read_at[:10])
    else:
        when = say(language, "undated")
    return (
        f'<div class="side"><p class="from"><span class="name">{escape(side.title or short(side.source))}</span>'
        f'{mark(language, turn, side.quote)}</p><p class="when">{escape(when)}</p>'
        f'<p class="text" lang="{written_in(side.text)}">{text}</p></div>'
    )


def _judged(language: Language, verdict: Verdict | None) -> str:
    if verdict is None:
        return ""
    if verdict.judge == "verbatim":
        return say(language, "verbatim")
    if verdict.judge == COMPUTED:
        return say(language, "computed")
    if verdict.probability is None:
        return say(language, "no probability", judge=verdict.judge)
    return say(language, "probability", value=f"{verdict.probability:.2f}", judge=verdict.judge)


def figures(language: Language, given: Answer) -> str:
    """Supported sentences, citation precision, seconds and tokens, in one line."""
    shown = []
    for key, name in (("faithfulness", "figure supported"), ("citation_precision", "figure precision")):
        rate = given.metrics.get(key)
        if isinstance(rate, Rate) and given.status == "answered":  # of a draft that is withheld nothing is told
            shown.append(f"{escape(say(language, name))} <b>{_rate(rate)}</b>")
    shown.append(escape(say(language, "figure seconds", value=f"{given.timings.get('total', 0.0):.1f}")))
    read, written = given.metrics.get("prompt_tokens"), given.metrics.get("output_tokens")
    shown.append(escape(say(language, "figure tokens", read=read or 0, written=written or 0)))
    return block(f'<div class="figures">{"".join(f"<span>{part}</span>" for part in shown)}</div>')


def _rate(rate: Rate) -> str:
    return f"{rate.hits}/{rate.n} ({rate.value:.0%})" if rate.value is not None else "–"


def abstained(given: Answer) -> str:
    """Why there is no answer, what was searched and what would help, in the language of the question."""
    spoken = of_text(given.language)
    message = find(given.reason)
    why = REFUSALS.get(message.code if message else "", "abstained")
    queries = [step.detail for step in given.steps if step.action == "search" and not step.setback]
    listed = "; ".join(f"“{query}”" for query in queries) if spoken == "en" else "；".join(f"「{q}」" for q in queries)
    return notice(
        say(spoken, why),
        say(spoken, "searched for", queries=listed) if queries else "",
        say(spoken, "came nearest", text=" ".join(given.extract.text.split())) if given.extract else "",
        say(spoken, "would help"),
    )


@dataclass(frozen=True, slots=True)
class Progress:
    """A run as far as it has come. `stage` is a key of the words."""

    stage: str
    steps: tuple[Step, ...]
    quotes: tuple[Quote, ...]
    draft: str
    sentences: tuple[Sentence, ...]
    extract: Extract | None
    answer: Answer | None


def progress(events: Sequence[Event]) -> Progress:
    taken = tuple(event for event in events if isinstance(event, Step))
    draft = "".join(event.text for event in events if isinstance(event, Wrote))
    judged = tuple(event.sentence for event in events if isinstance(event, Judged))
    last = events[-1] if events else None
    match last:
        case None:
            stage = "searching"
        case Answered() | Judged():
            stage = "checking"
        case Wrote():
            stage = "writing"
        case Step(action="finish"):
            stage = "writing"
        case Step(action="keep") | Extracted():
            stage = "weighing"
        case _:
            stage = "reading"
    kept = tuple(step.quote for step in taken if step.quote)
    extract = next((event.extract for event in events if isinstance(event, Extracted)), None)
    return Progress(stage, taken, kept, draft, judged, extract, last.answer if isinstance(last, Answered) else None)


# --- pages and sources ----------------------------------------------------------------------


def page(
    language: Language, text: str, span: Span | None, turn: int = 0, others: Sequence[Quote] = (), wanted: str = ""
) -> str:
    """A page's whole text; what stands at `span` is marked, as ``<mark id="quote">``, and fainter the `others` that the
    same answer quotes, each with the number that leads to it. Where `wanted` stands is marked too, and its first place
    is then the one with the id."""
    found = places(text, wanted)
    first = found[:1] if found else [span] if span else []
    marks = [(one, "found", "") for one in found]
    marks += [(span, "here", "")] if span else []
    marks += [((one.start, one.end), "other", mark(language, turn, one.id)) for one in others]
    shown, at = "", 0
    for (start, end), kind, after in _apart(marks):
        known = 'id="quote"' if (start, end) in first else f'class="{kind}"'
        shown += f"{escape(text[at:start])}<mark {known}>{escape(text[start:end])}</mark>{after}"
        at = end
    return block(f'<div class="page">{shown}{escape(text[at:])}</div>', written_in(text))


def places(text: str, wanted: str) -> list[Span]:
    """Where `wanted` stands in `text`, whatever the case of its letters; none where it is empty."""
    if not wanted.strip():
        return []
    return [found.span() for found in re.finditer(re.escape(wanted.strip()), text, re.IGNORECASE)][:MOST_FOUND]


def _apart(marks: Sequence[tuple[Span, str, str]]) -> list[tuple[Span, str, str]]:
    """Those that do not overlap one before them, in the order of the text."""
    kept: list[tuple[Span, str, str]] = []
    for one in marks:
        if all(one[0][1] <= start or end <= one[0][0] for (start, end), _, _ in kept):
            kept.append(one)
    return sorted(kept)


def facts(language: Language, shown: Page, quote: Quote | None) -> str:
    """What is known of a page: heading, where from, when read, and which characters are quoted."""
    listed = [(say(language, "source"), _link(shown.uri))]
    if shown.read_at:
        listed.append((say(language, "read at"), escape(shown.read_at[:16].replace("T", " "))))
    if quote:
        if quote.locator:
            listed.append((say(language, "place"), cite(quote.locator, language)))
        else:
            listed.append((say(language, "where"), f"{quote.start}–{quote.end}"))
    inside = "".join(f"<div><dt>{escape(name)}</dt><dd>{value}</dd></div>" for name, value in listed)
    heading = f'<p class="heading">{escape(shown.title or say(language, "untitled"))}</p>'
    return block(f'{heading}<dl class="facts">{inside}</dl>')


def _link(uri: str) -> str:
    """A link for web addresses; anything else, ``javascript:`` too, is only text."""
    if urlsplit(uri).scheme in ("http", "https"):
        return f'<a href="{escape(uri)}" target="_blank" rel="noopener noreferrer nofollow">{escape(uri)}</a>'
    return escape(uri)


def short(uri: str) -> str:
    """A web address without its scheme, or the last two parts of a path."""
    parts = urlsplit(uri)
    if parts.scheme in ("http", "https"):
        return f"{parts.netloc}{parts.path}".rstrip("/")
    return "/".join(uri.replace("\\", "/").rstrip("/").split("/")[-2:])


def label(text: str) -> str:
    """`text` for a widget's label, which Streamlit reads as Markdown: signs that could mean something are escaped."""
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]()<>#+-.!|~$:^=&" else sign for sign in " ".join(text.split()))
