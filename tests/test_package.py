"""What is built to be installed: the wheel, made from the source distribution, holds all that runs and no more."""

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from email import message_from_bytes
from importlib.metadata import version
from pathlib import Path

import pytest

from rag import __version__
from rag.config import REPOSITORY

ROOMS = ("rag", "app", "indexes")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    if int(version("setuptools").partition(".")[0]) < 75:  # asked, not imported: it would take the place of distutils
        pytest.skip("setuptools of requirements-dev.txt is not installed")
    into = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-P", "-m", "build", "--no-isolation", "--outdir", str(into), str(REPOSITORY)]
    made = subprocess.run(command, capture_output=True, text=True, check=False, cwd=into)
    assert made.returncode == 0, made.stdout[-2000:] + made.stderr[-2000:]
    with zipfile.ZipFile(next(into.glob("*.whl"))) as opened:
        yield opened


def tracked() -> set[str]:
    """The files of the rooms that git does not ignore."""
    listed = subprocess.run(
        ["git", "ls-files", "-zco", "--exclude-standard", *ROOMS], cwd=REPOSITORY, capture_output=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a clone: git does not list these files")
    return {name for name in listed.stdout.decode().split("\0") if name and (REPOSITORY / name).exists()}


def test_the_wheel_holds_every_file_of_the_rooms_and_nothing_else(wheel):
    held = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert tracked() | {"eval/results/summary.json"} == held


def test_its_needs_are_the_pins_of_the_light_set_and_its_extras_those_of_their_files(wheel):
    [path] = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
    told = message_from_bytes(wheel.read(path))
    assert told["Version"] == __version__
    needs = [need.replace('"', "'") for need in told.get_all("Requires-Dist")]
    assert {need for need in needs if "extra ==" not in need} == pins("base", "cpu")
    extras = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["dynamic"]
    for extra, where in extras["optional-dependencies"].items():
        wanted = {pin for file in where["file"] for pin in lines(REPOSITORY / file)}
        mine = {re.sub(r"; extra == .*", "", need) for need in needs if f"extra == '{extra}'" in need}
        assert mine == wanted, extra


def pins(*names: str) -> set[str]:
    return {line for name in names for line in lines(REPOSITORY / f"requirements-{name}.txt")}


def lines(file: Path) -> set[str]:
    return {line.replace('"', "'") for line in file.read_text("utf-8").splitlines() if line and line[0] != "#"}


def test_where_it_is_installed_nothing_is_written_beside_it(wheel, tmp_path):
    """The wheel unpacked as pip does, asked where its files lie."""
    wheel.extractall(tmp_path / "site")
    ask = (
        "from rag.config import load, chosen_file, usual_file as f; print(load().built, chosen_file(), f(), sep='\\n')"
    )

    def told(home: str) -> list[Path]:
        environment = {key: value for key, value in os.environ.items() if key not in ("VOUCH_CONFIG", "PYTHONPATH")}
        environment |= {"PYTHONPATH": str(tmp_path / "site"), "VOUCH_HOME": home, "HOME": str(tmp_path / "user")}
        done = subprocess.run(
            [sys.executable, "-P", "-c", ask], capture_output=True, text=True, check=True, env=environment, cwd=tmp_path
        )
        return [Path(line) for line in done.stdout.splitlines()]

    assert all(path.is_relative_to(tmp_path / "home") for path in told(str(tmp_path / "home")))
    assert all(path.is_relative_to(tmp_path / "user") for path in told(""))
