"""Eight people ask while the index is rebuilt: nobody gets an error, and nobody waits for ever behind another."""

from pathlib import Path

import pytest

from benchmarks.load import PEOPLE, add_many, under_load


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="no /proc here")
def test_eight_people_and_a_rebuild_at_once(tmp_path: Path) -> None:
    told = under_load(tmp_path, seconds=8.0)
    assert told.faults == [] and told.rebuilds and told.searches
    assert len(told.answers) == PEOPLE and max(told.answers) - min(told.answers) <= 1  # each in turn


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="no /proc here")
def test_many_files_are_told_one_by_one_with_how_many_are_left(tmp_path: Path) -> None:
    _, most, told = add_many(tmp_path, 300)
    assert told == 300 and most < 300  # megabytes
