"""A reader tried out: how fast it is here, what it can do, and how it does on the demo's example questions."""

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, Literal

from rag import wiring
from rag.answering.engine import answer
from rag.config import REPOSITORY, Config, ReaderConfig, home
from rag.errors import ReaderFault
from rag.generation.acting import acting
from rag.generation.api_reader import ApiReader
from rag.index.index import Index
from rag.protocols import Prompt, Reader
from rag.types import Answer, Answered

QUESTIONS = [REPOSITORY / "indexes" / name for name in ("demo_examples.json", "demo_trial.json")]
DEMO = "demo"
SPEED = Prompt(  # as long as an answer's prompt is, and never the same as before: nothing of it may be kept evaluated
    "You count.", "{mark} " + "The quick brown fox jumps over the lazy dog. " * 40 + "\n\nCount from one to thirty.",
    max_tokens=48,
)  # fmt: skip
ONLY_SEVEN = Prompt("Be brief.", "Say hello.", grammar='root ::= "7"\n', max_tokens=4)
LOOK_UP = Prompt("Look up what you are asked for with the tool.", "How long is the Quill Bridge?", max_tokens=64)
SEARCH: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "search",
        "description": "Searches the sources.",
        "parameters": {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]},
    },
}
PATIENCE = 240.0  # seconds of answering
log = logging.getLogger(__name__)
ABILITIES = ("grammar", "schema", "probabilities", "tools", "thinks")
Outcome = Literal["right", "wrong", "declined"]
OUTCOMES: tuple[Outcome, ...] = ("right", "wrong", "declined")


@dataclass(frozen=True, slots=True)
class Trial:
    """`prompt_rate` and `output_rate`: tokens a second, None where they cannot be told; `seconds`: of an answer in the
    median; `grammar`, `schema` (of JSON), `probabilities`, `tools`, `thinks`: what it does; `window`: tokens it was
    seen to read at most, 0 where it read all. `outcomes` are those of the questions that were asked."""

    at: str
    prompt_rate: float | None
    output_rate: float | None
    seconds: float | None
    grammar: bool
    schema: bool
    probabilities: bool
    tools: bool
    thinks: bool
    window: int
    outcomes: tuple[Outcome, ...]

    def count(self, outcome: Outcome) -> int:
        return self.outcomes.count(outcome)


Tell = Callable[[str, int, int], None]  # what is done, how far it is, of how much


def attempt(
    reader: Reader, config: Config, index: Index | None, at: str, tell: Tell, patience: float = PATIENCE
) -> Trial:
    """Try `reader` out; without the demo's `index` no question is asked, and after `patience` seconds of answering none
    any more: one that writes on without end would take an hour. Raises Fault where it does not answer."""
    asked = questions() if index else []
    tell("speed", 0, len(asked) + 1)
    prompt_rate, output_rate = _speed(reader, at)
    able = _abilities(reader)
    outcomes, seconds = list[Outcome](), list[float]()
    for number, question in enumerate(asked, 1):
        tell("questions", number, len(asked) + 1)
        if sum(seconds) > patience:
            break
        assert index is not None  # or nothing is asked
        given = _answered(question["question"], reader, config, index)
        outcomes.append(graded(given, question["answers"]))
        seconds.append(given.timings["total"])
    habits = reader.habits if isinstance(reader, ApiReader) else None
    return Trial(
        at, prompt_rate, output_rate, median(seconds) if seconds else None, **able,
        thinks=bool(habits and habits.thinks), window=habits.window if habits else 0, outcomes=tuple(outcomes),
    )  # fmt: skip


def questions() -> list[Mapping[str, Any]]:
    """The demo's example questions and five more; one without answers has none in the demo, and is rightly declined."""
    return [question for file in QUESTIONS for question in json.loads(file.read_text("utf-8"))]


def graded(given: Answer, answers: Sequence[Sequence[str]]) -> Outcome:
    """Right is an answer that holds one of each row of `answers`; where there are none, to decline is."""
    if given.status == "abstained":
        return "declined" if answers else "right"
    said = given.text.casefold()
    return "right" if answers and all(any(one.casefold() in said for one in row) for row in answers) else "wrong"


def suited(reader: ReaderConfig, trial: Trial) -> ReaderConfig:
    """`reader` with what its trial showed it to be."""
    if reader.kind == "local":
        return reader
    return replace(reader, window=trial.window or reader.window, grammar=trial.grammar, tools=trial.tools)


# --- kept trials ------------------------------------------------------------------------------


def keep(reader: ReaderConfig, trial: Trial) -> None:
    file = _file(reader)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(asdict(trial)), "utf-8")


def kept(reader: ReaderConfig) -> Trial | None:
    """What came of the last trial of this reader on this machine."""
    try:
        told = json.loads(_file(reader).read_text("utf-8"))
        return Trial(**{**told, "outcomes": tuple(told["outcomes"])})
    except (OSError, ValueError, KeyError, TypeError):  # none, or of another version
        return None


def _file(reader: ReaderConfig) -> Path:
    named = json.dumps([reader.kind, reader.model, reader.address])
    return home() / "trials" / f"{sha256(named.encode()).hexdigest()[:16]}.json"


# --- what is measured -------------------------------------------------------------------------


def _speed(reader: Reader, mark: str) -> tuple[float | None, float | None]:
    reader.tokens()
    began = perf_counter()
    pieces = reader.write(replace(SPEED, user=SPEED.user.replace("{mark}", mark)))
    next(pieces, "")
    first = perf_counter()
    count = sum(1 for _ in pieces)
    ended = perf_counter()
    read, written = reader.tokens()
    return read / (first - began) if read else None, (written or count) / (ended - first) if count else None


def _abilities(reader: Reader) -> dict[str, bool]:
    """What `reader` does when it is asked to, whatever its server says that it can."""
    bound = replace(reader, grammar=True) if isinstance(reader, ApiReader) else reader
    return {
        "grammar": _can(reader, lambda: "".join(bound.write(ONLY_SEVEN)).strip() == "7"),
        "schema": isinstance(reader, ApiReader) and _can(reader, reader.takes_schema),
        "probabilities": _can(reader, lambda: _is_graded(reader)),
        "tools": _can(reader, lambda: _calls(reader)),
    }


def _can(reader: Reader, probe: Callable[[], bool]) -> bool:
    """A server may refuse what it cannot in any words; the reader itself has answered by then."""
    try:
        return probe()
    except ReaderFault as fault:
        log.info("%s: %s", reader.name, fault)
        return False


def _is_graded(reader: Reader) -> bool:
    found = reader.choose(Prompt("Answer Yes or No.", "Is water wet?"), ("Yes", "No"))
    return found is not None and max(found.values()) < 1.0


def _calls(reader: Reader) -> bool:
    driver = acting(replace(reader, grammar=False) if isinstance(reader, ApiReader) else reader, [SEARCH])
    said = "" if driver is reader else "".join(driver.write(LOOK_UP))
    return said.startswith('{"name": "search"')


def _answered(question: str, reader: Reader, config: Config, index: Index) -> Answer:
    parts = replace(wiring.parts(config, index, reader), ledger=None)
    for event in answer(question, parts):
        if isinstance(event, Answered):
            return event.answer
    raise AssertionError("a run always ends with an answer")


@contextmanager
def demo(config: Config) -> Iterator[Index | None]:
    """The demo's index; None where it was never made."""
    if not (config.built / DEMO / "CURRENT").exists():
        yield None
        return
    with wiring.index(config, DEMO, wiring.embedder(config, DEMO)) as opened:
        yield opened


def try_out(reader: ReaderConfig, config: Config, tell: Tell) -> Trial:
    """Make, fetch where it is missing, try out and keep what came of it. Raises Fault."""
    tried = replace(config, reader=reader)
    wiring.fetch(reader, tell)
    with demo(config) as index:
        found = attempt(wiring.reader(tried), tried, index, datetime.now(UTC).isoformat(timespec="seconds"), tell)
    keep(reader, found)
    return found
