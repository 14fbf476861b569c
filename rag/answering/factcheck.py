"""The loop for a text that is already there: claims, a search each, verdicts, a revision. Read engine.py first.

A pasted text and a closed-book draft go the same way: what the sources say stands with its citation, what they say
with another figure is put right, and what they do not say is flagged and left where it is.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from uuid import uuid4

from rag.browsing.browser import Browser
from rag.checking.split import claims
from rag.checking.substitution import Substitute, substitute
from rag.config import FactsConfig
from rag.errors import Setback, UsageFault
from rag.export.json import check_as_json
from rag.facts import Change, Check, Checked, CheckEnded, CheckEvent, Claim, ClaimChecked, Finding, Split
from rag.generation import prompts
from rag.generation import translation as compose
from rag.history.ledger import Ledger
from rag.protocols import Judge, Reader, SearchEngine
from rag.text.language import language
from rag.types import Hit, Quote, Rate, Step, Verdict, Wrote

Steps = Generator[Step, None, None]
FINDINGS: tuple[Finding, ...] = ("supported", "refuted", "not found", "unjudged", "not checkable")
FLAGS: Mapping[Finding, tuple[str, str]] = {
    "refuted": ("refuted", "与引文相悖"),
    "not found": ("not found in the sources", "资料中没有找到"),
    "unjudged": ("not judged", "未能判定"),
}
LOOKED_AT = 8  # hits that a claim is held against; the best are kept
CITED = 2  # quotes that are cited for one claim


@dataclass(frozen=True, slots=True)
class CheckParts:
    """What a check is made of; `rag.wiring` chooses each."""

    engine: SearchEngine
    reader: Reader
    judge: Judge
    facts: FactsConfig
    hits: int = 20
    ledger: Ledger | None = None
    index: Mapping[str, str] = field(default_factory=dict)
    config_sha256: str = ""


def drafted(question: str, parts: CheckParts) -> Iterator[CheckEvent]:
    """A closed-book draft as the reader writes it, then its check. Raises UsageFault, ReaderFault."""
    if not question.strip():
        raise UsageFault("question.empty")
    draft = ""
    for piece in compose.draft(question.strip(), language(question) or "en", parts.reader):
        draft += piece
        yield Wrote(piece)
    if not draft.strip():
        raise UsageFault("draft.none")
    yield from factcheck(draft.strip(), parts, question.strip())


def factcheck(text: str, parts: CheckParts, question: str = "") -> Iterator[CheckEvent]:
    """Yields the claims, every step as it ends, each claim with its finding, and last one CheckEnded.

    Raises UsageFault for an empty text; any other Fault ends the check. Setbacks are steps.
    """
    if not text.strip():
        raise UsageFault("text.empty")
    started, spoken = perf_counter(), language(text) or "en"
    found = claims(text)
    yield Split(text, tuple(found))
    browser = Browser(question or text)
    if not question:  # a draft's tokens count; those of whatever the reader did before do not
        parts.reader.tokens()
    checked, changes = list[Checked](), list[Change]()
    for number, claim in enumerate(found):
        weighed = Weighed()
        if claim.checkable:
            yield from _weigh(claim, weighed, browser, parts)
        checked.append(_checked(claim, weighed))
        changes += _changes(text, spoken, checked[-1], weighed)
        yield ClaimChecked(number, checked[-1])
    ended = perf_counter()
    kept, asked = tuple(browser.quotes), sum(claim.checkable for claim in found)
    counts = {finding: sum(one.finding == finding for one in checked) for finding in FINDINGS}
    check = Check(
        text=text,
        language=spoken,
        claims=tuple(checked),
        changes=tuple(sorted(changes, key=lambda change: (change.start, change.end))),
        quotes=kept,
        steps=tuple(browser.steps),
        pages=tuple({quote.page_sha256: browser.pages[quote.page_sha256] for quote in kept}.values()),
        metrics={
            "supported": Rate(counts["supported"], asked),
            "refuted": Rate(counts["refuted"], asked),
            "not_found": Rate(counts["not found"], asked),
            "unjudged": counts["unjudged"],
            "not_checkable": counts["not checkable"],
            **dict(zip(("prompt_tokens", "output_tokens"), parts.reader.tokens(), strict=True)),
        },
        timings={"total": ended - started, "claim": (ended - started) / max(1, asked)},
        index=parts.index,
        config_sha256=parts.config_sha256,
        prompts_sha256=prompts.fingerprint(),
        question=question,
        id=uuid4().hex[:12],
    )
    if parts.ledger:
        parts.ledger.add_check(check_as_json(check), parts.reader.name, check.pages)
    yield CheckEnded(check)


# --- one claim ------------------------------------------------------------------------------


@dataclass
class Weighed:
    """What was found for one claim: each quote kept with its verdict, and the figure that a quote has in its place."""

    verdicts: list[tuple[Quote, Verdict]] = field(default_factory=list)
    against: list[tuple[Quote, Substitute | None]] = field(default_factory=list)
    threshold: float = 0.5
    setback: bool = False

    @property
    def supporting(self) -> list[tuple[Quote, Verdict]]:
        """The surest first."""
        held = [pair for pair in self.verdicts if (pair[1].probability or 0.0) >= self.threshold]
        return sorted(held, key=lambda pair: -(pair[1].probability or 0.0))

    @property
    def settled(self) -> bool:
        return bool(self.supporting or self.against)


def _weigh(claim: Claim, weighed: Weighed, browser: Browser, parts: CheckParts) -> Steps:
    """Search in the claim's own language and, where that settles nothing, in the other of Chinese and English, if some
    of the pages are in it."""
    spoken = language(claim.text) or "en"
    other = {"zh": "en", "en": "zh"}.get(spoken, "")
    weighed.threshold = parts.facts.supported
    try:
        yield from _search(claim.text, browser, parts)
        abroad = any(language(hit.chunk.text) == other for hit in browser.hits)
        yield from _judge(claim.text, spoken, weighed, browser, parts)
        if other and abroad and not weighed.settled:
            said, query = compose.restated(claim.text, other, parts.reader)
            yield from _search(query, browser, parts)
            yield from _judge(said, other, weighed, browser, parts)
    except Setback as setback:
        weighed.setback = True
        browser.note(setback)
        yield browser.last_event


def _search(query: str, browser: Browser, parts: CheckParts) -> Steps:
    browser.show(query, tuple(parts.engine.search(query, parts.hits)))
    yield browser.last_event


def _judge(said: str, spoken: str, weighed: Weighed, browser: Browser, parts: CheckParts) -> Steps:
    """Hold the claim against the first hits in its language; keep those that say most about it."""
    hits = [hit for hit in browser.hits if language(hit.chunk.text) in (spoken, "")][:LOOKED_AT]
    found = []
    for hit in hits:
        seen = _unkept(hit)
        verdict = parts.judge.judge([seen], said, spoken)
        rival = None
        if (verdict.probability or 0.0) < parts.facts.supported:
            rival = substitute(said, seen, parts.judge, spoken, parts.facts.supported)
        found.append((hit, verdict, rival))
    found.sort(key=lambda one: -max(one[1].probability or 0.0, one[2].probability if one[2] else 0.0))
    for hit, verdict, rival in found[: parts.facts.passages]:
        before = len(browser.steps)
        quote = _keep(hit, browser, parts)
        yield from browser.steps[before:]
        weighed.verdicts.append((quote, verdict))
        if rival or verdict.label == "contradicted":
            weighed.against.append((quote, rival))


def _unkept(hit: Hit) -> Quote:
    """The quote that a hit would be."""
    chunk = hit.chunk
    return Quote(
        0, chunk.text, chunk.uri, hit.title, chunk.page_sha256, chunk.start, chunk.end, chunk.heading, "", hit.about,
        chunk.locator,
    )  # fmt: skip


def _keep(hit: Hit, browser: Browser, parts: CheckParts) -> Quote:
    """The quote of this hit; one kept before serves again. Raises Unreachable, NotVerbatim."""
    chunk = hit.chunk
    for kept in browser.quotes:
        if kept.uri == chunk.uri and kept.start <= chunk.start and chunk.end <= kept.end:
            return kept
    if browser.page is None or browser.page.uri != chunk.uri:
        browser.read(parts.engine.open(chunk.uri), chunk.start)
    browser.position = chunk.start
    browser.keep(chunk.text)
    return browser.quotes[-1]


def _checked(claim: Claim, weighed: Weighed) -> Checked:
    """Support counts before refutation, since sources may disagree; then those that refute are named beside it."""
    if not claim.checkable:
        return Checked(claim, "not checkable")
    best = max(weighed.verdicts, key=lambda pair: pair[1].probability or 0.0, default=None)
    probability, judge = (best[1].probability, best[1].judge) if best else (None, "")
    against = _ids(weighed.against)
    if weighed.supporting:
        return Checked(claim, "supported", probability, judge, _ids(weighed.supporting)[:CITED], against)
    if against:
        return Checked(claim, "refuted", probability or 0.0, judge, against[:CITED])
    if weighed.setback and not weighed.verdicts:
        return Checked(claim, "unjudged", None, "search")
    if weighed.verdicts and all(verdict.label == "unjudged" for _, verdict in weighed.verdicts):
        return Checked(claim, "unjudged", None, judge, _ids(weighed.verdicts)[:CITED])
    return Checked(claim, "not found", probability, judge, (best[0].id,) if best else ())


def _ids(pairs: Sequence[tuple[Quote, object]]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(quote.id for quote, _ in pairs))


# --- the revision ---------------------------------------------------------------------------


def _changes(text: str, spoken: str, checked: Checked, weighed: Weighed) -> list[Change]:
    """What the finding does to the text: a citation, a corrected figure with its citation, or a flag."""
    claim = checked.claim
    if checked.finding == "not checkable":
        return []
    end = claim.end - (len(text[claim.start : claim.end]) - len(text[claim.start : claim.end].rstrip(" ，,；;、")))
    marks = "".join(f"[{number}]" for number in checked.quotes[:CITED])
    if checked.finding == "supported":
        return [Change(end, end, marks)]
    rival = next((one for _, one in weighed.against if one), None) if checked.finding == "refuted" else None
    if rival and text.count(rival.ours.text, claim.start, end) == 1:
        at = text.index(rival.ours.text, claim.start, end)
        return [Change(at, at + len(rival.ours.text), rival.theirs.text), Change(end, end, marks)]
    flag = FLAGS[checked.finding][spoken == "zh"]
    return [Change(end, end, f" [{flag}]{marks if checked.finding == 'refuted' else ''}")]
