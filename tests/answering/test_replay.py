"""A kept run comes out byte for byte again, from what was written down alone."""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass, fields, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.answering.answerability import Gate, Level
from rag.answering.engine import Parts
from rag.answering.policies import GuidedPolicy, ScriptedPolicy
from rag.answering.recording import SETTINGS, Recorded, RecordedEngine, RecordedReader, Tape, key
from rag.answering.recording import answer as research
from rag.answering.replay import events_of, replay
from rag.answering.verification import verify_prompt
from rag.checking.verify import ReaderJudge
from rag.config import LedgerConfig, ReadingConfig
from rag.errors import ReplayFault, Unreachable, UsageFault
from rag.generation.reader import ScriptedReader
from rag.history.ledger import Kept, Ledger
from rag.messages import find
from rag.protocols import Prompt
from rag.types import (
    Abstain,
    Answered,
    Back,
    Extracted,
    Find,
    Finish,
    Judged,
    Keep,
    Open,
    Page,
    Planned,
    Scroll,
    Search,
    Step,
    Verdict,
    Wrote,
)
from rag.web.static import StaticEngine
from tests.answering.made import asks, holding

PAGES = [
    Page(
        "memory:bridge",
        "The Orrin bridge was opened on 4 May 1931 after three years of work.\nIt replaced a ferry of 1820.",
        title="Bridge",
        date="1990-01-02",
        body=((0, 97),),
    ),
    Page("memory:other", "The Orrin bridge was opened on 9 June 1934.", read_at="2026-01-02T03:04:05+00:00"),
    Page("memory:lake", "静湖位于青州以北。湖面海拔812米。每年冬天结冰四个月。", title="静湖"),
]
ENGINE = StaticEngine(PAGES)
TOLD = {"compare": "Which was opened first, the Orrin bridge or the Hale bridge?", "count": "How many years was it?"}
REPLIES = [
    (asks("translate"), "静湖的海拔是多少?"),
    (asks("plan", "compare"), "1. When was the Orrin bridge opened?\n2. When was the Hale bridge opened?"),
    (asks("calculate", "program"), "a = 1931  # [1]\nb = 1820  # [1]\nanswer = a - b  # years"),
    (asks("answer", "revise"), "The Orrin bridge replaced a ferry of 1820."),
    (asks("answer", "fact", question="[\u4e00-\u9fff]"), "湖面海拔812米。"),
    (
        f"{asks('answer', 'fact')}|{asks('answer', 'part')}",
        "The Orrin bridge was opened in 1931. It was painted green.",
    ),
]
CHOICES = [(asks("verify", claim="green"), 0.1), (asks("answer", "states", claim="green"), None)]
KINDS = {question: kind for kind, question in TOLD.items()}


@dataclass
class Contradicting:
    """An auditor, which knows what is contradicted."""

    name: str = "contradicting"

    def judge(self, quotes, claim, language) -> Verdict:
        return Verdict("contradicted" if "green" in claim else "supported", 0.7, self.name)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory) -> Ledger:
    return Ledger(tmp_path_factory.mktemp("kept") / "ledger.sqlite")


def made(ledger: Ledger, policy=None, engine=ENGINE, **changes) -> Parts:
    reader, reading = ScriptedReader(REPLIES, CHOICES, logprob=-0.25), ReadingConfig()
    states = holding(opened=0.7, 海拔=0.8)
    guided = GuidedPolicy(reader, reading.passages, reading.passage_tokens, states)
    judge = ReaderJudge(reader, verify_prompt, 0.5)
    whole = Parts(engine, policy or guided, reader, judge, reading, ledger=ledger, index={"name": "t", "build": "b"})
    known = {
        "kind": lambda question: KINDS.get(question, "fact"),
        "direction": lambda question: "less",
        "states": states,
        "points": states,
        "auditor": Contradicting(),
    }
    return replace(whole, **{**known, **changes})


def run(question: str, parts: Parts) -> tuple[list, Kept]:
    events = list(research(question, parts))
    return events, parts.ledger.run(events[-1].answer.id)


@pytest.mark.parametrize(
    "question",
    [
        "When was the Orrin bridge opened?",
        "When was the Orrin bridge opened, and what did it replace?",
        "静湖的海拔是多少?",
        "How high is Lake Jinghu (静湖)?",
        "How much did the Orrin bridge cost?",
        "Кто построил мост?",
        "What is known of the Orrin bridge?",
        "17*23 + 4",
        *TOLD.values(),
    ],
)
def test_a_run_comes_out_byte_for_byte_with_all_its_events(ledger, question):
    events, kept = run(question, made(ledger))
    again = replay(kept)
    assert again.differences == () and again.bytes == len(kept.text.encode())
    assert again.events == tuple(events)  # seconds, hits and pages too
    assert list(events_of(kept))[:-1] == events[:-1]


ACTIONS = st.one_of(
    st.builds(Search, st.sampled_from(["bridge", "静湖", "nothing of it", ""])),
    st.builds(Open, st.integers(-1, 4)),
    st.builds(Find, st.sampled_from(["ferry", "海拔", "absent"])),
    st.builds(Scroll, st.integers(-2, 2)),
    st.just(Back()),
    st.builds(Keep, st.sampled_from(["opened on 4 May 1931", "IT REPLACED", "海拔812米", "made up", "9 June 1934"])),
    st.builds(Finish, st.sampled_from([None, 0.7])),
    st.builds(Abstain, st.just("nothing to read")),
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(script=st.lists(ACTIONS, max_size=12), question=st.sampled_from(["When was it opened?", "静湖海拔多少?"]))
def test_whatever_a_policy_does_the_run_comes_out_the_same(ledger, script, question):
    events, kept = run(question, made(ledger, ScriptedPolicy(script)))
    assert replay(kept).events == tuple(events)
    assert replay(kept).equal


def test_an_engine_that_was_down_is_down_again(ledger):
    events, kept = run("When was it opened?", made(ledger, engine=StaticEngine(PAGES, down=True)))
    assert events[1].setback and replay(kept).events == tuple(events)


def test_what_an_engine_went_round_is_told_again(ledger):
    told = iter([[Unreachable("a slow page")], []])
    events, kept = run("When was it opened?", made(ledger, setbacks=lambda: next(told, [])))
    assert [event.detail for event in events if isinstance(event, Step) and event.setback] == ["a slow page"]
    assert replay(kept).events == tuple(events) and replay(kept).equal


def test_two_sources_that_say_the_same_stay_two(ledger):
    copies = [replace(PAGES[0], uri=f"memory:copy{number}", title=f"Copy {number}") for number in (1, 2)]
    script = [
        Search("Orrin bridge"),
        Open(1),
        Open(2),
        Keep("opened on 4 May 1931"),
        Open(1),
        Keep("IT REPLACED"),
        Finish(),
    ]
    events, kept = run("When was it opened?", made(ledger, ScriptedPolicy(script), StaticEngine(copies)))
    assert replay(kept).events == tuple(events) and replay(kept).equal


def test_the_run_is_kept_with_every_page_it_opened_quoted_or_not(ledger):
    script = [Search("bridge"), Open(1), Open(2), Keep("9 June 1934"), Finish()]
    _, kept = run("When was the bridge opened?", made(ledger, ScriptedPolicy(script)))
    tape, texts = kept.run
    assert set(texts.values()) == {PAGES[0].text, PAGES[1].text}
    assert len(tape["pages"]) == 2 and not any(page["text"] for page in tape["pages"].values())
    asked = {call[0] for call in tape["calls"]}
    assert {"engine.search", "engine.open", "policy", "reader.write", "judge", "judge.reader.choose", "kind"} <= asked


def test_every_reader_call_is_kept_whoever_makes_it(ledger):
    parts = made(ledger)
    _, kept = run("How high is Lake Jinghu (静湖)?", parts)
    said = [call for call in kept.run[0]["calls"] if call[0].endswith(("reader.write", "reader.choose"))]
    assert len(said) == len(parts.reader.asked) and all(len(call[1]) == 64 for call in said)


def changed(kept: Kept, part: str, said) -> Kept:
    tape = json.loads(json.dumps(kept.run[0]))
    call = next(call for call in tape["calls"] if call[0] == part)
    call[2] = said
    return replace(kept, run=(tape, kept.run[1]))


def test_what_differs_is_shown(ledger):
    _, kept = run("When was the Orrin bridge opened?", made(ledger))
    again = replay(changed(kept, "auditor.name", "another"))
    assert not again.equal and again.answer is not None
    assert again.differences == ('auditor: "contradicting" was kept, "another" came out',)


def test_a_run_that_takes_another_way_says_where(ledger):
    _, kept = run("When was the Orrin bridge opened?", made(ledger))
    tape, texts = kept.run
    calls = [call for call in tape["calls"] if call[0] != "reader.write"]
    again = replay(replace(kept, run=({**tape, "calls": calls}, texts)))
    assert not again.equal and again.answer is None and "asks its reader" in again.differences[0]
    assert any(isinstance(event, Step) for event in again.events)


def test_what_is_missing_or_unreadable_is_a_fault_that_says_so(ledger, tmp_path):
    sparing = Ledger(tmp_path / "ledger.sqlite", LedgerConfig(runs=False))
    _, kept = run("When was the Orrin bridge opened?", made(sparing))
    assert kept.run is None
    with pytest.raises(UsageFault, match="only the answer was kept"):
        replay(kept)
    _, whole = run("When was the Orrin bridge opened?", made(ledger))
    tape, texts = whole.run
    for broken in (({**tape, "calls": [[1]]}, texts), (tape, {}), ({**tape, "settings": {}}, texts)):
        with pytest.raises(ReplayFault, match="does not read"):
            replay(replace(whole, run=broken))


def test_every_part_of_a_run_is_written_down_or_kept(ledger):
    """Whoever gives a run another part must say here how it is recorded."""
    noted = {"engine", "policy", "reader", "judge", "auditor", "gate", "best", "kind", "direction", "states", "points",
             "clock", "demonstrations", "orders"}  # fmt: skip
    assert {field.name for field in fields(Parts)} == noted | set(SETTINGS) | {"setbacks", "ledger", "tracer"}


def test_a_recorded_engine_and_a_recorded_reader_say_what_was_said_and_nothing_else():
    tape, prompt = Tape(), Prompt("s", "u")
    tape.note("engine.search", ["q", 5], [])
    tape.note("engine.open", "memory:gone", {"setback": "Unreachable", "text": "gone"})
    tape.note("reader.write", prompt, ["one", "two"])
    tape.note("reader.write", prompt, ["three"])
    tape.note("reader.choose", [prompt, ("Yes", "No")], None)
    record = Recorded(tape)
    engine, reader = RecordedEngine(record), RecordedReader(record)
    assert engine.search("q", 5) == []
    with pytest.raises(Unreachable, match="gone"):
        engine.open("memory:gone")
    assert [list(reader.write(prompt)), list(reader.write(prompt))] == [["one", "two"], ["three"]]
    assert reader.choose(prompt, ("Yes", "No")) is None
    with pytest.raises(ReplayFault, match="did not ask then"):
        list(reader.write(prompt))
    with pytest.raises(ReplayFault):
        engine.search("another", 5)
    assert key(prompt) != key(replace(prompt, max_tokens=1))


# --- forgetting ---------------------------------------------------------------------------------


def left(ledger: Ledger) -> bytes:
    return b"".join(file.read_bytes() for file in ledger.path.parent.glob("ledger.sqlite*"))


def counts(ledger: Ledger) -> dict[str, int]:
    with closing(sqlite3.connect(ledger.path)) as database:
        tables = ("answers", "runs", "run_texts", "texts")
        return {table: database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}


def test_what_is_forgotten_leaves_nothing_behind(tmp_path):
    ledger = Ledger(tmp_path / "ledger.sqlite")
    run("静湖的海拔是多少?", made(ledger))
    _, kept = run("When was the Orrin bridge opened?", made(ledger))
    assert b"Orrin bridge" in left(ledger)
    assert ledger.forget(kept.answer["id"][:8]) == kept.answer["id"]
    assert b"Orrin" not in left(ledger) and "静湖".encode() in left(ledger)
    assert counts(ledger) == {"answers": 1, "runs": 1, "run_texts": 1, "texts": 1}
    with pytest.raises(UsageFault, match="Nothing that is kept"):
        ledger.forget(kept.answer["id"])
    with pytest.raises(UsageFault, match="Name an answer"):
        ledger.run("")


def test_a_page_that_another_answer_quotes_or_read_stays(tmp_path):
    ledger = Ledger(tmp_path / "ledger.sqlite")
    _, first = run("静湖的海拔是多少?", made(ledger))
    _, second = run("静湖的海拔是多少?", made(ledger))
    ledger.forget(first.answer["id"])
    assert replay(ledger.run("last")).equal and ledger.text(PAGES[2].sha256) == PAGES[2].text
    ledger.forget("last")
    assert counts(ledger) == dict.fromkeys(("answers", "runs", "run_texts", "texts"), 0)
    assert second.answer["id"] != first.answer["id"]


def aged(ledger: Ledger, number: str, days: int) -> None:
    with closing(sqlite3.connect(ledger.path)) as database, database:
        database.execute("UPDATE answers SET at = datetime(at, ?) WHERE id = ?", (f"-{days} days", number))


def test_old_answers_go_when_told_to_or_by_themselves(tmp_path):
    ledger = Ledger(tmp_path / "ledger.sqlite")
    numbers = [run("静湖的海拔是多少?", made(ledger))[1].answer["id"] for _ in range(3)]
    aged(ledger, numbers[0], 40)
    aged(ledger, numbers[1], 20)
    assert ledger.forget_older(30) == [numbers[0]] and ledger.forget_older(30) == []
    run("静湖的海拔是多少?", made(Ledger(ledger.path, LedgerConfig(days=10))))
    assert counts(ledger)["answers"] == 2 and counts(ledger)["texts"] == 1


def test_pages_of_before_packing_are_read_as_they_are(tmp_path):
    ledger = Ledger(tmp_path / "ledger.sqlite")
    with closing(sqlite3.connect(ledger.path)) as database, database:
        database.execute("INSERT INTO texts VALUES ('a', 'u', 't', ?)", ("plain 文本 " * 100,))
    assert ledger.text("a") == "plain 文本 " * 100
    long = Page("memory:long", "湖面海拔812米。" * 500)
    script = [Search("海拔"), Open(1), Keep("湖面海拔812米。"), Finish()]
    run("海拔多少?", made(ledger, ScriptedPolicy(script), StaticEngine([long])))
    assert ledger.text(long.sha256) == long.text
    with closing(sqlite3.connect(ledger.path)) as database:
        row = database.execute("SELECT length(text), typeof(text) FROM texts WHERE sha256 = ?", (long.sha256,))
        size, kind = row.fetchone()
    assert kind == "blob" and size < len(long.text) / 10


def test_events_hold_what_the_page_shows(ledger):
    _, kept = run("When was the Orrin bridge opened?", made(ledger))
    kinds = [type(event) for event in replay(kept).events]
    assert {Planned, Step, Extracted, Wrote, Judged, Answered} == set(kinds) and kinds[-1] is Answered
    steps = [event for event in replay(kept).events if isinstance(event, Step)]
    assert any(step.hits for step in steps) and any(step.quote for step in steps)


@pytest.mark.model
def test_a_real_run_comes_out_byte_for_byte(tmp_path):
    from rag import wiring
    from rag.config import Config
    from rag.index.index import Index
    from rag.sources.ingest import ingest

    config = Config(indexes=str(tmp_path))
    files = {"bridge.txt": PAGES[0].text, "lake.txt": PAGES[2].text}
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
    embedder = wiring.embedder(config)
    with Index.at(tmp_path / "t", embedder, create=True) as index:
        sources = [str(tmp_path / name) for name in files]
        list(ingest(sources, index.put, embedder.token_ends, 200, embedder.max_tokens, config.fetch))
        parts = wiring.parts(config, index, wiring.reader(config))
        ends = [list(research(q, parts))[-1] for q in ("When was the Orrin bridge opened?", "静湖的海拔是多少?")]
    for end in ends:
        again = replay(wiring.ledger(config).run(end.answer.id))
        assert again.differences == () and again.answer == end.answer


@pytest.mark.parametrize("risk", [0.05, 0.5])
def test_how_sure_a_run_was_is_kept_with_it(ledger, risk):
    level = Level(risk, 0.8 if risk == 0.05 else 0.0, 0.5, 0.1)
    gate = Gate(lambda signals: signals.agrees - 0.1, level)
    _, kept = run("When was the Orrin bridge opened?", made(ledger, gate=gate))
    assert kept.answer["metrics"]["answerable"] == pytest.approx(0.6)
    declined = find(kept.answer["reason"])
    assert (declined is not None and declined.code == "refused.unsure") == (risk == 0.05)
    assert replay(kept).equal
