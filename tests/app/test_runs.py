"""Runs: threads that the page only looks at."""

import os
import threading
from pathlib import Path

from app.runs import OneAtATime, Run
from rag.answering import adding
from rag.config import Config, EmbedderConfig
from rag.errors import SourceFault
from rag.index.hashed import HashEmbedder
from rag.index.index import Index
from tests.sources.test_apart import LONG
from tests.sources.workers import busy, ends, needs_proc, workers

SOON = 20.0


def test_what_comes_is_kept_in_order():
    def work(tell):
        for number in range(5):
            tell(number)

    run = Run(work)
    assert run.wait(SOON)
    assert run.told == (0, 1, 2, 3, 4)
    assert run.fault is None


def test_it_can_be_looked_at_while_it_goes_on():
    told, go_on = threading.Event(), threading.Event()

    def work(tell):
        tell("first")
        told.set()
        go_on.wait(SOON)
        tell("second")

    run = Run(work)
    assert told.wait(SOON)
    assert run.told == ("first",)
    assert not run.over
    go_on.set()
    assert run.wait(SOON)
    assert run.told == ("first", "second")


def test_a_fault_ends_it_with_its_sentence_and_keeps_what_came_before():
    def work(tell):
        tell("a")
        raise SourceFault("The file is encrypted. Save it without a password.")

    run = Run(work)
    assert run.wait(SOON)
    assert run.told == ("a",)
    assert run.fault == "The file is encrypted. Save it without a password."


def test_an_unforeseen_error_is_logged_and_shows_no_traceback(caplog):
    def work(tell):
        raise KeyError("secret detail")

    run = Run(work)
    assert run.wait(SOON)
    assert run.fault == ""
    assert "secret detail" in caplog.text


def test_runs_that_share_a_turn_go_one_after_the_other():
    turn, inside, go_on = threading.Lock(), threading.Event(), threading.Event()

    def first(tell):
        inside.set()
        go_on.wait(SOON)
        tell("first")

    one = Run(first, turn)
    assert inside.wait(SOON)
    two = Run(lambda tell: tell("second"), turn)
    assert two.waiting and not one.waiting
    assert two.told == ()
    go_on.set()
    assert one.wait(SOON) and two.wait(SOON)
    assert (one.told, two.told) == (("first",), ("second",))
    assert not two.waiting


def test_what_nobody_waits_for_ends_where_somebody_wants_the_turn():
    turn, stopping, inside = OneAtATime(), threading.Event(), threading.Event()

    def aside(tell):
        inside.set()
        assert stopping.wait(SOON)
        tell("never shown")

    idle = Run(aside, turn.aside(stopping), stopping)
    assert inside.wait(SOON)
    asked = Run(lambda tell: tell("asked"), turn)
    assert asked.wait(SOON) and idle.wait(SOON)
    assert (asked.told, idle.told, idle.fault) == (("asked",), (), None)
    held, late = threading.Event(), threading.Event()
    first = Run(lambda tell: held.wait(SOON), turn)
    waits = Run(lambda tell: tell("waits"), turn)
    behind = Run(lambda tell: late.wait(SOON), turn.aside(late), late)
    held.set()
    assert first.wait(SOON) and waits.wait(SOON) and waits.told == ("waits",)
    late.set()
    assert behind.wait(SOON)
    again = Run(lambda tell: tell("free"), turn)
    assert again.wait(SOON) and again.told == ("free",)


def test_a_stopped_run_gives_its_turn_back():
    turn, inside, go_on = threading.Lock(), threading.Event(), threading.Event()

    def endless(tell):
        while True:
            tell("again")
            inside.set()
            go_on.wait(SOON)

    one = Run(endless, turn)
    assert inside.wait(SOON)
    one.stop()
    go_on.set()
    assert one.wait(SOON)
    assert one.fault is None
    two = Run(lambda tell: tell("mine"), turn)
    assert two.wait(SOON)
    assert two.told == ("mine",)


def test_two_runs_do_not_see_each_other():
    runs = [Run(lambda tell, name=name: [tell((name, number)) for number in range(50)]) for name in ("a", "b")]
    assert all(run.wait(SOON) for run in runs)
    assert [set(name for name, _ in run.told) for run in runs] == [{"a"}, {"b"}]


@needs_proc
def test_stop_lets_go_the_file_that_is_being_read(tmp_path):
    """As the page adds: Stop ends the reading process, its source is told as not read, what came before it stays."""
    names = ["bridge.txt", "long.docx", "zebra.txt"]
    for name, content in zip(names, (b"The Orrin bridge was opened in 1931.", LONG, b"It stands behind."), strict=True):
        (tmp_path / name).write_bytes(content)
    config, stop, before = Config(embedder=EmbedderConfig("hash")), threading.Event(), workers(os.getpid())
    with Index.at(tmp_path / "index", HashEmbedder(), create=True) as index:

        def work(tell):
            for outcome in adding.add([str(tmp_path / name) for name in names], index, config, stop=stop):
                tell(outcome)

        run = Run(work, stopping=stop, winds_up=True)
        worker = busy(os.getpid(), before)
        run.stop()
        assert ends(worker) and run.wait(SOON) and run.fault is None
        assert [(Path(one.uri).name, one.status) for one in run.told] == [
            ("long.docx", "failed"),
            ("bridge.txt", "added"),
        ]
        assert [Path(page.uri).name for page in index.pages()] == ["bridge.txt"]
