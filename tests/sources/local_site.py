"""A web server of our own on 127.0.0.1, well behaved and not."""

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Site:
    """A real server on 127.0.0.1. `pages`: path -> what to do with a request, first by the path with its query, then
    without; `asked`: (path, Host) as they came."""

    port: int = 0
    pages: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"


def send(body: bytes, media_type: str = "text/html", status: int = 200, **headers: str) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        request.send_header("Content-Type", media_type)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers:
            request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return answer


def redirect(location: str) -> Answer:
    return send(b"", status=302, Location=location)


def drip(seconds: float) -> Answer:
    """A byte at a time, each soon enough for a timeout that only looks at single reads."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", "text/plain")
        request.end_headers()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            request.wfile.write(b"x")
            request.wfile.flush()
            time.sleep(0.05)

    return answer


def flood(request: BaseHTTPRequestHandler) -> None:
    """64 MB without saying so first."""
    request.send_response(200)
    request.send_header("Content-Type", "text/plain")
    request.end_headers()
    for _ in range(1024):
        request.wfile.write(b"x" * 65536)


def bomb(megabytes: int) -> Answer:
    return send(gzip.compress(b"\0" * (megabytes * 1_000_000)), "text/plain", Content_Encoding="gzip")


def tagged(body: bytes, etag: str, media_type: str = "text/html") -> Answer:
    """`body` with an ETag; 304 to whoever has it."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        known = request.headers.get("If-None-Match") == etag
        send(b"" if known else body, media_type, 304 if known else 200, ETag=etag)(request)

    return answer


@contextmanager
def serve(port: int = 0) -> Iterator[Site]:
    """On a free port where none is given."""
    made = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append((self.path, self.headers["Host"]))
            bare = self.path.partition("?")[0]
            answer = made.pages.get(self.path) or made.pages.get(bare) or send(b"nothing here", status=404)
            try:
                answer(self)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # the reader hung up, as some tests want

        do_POST = do_GET

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    made.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
