"""Kept checks and tables belong to one owner, and go with their last part."""

from contextlib import closing

import pytest

from rag.database import connect
from rag.history.works import Works


@pytest.fixture
def works(tmp_path):
    return Works(tmp_path / "works.sqlite")


def test_a_work_is_listed_by_its_columns_to_its_owner_alone(works):
    table = works.begin("ann", "table", "dams")
    assert works.of("ann", "table") == []
    for answer, column in (("a1", "year"), ("a2", "height"), ("a3", "year")):
        works.add(table, answer, column, f'"{answer}"')
    assert [(one.id, one.title) for one in works.of("ann", "table")] == [(table, "year · height")]
    assert works.of("ann", "check") == works.of("eve", "table") == []
    assert works.open("eve", "table", table) is works.open("ann", "check", table) is None
    works.delete("eve", table)
    opened = works.open("ann", "table", table)
    assert (opened.index, opened.parts) == ("dams", ('"a1"', '"a2"', '"a3"'))


def test_nothing_stays_of_what_is_forgotten_or_deleted(works):
    table, check = works.begin("ann", "table", "dams"), works.begin("ann", "check", "dams")
    works.add(table, "a1", "Kobold", '"Kobold"')
    works.add(table, "a2", "year", '"1931"')
    works.add(check, "c1", "Kobold", '"Kobold"')
    assert works.forget(["a1", "c1"]) == 2
    assert [one.title for one in works.of("ann", "table")] == ["year"] and works.of("ann", "check") == []
    assert b"Kobold" not in b"".join(file.read_bytes() for file in works.path.parent.glob("works.sqlite*"))
    works.delete("ann", table)
    works.add(table, "a3", "year", '"1932"')  # a cell that comes after its table was deleted
    with closing(connect(works.path, works.schema)) as database:
        assert [database.execute(f"SELECT count(*) FROM {name}").fetchone() for name in ("works", "parts")] == [
            (0,),
            (0,),
        ]


def test_old_works_are_forgotten_by_and_by(works):
    old = works.begin("ann", "check", "dams")
    works.add(old, "c1", "old", "{}")
    with closing(connect(works.path, works.schema)) as database:
        database.execute("UPDATE works SET at = '2020-01-01T00:00:00'")
    Works(works.path, days=30).begin("ann", "check", "dams")
    assert works.of("ann", "check") == []
