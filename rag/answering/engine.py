"""The loop: plan, gather evidence, answer at once from it, compose, verify, publish or abstain. Read this file first.

A question becomes a plan, a plan becomes searches, searches become evidence, evidence becomes a draft, a draft becomes
checked sentences, and every step is recorded (`rag.answering.recording`).
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter
from uuid import uuid4

from opentelemetry.trace import Tracer

from rag.answering import calculation, comparing, drafting
from rag.answering.answerability import Gate, Signals
from rag.answering.certainty import certainty
from rag.answering.orders import Orders, without
from rag.answering.plan import fill_in, make_plan
from rag.answering.pointing import pointed, says
from rag.answering.policies import Policy
from rag.answering.ranking import States
from rag.answering.samples import Best, Drawn, drawn, voted
from rag.answering.verification import (
    ITEM,
    SENTENCE,
    Verification,
    drafted,
    new_to_say,
    plain,
    until_it_repeats,
    unwrapped,
)
from rag.answering.windows import likeliest, remembered, to_read
from rag.browsing.browser import Browser
from rag.browsing.budget import Budget
from rag.checking.contradiction import conflicts
from rag.checking.metrics import citations, faithfulness, unjudged
from rag.checking.superseded import current, told_superseded
from rag.config import ReadingConfig
from rag.errors import LeftOut, NotAnAction, NotDrawn, ReaderFault, Setback, UsageFault
from rag.generation import prompts
from rag.history.ledger import Ledger
from rag.learning.demonstrations import Demonstration
from rag.messages import english
from rag.protocols import Judge, Reader, SearchEngine
from rag.text.language import language, question_language
from rag.text.scripts import simplified
from rag.types import (
    Abstain,
    Action,
    Answer,
    Answered,
    Back,
    Click,
    Direction,
    Event,
    Extract,
    Extracted,
    Find,
    Finish,
    Invalid,
    Judged,
    Keep,
    Kind,
    Open,
    Plan,
    Planned,
    Quote,
    Rate,
    Scroll,
    Search,
    Sentence,
    Top,
    Wrote,
)

STATED = 0.6  # P(the evidence states the answer) from which a number that is asked for is told and not worked out
OF_ONE_FACT = {"fact", "compare", "chain", "count"}  # kinds whose parts ask for one thing, which can be pointed at
NOT_FOUND = english("refused.not_found")


@dataclass(frozen=True, slots=True)
class Parts:
    """What a run is made of; `rag.wiring` chooses each.

    `kind` tells what kind of question one is, `direction` whether a comparison asks for more or for less; `states` is
    the finder's word on which passage states an answer, `points` the verifier's on which words are it; `orders`, where
    there is one, tells which sentences give orders to whoever answers, and the reader is not given those; `judge`
    verifies sentences; `auditor`, where there is one, reckons the citations apart from it. `gate` says how sure a run
    must be before it publishes; without one, any supported answer is published. `best`, where a reward was learned,
    chooses among several drafts; `demonstrations` gives answers to other questions that the reader is shown for this
    question, kind and language. `setbacks` gives what the engine could not read on its own since it was last asked.
    `tracer` keeps what the run does as spans (`rag.answering.tracing`).
    """

    engine: SearchEngine
    policy: Policy
    reader: Reader
    judge: Judge
    limits: ReadingConfig
    kind: Callable[[str], Kind] = lambda question: "fact"
    direction: Callable[[str], Direction | None] = lambda question: None
    states: States | None = None
    points: States | None = None
    orders: Orders | None = None
    supported: float = 0.5
    auditor: Judge | None = None
    gate: Gate | None = None
    best: Best | None = None
    demonstrations: Callable[[str, Kind, str], Sequence[Demonstration]] | None = None
    hits: int = 20
    prices: tuple[float, float] = (0.0, 0.0)
    clock: Callable[[], float] = perf_counter
    ledger: Ledger | None = None
    index: Mapping[str, str] = field(default_factory=dict)
    config_sha256: str = ""
    setbacks: Callable[[], Sequence[Setback]] = list
    tracer: Tracer | None = None


Events = Generator[Event, None, None]


def answer(question: str, parts: Parts) -> Generator[Event, None, Answer]:
    """Yields what happens as it happens, last one Answered; the answer is also the generator's value.

    Raises UsageFault for an empty question; any other Fault ends the run. Setbacks are steps.
    """
    if not question.strip():
        raise UsageFault("question.empty")
    run = _Run(question.strip(), parts)
    yield from run.plan()
    if not run.compute_plainly():
        for number in range(len(run.planned.parts)):
            yield from run.gather(number)
        yield from run.settle_parts()
        yield from run.extractive_answer()
        if not run.reason:
            yield from run.compose()
            yield from run.verify()
            run.weigh()
    run.close()
    yield from run.steps()
    made = run.publish()
    yield Answered(made)
    return made


@dataclass
class _Part:
    """One question of the plan, its evidence, and what came of it."""

    question: str
    evidence: tuple[Quote, ...] = ()
    draft: str = ""
    certain: float | None = None
    fits: float | None = None
    name: str = ""  # what it asks for, where a later question needs it
    sentences: list[Sentence] = field(default_factory=list)
    supported: float | None = None  # P(supported) of the weakest sentence of its draft, before any is revised
    examples: Sequence[Demonstration] = ()
    agrees: float | None = None  # P(the likeliest sentence of the evidence states the draft)
    pointed: float | None = None  # how much the draft says of the words that the verifier points at
    stated: float | None = None  # P(the evidence states the answer), by the verifier


class _Run:
    """The state of one run."""

    def __init__(self, question: str, parts: Parts) -> None:
        self.parts, self.limits = parts, parts.limits
        self.question, self.spoken = question, question_language(question)
        self.started = parts.clock()
        self.browser = Browser(question, parts.clock, self.limits.view_tokens, self.limits.quote_tokens)
        self.states = remembered(parts.states) if parts.states else None
        parts.reader.tokens()
        self.budget = Budget(self.limits, parts.reader, parts.prices, parts.clock)
        self.planned = Plan("fact", (question,))
        self.found: list[_Part] = []
        self.extract: Extract | None = None
        self.sentences: list[Sentence] = []
        self.draft, self.reason, self.stopped = "", "", ""
        self.probability: float | None = None
        self.agreed: Mapping[str, Rate | float | int] = {}
        self.read_at = self.written_at = self.started
        self._shown = 0
        self._left_out = set[tuple[str, str]]()

    # --- plan ---

    def plan(self) -> Events:
        kind = self.parts.kind(self.question)
        self.planned = make_plan(self.question, kind, self.spoken, self.parts.reader)
        yield Planned(self.planned)

    def compute_plainly(self) -> bool:
        """Whether the question is an arithmetic expression and nothing else, which is then worked out."""
        self.sentences = list(calculation.plain(self.browser))
        return bool(self.sentences)

    # --- gather ---

    def gather(self, number: int) -> Events:
        """Let the policy find evidence for one question of the plan; answer it in a sentence where a later one needs
        what it finds."""
        part = _Part(fill_in(self.planned.parts[number], [one.name for one in self.found]))
        self.found.append(part)
        if self.reason:
            return
        if not part.question:
            self.reason = NOT_FOUND
            return
        kept = yield from self._browse(part.question)
        newest = current(kept, self.browser.quotes, self.browser.pages)
        part.evidence = self._to_read(newest, part.question)
        if not part.evidence:
            end = self.browser.ended
            self.reason = end.reason if isinstance(end, Abstain) else self._missing(part)
        elif self.planned.kind == "chain":
            yield from self._answer_part(part)
            if any(f"#{number + 1}" in later for later in self.planned.parts[number + 1 :]):
                part.name = drafting.named(part.question, self.spoken, part.evidence, self.parts.reader)
        self.read_at = self.parts.clock()

    def settle_parts(self) -> Events:
        """Answer each part of a comparison in a sentence; or, where one passage is the best for all of them and none is
        to be named as more or less, make them one question again: what is compared stands there side by side."""
        if self.reason or self.planned.kind != "compare":
            return
        best = {part.evidence[-1].id for part in self.found}
        if len(best) > 1 or self.parts.direction(self.question):
            for part in self.found:
                yield from self._answer_part(part)
            return
        self.planned = Plan("explain", (self.question,))
        numbers = dict.fromkeys(quote.id for part in self.found for quote in reversed(part.evidence))
        kept = [next(quote for quote in self.browser.quotes if quote.id == number) for number in numbers]
        self.found = [_Part(self.question, self._to_read(kept, self.question))]
        yield Planned(self.planned)

    def _browse(self, sought: str) -> Generator[Event, None, list[Quote]]:
        """Do what the policy chooses; the quotes that it kept for this question, those kept before among them."""
        kept: dict[int, Quote] = {}
        for action in self.parts.policy.actions(self.browser, sought, self.planned.kind):
            if quote := self._take(action):
                kept.setdefault(quote.id, quote)
            yield from self.steps()
            if not self.browser.is_open:
                break
            if stopped := self.budget.spent(self.browser):
                self.stopped = stopped
                break
        return list(kept.values())

    def _to_read(self, kept: Sequence[Quote], sought: str) -> tuple[Quote, ...]:
        """What the reader reads of the quotes kept; the first time that orders are left out of it, that is a step."""
        read = to_read(kept, sought, self.planned.kind, self.states)
        if self.parts.orders is None:
            return read
        read, left_out = without(read, self.parts.orders)
        if new := set(left_out) - self._left_out:
            self._left_out |= new
            self.browser.note(LeftOut("step.orders", count=len(new)))
        return read

    def _take(self, action: Action) -> Quote | None:
        """Do one action. A setback is a step too: the policy sees it, and it costs what a step costs."""
        quote = None
        try:
            quote = carry_out(action, self.browser, self.parts)
        except Setback as setback:
            self.browser.note(setback)
        for unread in self.parts.setbacks():
            self.browser.note(unread)
        return quote

    def _answer_part(self, part: _Part) -> Events:
        for piece in self._composed(part, "compare"):
            part.draft += piece
        self._verify_part(part)
        yield Wrote(f"{part.draft.strip()}\n")

    # --- answer ---

    def extractive_answer(self) -> Events:
        """The sentence of the evidence that most probably answers, by the small judge alone."""
        kept = current(self.browser.quotes, self.browser.quotes, self.browser.pages)
        if self.states is None or not kept:
            return
        said, stated = likeliest(kept, self.question, self.states)
        quote = next(quote for quote in kept if quote.id == said.id)
        start = said.start - quote.start
        self.extract = Extract(quote.id, start, start + len(said.text), said.text, stated)
        yield Extracted(self.extract)

    def compose(self) -> Events:
        """The draft: of one question by the reader over its evidence; of several what was found for each, and before it
        the sentence that answers."""
        self.read_at = self.parts.clock()
        if len(self.planned.parts) > 1:
            self._join()
            return
        part = self.found[0]
        if self.planned.kind == "count" and not self._told(part):
            computed = calculation.worked_out(self.browser, self.spoken, self.parts.reader)
            if computed:
                self.sentences, self.draft = list(computed), " ".join(one.text for one in computed)
                self.written_at = self.parts.clock()
                return
        for piece in self._composed(part, self.planned.kind):
            part.draft += piece
            yield Wrote(piece)
        self.draft = part.draft
        if part.draft.strip():
            self._choose_draft(part)
        self.written_at = self.parts.clock()

    def _choose_draft(self, part: _Part) -> None:
        """Draw more drafts, where that is wanted, and go on with the best by the reward or, where none was learned,
        with the one that most agree with."""
        asked, best = part.question, self.parts.best
        others = self._drawn(part, self.limits.samples)
        if not others:
            return
        texts = [one.text for one in others]
        self.draft, self.agreed = voted(part.draft, texts, asked, self.spoken, self.parts.judge)
        if best:
            chosen, told = best.of([part.draft, *texts], asked, self.browser.quotes, self.parts.supported)
            self.draft = part.draft if chosen == part.draft.strip() else chosen
            self.agreed = {**self.agreed, **told}
        if self.draft != part.draft:
            part.certain = next(one.certain for one in others if one.text == self.draft)
            part.draft = self.draft

    def _drawn(self, part: _Part, count: int) -> list[Drawn]:
        """So many drafts beside the first; none where the reader fails meanwhile, which is a step: the first stays."""
        kind, reader = self.planned.kind, self.parts.reader
        try:
            return drawn(part.question, kind, self.spoken, part.evidence, reader, count, part.examples)
        except ReaderFault as fault:
            self.browser.note(NotDrawn("step.drafts", why=fault))
            return []

    def _examples(self, question: str, kind: Kind) -> Sequence[Demonstration]:
        known = self.parts.demonstrations
        return known(question, kind, self.spoken) if known and len(self.planned.parts) == 1 else ()

    def _told(self, part: _Part) -> bool:
        """Whether the evidence states the number that is asked for, which is then not worked out."""
        said = drafting.sufficient(part.question, self.spoken, part.evidence, self.parts.reader)
        return (said or 0.0) >= STATED

    def _composed(self, part: _Part, kind: Kind) -> Iterator[str]:
        """Pieces of a draft; once all are written, how sure of them the reader was. To a question in simplified Chinese
        the traditional characters that small readers mix in become simplified; those that stand in the evidence
        (乾隆, a name quoted in its own script) stay."""
        written = []
        part.examples = self._examples(part.question, kind)
        drafted = drafting.compose(
            part.question, kind, self.spoken, part.evidence, self.parts.reader, examples=part.examples
        )
        for piece in until_it_repeats(drafted):
            written.append(piece)
            yield self._in_its_script(piece, part)
        part.certain = certainty(written, part.question)

    def _in_its_script(self, text: str, part: _Part) -> str:
        if self.spoken != "zh" or simplified(self.question) != self.question:
            return text
        given = {letter for quote in part.evidence for letter in drafting.about(quote) + quote.text}
        return "".join(one if one in given else simplified(one) for one in text)

    def _join(self) -> None:
        """The sentences found for each part; a comparison's begin with one that answers, reckoned and not guessed,
        where the two amounts or dates can be held against one another."""
        told = [_plain(part) for part in self.found]
        self.draft = "\n".join(told)
        if self.planned.kind == "compare":
            towards = self.parts.direction(self.question)
            questions = [part.question for part in self.found]
            if towards and (said := comparing.lead(questions, told, towards, self.spoken)):
                self.draft = f"{said}\n{self.draft}"
        self.written_at = self.parts.clock()

    # --- verify ---

    def verify(self) -> Events:
        if self.reason or self.sentences:  # abstained, or computed
            yield from (Judged(at, one) for at, one in enumerate(self.sentences))
            return
        if len(self.planned.parts) > 1:
            self._verify_joined()
        else:
            self._verify_part(self.found[0])
            self._reconsider(self.found[0])
            self.sentences = self.found[0].sentences
        yield from (Judged(at, one) for at, one in enumerate(self.sentences))

    def _verify_joined(self) -> None:
        """A joined draft's first sentences are the lead, which cites what its parts cite; the parts' are verified."""
        own = [sentence for part in self.found for sentence in part.sentences]
        lead = self.draft.removesuffix("\n".join(_plain(part) for part in self.found)).strip()
        found: list[Sentence] = []
        if lead:
            cited = tuple(dict.fromkeys(number for one in own for number in one.citations))
            weakest = min(own, key=lambda one: one.verdict.probability or 0.0)
            found.append(Sentence(lead, cited, weakest.verdict))
        self.sentences = [*found, *own]

    def _verify_part(self, part: _Part) -> None:
        """Ask the reader whether the draft is what was asked; then verify its sentences, each once."""
        part.draft = plain(unwrapped(part.draft, self.question), part.evidence)
        texts = new_to_say(drafted(part.draft))
        if not texts:
            return
        part.fits = drafting.fits(part.question, self.spoken, part.evidence, part.draft, self.parts.reader)
        by = self._verification(part, alone=len(texts) == 1)
        part.sentences = [by.verify(text) for text in texts]
        judged = [one.verdict.probability for one in part.sentences if one.verdict.probability is not None]
        part.supported = min(judged, default=None)
        self._ask_likeliest(part)
        if len(texts) > 1:  # of a draft of one sentence that fails nothing is left to say
            part.sentences = [self._revised(one, part, by) for one in part.sentences]

    def _reconsider(self, part: _Part) -> None:
        """Draw more drafts of a fact of which the run is in doubt, and verify the one that most of them say where that
        is another. Of an explanation no two drafts say the same."""
        gate, count = self.parts.gate, self.limits.doubtful_samples
        if self.planned.kind != "fact" or self.agreed or not part.sentences or not gate or count < 2:
            return
        if self.stopped or self.budget.spent(self.browser) or not gate.doubts(self._signals(part)):
            return
        began, asked = self.parts.clock(), part.question
        others = [
            replace(one, text=text)
            for one in self._drawn(part, count)
            if drafted(text := plain(unwrapped(self._in_its_script(one.text, part), self.question), part.evidence))
        ]
        self.written_at += self.parts.clock() - began
        if len(others) < 2:  # one says nothing of what most say
            return
        texts = [one.text for one in others]
        chosen, agreed = voted(part.draft, texts, asked, self.spoken, self.parts.judge)
        if chosen != part.draft:
            certain = next(one.certain for one in others if one.text == chosen)
            other = _Part(asked, part.evidence, chosen, certain, examples=part.examples)
            try:
                self._verify_part(other)
            except ReaderFault as fault:
                self.browser.note(NotDrawn("step.drafts", why=fault))
                return
            self.draft, self.found[0] = other.draft, other
        self.agreed = agreed

    def _ask_likeliest(self, part: _Part) -> None:
        """Whether the extractive answer says what the draft says; by the auditor, where there is one. Of a bare name it
        cannot tell."""
        if self.states and self.parts.auditor and len(part.draft.strip()) >= SENTENCE:
            said, _ = likeliest(part.evidence, part.question, self.states)
            part.agrees = self.parts.auditor.judge([said], part.draft, self.spoken).probability
        if self.parts.points and self.planned.kind in OF_ONE_FACT:
            words, part.stated = pointed(part.evidence, part.question, self.parts.points)
            part.pointed = says(part.draft, words, part.question)

    def _revised(self, sentence: Sentence, part: _Part, by: Verification) -> Sentence:
        """A sentence that fails as the reader writes it once more from the evidence, where that is supported."""
        if not sentence.verdict.refused:
            return sentence
        said = plain(
            drafting.revise(part.question, self.spoken, part.evidence, sentence.text, self.parts.reader), part.evidence
        )
        if not said or said in (one.text for one in part.sentences):
            return sentence
        again = by.verify(said)
        return again if again.verdict.label == "supported" else sentence

    def _verification(self, part: _Part, alone: bool) -> Verification:
        """`alone`: the draft is one sentence, of which the reader has said already whether the evidence states it."""

        def asked(evidence: Sequence[Quote], claim: str) -> float | None:
            if alone:
                return part.fits
            return drafting.states(part.question, self.spoken, evidence, claim, self.parts.reader)

        return Verification(part.question, self.spoken, part.evidence, self.parts.judge, asked, self.parts.supported)

    # --- publish or abstain ---

    def weigh(self) -> None:
        """How sure the run is, by the weakest of its parts; and whether that, and what was verified, is enough."""
        if self.reason or (self.sentences and self.sentences[0].computation):
            return
        if not self.sentences:
            self.reason = NOT_FOUND
        elif self.parts.gate:
            weigh = self.parts.gate.weigh
            self.probability = min(weigh(self._signals(part)) for part in self.found)
            self.reason = self.parts.gate.refuses(self.probability)
        elif all(one.verdict.refused for one in self.sentences):
            self.reason = english("refused.not_in_passages")

    def _signals(self, part: _Part) -> Signals:
        return Signals(self.spoken, part.fits, part.supported, part.agrees, part.certain, part.pointed, part.stated)

    def _weakest(self) -> dict[str, float | None]:
        """Each signal of the part that has least of it; None where nobody could say, or the question has no part."""
        signals = [self._signals(part) for part in self.found]
        names = ("fits", "supported", "agrees", "certain", "pointed", "stated")
        known = {name: [value for one in signals if (value := getattr(one, name)) is not None] for name in names}
        return {name: min(values, default=None) for name, values in known.items()}

    def _missing(self, part: _Part) -> str:
        return NOT_FOUND if len(self.planned.parts) == 1 else english("refused.part_not_found", question=part.question)

    def steps(self) -> Events:
        """The steps that were not told yet."""
        new = self.browser.steps[self._shown :]
        self._shown = len(self.browser.steps)
        yield from new

    def close(self) -> None:
        """End the reading, where the policy has not: a step like any other."""
        if self.browser.is_open:
            end = Abstain(self.reason) if self.reason else Finish()
            self.browser.begin(end)
            self.browser.close(end)

    def publish(self) -> Answer:
        """The answer, or the abstention, as it is shown and recorded."""
        parts, kept = self.parts, told_superseded(self.browser.quotes, self.browser.pages)
        told = () if self.reason else tuple(self.sentences)
        auditor = parts.auditor or parts.judge
        finished = parts.clock()
        return Answer(
            question=self.question,
            language=self.spoken,
            status="abstained" if self.reason else "answered",
            text=published(told),
            reason=self.reason,
            sentences=tuple(self.sentences),
            quotes=kept,
            steps=tuple(self.browser.steps),
            pages=tuple({quote.page_sha256: self.browser.pages[quote.page_sha256] for quote in kept}.values()),
            metrics={
                "faithfulness": faithfulness(told),
                **citations(
                    told, kept, lambda quotes, claim: auditor.judge(quotes, claim, language(claim) or self.spoken),
                    parts.auditor is not None,
                ),
                "unjudged": unjudged(told),
                **self._weakest(),
                **self.agreed,
                "answerable": self.probability,
                "answerable_needed": parts.gate.level.threshold if parts.gate else None,
                **dict(zip(("prompt_tokens", "output_tokens"), self.budget.tokens(), strict=True)),
                "money": self.budget.money(),
            },
            timings={
                "reading": self.read_at - self.started,
                "writing": self.written_at - self.read_at,
                "checking": finished - self.written_at,
                "total": finished - self.started,
            },
            index=parts.index,
            config_sha256=parts.config_sha256,
            prompts_sha256=prompts.fingerprint(),
            auditor=auditor.name,
            draft=self.draft,
            id=uuid4().hex[:12],
            conflicts=() if self.reason else conflicts(told, kept, self.browser.pages, parts.judge, self.spoken),
            stopped=self.stopped,
            plan=self.planned,
            extract=self.extract,
        )  # fmt: skip


def _plain(part: _Part) -> str:
    return " ".join(one.text for one in part.sentences) or part.draft.strip()


def carry_out(action: Action, browser: Browser, parts: Parts) -> Quote | None:
    """Do one action; the quote that it kept, where it keeps one. Raises Setback where it cannot be done."""
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
            return browser.keep(text)
        case Finish() | Abstain() as end:
            browser.close(end)
        case Invalid(said):
            raise NotAnAction("step.no_action", said=said[:60])
    return None


def published(sentences: Sequence[Sentence]) -> str:
    """The answer as text: each sentence followed by its marks, list items on lines of their own."""
    said = ""
    for sentence in sentences:
        marks = "".join(f"[{mark}]" for mark in sentence.citations)
        item = sentence.text.startswith(ITEM)
        said += "\n" if said and (item or said.rsplit("\n", 1)[-1].startswith(ITEM)) else " " if said else ""
        said += f"{sentence.text}{marks}"
    return said
