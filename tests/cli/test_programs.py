"""The programs that `vouch` starts by name, from a folder whose own files have the same names."""

import os
import socket
import subprocess
import sys
import time

import httpx
import pytest

from rag.config import REPOSITORY

PATIENCE = 120.0  # seconds until it counts as hung


@pytest.fixture
def elsewhere(tmp_path):
    for name in ("indexes", "app", "streamlit"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('a file of the user was run')", "utf-8")
    (tmp_path / "vouch.toml").write_text("", "utf-8")
    return tmp_path


def start(folder, *words: str, **settings) -> subprocess.Popen:
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "VOUCH_CONFIG": str(folder / "vouch.toml")}
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "rag", *words], cwd=folder, env=environment, text=True, **settings
    )


def test_a_recipe_is_built_from_any_folder(elsewhere):
    process = start(elsewhere, "build", "nothing.toml", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    _, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2 and "nothing.toml" in told


def test_the_page_is_served_from_any_folder(elsewhere):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = start(elsewhere, "app", "--port", str(port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + PATIENCE
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            while process.poll() is None and time.monotonic() < deadline:
                try:
                    config = client.get("/_stcore/host-config")
                    break
                except httpx.TransportError:
                    time.sleep(0.2)
        assert process.poll() is None and config.status_code == 200
    finally:
        process.terminate()
        process.wait(PATIENCE)
