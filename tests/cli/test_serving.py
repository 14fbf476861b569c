"""`vouch serve` and the commands that ask it in place of models of their own: real processes, a folder of their own."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import replace

import httpx
import pytest
from typer.testing import CliRunner

from rag.__main__ import app
from rag.config import load
from rag.errors import Fault, UsageFault
from rag.server import announced
from tests.cli.test_main import BRIDGE, PASTED, SCRIPT

ASKED = "When was the Orrin bridge opened?"
OWN_TO_EACH = ("id", "at", "seconds", "timings", "read_at")  # of one run, and no other


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A VOUCH_HOME with a configuration, whose index holds a page about a bridge."""
    folder = tmp_path_factory.mktemp("home")
    script = folder / "script.json"
    script.write_text(json.dumps(SCRIPT), "utf-8")
    (folder / "vouch.toml").write_text(
        f'indexes = "{folder / "built"}"\nindex = "work"\n[embedder]\nkind = "hash"\n'
        f'[reader]\nkind = "scripted"\nmodel = "{script}"\n[checking]\njudge = "reader"\nauditor = ""\n',
        "utf-8",
    )
    (folder / "bridge.txt").write_text(BRIDGE, "utf-8")
    assert vouch(folder, "add", str(folder / "bridge.txt")).exit_code == 0
    return folder


def environment(home) -> dict[str, str]:
    return {"VOUCH_HOME": str(home), "VOUCH_CONFIG": str(home / "vouch.toml"), "COLUMNS": "200"}


def vouch(home, *words: str, given: str = ""):
    """The command line in this process, over a server in another; its fault as the script tells it."""
    result = CliRunner().invoke(app, words, input=given, env=environment(home))
    if isinstance(result.exception, Fault):
        result.exit_code = 2 if isinstance(result.exception, UsageFault) else 1
    else:
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@contextmanager
def serving(home):
    """A server's process that can be asked; gives it and its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "rag", "serve", "--port", str(port)],
        env={**os.environ, **environment(home)},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        while not [one for one in announced.every(home) if one.pid == process.pid and announced.answers(one)]:
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.05)
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def served(home):
    with serving(home) as (_, address):
        yield address


def same(told, other) -> bool:
    """But for what belongs to one run."""
    if isinstance(told, dict):
        kept = [{name: one[name] for name in one if name not in OWN_TO_EACH} for one in (told, other)]
        return kept[0].keys() == kept[1].keys() and all(same(kept[0][name], kept[1][name]) for name in kept[0])
    if isinstance(told, list):
        return len(told) == len(other) and all(map(same, told, other))
    return bool(told == other)


@pytest.mark.parametrize(
    ("words", "given"),
    [
        (("ask", ASKED), ""),
        (("ask", "How much did the Orrin bridge cost?"), ""),
        (("ask", ASKED, "--thorough", "--samples", "2"), ""),
        (("ask", "--draft", ASKED), ""),
        (("check", "-"), PASTED),
        (("search", "ferry", "-k", "1"), ""),
        (("search", "ferry", "--only", "*bridge*"), ""),
    ],
)
def test_what_a_server_is_asked_comes_out_as_it_does_alone(home, served, words, given):
    asked, alone = (vouch(home, *words, "--json", *more, given=given) for more in ((), ("--local",)))
    assert served in asked.stderr and served not in alone.stderr
    assert asked.exit_code == alone.exit_code == 0
    assert same(json.loads(asked.stdout), json.loads(alone.stdout))


def test_what_is_shown_meanwhile_is_shown_too(home, served):
    shown = vouch(home, "ask", ASKED)
    assert "was opened on 4 May 1931.[1]  ✓ supported" in shown.stdout and " search " in shown.stderr
    declined = vouch(home, "ask", "How much did the Orrin bridge cost?")
    assert "nine crowns" in declined.stderr and "nine crowns" not in declined.stdout


@pytest.mark.parametrize(
    ("words", "code", "remedy"),
    [
        (("ask", ASKED, "--index", "nowhere"), 1, "vouch add"),
        (("search", "ferry", "--index", "nowhere"), 1, "vouch add"),
        (("search", "ferry", "--until", "1900"), 2, "None of the 1 sources"),
        (("ask", ASKED, "--until", "1900"), 2, "None of the 1 sources"),
        (("ask", ASKED, "--policy", "dice"), 1, "guided"),
        (("check", "-", "--index", "nowhere"), 1, "vouch add"),
    ],
)
def test_what_goes_wrong_at_the_server_is_told_as_it_is_alone(home, served, words, code, remedy):
    asked, alone = vouch(home, *words, given=PASTED), vouch(home, *words, "--local", given=PASTED)
    assert served in asked.stderr and served not in alone.stderr
    assert asked.exit_code == alone.exit_code == code
    assert str(asked.exception) == str(alone.exception) and remedy in str(asked.exception)


def test_only_whoever_has_the_token_is_answered(home, served):
    assert httpx.get(f"{served}/own").status_code == 401
    for path in ("ask", "check", "search"):
        told = httpx.post(f"{served}/own/{path}", json={}, headers={"Authorization": "Bearer other"})
        assert told.status_code == 401
    assert not [path for path in httpx.get(f"{served}/openapi.json").json()["paths"] if path.startswith("/own")]


def test_a_server_of_other_settings_or_indexes_is_left_alone_and_why_is_said(home, served):
    settings = home / "vouch.toml"
    before = settings.read_text("utf-8")
    try:
        settings.write_text(f"{before}[search]\nk = 7\n", "utf-8")
        told = vouch(home, "ask", ASKED)
        assert told.exit_code == 0 and served in told.stderr and "configuration" in told.stderr
        settings.write_text(before.replace(str(home / "built"), str(home / "other")), "utf-8")
        told = vouch(home, "search", "ferry")
        assert told.exit_code == 1 and str(home / "built") in told.stderr
    finally:
        settings.write_text(before, "utf-8")


@pytest.mark.parametrize("ends", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_ended_is_not_announced_any_more(tmp_path, home, ends):
    (tmp_path / "vouch.toml").write_text((home / "vouch.toml").read_text("utf-8"), "utf-8")
    with serving(tmp_path) as (process, _):
        [file] = (tmp_path / "run").glob("server-*.json")
        assert file.stat().st_mode & 0o777 == 0o600
        process.send_signal(ends)
        assert process.wait() == 0
        assert not file.exists()


def test_what_a_killed_server_left_is_seen_through_and_removed(tmp_path, home):
    (tmp_path / "vouch.toml").write_text((home / "vouch.toml").read_text("utf-8"), "utf-8")
    with serving(tmp_path) as (process, _):
        [file] = (tmp_path / "run").glob("server-*.json")
        process.kill()
        process.wait()
        assert file.exists()
        told = vouch(tmp_path, "ask", ASKED)
    assert told.exit_code == 0 and "supported" in told.stdout and "server" not in told.stderr
    assert not file.exists()


def test_what_took_a_servers_place_is_not_believed(home, served, tmp_path):
    """A file of a process that lives, at the address of a server that does not know its token."""
    (tmp_path / "vouch.toml").write_text((home / "vouch.toml").read_text("utf-8"), "utf-8")
    announced.publish(tmp_path, replace(announced.of(load(home / "vouch.toml"), "127.0.0.1", 1), address=served))
    told = vouch(tmp_path, "ask", ASKED)
    assert told.exit_code == 0 and "it does not answer" in told.stderr


def test_a_server_that_dies_amid_an_answer_is_told_with_the_remedy(tmp_path, home):
    """Its reader takes a question and never answers; then its process is killed."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f'address = "http://127.0.0.1:{silent.getsockname()[1]}/v1"\n[checking]'
        settings = (home / "vouch.toml").read_text("utf-8").replace("scripted", "openai")
        (tmp_path / "vouch.toml").write_text(settings.replace("[checking]", address), "utf-8")
        with serving(tmp_path) as (process, _):

            def die() -> None:
                silent.accept()
                process.kill()

            killer = threading.Thread(target=die)
            killer.start()
            told = vouch(tmp_path, "ask", ASKED)
            killer.join()
    assert told.exit_code == 1 and "--local" in str(told.exception)
