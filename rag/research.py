"""The loop: search, read and quote until the policy stops; then answer and verify. Read this file first.

A question becomes searches, searches become pages read, pages become quotes, quotes become an answer, an answer
becomes verdicts, verdicts become metrics.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from uuid import uuid4

from rag.checking.abstain import no_answer
from rag.checking.anchors import holder
from rag.checking.claims import cited
from rag.checking.ledger import Ledger
from rag.checking.metrics import citation_precision, citation_recall, faithfulness, unjudged
from rag.config import ReadingConfig
from rag.errors import Setback, UsageFault
from rag.export import as_json
from rag.reading import compose, prompts
from rag.reading.browser import Browser
from rag.reading.policy import Policy
from rag.reading.verbatim import in_the_quotes_words, is_sentence, standing
from rag.seams import Judge, Reader, SearchEngine
from rag.text import language
from rag.types import (
    VERBATIM,
    Abstain,
    Action,
    Answer,
    Answered,
    Back,
    Event,
    Find,
    Finish,
    Judged,
    Keep,
    Open,
    Quote,
    Scroll,
    Search,
    Sentence,
    Verdict,
    Wrote,
)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a run is made of; `rag.wiring` chooses each."""

    engine: SearchEngine
    policy: Policy
    reader: Reader
    judge: Judge
    limits: ReadingConfig
    hits: int = 20
    ledger: Ledger | None = None
    index: Mapping[str, str] = field(default_factory=dict)
    config_sha256: str = ""


def research(question: str, parts: Parts) -> Iterator[Event]:
    """Yields every step as it ends, the draft as it is written, each verdict, and last one Answered.

    Raises UsageFault for an empty question; any other Fault ends the run. Setbacks are steps.
    """
    if not question.strip():
        raise UsageFault("The question is empty. Ask one in a sentence.")
    browser, started = Browser(question.strip()), perf_counter()
    parts.reader.tokens()
    for action in parts.policy.actions(browser):
        try:
            carry_out(action, browser, parts)
        except Setback as setback:
            browser.note(setback)  # the policy sees it; it costs a step like any other
        yield browser.last_event
        if not browser.is_open or len(browser.steps) >= parts.limits.steps:
            break
    found = perf_counter()

    draft, sentences = "", list[Sentence]()
    spoken, kept = language(question) or "en", tuple(browser.quotes)
    end = browser.ended or (Finish() if kept else Abstain("not found within the budget of steps"))
    if isinstance(end, Finish) and kept:
        for piece in compose.write(browser.question, spoken, kept, parts.reader):
            draft += piece
            yield Wrote(piece)
    written = perf_counter()
    drafted = list[Sentence]()
    for text, marks in cited(draft):
        drafted.append(_judged(browser.question, text, marks, kept, spoken, parts.judge))
        sentence = _in_own_words(drafted[-1], kept, spoken)
        if sentence.text not in [earlier.text for earlier in sentences]:
            sentences.append(sentence)
            yield Judged(len(sentences) - 1, sentence)

    reason = end.reason if isinstance(end, Abstain) else no_answer(browser.question, drafted, kept)
    told = () if reason else tuple(sentences)  # what is not published counts for no rate
    metrics = {
        "faithfulness": faithfulness(told),
        "citation_recall": citation_recall(told),
        "citation_precision": citation_precision(
            told, kept, lambda quotes, claim: parts.judge.judge(quotes, claim, spoken)
        ),
        "unjudged": unjudged(told),
        "sufficient": end.probability,
        **dict(zip(("prompt_tokens", "output_tokens"), parts.reader.tokens(), strict=True)),
    }
    finished = perf_counter()
    timings = {
        "reading": found - started,
        "writing": written - found,
        "checking": finished - written,
        "total": finished - started,
    }
    answer = Answer(
        question=browser.question,
        language=spoken,
        status="abstained" if reason else "answered",
        text="" if reason else published(told),
        reason=reason,
        sentences=told or tuple(drafted),
        quotes=kept,
        steps=tuple(browser.steps),
        pages=tuple({quote.page_sha256: browser.pages[quote.page_sha256] for quote in kept}.values()),
        metrics=metrics,
        timings=timings,
        index=parts.index,
        config_sha256=parts.config_sha256,
        prompts_sha256=prompts.fingerprint(),
        draft=draft,
        id=uuid4().hex[:12],
    )
    if parts.ledger:
        parts.ledger.add(as_json(answer), parts.reader.name, answer.pages)
    yield Answered(answer)


def carry_out(action: Action, browser: Browser, parts: Parts) -> None:
    """Do one action. Raises Setback where it cannot be done."""
    match action:
        case Search(query):
            browser.show(query, tuple(parts.engine.search(query, parts.hits)))
        case Open(rank):
            hit = browser.hit(rank)
            browser.read(parts.engine.open(hit.chunk.uri), hit.chunk.start)
        case Find(text):
            browser.find(text)
        case Scroll(windows):
            browser.scroll(windows)
        case Back():
            browser.back()
        case Keep(text):
            browser.keep(text)
        case Finish() | Abstain() as end:
            browser.close(end)


def published(sentences: Sequence[Sentence]) -> str:
    """The answer as text: each sentence followed by its marks."""
    return " ".join(sentence.text + "".join(f"[{mark}]" for mark in sentence.citations) for sentence in sentences)


def _judged(
    question: str, text: str, marks: Sequence[int], kept: Sequence[Quote], spoken: str, judge: Judge
) -> Sentence:
    """A drafted sentence with its verdict, and its citation put right where the reader named the wrong quote: it goes
    to the quote in which the sentence stands to the letter, or to the one that alone holds its figures and names, but
    to the latter only if the judge finds the sentence supported there."""
    said_in = language(text) or spoken
    sources = [kept[mark - 1] for mark in marks if 1 <= mark <= len(kept)]
    if sources and (holders := standing(text, kept)):
        sources = [quote for quote in sources if quote in holders] or holders[:1]
        return Sentence(text, tuple(quote.id for quote in sources), Verdict("supported", 1.0, VERBATIM))
    claim = text if is_sentence(text) else f"{question} {text}"  # "1931." claims nothing until it is known of what
    verdict = judge.judge(sources, claim, said_in)
    if verdict.label == "unsupported" and sources and (other := holder(text, sources, kept, said_in)):
        second = judge.judge([other], claim, said_in)
        if second.label == "supported":
            sources, verdict = [other], second
    return Sentence(text, tuple(quote.id for quote in sources), verdict)


def _in_own_words(drafted: Sentence, kept: Sequence[Quote], spoken: str) -> Sentence:
    """The sentence as its quotes say it, where they are in its language. What does not hold as drafted is put right so
    only where draft and quote are close; else it stays, flagged."""
    sources = [kept[mark - 1] for mark in drafted.citations]
    least = 0.1 if drafted.verdict.label == "supported" else 0.5
    own, whose = in_the_quotes_words(drafted.text, sources, spoken, least)
    return Sentence(own, whose, Verdict("supported", 1.0, VERBATIM)) if own else drafted
