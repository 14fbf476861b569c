"""`vouch reader` in a process of its own, about a stand-in server that was left running."""

import json
import os
import signal
import subprocess
import sys

import pytest

from rag.generation import local, running
from rag.generation.running import ServerSettings
from tests.generation.toy_server import MODULE


@pytest.fixture
def settings(tmp_path):
    model = tmp_path / "toy.gguf"
    model.write_text('{"reply": "one"}', "utf-8")
    yield ServerSettings(model, 0, 4096, tmp_path)
    for one in running.every(tmp_path):
        os.kill(one.pid, signal.SIGTERM)


def vouch(settings: ServerSettings, *words: str) -> "subprocess.CompletedProcess[str]":
    config = settings.home / "vouch.toml"
    config.write_text('[reader]\nkind = "scripted"\n', "utf-8")
    env = {**os.environ, "VOUCH_HOME": str(settings.home), "VOUCH_CONFIG": str(config), "COLUMNS": "200"}
    command = [sys.executable, "-m", "rag", "reader", *words]
    return subprocess.run(command, capture_output=True, text=True, env=env, check=False)


def test_what_was_left_running_is_shown_without_its_key_and_stopped(settings):
    local.connect(settings, lasting=True, module=MODULE)
    (one,) = running.every(settings.home)
    shown = vouch(settings, "status").stdout
    assert f"process {one.pid} at {one.address}, until `vouch reader stop`: toy.gguf" in shown
    assert one.key not in shown + vouch(settings, "status", "--json").stdout
    assert json.loads(vouch(settings, "stop", "--json").stdout) == {"stopped": [one.pid]}
    assert not settings.file.exists()
    assert vouch(settings, "status").stdout == "No local reader is running.\n"


def test_the_reader_of_a_page_or_a_command_is_not_stopped(settings):
    server = local.connect(settings, module=MODULE)
    assert f"ends with process {os.getpid()}" in vouch(settings, "status").stdout
    assert vouch(settings, "stop").stdout == "None was left running by `vouch reader start`.\n"
    assert server.answers()


def test_a_reader_that_is_not_local_is_not_kept_running(settings):
    told = vouch(settings, "start")
    assert told.returncode == 2 and "only a local one" in told.stderr
