"""The loop for a text that is already there: claims, a search each, verdicts, a revision. Read rag/research.py first.

A pasted text and a closed-book draft go the same way: what the sources say stands with its citation, what they say
otherwise is put right, and what they do not say is flagged and left where it is.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from uuid import uuid4

from rag.checking.denials import denied
from rag.checking.figures import missing_values
from rag.checking.ledger import Ledger
from rag.checking.rivals import Rival, about, holds, rival, setting
from rag.checking.split import claims
from rag.config import FactsConfig
from rag.errors import Setback, UsageFault
from rag.export import check_as_json
from rag.facts import Change, Check, Checked, CheckEnded, CheckEvent, Claim, ClaimChecked, Finding, Split
from rag.reading import compose, prompts
from rag.reading.browser import Browser
from rag.reading.passages import Passage, choose, glossed, other_names
from rag.reading.verbatim import in_the_quotes_words
from rag.seams import Embedder, Judge, Reader, SearchEngine
from rag.text import language, sentences
from rag.types import Hit, Page, Quote, Rate, Span, Step, Verdict, Wrote

Steps = Generator[Step, None, None]
FINDINGS: tuple[Finding, ...] = ("supported", "refuted", "not found", "unjudged", "not checkable")
FLAGS: Mapping[Finding, tuple[str, str]] = {
    "refuted": ("refuted", "与引文相悖"),
    "not found": ("not found in the sources", "资料中没有找到"),
    "unjudged": ("not judged", "未能判定"),
}
ANCHORS, DENIAL = "figures and names", "negation"  # the judge's name where the words alone decide
LOOKED_AT = 8  # hits whose language tells where the claim is to be looked for
CITED = 2  # quotes that are cited for one claim
WIDEST, SETTINGS = 320, 2  # characters of a sentence that says when or of whom a passage speaks; how many are kept


@dataclass(frozen=True, slots=True)
class CheckParts:
    """What a check is made of; `rag.wiring` chooses each."""

    engine: SearchEngine
    embedder: Embedder
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
        raise UsageFault("The question is empty. Ask one in a sentence.")
    draft = ""
    for piece in compose.draft(question.strip(), language(question) or "en", parts.reader):
        draft += piece
        yield Wrote(piece)
    if not draft.strip():
        raise UsageFault("The reader wrote no draft. Ask without --draft.")
    yield from factcheck(draft.strip(), parts, question.strip())


def factcheck(text: str, parts: CheckParts, question: str = "") -> Iterator[CheckEvent]:
    """Yields the claims, every step as it ends, each claim with its finding, and last one CheckEnded.

    Raises UsageFault for an empty text; any other Fault ends the check. Setbacks are steps.
    """
    if not text.strip():
        raise UsageFault("The text is empty. Give a file or a text with at least one sentence.")
    started, spoken = perf_counter(), language(text) or "en"
    found = claims(text, spoken)
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
    """What was found for one claim: each quote with its verdict, those that support it and those that refute it."""

    verdicts: list[tuple[Quote, Verdict]] = field(default_factory=list)
    supporting: list[tuple[Quote, Verdict]] = field(default_factory=list)
    refuting: list[Quote] = field(default_factory=list)
    rival: Rival | None = None
    denied: bool = False
    setback: bool = False

    @property
    def settled(self) -> bool:
        return bool(self.supporting or self.refuting)


def _weigh(claim: Claim, weighed: Weighed, browser: Browser, parts: CheckParts) -> Steps:
    """Search, keep and judge until the claim is settled: in its own language first, unless most pages are in the other
    one, then in the other of Chinese and English where there are such pages, or a page gives a name of it in both."""
    spoken = language(claim.text) or "en"
    other = {"zh": "en", "en": "zh"}.get(spoken, "")
    try:
        yield from _search(claim.text, browser, parts)
        abroad = [hit for hit in browser.hits if language(hit.chunk.text) == other]
        if not _mostly(abroad, browser.hits):
            yield from _judge(claim.text, claim, weighed, browser, parts)
        names = other_names(claim.text, browser.hits, other) if other else []
        if (abroad or names) and not weighed.settled:
            said, query = compose.restated(glossed(claim.text, browser.hits, other), other, parts.reader)
            yield from _search(" ".join([query, *(name for name in names if name not in query)]), browser, parts)
            yield from _judge(said, claim, weighed, browser, parts, only=other)
        if abroad and not weighed.settled and not weighed.verdicts:  # nothing in the other language after all
            yield from _judge(claim.text, claim, weighed, browser, parts)
    except Setback as setback:
        weighed.setback = True
        browser.note(setback)
        yield browser.last_event


def _mostly(some: Sequence[Hit], hits: Sequence[Hit]) -> bool:
    first = hits[:LOOKED_AT]
    return 2 * sum(hit in some for hit in first) > len(first)


def _search(query: str, browser: Browser, parts: CheckParts) -> Steps:
    browser.show(query, tuple(parts.engine.search(query, parts.hits)))
    yield browser.last_event


def _judge(said: str, claim: Claim, weighed: Weighed, browser: Browser, parts: CheckParts, only: str = "") -> Steps:
    """Keep the best passages of the hits and judge the claim by each, until one supports it; of those after it only
    what refutes it is kept, which costs no judgement."""
    facts = parts.facts
    # Against a page in the other language the translation stands for the claim, if it kept the figures.
    same = not missing_values(said, claim.text) and not missing_values(claim.text, said)
    text = said if only and same else claim.text
    for passage in choose(said, browser.hits, parts.embedder, facts.quotes, facts.characters, only=only):
        if weighed.supporting and not rival(text, [_unkept(passage, browser)], facts.overlap):
            continue
        before = len(browser.steps)
        quote = _keep(passage, browser, parts)
        yield from browser.steps[before:]
        if any(quote is earlier for earlier, _ in weighed.verdicts):
            continue
        against = rival(text, [quote], facts.overlap)
        if against:
            weighed.refuting.append(quote)
            weighed.rival = weighed.rival or against
            continue
        if denied(text, quote):
            weighed.refuting.append(quote)
            weighed.denied = True
            continue
        before = len(browser.steps)
        shown = [*_setting(text, quote, browser), quote]
        yield from browser.steps[before:]
        held, nearby = holds(text, shown), about(text, quote)
        verdict = (
            parts.judge.judge(shown, text, language(text) or "en")
            if held or nearby
            else Verdict("unsupported", 0.0, ANCHORS)  # whatever a judge said, it would not count
        )
        weighed.verdicts.append((quote, verdict))
        if verdict.label == "contradicted" and nearby:
            weighed.refuting.append(quote)
        elif held and (verdict.probability or 0.0) >= facts.supported:
            weighed.supporting += [(part, verdict) for part in (quote, *shown[:-1])]


def _keep(passage: Passage, browser: Browser, parts: CheckParts) -> Quote:
    """The quote of this passage; one kept before that holds it serves again. Raises Unreachable, NotVerbatim."""
    for kept in browser.quotes:
        if kept.uri == passage.uri and kept.start <= passage.start and passage.end <= kept.end:
            return kept
    if browser.page is None or browser.page.uri != passage.uri:
        hit = browser.hit(passage.rank)
        browser.read(parts.engine.open(hit.chunk.uri), passage.start)
    browser.position = passage.start
    browser.keep(passage.text)
    return browser.quotes[-1]


def _setting(text: str, quote: Quote, browser: Browser) -> list[Quote]:
    """The sentences of the quote's page that name the years and names of `text` which the quote lacks, kept; none where
    the page does not hold them all. The nearest before the quote counts first."""
    page = browser.pages[quote.page_sha256]
    body = page.body or ((0, len(page.text)),)
    spans = [
        (begin + start, begin + end)
        for begin, stop in body
        for start, end in sentences(page.text[begin:stop])
        if end - start <= WIDEST
    ]
    found: list[Span] = []
    for wanted in setting(text, quote):
        holding = [span for span in spans if wanted.casefold() in page.text[slice(*span)].casefold()]
        if not holding:
            return []
        near = [span for span in holding if span[1] <= quote.start]
        found.append(near[-1] if near else holding[0])
    return [_quoted(page, span, browser) for span in dict.fromkeys(found[:SETTINGS])]


def _quoted(page: Page, span: Span, browser: Browser) -> Quote:
    """The quote of this span of a page that was read; one kept before serves again."""
    for kept in browser.quotes:
        if kept.page_sha256 == page.sha256 and kept.start <= span[0] and span[1] <= kept.end:
            return kept
    if browser.page is None or browser.page.sha256 != page.sha256:
        browser.read(page, span[0])
    browser.position = span[0]
    browser.keep(page.text[slice(*span)])
    return browser.quotes[-1]


def _unkept(passage: Passage, browser: Browser) -> Quote:
    """The quote that a passage would be."""
    return Quote(0, passage.text, passage.uri, browser.hit(passage.rank).title, "", passage.start, passage.end)


def _checked(claim: Claim, weighed: Weighed) -> Checked:
    """Support counts before refutation, since sources may disagree; then those that refute are named beside it."""
    if not claim.checkable:
        return Checked(claim, "not checkable")
    best = max(weighed.verdicts, key=lambda pair: pair[1].probability or 0.0, default=None)
    probability, judge = (best[1].probability, best[1].judge) if best else (None, "")
    against = tuple(dict.fromkeys(quote.id for quote in weighed.refuting))
    if weighed.supporting:
        return Checked(claim, "supported", probability, judge, _ids(weighed.supporting), against)
    if against:
        decided = ANCHORS if weighed.rival else DENIAL if weighed.denied else judge
        return Checked(claim, "refuted", probability or 0.0, decided, against)
    if weighed.setback and not weighed.verdicts:
        return Checked(claim, "unjudged", None, "search")
    if weighed.verdicts and all(verdict.label == "unjudged" for _, verdict in weighed.verdicts):
        return Checked(claim, "unjudged", None, judge, _ids(weighed.verdicts))
    return Checked(claim, "not found", probability, judge, (best[0].id,) if best else ())


def _ids(pairs: Sequence[tuple[Quote, Verdict]]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(quote.id for quote, _ in pairs))


# --- the revision ---------------------------------------------------------------------------


def _changes(text: str, spoken: str, checked: Checked, weighed: Weighed) -> list[Change]:
    """What the finding does to the text: a citation, a correction with its citation, or a flag."""
    claim = checked.claim
    if checked.finding == "not checkable":
        return []
    end = claim.end - (len(text[claim.start : claim.end]) - len(text[claim.start : claim.end].rstrip(" ，,；;、")))
    marks = "".join(f"[{number}]" for number in checked.quotes[:CITED])
    if checked.finding == "supported":
        return [Change(end, end, marks)]
    if checked.finding == "refuted":
        mended = _mended(text, end, claim, weighed)
        if mended:
            return [*mended, Change(end, end, marks)]
    flag = FLAGS[checked.finding][spoken == "zh"]
    return [Change(end, end, f" [{flag}]{marks if checked.finding == 'refuted' else ''}")]


def _mended(text: str, end: int, claim: Claim, weighed: Weighed) -> list[Change]:
    """The wrong figure or name replaced where that is clear; else the whole claim by the quote's own words, where the
    quote is in its language. Nothing where neither can be done."""
    against = weighed.rival
    if against and against.clear and text.count(against.ours, claim.start, end) == 1:
        at = text.index(against.ours, claim.start, end)
        return [Change(at, at + len(against.ours), against.theirs)]
    quote = against.quote if against else weighed.refuting[0]
    own, _ = in_the_quotes_words(claim.text, [quote], language(claim.text) or "en", 0.1)
    if not own or text[claim.start] in ",，":  # an aside cannot give way to a sentence
        return []
    inside = text[end - 1] not in "。.!！?？"  # a clause keeps the sentence's own end
    return [Change(claim.start, end, own.rstrip("。.") if inside else own)]
