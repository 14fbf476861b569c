"""Running the loop with every part recorded, so that the answer goes into the ledger and can be replayed.

A run is its parts' answers and our own code over them. With the answers kept, `rag.answering.replay` runs the code
again without network, index or model. Every part has two sides here: one that works and is written down (`Noting…`),
and one that only knows what was written down (`Recorded…`).
"""

import hashlib
import json
from collections import defaultdict, deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any, TypeVar, get_args

from rag import errors
from rag.answering import engine, tracing
from rag.answering.answerability import Gate
from rag.answering.engine import Parts
from rag.answering.policies import Policy
from rag.answering.ranking import States
from rag.answering.replacing import with_reader
from rag.answering.samples import Best, Worth
from rag.browsing.browser import Browser
from rag.errors import ReaderFault, ReplayFault, Setback
from rag.export.json import as_json
from rag.learning.demonstrations import Demonstration
from rag.protocols import Judge, Piece, Prompt, Reader, SearchEngine
from rag.text.plain import as_plain, as_typed
from rag.types import Action, Answer, Answered, Event, Hit, Kind, Page, Quote, Stated, Verdict

T = TypeVar("T")
SETTINGS = ("limits", "hits", "prices", "supported", "index", "config_sha256")  # the parts that are data
_ACTIONS = {kind.__name__: kind for kind in get_args(Action)}


@dataclass(frozen=True, slots=True)
class Call:
    """`part` was asked something, of which `asked` is the hash, and said `said` (plain JSON types)."""

    part: str
    asked: str
    said: Any


@dataclass
class Tape:
    """The calls of one run in order, and every page it opened, by the hash of its text and its address: two sources may
    say the same. `settings`: the parts that are data, and under "there" the names of the optional parts that it had."""

    settings: dict[str, Any] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    pages: dict[str, Page] = field(default_factory=dict)

    def note(self, part: str, asked: Any, said: Any) -> None:
        self.calls.append(Call(part, key(asked), as_plain(said)))

    def plain(self) -> dict[str, Any]:
        """As JSON types; the pages without their texts, which are kept apart by hash."""
        pages = {named: as_plain(replace(page, text="")) for named, page in self.pages.items()}
        calls = [[call.part, call.asked, call.said] for call in self.calls]
        return {"settings": self.settings, "calls": calls, "pages": pages}

    @classmethod
    def read(cls, kept: Mapping[str, Any], texts: Mapping[str, str]) -> "Tape":
        """The tape of `plain` and the pages' texts by hash. Raises ReplayFault where it is of another form."""
        try:
            settings, calls = kept["settings"], [Call(*call) for call in kept["calls"]]
            pages = {
                named: replace(as_typed(Page, page), text=texts[named.split()[0]])
                for named, page in kept["pages"].items()
            }
        except (KeyError, TypeError, ValueError) as error:
            raise ReplayFault(f"This run was kept in a form that this version does not read ({error!r}).") from error
        return cls(settings, calls, pages)


def key(asked: Any) -> str:
    """Hex SHA-256 of `asked` as JSON."""
    return hashlib.sha256(json.dumps(as_plain(asked), sort_keys=True).encode()).hexdigest()


def answer(question: str, parts: Parts) -> Generator[Event, None, Answer]:
    """`engine.answer`; where the parts have a ledger, with every part written down and the answer kept there, and where
    they have a tracer, followed by it."""
    if parts.tracer:
        return (yield from tracing.answer(question, replace(parts, tracer=None), parts.tracer, answer))
    if parts.ledger is None:
        return (yield from engine.answer(question, parts))
    noted, tape = written_down(parts)
    made: Answer | None = None
    for event in engine.answer(question, noted):
        if isinstance(event, Answered):  # kept before it is told: whoever hears of an answer can find it
            made = event.answer
            parts.ledger.add(as_json(made), parts.reader.name, tuple(tape.pages.values()), tape.plain())
        yield event
    assert made is not None  # the engine's last event
    return made


def written_down(parts: Parts) -> tuple[Parts, Tape]:
    """The same parts, and the tape on which they write what they are asked and say."""
    there = [
        name for name in ("auditor", "states", "points", "demonstrations", "orders") if getattr(parts, name) is not None
    ]
    settings = {name: getattr(parts, name) for name in SETTINGS} | {"level": parts.gate.level if parts.gate else None}
    settings |= {"reward_version": parts.best.version} if parts.best else {}
    tape, reader = Tape({"there": there, **as_plain(settings)}), parts.reader
    weigh = noting("gate", parts.gate.weigh if parts.gate else None, tape)
    worth = noting("best", parts.best.weigh if parts.best else None, tape)
    noted = NotingReader(reader, tape)
    made = replace(
        parts,
        engine=NotingEngine(parts.engine, tape),
        policy=NotingPolicy(with_reader(parts.policy, reader, NotingReader(reader, tape, "policy.")), tape),
        reader=noted,
        judge=NotingJudge(with_reader(parts.judge, reader, NotingReader(reader, tape, "judge.")), tape, "judge"),
        kind=noting("kind", parts.kind, tape) or parts.kind,
        direction=noting("direction", parts.direction, tape) or parts.direction,
        states=noting("states", parts.states, tape),
        points=noting("points", parts.points, tape),
        orders=noting("orders", parts.orders, tape),
        demonstrations=noting("demonstrations", parts.demonstrations, tape),
        auditor=NotingJudge(parts.auditor, tape, "auditor") if parts.auditor else None,
        gate=Gate(weigh, parts.gate.level) if parts.gate and weigh else None,
        best=Best(worth, parts.best.version) if parts.best and worth else None,
        clock=NotingClock(tape),
        setbacks=noting_setbacks(parts.setbacks, tape),
    )
    return made, tape


# --- parts that work and are written down ------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NotingClock:
    """Seconds since it was made."""

    tape: Tape
    begun: float = field(default_factory=perf_counter)

    def __call__(self) -> float:
        now = perf_counter() - self.begun
        self.tape.note("clock", None, now)
        return now


@dataclass(frozen=True, slots=True)
class NotingEngine:
    engine: SearchEngine
    tape: Tape

    def search(self, query: str, k: int) -> Sequence[Hit]:
        return self._noted("engine.search", [query, k], lambda: list(self.engine.search(query, k)), as_plain)

    def open(self, uri: str) -> Page:
        page = self._noted("engine.open", uri, lambda: self.engine.open(uri), _named)
        self.tape.pages[_named(page)] = page
        return page

    def _noted(self, part: str, asked: Any, does: Callable[[], T], said: Callable[[T], Any]) -> T:
        try:
            found = does()
        except Setback as setback:
            self.tape.note(part, asked, _told(setback))
            raise
        self.tape.note(part, asked, said(found))
        return found


@dataclass(frozen=True, slots=True)
class NotingReader:
    """`who` asks it: the loop itself (""), its policy or its judge."""

    reader: Reader
    tape: Tape
    who: str = ""

    @property
    def name(self) -> str:
        return self.reader.name

    def write(self, prompt: Prompt) -> Iterator[str]:
        said, failed = list[str](), ""
        try:
            for piece in self.reader.write(prompt):
                said.append(piece)
                yield piece
        except ReaderFault as fault:
            failed = str(fault)
            raise
        finally:
            pieces = Piece.plain(said)
            self.tape.note(f"{self.who}reader.write", prompt, {"fault": failed, "said": pieces} if failed else pieces)

    def choose(self, prompt: Prompt, choices: Sequence[str]) -> dict[str, float] | None:
        try:
            said = self.reader.choose(prompt, choices)
        except ReaderFault as fault:
            self.tape.note(f"{self.who}reader.choose", [prompt, choices], {"fault": str(fault)})
            raise
        self.tape.note(f"{self.who}reader.choose", [prompt, choices], said)
        return said

    def tokens(self) -> tuple[int, int]:
        used = self.reader.tokens()
        self.tape.note(f"{self.who}reader.tokens", None, used)
        return used


@dataclass(frozen=True, slots=True)
class NotingJudge:
    judge_: Judge
    tape: Tape
    who: str

    @property
    def name(self) -> str:
        name = self.judge_.name
        self.tape.note(f"{self.who}.name", None, name)
        return name

    def judge(self, quotes: Sequence[Quote], claim: str, language: str) -> Verdict:
        verdict = self.judge_.judge(quotes, claim, language)
        self.tape.note(self.who, [quotes, claim, language], verdict)
        return verdict


@dataclass(frozen=True, slots=True)
class NotingPolicy:
    policy: Policy
    tape: Tape

    def actions(self, browser: Browser, sought: str, kind: Kind) -> Iterator[Action]:
        for action in self.policy.actions(browser, sought, kind):
            said = {"action": type(action).__name__, "with": action, "position": browser.position}
            self.tape.note("policy", sought, said)
            yield action


def noting(part: str, asks: Callable[..., T] | None, tape: Tape) -> Callable[..., T] | None:
    """A function of texts, written down; None where there is none."""
    if asks is None:
        return None
    function = asks

    def noted(*asked: Any) -> T:
        said = function(*asked)
        tape.note(part, asked, said)
        return said

    return noted


def noting_setbacks(asks: Callable[[], Sequence[Setback]], tape: Tape) -> Callable[[], Sequence[Setback]]:
    """What an engine says that it went round, written down."""

    def noted() -> Sequence[Setback]:
        setbacks = list(asks())
        tape.note("setbacks", None, [_told(setback) for setback in setbacks])
        return setbacks

    return noted


def _named(page: Page) -> str:
    return f"{page.sha256} {page.uri}"


def _told(setback: Setback) -> dict[str, str]:
    return {"setback": type(setback).__name__, "text": str(setback)}


# --- parts that only know what was written down ---------------------------------------------------


class Recorded:
    """Hands out what was written down: to the same question the same answers in the same order."""

    def __init__(self, tape: Tape) -> None:
        self.pages = tape.pages
        self._said = defaultdict[tuple[str, str], deque[Any]](deque)
        for call in tape.calls:
            self._said[call.part, call.asked].append(call.said)

    def said(self, part: str, asked: Any = None) -> Any:
        """Raises ReplayFault where that was not asked, or not so often."""
        waiting = self._said[part, key(asked)]
        if not waiting:
            shown = asked.user[-200:] if isinstance(asked, Prompt) else str(as_plain(asked))[:200]
            raise ReplayFault(f"The run asks its {part} for something that it did not ask then: {shown}")
        return waiting.popleft()

    def all_said(self, part: str, asked: Any) -> list[Any]:
        """All that a part said to this, which it is asked once: the policy's actions."""
        return list(self._said[part, key(asked)])


@dataclass(frozen=True, slots=True)
class RecordedClock:
    recorded: Recorded

    def __call__(self) -> float:
        return float(self.recorded.said("clock"))


@dataclass(frozen=True, slots=True)
class RecordedEngine:
    recorded: Recorded

    def search(self, query: str, k: int) -> Sequence[Hit]:
        return [as_typed(Hit, hit) for hit in self._said("engine.search", [query, k])]

    def open(self, uri: str) -> Page:
        return self.recorded.pages[self._said("engine.open", uri)]

    def _said(self, part: str, asked: Any) -> Any:
        said = self.recorded.said(part, asked)
        if isinstance(said, dict):
            raise _setback(said)
        return said


@dataclass(frozen=True, slots=True)
class RecordedReader:
    recorded: Recorded
    name: str = "recorded"

    def write(self, prompt: Prompt) -> Iterator[str]:
        said = self.recorded.said("reader.write", prompt)
        failed = isinstance(said, dict)
        yield from Piece.read(said["said"] if failed else said)
        if failed:
            raise ReaderFault(said["fault"])

    def choose(self, prompt: Prompt, choices: Sequence[str]) -> dict[str, float] | None:
        said: dict[str, Any] | None = self.recorded.said("reader.choose", [prompt, choices])
        if said and isinstance(said.get("fault"), str):
            raise ReaderFault(said["fault"])
        return said

    def tokens(self) -> tuple[int, int]:
        prompt, output = self.recorded.said("reader.tokens")
        return prompt, output


@dataclass(frozen=True, slots=True)
class RecordedJudge:
    recorded: Recorded
    who: str

    @property
    def name(self) -> str:
        return str(self.recorded.said(f"{self.who}.name"))

    def judge(self, quotes: Sequence[Quote], claim: str, language: str) -> Verdict:
        verdict: Verdict = as_typed(Verdict, self.recorded.said(self.who, [quotes, claim, language]))
        return verdict


@dataclass(frozen=True, slots=True)
class RecordedPolicy:
    recorded: Recorded

    def actions(self, browser: Browser, sought: str, kind: Kind) -> Iterator[Action]:
        for said in self.recorded.all_said("policy", sought):
            browser.position = said["position"]
            if said["action"] not in _ACTIONS:
                raise ReplayFault(f"This version knows no action {said['action']}.")
            yield as_typed(_ACTIONS[said["action"]], said["with"])


def recorded_setbacks(record: Recorded) -> Callable[[], Sequence[Setback]]:
    return lambda: [_setback(said) for said in record.said("setbacks")]


def _setback(said: Mapping[str, str]) -> Setback:
    kind = getattr(errors, said["setback"], Setback)
    made: Setback = (kind if issubclass(kind, Setback) else Setback)(said["text"])
    return made


def recorded(part: str, record: Recorded) -> Callable[..., Any]:
    """The function that `noting` wrote down."""
    return lambda *asked: record.said(part, asked)


def recorded_worth(record: Recorded) -> Callable[..., list[Worth]]:
    """What the reward said of each draft."""
    return lambda *asked: [as_typed(Worth, one) for one in record.said("best", asked)]


def recorded_demonstrations(record: Recorded) -> Callable[..., list[Demonstration]]:
    return lambda *asked: [as_typed(Demonstration, one) for one in record.said("demonstrations", asked)]


def recorded_states(record: Recorded, part: str) -> States:
    """What a small judge said of each passage."""

    def told(passages: Sequence[str], question: str) -> Sequence[Stated]:
        try:
            return [as_typed(Stated, one) for one in record.said(part, (passages, question))]
        except (AttributeError, TypeError, ValueError) as error:
            raise ReplayFault(f"This run was kept in a form that this version does not read ({error!r}).") from error

    return told
