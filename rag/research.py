"""The loop: search, read and quote until the policy stops; then answer and verify. Read this file first.

A question becomes searches, searches become pages read, pages become quotes, quotes become an answer, an answer
becomes verdicts, verdicts become metrics.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from time import perf_counter
from uuid import uuid4

from rag import sums
from rag.checking.abstain import no_answer
from rag.checking.answerable import SUREST, Gate
from rag.checking.claims import cited, unmarked
from rag.checking.contradict import RULES_ALONE, Opinion
from rag.checking.ledger import Ledger
from rag.checking.metrics import citations, faithfulness, unjudged
from rag.config import ReadingConfig
from rag.desk import Desk
from rag.errors import NotAnAction, Setback, UsageFault
from rag.export import as_json
from rag.plain import as_plain
from rag.premise import put_right
from rag.reading import compose, prompts
from rag.reading.browser import Browser
from rag.reading.budget import Budget
from rag.reading.policy import Policy
from rag.samples import voted
from rag.seams import Judge, Reader, SearchEngine
from rag.sides import two_sides
from rag.tape import (
    NotingClock,
    NotingEngine,
    NotingJudge,
    NotingPolicy,
    NotingReader,
    Tape,
    noting,
    noting_setbacks,
    with_reader,
)
from rag.text import language, question_language
from rag.types import (
    Abstain,
    Action,
    Answer,
    Answered,
    Back,
    Click,
    Event,
    Find,
    Finish,
    Invalid,
    Judged,
    Keep,
    Open,
    Scroll,
    Search,
    Sentence,
    Step,
    Top,
    Wrote,
)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a run is made of; `rag.wiring` chooses each. `auditor` reckons the citations apart from the judge by whose
    word sentences were rewritten and published; without one the judge does. `gate` says how sure a run must be that its
    quotes answer before it writes; without one the policy's word is enough. `setbacks` gives what the engine could not
    read on its own since it was last asked: an engine over the live web reads pages while it searches."""

    engine: SearchEngine
    policy: Policy
    reader: Reader
    judge: Judge
    limits: ReadingConfig
    auditor: Judge | None = None
    gate: Gate | None = None
    hits: int = 20
    prices: tuple[float, float] = (0.0, 0.0)
    opinion: Opinion = RULES_ALONE
    clock: Callable[[], float] = perf_counter
    ledger: Ledger | None = None
    index: Mapping[str, str] = field(default_factory=dict)
    config_sha256: str = ""
    setbacks: Callable[[], Sequence[Setback]] = list


SETTINGS = ("limits", "hits", "prices", "index", "config_sha256")  # the parts that are data: a kept run holds them


def research(question: str, parts: Parts) -> Iterator[Event]:
    """Yields every step as it ends, the draft as it is written, each verdict, and last one Answered.

    Raises UsageFault for an empty question; any other Fault ends the run. Setbacks are steps.
    """
    if not question.strip():
        raise UsageFault("The question is empty. Ask one in a sentence.")
    parts, tape = written_down(parts) if parts.ledger else (parts, Tape())
    started, limits, stopped = parts.clock(), parts.limits, ""
    browser = Browser(question.strip(), parts.clock, limits.view_tokens, limits.quote_tokens)
    parts.reader.tokens()
    budget = Budget(limits, parts.reader, parts.prices, parts.clock)
    computed = sums.plain(browser)
    yield from browser.steps
    for action in () if computed else parts.policy.actions(browser):
        yield from taken(action, browser, parts)
        if not browser.is_open or (stopped := budget.spent(browser)):
            break
    found = parts.clock()

    draft, sentences = "", list[Sentence]()
    spoken, kept = question_language(question), tuple(browser.quotes)
    end = browser.ended or (Finish() if kept else Abstain(f"not found within the budget of {stopped or 'searches'}"))
    steps = len(browser.steps)
    computed = computed or sums.worked_out(browser, spoken, end.probability, parts.reader)
    yield from browser.steps[steps:]
    sure_of, answerable = weighed(end, browser, parts.gate, SUREST)
    end, fits = end if computed else sure_of, None  # what is worked out stands in no quote
    if not computed and isinstance(end, Finish) and kept:
        for piece in compose.write(browser.question, spoken, kept, parts.reader, via=end.via):
            draft += piece
            yield Wrote(piece)
    auditor = parts.auditor or parts.judge
    via = end.via if isinstance(end, Finish) else ()
    draft, agreed = voted(draft, browser.question, spoken, kept, parts.reader, auditor, limits.samples, via)
    if draft and parts.gate:
        fits = compose.fits(browser.question, spoken, kept, unmarked(draft), parts.reader)
        end, answerable = weighed(end, browser, parts.gate, fits)
    written = parts.clock()
    desk = Desk(browser.question, spoken, kept, parts.judge, parts.reader)
    drafted, as_published = list[Sentence](), list[Sentence]()
    for text, marks in cited(draft) if isinstance(end, Finish) else ():
        written_as, sentence = desk.settled(text, marks, [sentence.text for sentence in sentences])
        drafted.append(written_as)
        as_published.append(sentence)
        if sentence.text not in [earlier.text for earlier in sentences]:
            sentences.append(sentence)
            yield Judged(len(sentences) - 1, sentence)

    sentences += computed
    yield from map(Judged, range(len(computed)), computed)

    abstained = "" if computed or isinstance(end, Finish) else end.reason
    silent = (
        ""
        if computed or abstained
        else no_answer(browser.question, drafted, as_published, kept, browser.pages, len(via))
    )
    reason = abstained or silent
    reason, sentences, premise = put_right(browser.question, spoken, reason, sentences, kept, browser.pages)
    conflicts, others = (
        ((), ()) if reason else two_sides(browser.question, sentences, kept, browser.pages, parts.opinion)
    )
    yield from map(Judged, range(len(sentences), len(sentences) + len(others)), others)
    sentences += others
    told = () if reason else tuple(sentences)  # what is not published counts for no rate
    again = parts.auditor is not None
    metrics = {
        "faithfulness": faithfulness(told),
        **citations(told, kept, lambda quotes, claim: auditor.judge(quotes, claim, language(claim) or spoken), again),
        "unjudged": unjudged(told),
        "sufficient": end.probability,
        "fits": fits,
        **agreed,
        "answerable": answerable,
        "answerable_needed": parts.gate.level.threshold if parts.gate else None,
        **dict(zip(("prompt_tokens", "output_tokens"), budget.tokens(), strict=True)),
        "money": budget.money(),
    }
    finished = parts.clock()
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
        text="" if reason else f"{premise} {published(told)}".strip(),
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
        auditor=auditor.name,
        draft=draft,
        id=uuid4().hex[:12],
        conflicts=conflicts,
        stopped=stopped,
        premise=premise,
    )
    if parts.ledger:
        parts.ledger.add(as_json(answer), parts.reader.name, tuple(tape.pages.values()), tape.plain())
    yield Answered(answer)


def taken(action: Action, browser: Browser, parts: Parts) -> Sequence[Step]:
    """Do one action; the steps that came of it. A setback is one too: the policy sees it, and it costs what a step
    costs."""
    before = len(browser.steps)
    try:
        carry_out(action, browser, parts)
    except Setback as setback:
        browser.note(setback)
    for unread in parts.setbacks():
        browser.note(unread)
    return browser.steps[before:]


def written_down(parts: Parts) -> tuple[Parts, Tape]:
    """The same parts, and the tape on which they write what they are asked and say (`rag.replay` reads it)."""
    opinion = {field.name: getattr(parts.opinion, field.name) for field in fields(parts.opinion)}
    there = [name for name, given in {"auditor": parts.auditor, **opinion}.items() if given]
    settings = {name: getattr(parts, name) for name in SETTINGS} | {"level": parts.gate.level if parts.gate else None}
    tape, reader = Tape({"there": there, **as_plain(settings)}), parts.reader
    weigh = noting("gate", parts.gate.weigh if parts.gate else None, tape)
    made = replace(
        parts,
        engine=NotingEngine(parts.engine, tape),
        policy=NotingPolicy(with_reader(parts.policy, reader, NotingReader(reader, tape, "policy.")), tape),
        reader=NotingReader(reader, tape),
        judge=NotingJudge(with_reader(parts.judge, reader, NotingReader(reader, tape, "judge.")), tape, "judge"),
        auditor=NotingJudge(parts.auditor, tape, "auditor") if parts.auditor else None,
        gate=Gate(weigh, parts.gate.level) if parts.gate and weigh else None,
        opinion=Opinion(**{name: noting(name, asks, tape) for name, asks in opinion.items()}),
        clock=NotingClock(tape),
        setbacks=noting_setbacks(parts.setbacks, tape),
    )
    return made, tape


def weighed(
    end: Finish | Abstain, browser: Browser, gate: Gate | None, fits: float | None
) -> tuple[Finish | Abstain, float | None]:
    """(`end`, or an abstention where it is not sure enough; P(the answer is right), None where nobody can say). `fits`:
    the reader's word on the draft. Where something was found out on the way, what was left to ask is weighed, by the
    quotes kept for it."""
    if gate is None:
        return end, None
    searches = [step.hits for step in browser.steps if step.hits]
    question, quotes = browser.question, tuple(browser.quotes)
    for hop in end.via if isinstance(end, Finish) else ():
        question, quotes = hop.rest, tuple(quote for quote in browser.quotes if quote.id in hop.quotes)
    sure = gate.weigh(question, quotes, searches, end.probability, fits)
    refused = gate.refuses(sure) if isinstance(end, Finish) else ""
    return (Abstain(refused, end.probability) if refused else end), sure


def carry_out(action: Action, browser: Browser, parts: Parts) -> None:
    """Do one action. Raises Setback where it cannot be done."""
    browser.begin(action)
    match action:
        case Search(query):
            browser.show(query, tuple(parts.engine.search(query, parts.hits)))
        case Open() | Click() as link:
            address, start = browser.target(link)
            browser.read(parts.engine.open(address), start)
        case Find(text):
            browser.find(text)
        case Scroll(windows):
            browser.scroll(windows)
        case Top():
            browser.top()
        case Back():
            browser.back()
        case Keep(text):
            browser.keep(text)
        case Finish() | Abstain() as end:
            browser.close(end)
        case Invalid(said):
            raise NotAnAction(f"“{said[:60]}” is no action of this browser.")


def published(sentences: Sequence[Sentence]) -> str:
    """The answer as text: each sentence followed by its marks."""
    return " ".join(sentence.text + "".join(f"[{mark}]" for mark in sentence.citations) for sentence in sentences)
