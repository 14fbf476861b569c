"""A kept run again, without network, index or model: our own code over what the run's parts said then.

The answer must come out byte for byte as it was kept. Where it does not, this version is not the one that made it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any

from rag.answering.answerability import Gate, Level
from rag.answering.engine import Parts, answer
from rag.answering.recording import (
    Recorded,
    RecordedClock,
    RecordedEngine,
    RecordedJudge,
    RecordedPolicy,
    RecordedReader,
    Tape,
    recorded,
    recorded_demonstrations,
    recorded_setbacks,
    recorded_states,
    recorded_worth,
)
from rag.answering.samples import Best
from rag.config import ReadingConfig
from rag.errors import ReplayFault, UsageFault
from rag.export.json import as_json
from rag.history.ledger import Kept
from rag.text.plain import as_typed
from rag.types import Answer, Answered, Event

SHOWN = 5  # differences


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of it: the events with the seconds they took then, the answer (None where the run did not get to its
    end), how many bytes the answer's object has, and where it differs from what was kept."""

    events: tuple[Event, ...]
    answer: Answer | None
    bytes: int
    differences: tuple[str, ...]

    @property
    def equal(self) -> bool:
        return not self.differences


def replay(kept: Kept) -> Replayed:
    """Run it again and compare. Raises UsageFault where only the answer was kept, ReplayFault where its run cannot be
    read."""
    events = list[Event]()
    number, answer = kept.answer["id"], None
    try:
        for event in events_of(kept):
            match event:
                case Answered(made):
                    answer = replace(made, id=number)
                    events.append(Answered(answer))
                case _:
                    events.append(event)
    except ReplayFault as fault:
        if not events:
            raise
        return Replayed(tuple(events), None, 0, (str(fault),))
    assert answer is not None  # the engine always ends with one
    again = json.dumps(as_json(answer), ensure_ascii=False)
    differences = () if again == kept.text else tuple(_differences("", kept.answer, json.loads(again)))
    return Replayed(tuple(events), answer, len(again.encode("utf-8", "surrogatepass")), differences[:SHOWN])


def events_of(kept: Kept) -> Iterator[Event]:
    """The events of a kept run, one by one, as the engine gave them. Raises UsageFault, ReplayFault."""
    if kept.run is None:
        raise UsageFault(
            f"Of {kept.answer['id']} only the answer was kept, not its run. Runs are kept from this version on, while"
            " [ledger] runs is true."
        )
    return answer(kept.answer["question"], parts(Tape.read(*kept.run), kept.reader))


def parts(tape: Tape, reader: str) -> Parts:
    """The parts of a run, each of which knows only what it said then. Raises ReplayFault."""
    record, settings = Recorded(tape), tape.settings
    try:
        there: list[str] = settings["there"]
        limits: ReadingConfig = as_typed(ReadingConfig, settings["limits"])
        hits, index, config_sha256 = settings["hits"], settings["index"], settings["config_sha256"]
        level = as_typed(Level, settings["level"]) if settings.get("level") else None
    except (KeyError, TypeError) as error:
        raise ReplayFault(f"This run was kept in a form that this version does not read ({error!r}).") from error
    return Parts(
        engine=RecordedEngine(record),
        policy=RecordedPolicy(record),
        reader=RecordedReader(record, reader),
        judge=RecordedJudge(record, "judge"),
        limits=limits,
        auditor=RecordedJudge(record, "auditor") if "auditor" in there else None,
        gate=Gate(recorded("gate", record), level) if level else None,
        best=Best(recorded_worth(record), settings["reward_version"]) if settings.get("reward_version") else None,
        demonstrations=recorded_demonstrations(record) if "demonstrations" in there else None,
        hits=hits,
        prices=tuple(settings.get("prices", (0.0, 0.0))),
        kind=recorded("kind", record),
        direction=recorded("direction", record),
        states=recorded_states(record, "states") if "states" in there else None,
        points=recorded_states(record, "points") if "points" in there else None,
        orders=recorded("orders", record) if "orders" in there else None,
        supported=settings["supported"],
        clock=RecordedClock(record),
        index=index,
        config_sha256=config_sha256,
        setbacks=recorded_setbacks(record),
    )


def _differences(where: str, then: Any, now: Any) -> Iterator[str]:
    if isinstance(then, Mapping) and isinstance(now, Mapping):
        for name in dict.fromkeys([*then, *now]):
            yield from _differences(f"{where}.{name}".lstrip("."), then.get(name), now.get(name))
    elif isinstance(then, list) and isinstance(now, list):
        for at, pair in enumerate(zip_longest(then, now)):
            yield from _differences(f"{where}[{at}]", *pair)
    elif then != now or type(then) is not type(now):
        told = [json.dumps(each, ensure_ascii=False) for each in (then, now)]
        yield f"{where}: {told[0]} was kept, {told[1]} came out"
