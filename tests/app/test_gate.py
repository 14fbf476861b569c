"""The page's server as strangers meet it: started from any folder it is for this machine, and takes nothing unasked."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from rag.cli import passwords
from rag.config import REPOSITORY

PATIENCE = 120.0
BUILT_ON = "[embedder]\nkind = 'hash'\n[reader]\nkind = 'scripted'\nmodel = 'none.json'\n[checking]\njudge = 'reader'\n"


@contextmanager
def started(folder: Path, settings: str, *options: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """(port, process) of a page that was started from the root folder."""
    (folder / "vouch.toml").write_text(f"indexes = '{folder / 'built'}'\nindex = 'books'\n{BUILT_ON}{settings}")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(REPOSITORY / "app" / "main.py")]
    environment = {**os.environ, "VOUCH_CONFIG": str(folder / "vouch.toml"), "PYTHONPATH": str(REPOSITORY)}
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [*command, "--server.port", str(port), *options], cwd="/", env=environment, stdout=log, stderr=log
        )
        try:
            end = time.monotonic() + PATIENCE
            while not is_healthy(port):
                assert server.poll() is None and time.monotonic() < end, (folder / "log").read_text()[-2000:]
                time.sleep(0.2)
            yield port, server
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(PATIENCE)


def is_healthy(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/_stcore/health", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def listens_on(port: int) -> set[str]:
    """Local addresses, as /proc has them, of IPv4 and IPv6."""
    lines = [line.split() for name in ("tcp", "tcp6") for line in Path("/proc/net", name).read_text().splitlines()[1:]]
    return {line[1].partition(":")[0] for line in lines if line[1].endswith(f":{port:04X}") and line[3] == "0A"}


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="no /proc here")
def test_started_anywhere_it_is_for_this_machine_and_takes_no_file_before_the_login(tmp_path: Path) -> None:
    kept = passwords.keep("a long password")
    with started(tmp_path, f"[app]\nlogin = 'password'\npassword = '{kept}'\n") as (port, _):
        assert listens_on(port) == {"0100007F"}
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as visitor:
            assert visitor.get("/").status_code == 200
            assert visitor.get("/_stcore/metrics").status_code == 403
            assert visitor.post("/_stcore/agent/interact", json={}).status_code == 403
            put = visitor.put("/_stcore/upload_file/some-session/some-file", files={"f": b"x" * 1000})
            assert put.status_code == 403
            told = visitor.get("/_stcore/host-config").json()
            # A view's own address says where the page lies; nothing has to be tried out.
            assert "BACKEND_BASE_URL" in visitor.get("/sources").text and "BACKEND" not in visitor.get("/").text
        assert "Traceback" not in (tmp_path / "log").read_text()
        assert json.dumps(told)


def test_only_those_who_may_add_may_upload() -> None:
    from app import gate

    assert not gate._may_pass("/base/_stcore/upload_file/one/file", "PUT")
    gate._welcome.add("one")
    try:
        assert gate._may_pass("/base/_stcore/upload_file/one/file", "PUT")
        assert not gate._may_pass("/_stcore/upload_file/two/file", "PUT")
    finally:
        gate._welcome.discard("one")
