import json
import re
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from rag import models
from rag.errors import ReaderFault
from rag.generation import local, prefixes
from rag.generation.local import LocalServer
from rag.generation.reader import messages
from rag.generation.running import ServerSettings
from rag.protocols import Prompt

ZH, EN = Prompt("你根据引文回答。", "问题:?"), Prompt("You answer from quotes.", "Question: ?", (("Q", "A"),))


class Slots(ThreadingHTTPServer):
    """What llama.cpp's server does with its slots, on files of a line; `held` is what each slot was filled with."""

    def __init__(self, folder):
        super().__init__(("127.0.0.1", 0), Slots.Answering)
        self.folder, self.held, self.evaluated, self.full_disk = folder, {}, 0, False

    class Answering(BaseHTTPRequestHandler):
        server: "Slots"

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            told = self.server.act(self.path, body) if self.headers["Authorization"] == "Bearer k" else 401
            self.send_response(told)
            self.end_headers()

        def log_message(self, *_):
            pass

    def act(self, path, body):
        if path == "/v1/chat/completions":
            self.evaluated += 1
            self.held[body["id_slot"]] = body["messages"][0]["content"]
            return 200
        slot, action = re.fullmatch(r"/slots/(\d+)\?action=(\w+)", path).groups()
        file = self.folder / body["filename"]
        if action == "save":
            if self.full_disk:
                return 500
            file.write_text("kept\n" + self.held[int(slot)], "utf-8")
            return 200
        lines = file.read_text("utf-8").split("\n")
        if lines[0] != "kept":
            return 400
        self.held[int(slot)] = lines[1]
        return 200


@pytest.fixture
def slots(tmp_path):
    server = Slots(tmp_path)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def reader(slots, identity="qwen 1"):
    return LocalServer(f"http://127.0.0.1:{slots.server_port}", "k", slots.folder, identity)


def test_what_was_evaluated_is_read_back_at_the_next_start_into_any_slot(slots):
    assert not prefixes.recall(reader(slots), 0, ZH)
    prefixes.evaluate(reader(slots), 0, ZH)
    prefixes.evaluate(reader(slots), 1, EN)
    slots.held.clear()
    assert prefixes.recall(reader(slots), 3, ZH)
    assert prefixes.recall(reader(slots), 2, EN)
    assert slots.held == {3: ZH.system, 2: EN.system}
    assert slots.evaluated == 2
    assert not list(slots.folder.glob("*.part"))


def test_another_model_runtime_or_prompt_reads_nothing_of_it(slots):
    prefixes.evaluate(reader(slots), 0, EN)
    assert not prefixes.recall(reader(slots, "qwen 2"), 0, EN)
    assert not prefixes.recall(reader(slots), 0, Prompt(EN.system, EN.user, (("Q", "B"),)))


def test_a_damaged_file_is_removed_and_made_anew(slots):
    prefixes.evaluate(reader(slots), 0, ZH)
    (file,) = slots.folder.glob("*.prefix")
    file.write_bytes(file.read_bytes()[:3])
    assert not prefixes.recall(reader(slots), 0, ZH)
    assert not file.exists()
    prefixes.evaluate(reader(slots), 0, ZH)
    assert prefixes.recall(reader(slots), 0, ZH)


def test_a_full_disk_costs_only_the_keeping(slots):
    slots.full_disk = True
    prefixes.evaluate(reader(slots), 0, ZH)
    assert slots.held == {0: ZH.system}
    assert not list(slots.folder.iterdir())


def test_the_folder_does_not_grow_without_end(slots):
    for number in range(prefixes.MOST + 3):
        prefixes.evaluate(reader(slots, f"qwen {number}"), 0, EN)
    assert len(list(slots.folder.iterdir())) == prefixes.MOST


def test_a_server_that_is_gone_or_refuses_is_a_fault(slots):
    with pytest.raises(ReaderFault, match="did not evaluate"):
        prefixes.evaluate(LocalServer(f"http://127.0.0.1:{slots.server_port}", "wrong", slots.folder, "qwen 1"), 0, ZH)
    with pytest.raises(ReaderFault, match="did not answer"):
        prefixes.evaluate(LocalServer("http://127.0.0.1:9", "k", slots.folder, "qwen 1"), 0, ZH)


@pytest.mark.model
def test_a_new_server_evaluates_nothing_of_a_prompt_that_was_kept(tmp_path):
    long = Prompt("You answer from numbered quotes, briefly and in the quotes' own words. " * 3, "Question: ?")
    settings = ServerSettings(models.ensure(models.READER), 0, 4096, tmp_path)
    first = local.connect(settings)
    assert not prefixes.recall(first, 2, long)
    prefixes.evaluate(first, 2, long)
    del first
    second = local.connect(settings)
    assert second.started
    assert prefixes.recall(second, 0, long)
    asked = {"messages": messages(replace(long, user="Question: Who?")), "max_tokens": 1}
    told = prefixes._post(second, "/v1/chat/completions", asked).json()["timings"]
    assert told["cache_n"] > 4 * told["prompt_n"]
