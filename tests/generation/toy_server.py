"""Stands in for llama.cpp: started by the same code as the real one, in a moment, with a JSON file as its model.

{"reply": text it writes, word by word ("PID" is its process), "ends": how it ends while it loads, "seconds": how long
it loads}. Each load adds a line to `loads` in its home. The prompt `die` ends the first process that is asked it, after
two words; `refuse` is not answered.
"""

import json
import os
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from rag.generation import serve
from rag.generation.running import ServerSettings

MODULE = "tests.generation.toy_server"


def load(settings: ServerSettings, key: str) -> tuple[str, object]:
    toy = json.loads(settings.model.read_text("utf-8"))
    with (settings.home / "loads").open("a") as lines:
        lines.write(f"{os.getpid()}\n")
    time.sleep(toy.get("seconds", 0))
    match toy.get("ends"):
        case "import":
            raise ImportError("libgomp.so.1: cannot open shared object file")
        case "load":
            sys.stderr.write("E load_model: failed to load model\n")
            raise RuntimeError("Failed to init server.")
        case "port":
            raise RuntimeError("couldn't bind HTTP server socket, hostname: 127.0.0.1")
        case "killed":
            sys.stderr.write("ggml_aligned_malloc: insufficient memory\n")
            sys.stderr.flush()
            os.kill(os.getpid(), signal.SIGKILL)
        case "abort":
            sys.stderr.write("GGML_ASSERT failed\n")
            sys.stderr.flush()
            os.abort()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.key, server.toy, server.died = key, toy, settings.home / "died"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}", server


class Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # in chunks, so that a stream that breaks off is told from one that ends

    def do_GET(self):
        self.send_response(200 if self.headers["Authorization"] == f"Bearer {self.server.key}" else 401)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        said = asked["messages"][-1]["content"]
        if said == "refuse":
            return self.send_error(400)
        dies = said == "die" and not self.server.died.exists()
        if dies:
            self.server.died.touch()
        if asked.get("stream"):
            self._stream(dies)
        elif dies:
            os._exit(1)
        else:
            self._choose()

    def _choose(self):
        token = {"token": "Yes", "logprob": -0.1, "bytes": None}
        chosen = {"content": [{**token, "top_logprobs": [token]}]}
        body = json.dumps(_reply("message", {"role": "assistant", "content": "Yes"}, logprobs=chosen)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, dies):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for number, word in enumerate(self.server.toy["reply"].replace("PID", str(os.getpid())).split()):
            if dies and number == 2:
                os._exit(1)
            sure = {"content": [{"token": word, "logprob": -0.5, "bytes": None, "top_logprobs": []}]}
            self._event(json.dumps(_reply("delta", {"content": word + " "}, logprobs=sure)))
        self._event("[DONE]")
        self.wfile.write(b"0\r\n\r\n")

    def _event(self, told):
        event = f"data: {told}\n\n".encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(event), event))

    def log_message(self, *_):
        pass


def _reply(kind, content, **more):
    choice = {"index": 0, kind: content, "finish_reason": None, **more}
    name = "chat.completion" if kind == "message" else "chat.completion.chunk"
    return {"id": "toy", "object": name, "created": 0, "model": "toy", "choices": [choice]}


if __name__ == "__main__":
    serve.main(load, sys.argv[1:])
