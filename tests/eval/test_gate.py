import dataclasses
import json

import pytest
from typer.testing import CliRunner

from eval import result
from eval.gate import Floor, app, fails, read, with_floor, write
from eval.outcomes import Outcome
from eval.result import Result
from rag.errors import EvalFault, UsageFault
from rag.history.statistics import Figure, rate


def measured(figure: Figure, set_name="mine", variant="loop") -> Result:
    return Result(
        set_name, variant, "", figure.n, {"right": figure}, {"total": 1.0, "median": 0.1, "longest": 0.2},
        {"name": "scripted", "sha256": ""}, "hash", "p", "c", "l", "abc1234", "2026-11-22T00:00:00+00:00",
        [Outcome("a", "en", True)],
    )  # fmt: skip


def floor(value=0.8, n=100, **more) -> Floor:
    return Floor("mine", "loop", "right", value, n, **more)


def test_a_fall_within_noise_holds_and_one_beyond_it_fails():
    # Wilson 95% of 75 of 100 reaches up to .825, of 60 of 100 to .691
    assert fails(floor(), [measured(rate(75, 100))]) == ""
    assert "by more than noise" in fails(floor(), [measured(rate(60, 100))])


def test_a_figure_without_chance_is_held_to_its_tolerance():
    exact = floor(0.8, tolerance=0.005)
    assert fails(exact, [measured(Figure(0.796, 100, 0.7, 0.9))]) == ""
    assert "more than 0.005" in fails(exact, [measured(Figure(0.79, 100, 0.7, 0.9))])


def test_a_ceiling_is_the_other_way_round():
    ceiling = floor(0.1, less_is_better=True)
    assert fails(ceiling, [measured(rate(15, 100))]) == ""  # reaches down to .093
    assert "ceiling" in fails(ceiling, [measured(rate(30, 100))])
    exact = floor(0.1, less_is_better=True, tolerance=0.01)
    assert fails(exact, [measured(Figure(0.105, 100))]) == "" and fails(exact, [measured(Figure(0.12, 100))])


def test_silence_is_no_pass():
    assert "no such figure" in fails(floor(), [])
    assert "no such figure" in fails(floor(), [measured(rate(90, 100), variant="rag")])
    assert "fewer than 100" in fails(floor(), [measured(rate(9, 10))])
    assert "fewer than" in fails(floor(), [measured(Figure(None, 0))])


def test_a_floor_is_lowered_only_with_a_reason_which_is_kept():
    floors = [floor(0.8)]
    for less in (floor(0.7), floor(0.8, n=50), floor(0.8, tolerance=0.1), floor(0.8, less_is_better=True)):
        with pytest.raises(UsageFault, match="--why"):
            with_floor(floors, less, " ")
    (lowered,) = with_floor(floors, floor(0.7), "harder items")
    assert lowered.floor == 0.7
    assert [(row["from"], row["to"], row["why"]) for row in lowered.lowered] == [(0.8, 0.7, "harder items")]
    (raised,) = with_floor([lowered], floor(0.9), "")
    assert raised.floor == 0.9 and raised.lowered == lowered.lowered
    with pytest.raises(UsageFault):
        with_floor([floor(0.2, less_is_better=True)], floor(0.3, less_is_better=True), "")


def test_floors_are_read_as_they_were_written(tmp_path):
    floors = [floor(0.0, tolerance=0.0), *with_floor([dataclasses.replace(floor(), set="b")], floor(), "")]
    write(floors, tmp_path / "b.json")
    assert read(tmp_path / "b.json") == floors
    (tmp_path / "b.json").write_text('[{"set": 1}]', "utf-8")
    with pytest.raises(EvalFault, match="Mend it"):
        read(tmp_path / "b.json")


def gate(folder, *arguments):
    places = ["--results", str(folder), "--baseline", str(folder.parent / "baseline.json")]
    return CliRunner().invoke(app, [*places, *arguments], catch_exceptions=False)


def test_a_planted_regression_fails_the_command(tmp_path):
    folder = tmp_path / "results"
    result.write(measured(rate(90, 100)), folder)
    assert gate(folder, "--set-floor", "mine/loop/right=0.9", "--set-tier", "check").exit_code == 0
    assert json.loads((tmp_path / "baseline.json").read_text("utf-8"))[0]["n"] == 100
    assert gate(folder, "--tier", "check").exit_code == 0
    later = dataclasses.replace(measured(rate(60, 100)), commit="def5678", at="2026-11-23T00:00:00+00:00")
    result.write(later, folder)
    failed = gate(folder, "--tier", "check")
    assert failed.exit_code == 1 and "FAILS  mine/loop/right" in failed.output
    with pytest.raises(UsageFault, match="--why"):
        gate(folder, "--set-floor", "mine/loop/right=0.6")
    assert gate(folder, "--set-floor", "mine/loop/right=0.6", "--why", "planted").exit_code == 0
    assert gate(folder, "--tier", "check").exit_code == 0


def test_a_floor_of_what_was_not_measured_and_a_malformed_one_are_wrong_use(tmp_path):
    with pytest.raises(UsageFault, match="no result"):
        gate(tmp_path / "none", "--set-floor", "mine/loop/right=0.9")
    with pytest.raises(UsageFault, match="is no floor"):
        gate(tmp_path / "none", "--set-floor", "mine=high")
    with pytest.raises(EvalFault, match="holds no floor"):
        gate(tmp_path / "none", "--tier", "check")
