"""A run without any model, stopped and gone on with, and compared; in this process and, for kill -9, in others."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from eval import result
from eval.run import app
from rag.config import REPOSITORY
from rag.errors import ReaderFault, UsageFault
from rag.history.ledger import Ledger
from tests.eval.made import QUESTIONS, lay_out

VARIANTS = 4


def run(arguments: list[str]):
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture
def laid_out(tmp_path):
    questions, config = lay_out(tmp_path)
    return [str(questions), "--config", str(config), "--store", str(tmp_path / "store.sqlite")], tmp_path


def results(folder: Path) -> dict[str, result.Result]:
    return {one.variant: one for one in result.latest(folder)}


@pytest.fixture(scope="module")
def run_once(tmp_path_factory):
    """(arguments, folder, what was shown) of one whole run; its results are in "out"."""
    folder = tmp_path_factory.mktemp("once")
    questions, config = lay_out(folder)
    arguments = [str(questions), "--config", str(config), "--store", str(folder / "store.sqlite")]
    return arguments, folder, run([*arguments, "--out", str(folder / "out")])


def test_the_variants_answer_the_same_items_and_are_compared_in_pairs(run_once):
    _, folder, shown = run_once
    made = results(folder / "out")
    assert list(made) == ["closed", "floor", "loop", "rag"]
    ids = [row["id"] for row in QUESTIONS]
    assert all(sorted(outcome.id for outcome in one.outcomes) == sorted(ids) for one in made.values())
    # The closed book says 1931 to everything: right once, wrong six times.
    assert made["closed"].figures["answered rightly"].value == pytest.approx(1 / 5)
    assert made["closed"].figures["answered wrongly, of all"].value == pytest.approx(6 / 7)
    assert made["loop"].figures["abstained where unanswerable"].value == 1
    assert made["loop"].figures["answered rightly"].value >= 4 / 5
    assert made["loop"].figures["runs whose quotes are all verbatim"].value == 1
    assert made["rag"].figures["abstained where unanswerable"].value == 1
    assert "mine: loop@vouch − closed@vouch, n=7" in shown
    assert "mine (no role), loop: 7 items" in shown and made["loop"].role == ""


def test_a_second_run_asks_nothing_and_gives_the_same(run_once):
    arguments, folder, _ = run_once
    before = results(folder / "out")
    shown = run([*arguments, "--out", str(folder / "again")])
    after = results(folder / "again")
    for variant, one in before.items():
        assert (after[variant].figures, after[variant].outcomes) == (one.figures, one.outcomes)
        assert after[variant].seconds == one.seconds  # true ones, not those of the second run
    assert "left" not in shown  # no item was run


def test_a_result_holds_no_text_of_the_set(run_once):
    _, folder, _ = run_once
    (file,) = (folder / "out").glob("mine-loop*.json")
    text = file.read_text("utf-8")
    assert not any(row["question"] in text for row in QUESTIONS) and "May 1931" not in text
    table = json.loads(text)
    assert table["reader"]["name"] == "scripted" and len(table["list_sha256"]) == 64 == len(table["prompts_sha256"])
    assert {"total", "median", "longest"} == table["seconds"].keys() and table["n"] == len(QUESTIONS)


def test_two_configurations_are_compared(laid_out):
    arguments, folder = laid_out
    other = folder / "strict.toml"
    settings = (folder / "vouch.toml").read_text("utf-8")
    other.write_text(settings.replace("[checking]\n", "[checking]\nsupported = 1.1\n"), "utf-8")
    shown = run([*arguments, "--config", str(other), "--variant", "loop", "--limit", "3", "--out", str(folder / "out")])
    assert "loop@strict − loop@vouch" in shown
    strict = next(one for one in result.latest(folder / "out") if one.settings == "strict")
    assert strict.figures["answered"].value == 0  # nothing is ever sure enough


def test_a_limit_takes_the_first_items(run_once):
    arguments, folder, _ = run_once
    run([*arguments, "--variant", "loop", "--limit", "3", "--out", str(folder / "few")])
    assert [one.id for one in results(folder / "few")["loop"].outcomes] == [row["id"] for row in QUESTIONS[:3]]


def test_an_unknown_set_and_a_variant_it_lacks_are_wrong_use(laid_out):
    arguments, _ = laid_out
    with pytest.raises(UsageFault, match="no set called 'nosuch'"):
        CliRunner().invoke(app, ["nosuch"], catch_exceptions=False)
    with pytest.raises(UsageFault, match="no variant dense"):
        CliRunner().invoke(app, [*arguments, "--variant", "dense"], catch_exceptions=False)


def test_a_reader_that_fails_again_and_again_ends_the_run(laid_out):
    arguments, folder = laid_out
    (folder / "script.json").write_text('{"replies": []}', "utf-8")
    with pytest.raises(ReaderFault):
        CliRunner().invoke(app, [*arguments, "--variant", "closed"], catch_exceptions=False)


def test_an_item_the_reader_fails_on_is_counted_and_asked_again(laid_out):
    arguments, folder = laid_out
    script = folder / "script.json"
    whole = json.loads(script.read_text("utf-8"))
    script.write_text(
        json.dumps({"replies": [["(?s)(bridge|engineer|静湖每年|鱼).*(from what|凭所)", "It was 1931."]]}), "utf-8"
    )
    run([*arguments, "--variant", "closed", "--out", str(folder / "out")])
    made = results(folder / "out")["closed"]
    assert made.faults == 1 and [one.id for one in made.outcomes if not one.answered] == ["lake-1"]
    script.write_text(json.dumps(whole), "utf-8")


def outputs(store: Path) -> int:
    """How many outputs are kept; 0 before the file is made."""
    if not store.exists():
        return 0
    database = sqlite3.connect(f"file:{store}?mode=ro", uri=True, timeout=10)
    try:
        (count,) = database.execute("SELECT count(*) FROM outputs").fetchone()
        return int(count)
    except sqlite3.OperationalError:  # the tables are not made yet
        return 0
    finally:
        database.close()


def test_killed_at_any_moment_and_gone_on_with_it_gives_the_same_table(laid_out, run_once):
    arguments, folder = laid_out
    command = [sys.executable, "-m", "eval.run", *arguments, "--out", str(folder / "out")]
    chance, store = random.Random(), folder / "store.sqlite"
    kept = 0
    for _ in range(2):
        wanted = kept + chance.randrange(1, 9)
        process = subprocess.Popen(command, cwd=REPOSITORY, env=os.environ, stdout=subprocess.DEVNULL)
        while process.poll() is None and outputs(store) < wanted:
            time.sleep(0.002)
        time.sleep(chance.random() * 0.05)
        process.kill()
        assert process.wait() == -signal.SIGKILL, "it had ended before it was killed"
        assert outputs(store) >= wanted  # nothing that had been kept is lost
        kept = outputs(store)
    assert kept < VARIANTS * len(QUESTIONS)
    run([*arguments, "--out", str(folder / "out")])
    assert outputs(store) == VARIANTS * len(QUESTIONS)
    stopped, whole = results(folder / "out"), results(run_once[1] / "out")
    for variant, one in whole.items():
        first = {name: figure for name, figure in one.figures.items() if "seconds" not in name}
        second = {name: figure for name, figure in stopped[variant].figures.items() if "seconds" not in name}
        assert (first, one.outcomes) == (second, stopped[variant].outcomes)


def test_a_run_stands_in_the_ledger_with_its_figures(run_once):
    _, folder, _ = run_once
    rows = {row["variant"]: row for row in Ledger(folder / "built" / "ledger.sqlite").evaluations()}
    assert set(rows) >= {"loop@vouch", "floor@vouch"} and rows["loop@vouch"]["kind"] == "evaluation"
    right = rows["loop@vouch"]["figures"]["answered rightly"]
    assert right["n"] == 5 and right["low"] <= right["value"] <= right["high"]
