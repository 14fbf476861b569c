"""The local reader's process, with a stand-in for llama.cpp that is started, found and lost by the real code."""

import gc
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from rag import models
from rag.config import REPOSITORY
from rag.errors import ModelFault, ReaderFault
from rag.generation import local, running
from rag.generation.local_reader import LocalReader
from rag.generation.running import Running, ServerSettings
from rag.protocols import Prompt
from tests.generation.toy_server import MODULE

ASK, DIE, REFUSE = (Prompt("Be brief.", asked) for asked in ("Say it.", "die", "refuse"))
ANOTHER = """
import sys, time
from pathlib import Path
from rag.generation import local
from rag.generation.running import ServerSettings
model, home, module, lasting = sys.argv[1:]
server = local.connect(ServerSettings(Path(model), 0, 4096, Path(home)), bool(lasting), module)
print(server.address, server.started, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def toy(tmp_path):
    """Settings of a server whose model says what it does."""

    def made(**facts) -> ServerSettings:
        model = tmp_path / "toy.gguf"
        model.write_text(json.dumps({"reply": "one two three four", **facts}), "utf-8")
        return ServerSettings(model, 0, 4096, tmp_path)

    return made


def another(settings: ServerSettings, module: str = MODULE, lasting: str = "") -> "subprocess.Popen[str]":
    """Another process that wants a server of these settings, until its standard input is closed."""
    command = [sys.executable, "-c", ANOTHER, str(settings.model), str(settings.home), module, lasting]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY)


def told(process: "subprocess.Popen[str]") -> tuple[str, bool]:
    """The address of its server, and whether it started it."""
    address, started = process.stdout.readline().split()
    return address, started == "True"


def finished(process: "subprocess.Popen[str]") -> None:
    process.communicate("")


def gone(pid: int, seconds: float = 20) -> bool:
    """Whether the process ends; it is no child of ours, so the system forgets it as it ends."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if "State:\tZ" in Path(f"/proc/{pid}/status").read_text():  # nobody to collect it in a container
            return True
        time.sleep(0.05)
    return False


def loads(settings: ServerSettings) -> int:
    return len((settings.home / "loads").read_text().splitlines())


def connected(settings: ServerSettings) -> LocalReader:
    return LocalReader("toy", partial(local.connect, settings, module=MODULE), 10)


def test_a_server_that_runs_is_found_and_not_started_again(toy):
    first = local.connect(toy(), module=MODULE)
    second = local.connect(toy(), module=MODULE)
    assert first.started and not second.started and second.child is None
    assert (second.address, second.key) == (first.address, first.key)
    assert loads(toy()) == 1
    assert toy().file.stat().st_mode & 0o777 == 0o600
    found = running.find(toy())
    assert found and first.key not in Path(f"/proc/{found.pid}/cmdline").read_text() + repr((found, first))


def test_another_window_is_another_server(toy):
    wide = ServerSettings(toy().model, 0, 8192, toy().home)
    first, second = local.connect(toy(), module=MODULE), local.connect(wide, module=MODULE)
    assert second.started and first.address != second.address
    assert len(running.every(toy().home)) == 2


def test_of_two_who_want_one_at_once_one_starts_it(toy):
    settings = toy(seconds=1)
    both = [another(settings), another(settings)]
    (one, started), (other, started_too) = map(told, both)
    assert one == other and sorted((started, started_too)) == [False, True]
    assert loads(settings) == 1
    for process in both:
        finished(process)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_server_ends_with_its_owner_however_that_ends(toy, how):
    owner = another(toy())
    told(owner)
    server = running.find(toy())
    assert server and server.owner == owner.pid
    owner.send_signal(how)
    owner.wait()
    assert gone(server.pid)
    assert not toy().file.exists()
    owner.stdin.close()
    owner.stdout.close()


def test_a_server_ends_with_the_last_reference_to_it(toy):
    server = local.connect(toy(), module=MODULE)
    pid = server.child.process.pid
    del server
    gc.collect()
    assert gone(pid) and running.find(toy()) is None


def test_a_lasting_server_outlives_whoever_started_it(toy):
    owner = another(toy(), lasting="yes")
    told(owner)
    finished(owner)
    assert not local.connect(toy(), module=MODULE).started
    (one,) = running.every(toy().home)
    assert one.owner == 0
    os.kill(one.pid, signal.SIGTERM)
    assert gone(one.pid)


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ("import", r"does not load: libgomp\.so\.1: cannot open.*apt-get install libgomp1"),
        ("load", r"will not load .*toy\.gguf: E load_model: failed to load model; Failed to init.*vouch models"),
        ("port", r"no port on 127\.0\.0\.1: couldn't bind"),
        ("killed", r"ended by the system .*signal 9.*Close other programs.*insufficient memory"),
        ("abort", r"will not load .*GGML_ASSERT failed"),
    ],
)
def test_a_server_that_dies_while_it_loads_says_why_and_what_to_do(toy, ends, said):
    with pytest.raises(ModelFault, match=said):
        local.connect(toy(ends=ends), module=MODULE)
    assert not toy().file.exists()
    assert local.connect(toy(), module=MODULE).started  # mended, it starts


def test_the_file_of_a_server_that_was_killed_is_removed(toy):
    settings = toy()
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left = Running(ended.pid, 0, "http://127.0.0.1:9", "old", settings.identity)
    for stale in (left, Running(os.getpid(), 0, left.address, "old", settings.identity)):
        running.publish(settings.home, stale)
        assert running.find(settings) is None and running.every(settings.home) == []
        assert local.connect(settings, module=MODULE).started
        gc.collect()
    settings.file.write_text('{"pid": 1, "made by": "another version"}')
    assert local.connect(settings, module=MODULE).started


def test_a_log_that_has_grown_is_cut(toy):
    toy().log.parent.mkdir()
    toy().log.write_bytes(b"old\n" * local.LOG_BYTES)
    local.connect(toy(), module=MODULE)
    assert toy().log.stat().st_size < local.LOG_BYTES


def test_a_folder_that_cannot_be_written_to_is_a_fault(toy):
    (toy().home / "run").write_text("a file where the folder should be")
    with pytest.raises(ModelFault, match="set VOUCH_HOME"):
        local.connect(toy(), module=MODULE)


def test_what_another_process_no_longer_answers_is_asked_of_a_server_of_ones_own(toy):
    owner = another(toy())
    address, _ = told(owner)
    reader = connected(toy())
    assert reader.server.address == address and not reader.server.started
    finished(owner)
    assert reader.choose(ASK, ("Yes", "No")) == {"Yes": 1.0, "No": 0.0}
    assert reader.server.started and loads(toy()) == 2
    assert "".join(reader.write(ASK)) == "one two three four "


def test_the_pieces_of_a_draft_tell_their_probability(toy):
    assert [piece.logprob for piece in connected(toy()).write(ASK)] == [-0.5] * 4


def test_a_server_that_dies_over_a_choice_or_amid_a_sentence_is_replaced(toy):
    reader = connected(toy())
    assert reader.choose(DIE, ("Yes", "No")) == {"Yes": 1.0, "No": 0.0}
    (toy().home / "died").unlink()
    assert list(reader.write(DIE)) == ["one ", "two ", "three ", "four "]
    assert loads(toy()) == 3 and reader.tokens() == (0, 0)


def test_a_server_that_begins_otherwise_than_the_one_that_died_is_a_fault(toy):
    reader = connected(toy(reply="my PID is told"))
    with pytest.raises(ReaderFault, match="Ask the question again"):
        list(reader.write(DIE))


def test_a_server_that_is_there_and_refuses_is_not_replaced(toy):
    reader = connected(toy())
    for asking in (lambda: list(reader.write(REFUSE)), lambda: reader.choose(REFUSE, ("Yes", "No"))):
        with pytest.raises(ReaderFault, match="refuses the request"):
            asking()
    assert loads(toy()) == 1


def test_a_server_is_started_with_all_its_settings_and_known_by_them(toy):
    plain = toy()
    lora = plain.home / "lora.gguf"
    lora.write_bytes(b"adapter")
    changes = ({"lora": lora}, {"gpu_layers": 0}, {"mmap": False}, {"window": 8192})
    settings = [plain, *(replace(plain, **change) for change in changes)]
    assert [ServerSettings.from_json(one.as_json()) for one in settings] == settings
    assert len({one.identity for one in settings}) == len(settings)
    assert "mmap" not in plain.identity  # what was kept by earlier versions is still read


@pytest.mark.model
def test_two_processes_ask_one_server_and_where_it_ends_the_other_goes_on(tmp_path):
    settings = ServerSettings(models.ensure(models.READER), 0, 4096, tmp_path)
    owner = another(settings, local.SERVE)
    address, started = told(owner)
    reader = LocalReader("qwen", partial(local.connect, settings), 300)
    assert started and not reader.server.started and reader.server.address == address
    assert "4" in "".join(reader.write(Prompt("Answer with one number.", "2 + 2 =", max_tokens=4)))
    server = running.find(settings)
    owner.kill()
    owner.wait()
    assert server and gone(server.pid)
    assert reader.choose(Prompt("Answer Yes or No.", "Is water wet?"), ("Yes", "No"))
    assert reader.server.started
