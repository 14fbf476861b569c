import json
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from rag import models
from rag.answering import drafting
from rag.config import home
from rag.errors import ConfigFault, ReaderFault
from rag.generation import local
from rag.generation.local_reader import LocalReader
from rag.generation.reader import openai_reader, scripted_reader, shares
from rag.generation.running import ServerSettings
from rag.protocols import Prompt
from rag.types import Quote

ASK = Prompt("Be brief.", "Say hello.", max_tokens=20)
TOP = [{"token": "Yes", "logprob": -0.1, "bytes": None}, {"token": " No", "logprob": -2.4, "bytes": None}]


class Api(BaseHTTPRequestHandler):
    """What an OpenAI-compatible server sends; `server.mode` chooses."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((asked, self.headers["Authorization"]))
        if self.server.mode == "broken":
            return self._send(500, b'{"error": {"message": "out of memory"}}', "application/json")
        usage = {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9}
        head = {"id": "1", "created": 1, "model": "m"}
        if asked.get("stream"):
            pieces = [{"content": "Hel"}, {"content": "lo."}, {}]
            lines = [{**head, "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": p}]} for p in pieces]
            lines.append({**head, "object": "chat.completion.chunk", "choices": [], "usage": usage})
            body = "".join(f"data: {json.dumps(line)}\n\n" for line in lines) + "data: [DONE]\n\n"
            return self._send(200, body.encode(), "text/event-stream")
        choice = {"index": 0, "message": {"role": "assistant", "content": "Yes"}, "finish_reason": "length"}
        if self.server.mode == "logprobs":
            choice["logprobs"] = {"content": [{**TOP[0], "top_logprobs": TOP}]}
        body = {**head, "object": "chat.completion", "choices": [choice], "usage": usage}
        self._send(200, json.dumps(body).encode(), "application/json")

    def _send(self, code: int, body: bytes, kind: str) -> None:
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture
def api():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    server.mode, server.asked = "logprobs", []
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def reader(server):
    return openai_reader("m", f"http://127.0.0.1:{server.server_port}/v1", "secret", 10)


def test_a_reply_is_streamed_greedily_with_its_key_and_its_tokens_are_counted(api):
    found = reader(api)
    assert "".join(found.write(ASK)) == "Hello."
    asked, key = api.asked[0]
    assert key == "Bearer secret" and asked["temperature"] == 0
    assert [m["role"] for m in asked["messages"]] == ["system", "user"]
    assert found.tokens() == (7, 2) and found.tokens() == (0, 0)


def test_a_choice_is_the_share_of_the_first_tokens_probabilities(api):
    chosen = reader(api).choose(ASK, ("Yes", "No"))
    assert chosen["Yes"] == pytest.approx(0.909, abs=0.001)


def test_a_provider_without_probabilities_is_taken_at_its_word(api):
    api.mode = "plain"
    assert reader(api).choose(ASK, ("Yes", "No")) == {"Yes": 1.0, "No": 0.0}


def test_a_server_that_fails_and_one_that_is_not_there_are_faults_that_name_the_reader(api):
    api.mode = "broken"
    with pytest.raises(ReaderFault, match="reader m did not answer"):
        list(reader(api).write(ASK))
    with pytest.raises(ReaderFault):
        openai_reader("m", "http://127.0.0.1:9/v1", "", 2).choose(ASK, ("Yes", "No"))


def test_neither_yes_nor_no_is_no_judgement():
    assert shares([("maybe", -0.1), ("", -1.0)], ("Yes", "No")) is None
    assert shares([("yes", -0.1), (" NO", -0.1)], ("Yes", "No")) == {"Yes": 0.5, "No": 0.5}


def test_a_script_that_is_none_names_the_file(tmp_path):
    with pytest.raises(ConfigFault, match=r"missing\.json"):
        scripted_reader(str(tmp_path / "missing.json"))


@pytest.fixture(scope="module")
def qwen():
    settings = ServerSettings(models.ensure(models.READER), 0, 4096, home())
    return LocalReader("qwen", partial(local.connect, settings), 120)


def kept(text: str) -> Quote:
    return Quote(1, text, "memory:p", "", "0" * 64, 0, len(text))


@pytest.mark.model
def test_the_local_reader_answers_from_its_evidence(qwen):
    evidence = [kept("静湖位于青州以北,湖面海拔812米。")]
    draft = "".join(drafting.compose("静湖的海拔是多少?", "fact", "zh", evidence, qwen))
    assert "812" in draft
    assert qwen.tokens()[0] > 0


@pytest.mark.model
def test_the_local_reader_tells_enough_evidence_from_too_little_and_a_right_draft_from_a_wrong_one(qwen):
    evidence = [kept("The Orrin bridge was opened on 4 May 1931 after three years of work.")]
    asked = "When was the Orrin bridge opened?"
    enough = drafting.sufficient(asked, "en", evidence, qwen)
    assert enough > drafting.sufficient("Who painted the Orrin bridge?", "en", evidence, qwen)
    right, wrong = (drafting.fits(asked, "en", evidence, said, qwen) for said in ("In May 1931.", "In May 1951."))
    assert right > wrong


@pytest.mark.model
def test_the_local_server_wants_its_key(qwen):
    import httpx

    answer = httpx.post(f"{qwen.server.address}/v1/chat/completions", json={"messages": []}, trust_env=False)
    assert answer.status_code == 401
