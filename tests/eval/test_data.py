import functools
import hashlib
import os
import threading
import tomllib
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from typer.testing import CliRunner

from eval import data
from eval.chosen import RETRIEVAL
from eval.sets import SETS
from rag.errors import EvalFault
from tests.eval.toy_sets import ToyFolder


@pytest.fixture
def toy(tmp_path, monkeypatch) -> ToyFolder:
    monkeypatch.setenv("VOUCH_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("VOUCH_DATA", raising=False)
    folder = tmp_path / "data"
    folder.mkdir()
    return ToyFolder(folder)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def site(tmp_path) -> Iterator[tuple[str, Path]]:
    """An address and the folder it serves."""
    served = tmp_path / "served"
    served.mkdir()
    running = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(served)))
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}/", served
    running.shutdown()
    running.server_close()


def test_a_pinned_file_is_verified_once_and_again_when_it_changes(toy):
    path = toy.put("gsm8k", "test.jsonl", b'{"question": "one"}\n')
    assert data.file("gsm8k", "test.jsonl", toy.path) == path

    facts = path.stat()
    path.write_bytes(b'{"question": "two"}\n')  # as long as before, and with its time put back: the stamp holds
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert data.file("gsm8k", "test.jsonl", toy.path) == path

    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns + 1_000_000_000))
    with pytest.raises(EvalFault, match=r"is not the file it should be.*Delete it and get it again"):
        data.file("gsm8k", "test.jsonl", toy.path)


def test_an_unreadable_stamp_is_no_stamp(toy, tmp_path):
    toy.put("gsm8k", "test.jsonl", b"{}\n")
    data.file("gsm8k", "test.jsonl", toy.path)
    (stamp,) = (tmp_path / "home" / "data-stamps").iterdir()
    stamp.write_text("no json")
    assert data.file("gsm8k", "test.jsonl", toy.path).exists()


def test_what_is_missing_names_the_remedy(toy):
    with pytest.raises(EvalFault, match=r"python -m eval.data fetch gsm8k"):
        data.file("gsm8k", "test.jsonl", toy.path)
    with pytest.raises(EvalFault, match=r"https://github.com/CLUEbenchmark/OCNLI and put it into .*ocnli"):
        data.file("ocnli", "dev.json", toy.path)
    with pytest.raises(EvalFault, match="VOUCH_DATA"):
        data.file("gsm8k", "test.jsonl", None)
    with pytest.raises(EvalFault, match=r"is not pinned.*python -m eval.data pin fool_me_twice/test.jsonl"):
        data.file("fool_me_twice", "test.jsonl", toy.path)
    with pytest.raises(EvalFault, match="no data set called 'nonesuch'"):
        data.file("nonesuch", "x", toy.path)


def test_a_line_that_is_not_json_is_named(toy):
    path = toy.put("gsm8k", "test.jsonl", b'{"a": 1}\n\nnot json\n')
    with pytest.raises(EvalFault, match=r"test.jsonl, line 3: not JSON"):
        data.jsonl(path)
    path.write_text("[1]\n")
    with pytest.raises(EvalFault, match=r"line 1: must be an object"):
        data.jsonl(path)


def test_line_separators_inside_a_text_do_not_end_a_line(toy):
    path = toy.put("gsm8k", "test.jsonl", '{"a": "one\u2028two\u0085three"}\n'.encode())
    assert data.jsonl(path) == [{"a": "one\u2028two\u0085three"}]


def test_the_folder_is_the_option_then_the_environment(tmp_path, monkeypatch):
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    monkeypatch.setenv("VOUCH_DATA", str(one))
    assert data.folder() == one
    assert data.folder(two) == two
    monkeypatch.setenv("VOUCH_DATA", str(tmp_path / "three"))
    with pytest.raises(EvalFault, match=r"no data folder .*three"):
        data.folder()


def test_the_folders_own_list_adds_and_replaces(toy):
    toy.put("fool_me_twice", "test.jsonl", b"{}\n")
    toy.put("fool_me_twice", "dev.jsonl", b"{}\n")
    there, here = data.known(None)["fool_me_twice"], data.known(toy.path)["fool_me_twice"]
    assert [file.name for file in there.files] == ["dev.jsonl"]
    assert [file.name for file in here.files] == ["dev.jsonl", "test.jsonl"]
    assert here.files[0].bytes == 3 and here.licence == there.licence
    (toy.path / "sets.toml").write_text("[toy]\nfiles = [{name = 'x'}]\n")
    with pytest.raises(EvalFault, match=r"sets.toml cannot be read.*bytes"):
        data.known(toy.path)


def test_every_set_has_one_role_and_no_part_has_two(toy):
    told = tomllib.loads(data.SETS_FILE.read_text("utf-8"))[data.ROLES]
    assert sorted(name for names in told.values() for name in names) == sorted({*SETS, *RETRIEVAL} - {"own"})
    for name in SETS:
        if name.endswith(("-dev", "-half-a")):
            assert data.role(name) == "development"
        if name.endswith(("-test", "-half-b", "-held-out")):
            assert data.role(name) == "test"
    assert data.role("mine.jsonl") == ""


def test_the_folders_own_list_gives_roles_to_sets_that_have_none(toy):
    toy.pin("[roles]\ntest = ['mine.jsonl']\ndevelopment = ['nomiracl-en']\n")
    assert data.role("mine.jsonl", toy.path) == "test" == data.role("nomiracl-en", toy.path)
    assert "roles" not in data.known(toy.path)
    for wrong in ("[roles]\nplay = ['x']\n", "[roles]\ntest = ['x']\nboth = ['x']\n"):
        toy.pin(wrong)
        with pytest.raises(EvalFault, match="'x' must stand once, under development, test, both"):
            data.role("x", toy.path)
    toy.pin("[roles\n")
    with pytest.raises(EvalFault, match="cannot be read"):
        data.role("x", toy.path)


def test_fetch_verifies_and_leaves_no_wrong_bytes(toy, site):
    address, served = site
    right = b"the right bytes\n" * 1000
    (served / "good.txt").write_bytes(right)
    digest = hashlib.sha256(right).hexdigest()

    def told(name: str) -> None:
        (toy.path / "sets.toml").write_text(
            f'[toy]\nlicence = "ours"\nfetch = true\nraw = "{address}"\n'
            f'files = [{{name = "{name}", bytes = {len(right)}, sha256 = "{digest}", from = "{name}"}}]\n'
        )

    seen = []
    told("good.txt")
    (got,) = data.fetch("toy", toy.path, lambda *facts: seen.append(facts))
    assert got.read_bytes() == right
    assert seen[-1] == ("good.txt", len(right), len(right))

    (served / "wrong.txt").write_bytes(b"other bytes")
    told("wrong.txt")
    with pytest.raises(EvalFault, match="gave other bytes than expected"):
        data.fetch("toy", toy.path, lambda *_: None)
    told("missing.txt")
    with pytest.raises(EvalFault, match=r"Cannot fetch .*missing.txt.*404"):
        data.fetch("toy", toy.path, lambda *_: None)
    assert sorted(path.name for path in (toy.path / "toy").iterdir()) == ["good.txt"]


def test_what_the_licence_forbids_is_not_fetched(toy):
    with pytest.raises(EvalFault, match=r"ocnli is not fetched from here \(CC BY-NC 2.0\)"):
        data.fetch("ocnli", toy.path, lambda *_: None)


def test_every_set_is_listed_with_its_licence_and_fetched_only_where_that_lets_it():
    sets = data.known()
    assert {entry.data for entry in SETS.values()} - {""} <= set(sets)
    for one in sets.values():
        assert one.licence and one.languages and one.files, one.name
        assert all(len(file.sha256) == 64 and file.bytes for file in one.files), one.name
        assert one.fetch == bool(one.raw) == any(file.source for file in one.files), one.name
        closed = "NC" in one.licence or "none stated" in one.licence or "belong to" in one.licence
        assert not (closed and (one.fetch or one.ship or one.train)), one.name


def test_the_command_line_lists_checks_and_pins(toy):
    path = toy.put("gsm8k", "test.jsonl", b"{}\n")
    at = ["--folder", str(toy.path)]
    listed = CliRunner().invoke(data.app, ["list", *at], env={"COLUMNS": "120"})
    assert listed.exit_code == 0 and "CC BY-NC-SA 4.0" in listed.output
    assert CliRunner().invoke(data.app, ["check", "gsm8k", *at]).output.startswith("gsm8k: 1 of 1 files")

    pinned = CliRunner().invoke(data.app, ["pin", "gsm8k/test.jsonl", *at]).output
    assert tomllib.loads(pinned)["gsm8k"]["files"][0]["sha256"] == hashlib.sha256(b"{}\n").hexdigest()

    data.file("gsm8k", "test.jsonl", toy.path)
    facts = path.stat()
    path.write_bytes(b"[]\n")
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))  # check hashes it all the same
    wrong = CliRunner().invoke(data.app, ["check", "gsm8k", *at])
    assert wrong.exit_code == 1 and "gsm8k: 0 of 1 files" in wrong.output
