"""The shipped fake of every server that is not ours: OpenAI-compatible, misbehaving as the path's first part says.

    python -m rag.generation.fake_server PORT        then, say, address = "http://127.0.0.1:PORT/think/v1"

Modes are the keys of WRITES, FAILS and those in `Talking`; "good" behaves. The modes of `fake_ollama`, the first of
them also at the root, answer Ollama's own interface.
"""

import json
import re
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from rag.generation import fake_ollama

MODEL = "fake-7b"
WINDOW = 2048  # tokens
BYTES = 4  # of a prompt a token
SCHEMED = '{"said": "seven"}'  # what the probe's schema allows
TOO_LONG = f"This model's maximum context length is {WINDOW} tokens. However, your messages are longer."
FAILS: dict[str, tuple[int, dict[str, Any], dict[str, str]]] = {  # status, body, headers
    "401": (401, {"error": {"message": "Incorrect API key provided: KEY"}}, {}),
    "402": (402, {"error": {"message": "Insufficient Balance"}}, {}),
    "403": (403, {"error": {"message": "No access"}}, {}),
    "400": (400, {"error": {"message": "the \x1b[31mtemplate does not like this: KEY"}}, {}),
    "429long": (429, {"error": {"message": "slow down"}}, {"Retry-After": "3600"}),
    "500": (500, {"error": {"message": "boom KEY"}}, {}),
    "filter400": (400, {"error": {"message": "held back", "code": "content_filter"}}, {}),
    "empty": (200, {}, {}),
    "nochoices": (200, {"choices": []}, {}),
    "error200": (200, {"error": {"message": "overloaded"}}, {}),
}
WRITES = {
    "think": "<think>I must think. [1] \n\nIt was in 1999.</think>\n\n{answer}",
    "aloud": "I must think about it first.</think>{answer}",
    "escapes": "\x1b[31m{answer}\x1b]0;owned\x07\x00",
    "script": "<script>alert(1)</script> {answer}",
    "cites": "{answer} [99][0]",
}
REFUSES = {  # the latter fails where it should refuse, as llama-cpp-python's server does
    "strict": ("max_tokens", "temperature", "logprobs"),
    "no_logits": ("logprobs",),
}
BROKEN = {"html": (b"<html>Log in</html>", "text/html"), "garbage": (b"\xff\x00{", "application/json"),
          "half": (b'{"choices": [{"message":', "application/json")}  # fmt: skip


class FakeServer(ThreadingHTTPServer):
    """`asked` is what came, in order: (mode, body, headers)."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Talking)
        self.asked: list[tuple[str, dict[str, Any], dict[str, str]]] = []

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever hangs up has had enough; anything else is a fault of this fake."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    def address(self, mode: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{mode}/v1"


@contextmanager
def served() -> Iterator[FakeServer]:
    """A server on a free port, in a thread."""
    server = FakeServer()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


class Talking(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # in chunks, so that a stream that breaks off is told from one that ends
    server: FakeServer

    def do_GET(self) -> None:
        mode, own = self._asked_of()
        if own and (told := fake_ollama.about(own, MODEL)):
            self._json(200, told)
        elif self.path.endswith("/models") and mode != "404":
            self._json(200, {"object": "list", "data": [{"id": MODEL, "object": "model"}]})
        else:
            self._json(404, {"error": "not found"})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        mode, own = self._asked_of()
        if own == "show":
            return self._json(200, fake_ollama.show(body["model"]))
        before = sum(one == mode for one, *_ in self.server.asked)
        self.server.asked.append((mode, body, dict(self.headers)))
        try:
            if self.path.endswith("/rerank"):
                self._rerank(mode, body)
            elif own == "embed":
                self._json(200, fake_ollama.embeddings(body["input"]))
            elif own:
                self._as_ollama(mode, body)
            else:
                self._answer("good" if mode == "v1" else mode, body, before)
        except (BrokenPipeError, ConnectionResetError):  # whoever asked has had enough
            self.close_connection = True

    def _asked_of(self) -> tuple[str, str]:
        """(the mode, what of Ollama's own interface is asked; "" for nothing of it)."""
        mode, _, rest = self.path.strip("/").partition("/")
        if mode == "api":
            mode, rest = fake_ollama.MODES[0], f"api/{rest}"
        return mode, rest.removeprefix("api/") if mode in fake_ollama.MODES and rest.startswith("api/") else ""

    def _rerank(self, mode: str, body: dict[str, Any]) -> None:
        """By words that a passage shares with the question. Mode "tei" has the form of text-embeddings-inference."""
        if mode in FAILS:
            return self._answer(mode, body, 0)
        if (mode == "tei") != ("texts" in body):
            return self._json(422, {"error": "missing field"})
        words = set(body["query"].casefold().split())
        shared = [len(words & set(text.casefold().split())) for text in body.get("texts") or body["documents"]]
        name = "score" if mode == "tei" else "relevance_score"
        rows = [{"index": at, name: float(count)} for at, count in enumerate(shared)][::-1]
        self._json(200, rows if mode == "tei" else {"results": rows})

    def _as_ollama(self, mode: str, body: dict[str, Any]) -> None:
        if body["model"] != MODEL:
            return self._json(404, {"error": f"model '{body['model']}' not found"})
        word = body.get("options", {}).get("num_predict") == 1
        text = "Yes" if word else SCHEMED if body.get("format") else self._says(mode, body)
        called = body["tools"][0]["function"]["name"] if body.get("tools") else ""
        status, lines = fake_ollama.chat(mode, body, text, tokens(body), called)
        told = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
        self._raw(told, "application/x-ndjson", status)

    def log_message(self, *words: object) -> None:
        pass

    def _answer(self, mode: str, body: dict[str, Any], before: int) -> None:
        if mode in FAILS:
            status, told, headers = FAILS[mode]
            key = self.headers.get("Authorization", "").removeprefix("Bearer ")
            return self._json(status, json.loads(json.dumps(told).replace("KEY", key)), **headers)
        if mode in BROKEN:
            return self._raw(*BROKEN[mode])
        if mode in ("429", "503") and before == 0:  # asked again, it answers
            return self._json(int(mode), {"error": {"message": "slow down"}}, **{"Retry-After": "0"})
        if mode in ("404", "model") and (mode == "404" or body["model"] != MODEL):
            return self._json(404, {"error": {"message": f"model '{body['model']}' not found"}})
        if refused := [name for name in REFUSES.get(mode, ()) if name in body]:
            status, named = (400, refused[0]) if mode == "strict" else (500, None)
            return self._json(status, {"error": {"message": f"{refused[0]} is not supported", "param": named}})
        if mode == "long" and tokens(body) > WINDOW:
            return self._json(400, {"error": {"message": TOO_LONG, "code": "context_length_exceeded"}})
        if mode == "slow":
            time.sleep(30)
        if mode == "dropped" and before == 0:
            self.close_connection = True
            return None
        if body.get("stream"):
            return self._stream(mode, self._says(mode, body), body)
        return self._whole(mode, body)

    def _says(self, mode: str, body: dict[str, Any]) -> str:
        if mode == "blank":
            return ""
        passages = re.findall(r"<passage \d+[^>]*>(.*?)</passage", body["messages"][-1]["content"], re.DOTALL)
        sentence = re.split(r"(?<=[.。!?])\s*", passages[-1].strip())[0] if passages else "That was in 2001."
        return WRITES.get(mode, "{answer}").format(answer=sentence)

    def _whole(self, mode: str, body: dict[str, Any]) -> None:
        """A word, for the questions that want one; a reader that thinks does not come so far in one token."""
        if mode == "bare" and body.keys() & {"tools", "response_format"}:
            return self._json(500, {"error": {"message": "boom"}})
        thinks = mode in ("think", "aloud", "reasons") and "enable_thinking" not in body
        message: dict[str, Any] = {"role": "assistant", "content": "Yes"}
        if thinks:
            message = {"content": "<think>"} if mode == "think" else {"content": None, "reasoning_content": "Hm"}
        if mode == "good" and body.get("response_format"):
            message["content"] = SCHEMED
        if mode == "writes_on" and "max_tokens" not in body:
            message["content"] = "Yes, the passages say so, and more."
        if mode in ("null", "blank"):
            message["content"] = None if mode == "null" else ""
        if body.get("tools") and mode == "good":
            name = body["tools"][0]["function"]["name"]
            call = {"function": {"name": name, "arguments": '{"query": "bridge"}'}}
            message = {"content": None, "tool_calls": [call]}
        choice = {"index": 0, "message": message, "finish_reason": "length" if thinks else "stop"}
        if mode == "filter":
            choice["finish_reason"] = "content_filter"
        if body.get("logprobs") and message["content"] and mode not in ("words", "writes_on", "bare"):
            value = float("nan") if mode == "nan" else -0.1
            top = [{"token": message["content"], "logprob": value}, {"token": " No", "logprob": -2.4}]
            top.append({"token": None, "logprob": -5.0})
            choice["logprobs"] = {"content": [{**top[0], "top_logprobs": top}]}
        self._json(200, {"object": "chat.completion", "choices": [choice], "usage": usage(mode, body, 1)})

    def _stream(self, mode: str, text: str, body: dict[str, Any]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self._event(": a comment, as some send to keep the line open")
        if mode == "reasons" and "enable_thinking" not in body:
            self._said({"reasoning_content": "I must think."})
        pieces = [text[at : at + 7] for at in range(0, len(text), 7)]
        for number, piece in enumerate(pieces):
            self._said({"content": piece})
            if number == 1 and mode == "broken":
                self.close_connection = True
                return
            if number == 1 and mode == "hangs":
                time.sleep(30)
            if number == 1 and mode == "error_stream":
                self._event('data: {"error": {"message": "overloaded", "code": 503}}')
        while mode == "never":
            self._said({"content": "blah "})
            time.sleep(0.001)
        while mode == "mute":  # goes on for ever and says nothing
            self._event(": still here")
            time.sleep(0.02)
        finish = "content_filter" if mode == "filter" else "stop"
        self._said({}, finish)
        if (body.get("stream_options") or {}).get("include_usage"):
            self._event("data: " + json.dumps({"choices": [], "usage": usage(mode, body, len(pieces))}))
        self._event("data: [DONE]")
        self.wfile.write(b"0\r\n\r\n")

    def _said(self, delta: dict[str, Any], finish: str | None = None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        self._event("data: " + json.dumps({"object": "chat.completion.chunk", "choices": [choice]}))

    def _event(self, told: str) -> None:
        event = f"{told}\n\n".encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(event), event))

    def _json(self, status: int, told: object, **headers: str) -> None:
        self._raw(json.dumps(told).encode(), "application/json", status, **headers)

    def _raw(self, body: bytes, kind: str, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def tokens(body: dict[str, Any]) -> int:
    return sum(len(message["content"].encode()) for message in body["messages"]) // BYTES


def usage(mode: str, body: dict[str, Any], written: int) -> dict[str, int]:
    read = min(tokens(body), WINDOW) if mode == "cut" else tokens(body)
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


if __name__ == "__main__":
    FakeServer(int(sys.argv[1])).serve_forever()
