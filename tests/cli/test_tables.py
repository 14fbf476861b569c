"""The file of a table keeps its rows whatever comes between."""

import csv
import os

import pytest

from rag.cli.tables import TableFile
from rag.errors import UsageFault
from rag.export.table import Told, Written

ROWS = [("The bridge", "bridge.txt"), ("The dam", "dam.txt")]


def table(*values: str) -> Written:
    return Written(["opened"], ROWS, {(at, 0): Told(value, "supported", "", "") for at, value in enumerate(values)})


def read(path) -> str:
    return path.read_text("utf-8-sig")


@pytest.mark.parametrize("name", ["table.csv", "table.xlsx"])
def test_the_next_row_is_written_beside_the_file_that_has_the_last(tmp_path, name):
    """The old bytes, held by another name, are not written over: a writer that dies midway leaves them be."""
    file, before = TableFile(tmp_path / name, "en"), tmp_path / "before"
    file.write(table("1931"))
    os.link(file.path, before)
    kept = before.read_bytes()
    file.write(table("1931", "1820"))
    assert before.read_bytes() == kept != file.path.read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"before", name}


def test_a_file_that_cannot_be_written_for_a_while_costs_no_row(tmp_path, capsys):
    file = TableFile(tmp_path / "table.csv", "en")
    file.path.mkdir()
    file.update(table("1931"))
    file.update(table("1931"))
    assert capsys.readouterr().err.count("cannot be written") == 1
    with pytest.raises(UsageFault) as refused:
        file.write(table("1931"))
    assert refused.value.code == "table.unwritable"
    file.path.rmdir()
    file.update(table("1931", "1820"))
    assert [row[2] for row in csv.reader(read(file.path).splitlines())][1:] == ["1931", "1820"]
