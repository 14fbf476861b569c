"""`python -m indexes.build`: its words, its exit codes, its JSON."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from indexes import build, migrate
from indexes.recipe import names
from rag.index.files import current_build
from tests.index.earlier import make_earlier
from tests.sources.local_site import Site, send
from tests.sources.test_stopping import Slow


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """(exit code, standard output, standard error) of a command line, over indexes in `tmp_path`."""
    (tmp_path / "vouch.toml").write_text(f'indexes = "{tmp_path / "built"}"\n[embedder]\nkind = "hash"\n')
    monkeypatch.setenv("VOUCH_CONFIG", str(tmp_path / "vouch.toml"))

    def one(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            build.run(words)
        said = capsys.readouterr()
        code = ended.value.code
        return (0 if code is None else int(code)), said.out, said.err

    return one


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "heron.txt").write_text("The heron stands in the shallow water and waits for fish all morning long.")
    (folder / "otter.txt").write_text("The otter swims on its back down the river, and it sleeps there as well.")
    return folder


def test_a_folder_from_nothing_to_rollback_and_prune(call, notes, tmp_path) -> None:
    words = "folder", "--folder", str(notes), "--index", "notes"
    code, told, progress = call(*words, "--json")
    first = json.loads(told)
    wanted = {"build", "pages", "chunks", "added", "removed", "unchanged", "failed", "embedded", "reused", "seconds"}
    assert code == 0
    assert wanted <= first.keys()
    assert (first["pages"], first["added"], first["embedded"], first["failed"]) == (2, 2, 2, [])
    assert progress.count("added ") == 2

    assert call(*words)[:2][0] == 0
    (notes / "heron.txt").write_text("The heron has flown away.")
    code, told, _ = call("build", *words)
    assert code == 0
    assert "1 replaced, 1 unchanged; 1 texts embedded, 1 reused" in told
    code, told, _ = call("rollback", "notes", "--json")
    assert (code, json.loads(told)["build"]) == (0, first["build"])
    assert current_build(tmp_path / "built" / "notes") == first["build"]
    code, told, _ = call("prune", "notes", "--keep", "0", "--json")
    assert code == 0
    assert len(json.loads(told)["pruned"]) == 1
    code, told, _ = call(*words, "--check", "--json")
    assert (code, json.loads(told)["ok"]) == (0, True)


def test_what_fails_is_told_and_gives_3(call, notes) -> None:
    (notes / "broken.txt").write_bytes(b"\x7fELF\x00 no text")
    code, _, said = call("folder", "--folder", str(notes))
    assert code == 3
    assert "broken.txt" in said
    assert "not in the index" in said


def test_a_check_that_fails_gives_4(call, notes, tmp_path) -> None:
    made = tmp_path / "strict.toml"
    made.write_text('[[sources]]\nkind = "folder"\npath = "notes"\n[checks]\nmin_pages = 3\n')
    code, told, said = call(str(made))
    assert code == 4
    assert "not used; nothing stays" in told
    assert "min_pages is 3" in said
    made.write_text(made.read_text().replace("3", "2"))
    assert call(str(made))[0] == 0
    made.write_text(made.read_text().replace("2", "3"))
    assert call(str(made), "--check")[0] == 4


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nothing",), f"There are: {', '.join(names())}"),
        (("folder",), "name the folder: --folder PATH"),
        (("rollback", "nothing"), "There is no index nothing"),
        (("folder", "--keep", "-1"), "--keep"),
        (("folder", "--colour"), "--colour"),
    ],
)
def test_wrong_use_gives_2(call, words: tuple[str, ...], said: str) -> None:
    code, _, told = call(*words)
    assert code == 2
    assert said in told


def test_a_fault_gives_1_and_a_sentence(call, notes) -> None:
    words = "folder", "--folder", str(notes), "--index", "notes"
    call(*words)
    code, told, said = call("rollback", "notes")
    assert (code, told) == (1, "")
    assert "no older build to go back to" in said


def test_an_earlier_index_is_embedded_again_by_command(call, notes, tmp_path, capsys) -> None:
    call("folder", "--folder", str(notes), "--index", "notes")
    make_earlier(tmp_path / "built" / "notes" / str(current_build(tmp_path / "built" / "notes")))
    for pages in (2, 0):
        with pytest.raises(SystemExit) as ended:
            migrate.run(["notes", "--json"])
        assert ended.value.code == 0
        said = json.loads(capsys.readouterr().out)
        assert (said["index"], said["pages"], said["embedded"]) == ("notes", pages, pages)
    with pytest.raises(SystemExit):
        migrate.run(["notes"])
    assert "nothing to do" in capsys.readouterr().out
    with pytest.raises(SystemExit) as ended:
        migrate.run(["nothing"])
    assert ended.value.code == 2


def test_a_dry_run_writes_nothing(call, notes, tmp_path) -> None:
    code, told, _ = call("folder", "--folder", str(notes), "--index", "notes", "--dry-run")
    assert code == 0
    assert "2 added; 2 texts embedded, 0 reused; would be done" in told
    assert current_build(tmp_path / "built" / "notes") is None


@pytest.mark.parametrize("second", [False, True])
def test_ctrl_c_ends_a_rebuild_while_a_server_takes_its_time(call, site: Site, tmp_path, second) -> None:
    """And the build that was in use, where there was one, still is; the next run goes on."""
    made, slow, built = tmp_path / "web.toml", Slow(), tmp_path / "built" / "web"
    (tmp_path / "vouch.toml").write_text(
        f'indexes = "{tmp_path / "built"}"\n[embedder]\nkind = "hash"\n[fetch]\nallow_hosts = ["{site.host}"]\n'
    )
    addresses = [site.url("/heron"), site.url("/slow")]
    made.write_text(f'[[sources]]\nkind = "urls"\naddresses = {json.dumps(addresses)}\n[checks]\nmax_removed = 1.0\n')
    site.pages["/heron"] = send(b"<p>The heron stands in the shallow water and waits for fish all morning.</p>")
    site.pages["/slow"] = send(b"<p>The otter swims on its back down the river and it sleeps there.</p>")
    if second:
        assert call(str(made))[0] == 0
    before = current_build(built)
    fast, site.pages["/slow"] = site.pages["/slow"], slow
    with subprocess.Popen(
        [sys.executable, "-m", "indexes.build", str(made)], stderr=subprocess.PIPE, env={**os.environ}, text=True
    ) as building:
        try:
            assert slow.asked.wait(120)
            building.send_signal(signal.SIGINT)
            _, said = building.communicate(timeout=60)
            assert not slow.released.is_set()
        finally:
            slow.released.set()
    assert building.returncode == 1
    assert "was stopped" in said
    assert current_build(built) == before
    site.pages["/slow"] = fast
    assert call(str(made))[0] == 0
    code, told, _ = call(str(made), "--check", "--json")
    assert (code, json.loads(told)["pages"]) == (0, 2)
