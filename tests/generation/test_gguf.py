"""Any GGUF file, made here byte by byte: whole, cut, of no chat, of another format; and one of a hub of our own."""

import hashlib
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from rag.errors import ModelFault
from rag.generation import gguf


def text(said: str) -> bytes:
    return struct.pack("<Q", len(said)) + said.encode()


def made(chats: bool = True, weights: int = 64, kind: str = "model") -> bytes:
    """One tensor of float32 after a few facts, an array of strings among them."""
    facts = [
        (text("general.architecture"), 8, text("toy")),
        (text("general.type"), 8, text(kind)),
        (text("toy.context_length"), 4, struct.pack("<I", 8192)),
        (text("tokenizer.ggml.tokens"), 9, struct.pack("<IQ", 8, 2) + text("a") + text("b")),
        (text("tokenizer.ggml.scores"), 9, struct.pack("<IQ", 6, 2) + bytes(8)),
    ]
    if chats:
        facts.append((text("tokenizer.chat_template"), 8, text("{{ messages }}")))
    head = b"GGUF" + struct.pack("<IQQ", 3, 1, len(facts))
    head += b"".join(key + struct.pack("<I", kind) + value for key, kind, value in facts)
    head += text("weights") + struct.pack("<IQIQ", 1, weights, 0, 0)
    return head + bytes(-len(head) % 32) + bytes(4 * weights)


@pytest.fixture
def file(tmp_path):
    def write(content: bytes):
        path = tmp_path / "toy.gguf"
        path.write_bytes(content)
        return path

    return write


def test_a_whole_file_says_what_it_is_and_is_taken_by_its_path(file):
    path = file(made())
    assert gguf.check(path) == gguf.Header("toy", "toy", 8192, True, len(made()))
    assert gguf.ensure(str(path)) == path == gguf.present(str(path))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (made()[:-1], "gguf.cut_short"),
        (made()[:90], "gguf.unreadable"),
        (b"<html>Not found</html>", "gguf.unreadable"),
        (b"GGUF" + struct.pack("<IQQ", 3, 2**60, 2**60), "gguf.unreadable"),
        (b"", "gguf.unreadable"),
        (made(chats=False), "gguf.no_chat"),
    ],
)
def test_a_file_that_is_wrong_or_cut_is_an_error_with_its_remedy(file, content, code):
    with pytest.raises(ModelFault) as raised:
        gguf.ensure(str(file(content)))
    assert raised.value.code == code


def test_an_adapter_is_taken_by_its_path_and_nothing_else_is_one(file):
    path = file(made(chats=False, kind="adapter"))
    assert gguf.adapter(str(path)) == path and gguf.adapter("") is None
    for wrong, code in ((made(), "gguf.no_adapter"), (path.read_bytes()[:-1], "gguf.cut_short")):
        with pytest.raises(ModelFault) as raised:
            gguf.adapter(str(file(wrong)))
        assert raised.value.code == code
    with pytest.raises(ModelFault, match="No such file"):
        gguf.adapter("/nowhere/lora.gguf")


def test_a_name_that_is_none_lists_those_that_are():
    with pytest.raises(ModelFault, match=r"qwen2\.5-coder-1\.5b.*qwen3-4b-instruct"):
        gguf.ensure("gpt-9")
    assert gguf.present("gpt-9") is None and gguf.present("qwen3-4b-instruct") is None


class TinyHub(BaseHTTPRequestHandler):
    """Gives `server.content` for toy.gguf of owner/repo, and states `server.sha256` of it."""

    def do_HEAD(self):
        self._head()

    def do_GET(self):
        if self._head():
            self.wfile.write(self.server.content)

    def _head(self) -> bool:
        there = self.path.startswith("/owner/repo/resolve/") and self.path.endswith("/toy.gguf")
        self.send_response(200 if there else 404)
        self.send_header("Content-Length", str(len(self.server.content) if there else 0))
        self.send_header("X-Linked-Size", str(len(self.server.content)))
        self.send_header("X-Linked-Etag", f'"{self.server.sha256}"')
        self.send_header("X-Repo-Commit", "0" * 40)
        self.end_headers()
        return there

    def log_message(self, *words):
        pass


@pytest.fixture
def hub(tmp_path, monkeypatch):
    server = ThreadingHTTPServer(("127.0.0.1", 0), TinyHub)
    server.content = made()
    server.sha256 = hashlib.sha256(server.content).hexdigest()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("VOUCH_HOME", str(tmp_path))
    yield server
    server.shutdown()
    server.server_close()


def test_a_file_of_the_hub_is_fetched_once_and_held_against_the_hubs_hash(hub):
    told = []
    assert gguf.present("owner/repo:toy.gguf") is None
    path = gguf.ensure("owner/repo:toy.gguf", lambda *how: told.append(how))
    assert path.read_bytes() == hub.content and told[-1][1:] == (len(hub.content), len(hub.content))
    hub.content = b"gone"
    assert gguf.ensure("owner/repo:toy.gguf") == path == gguf.present("owner/repo:toy.gguf")


def test_another_file_than_the_hub_states_and_one_it_does_not_have_are_errors(hub):
    hub.sha256 = "0" * 64
    with pytest.raises(ModelFault):
        gguf.ensure("owner/repo:toy.gguf")
    with pytest.raises(ModelFault, match=r"does not give .*other\.gguf \(404\)"):
        gguf.ensure("owner/repo:other.gguf")
