"""What the Sources page shows, as HTML strings: pure functions, as in `app.render`."""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import pairwise
from typing import Literal

from app import faults
from app.recognised import Told, facts, left_out
from app.render import block, place, short
from app.words import NAMES, Language, say
from rag.index.attempts import Attempt
from rag.index.builds import BuildInfo
from rag.index.versions import Twins
from rag.messages import say as phrase
from rag.text.language import language as written_in
from rag.types import Chunk, Hit, Page, PageInfo, Span

Leg = Literal["fused", "dense", "text"]
Standing = Literal["there", "empty", "kept", "failed"]
ICONS: Mapping[Standing, str] = {"there": "✓", "empty": "∅", "kept": "!", "failed": "✗"}
NONE = Twins()
LEAF = 8000  # characters of a page that are shown at once


@dataclass(frozen=True, slots=True)
class Shelved:
    """A source as the list shows it. "there": searchable; "empty": read, and nothing in it to search; "kept":
    searchable as it was read last, since fetching it again failed; "failed": never came in. `looked` is when it was
    last asked (UTC, ISO 8601), `error` why it failed."""

    uri: str
    title: str
    standing: Standing
    language: str = ""
    chunks: int = 0
    characters: int = 0
    date: str = ""
    looked: str = ""
    error: str = ""
    tags: tuple[str, ...] = ()
    same: str = ""
    newer: str = ""


def shelf(pages: Sequence[PageInfo], attempts: Mapping[str, Attempt], held: Twins = NONE) -> list[Shelved]:
    """All sources, the latest first; those that failed and never came in before all others. `held` is what the index
    holds twice."""
    there = {info.uri for info in pages}
    failed = [
        Shelved(one.uri, "", "failed", looked=one.at, error=one.error)
        for one in attempts.values()
        if one.status == "failed" and one.uri not in there
    ]
    return [
        *sorted(failed, key=lambda one: one.looked, reverse=True),
        *(_twin(_shelved(i, attempts), held) for i in reversed(pages)),
    ]


def _twin(one: Shelved, held: Twins) -> Shelved:
    same, newer = held.same.get(one.uri), held.newer.get(one.uri)
    return replace(
        one,
        same=(same.title or short(same.uri)) if same else "",
        newer=f"{newer.title}, {newer.date[:10]}" if newer else "",
    )


def _shelved(info: PageInfo, attempts: Mapping[str, Attempt]) -> Shelved:
    last = attempts.get(info.uri)
    looked = max(info.read_at, last.at) if last else info.read_at
    error = last.error if last and last.status == "failed" and last.at >= info.read_at else ""
    standing: Standing = "kept" if error else "there" if info.chunks else "empty"
    return Shelved(
        info.uri,
        info.title,
        standing,
        info.language,
        info.chunks,
        info.characters,
        info.date,
        looked,
        error,
        info.tags,
    )


ORDERS: Mapping[str, Callable[[Shelved], tuple[object, ...]]] = {
    "title": lambda one: ((one.title or one.uri).casefold(),),
    "tag": lambda one: (not one.tags, *sorted(tag.casefold() for tag in one.tags)),
    "date": lambda one: (not one.date, *(-ord(letter) for letter in one.date)),
}
"""Ways to put the list, which else has the latest first, in order. Of dates, the newest comes first."""


def row(language: Language, shelved: Shelved) -> str:
    """One source: its title, what is known of it, and in words what is wrong with it."""
    facts = [
        NAMES.get(shelved.language, shelved.language),
        say(language, "chunks", count=shelved.chunks) if shelved.standing != "failed" else "",
        say(language, "same text", title=shelved.same) if shelved.same else "",
        phrase(language, "quote.superseded", by=shelved.newer) if shelved.newer else "",
        say(language, "fetched", at=shelved.looked[:16].replace("T", " ")) if shelved.looked else "",
        short(shelved.uri),
    ]
    standing = say(language, f"standing {shelved.standing}")
    names = "".join(f'<span class="tag">#{escape(tag)}</span>' for tag in shelved.tags)
    wrong = f'<div class="wrong">{faults.inline(language, shelved.error)}</div>' if shelved.error else ""
    return block(
        f'<div class="source {shelved.standing}"><div class="name"><span class="icon" role="img" '
        f'aria-label="{escape(standing)}" title="{escape(standing)}">{ICONS[shelved.standing]}</span>'
        f"{escape(shelved.title or short(shelved.uri))}{names}</div>"
        f'<div class="meta" title="{escape(shelved.uri)}">{escape(" · ".join(part for part in facts if part))}</div>'
        f"{wrong}</div>"
    )


def uploader(language: Language, most: int) -> str:
    """Style that has Streamlit's field for files, which knows English alone, say in `language` what can be done; `most`
    megabytes a file."""
    field = "stFileUploaderDropzone"
    button, below = f'[data-testid="{field}"] button p', f'[data-testid="{field}Instructions"] span'
    told = ((button, say(language, "uploader")), (below, say(language, "uploader most", most=most)))
    rules = "".join(
        f'{where} {{ font-size: 0; }} {where}::after {{ font-size: .875rem; content: "{said}"; }}'
        for where, said in told
    )
    return f"<style>{rules}</style>"


# --- sources that are being read --------------------------------------------------------------

STATES: Mapping[str, str] = {**faults.OUTCOME_ICONS, "indexing": "▤", "reading": "▸", "waiting": "·"}


def states(
    language: Language, told: Sequence[Told], begun: Sequence[str] = (), waiting: Sequence[str] = (), most: int = 0
) -> str:
    """A line a source: those that ended, with what was recognised in them, left out or wrong; those that were read and
    are being put into the index, the one that is being read, and at most `most` of those that wait."""
    lines = [_ended(language, one) for one in told]
    lines += [_state(language, "indexing", uri) for uri in begun[:-1][-most:]]
    lines += [_state(language, "reading", uri) for uri in begun[-1:]]
    lines += [_state(language, "waiting", uri) for uri in waiting[:most]]
    more = len(waiting) - most
    rest = f'<p class="faint small">{escape(say(language, "waiting more", count=more))}</p>' if more > 0 else ""
    return block(f'<ul class="outcomes">{"".join(lines)}</ul>{rest}')


def _ended(language: Language, one: Told) -> str:
    outcome, lacking = one.outcome, left_out(language, one.outcome)
    known = f'<p class="faint small">{escape(facts(language, one.known))}</p>' if one.known else ""
    if lacking:
        wrong = f'<p class="lacking small">{escape(lacking)}</p>'
    else:
        wrong = faults.inline(language, outcome.error) if outcome.error else ""
    return _state(language, outcome.status, outcome.uri, known + wrong)


def _state(language: Language, state: str, uri: str, below: str = "") -> str:
    said = say(language, state if state in faults.OUTCOME_ICONS else f"source {state}")
    return (
        f'<li class="{escape(state)}"><span aria-hidden="true">{STATES.get(state, "·")}</span>'
        f'<div><p title="{escape(uri)}">{escape(short(uri))} — {escape(said)}</p>{below}</div></li>'
    )


# --- what was extracted ---------------------------------------------------------------------


def leaves(length: int, starts: Sequence[int], size: int = LEAF) -> list[Span]:
    """`length` characters in spans of at most `size`, ended where a chunk starts if one does in their second half."""
    spans: list[Span] = []
    at = 0
    while length - at > size:
        end = at + size
        before = bisect_right(starts, end)
        if before and starts[before - 1] > at + size // 2:
            end = starts[before - 1]
        spans.append((at, end))
        at = end
    return [*spans, (at, length)]


def extract(language: Language, page: Page, chunks: Sequence[Chunk], leaf: Span, marked: int = -1) -> str:
    """The text of a page between the ends of `leaf`: furniture set apart from the body, every chunk begun with its
    number. The chunk that starts at `marked` is the ``<mark id="quote">``."""
    start, end = leaf
    body = [(max(a, start), min(b, end)) for a, b in page.body if a < end and b > start]
    first = max(0, bisect_right([chunk.start for chunk in chunks], start) - 1)
    near = [
        (number, chunk)
        for number, chunk in enumerate(chunks[first:], start=first + 1)
        if chunk.end > start and chunk.start < end
    ]
    edges = {start, end, *(edge for span in body for edge in span)}
    edges |= {min(max(edge, start), end) for _, chunk in near for edge in (chunk.start, chunk.end)}
    places = sorted(edges)
    owners = {chunk.start if chunk.start >= start else start: (number, chunk) for number, chunk in near}
    shown, current, inside = "", None, iter(body)
    span = next(inside, None)
    for a, b in pairwise(places):
        if a in owners:
            current = owners[a]
        if current and a >= current[1].end:
            current = None
        while span and span[1] <= a:
            span = next(inside, None)
        shown += _piece(language, page.text[a:b], a, current, bool(span and span[0] <= a), marked)
    return block(f'<div class="page extract">{shown}</div>', written_in(page.text[start:end]))


def _piece(
    language: Language, text: str, at: int, current: tuple[int, Chunk] | None, in_body: bool, marked: int
) -> str:
    if current is None:
        return escape(text) if in_body else f'<span class="furniture">{escape(text)}</span>'
    number, chunk = current
    chip = ""
    if at == chunk.start:
        told = say(language, "chunk is", number=number, start=chunk.start, end=chunk.end, size=chunk.end - chunk.start)
        chip = f'<span class="chip" title="{escape(told)}">{number}</span>'
    if chunk.start == marked:
        return f'{chip}<mark id="quote">{escape(text)}</mark>'
    return f'{chip}<span class="chunk {"even" if number % 2 == 0 else "odd"}">{escape(text)}</span>'


def made_of(language: Language, page: Page, chunks: Sequence[Chunk]) -> str:
    """How much of a page is body, and how long its chunks are, in a line."""
    whole, body = len(page.text), sum(end - start for start, end in page.body)
    sizes = sorted(chunk.end - chunk.start for chunk in chunks)
    told = [
        say(language, "made characters", count=f"{whole:,}"),
        say(language, "made body", share=f"{body / whole:.0%}" if whole else "–"),
        say(language, "chunks", count=len(chunks)),
        say(language, "made median", size=sizes[len(sizes) // 2]) if sizes else "",
    ]
    key = "".join(
        f'<span class="{kind}">{escape(say(language, word))}</span>'
        for kind, word in (("chunk odd", "key chunk"), ("furniture", "key furniture"))
    )
    return block(
        f'<div class="figures">{"".join(f"<span>{escape(one)}</span>" for one in told if one)}</div>'
        f'<div class="key small">{key}</div>'
    )


# --- a search that is tried out -------------------------------------------------------------


def found(language: Language, turn: int, hits: Sequence[Hit], leg: Leg, first: int) -> str:
    """One ranking, best first: each hit with its ranks by the others. The quote of hit i is number `first` + i."""
    items = []
    for at, hit in enumerate(hits):
        ranks = [
            f"{say(language, name)} {'–' if rank is None else rank}"
            for name, rank in (("leg dense", hit.dense_rank), ("leg text", hit.text_rank))
        ]
        score = f"{hit.score:.4f}" if leg == "fused" else f"{hit.score:.3f}" if leg == "dense" else f"{hit.score:.2f}"
        name, words = escape(hit.title or short(hit.chunk.uri)), escape(" ".join(hit.chunk.text.split()))
        items.append(
            f'<li><button type="button" data-cite="{turn}:{first + at}" title="{escape(say(language, "view"))}">'
            f'<span class="from"><span class="rank">{at + 1}</span><span class="name">{name}</span>'
            f"{place(language, hit.chunk.locator)}</span>"
            f'<span class="words" lang="{written_in(hit.chunk.text)}">{words}</span></button>'
            f'<div class="meta">{escape(" · ".join([score, *ranks]))}</div></li>'
        )
    return block(f'<ol class="hits">{"".join(items)}</ol>')


# --- builds ---------------------------------------------------------------------------------


def build(language: Language, made: BuildInfo) -> str:
    """One build: its standing, when it was made, what it holds."""
    facts = [
        say(language, "build holds", pages=made.pages, chunks=made.chunks),
        f"{made.bytes / 1e6:.1f} MB",
        made.embedder.partition("@")[0].partition(":")[0],
        made.name,
    ]
    told = escape(" · ".join(facts)) if not made.problem else f'<span class="wrong">{escape(made.problem)}</span>'
    standing = escape(say(language, f"build {made.standing}"))
    return block(
        f'<div class="source"><div class="name">{escape(made.created_at[:16].replace("T", " ") or made.name)} '
        f'<span class="badge {made.standing}">{standing}</span></div><div class="meta">{told}</div></div>'
    )
