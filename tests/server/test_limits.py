"""What a request may not be, and what becomes of those who ask at once or go away."""

import json
import os
import threading
from dataclasses import replace

import httpx
import pytest

from rag.config import load
from rag.generation.reader import ScriptedReader
from rag.index.attempts import Attempts
from rag.server.http import application
from rag.server.limits import MOST_BYTES
from rag.server.service import Service
from tests.server.conftest import SCRIPT
from tests.sources.local_site import send, serve
from tests.sources.test_apart import LONG
from tests.sources.workers import busy, ends, needs_proc, workers

ASKED = "When was the Orrin bridge opened?"
PATIENCE = 60.0  # seconds until something counts as hung


def asking(question: str = ASKED, **more) -> dict:
    return {"model": "vouch", "messages": [{"role": "user", "content": question}], **more}


def test_without_a_key_only_this_machines_own_names_are_answered(served, service):
    address = served(application(service))
    for host in ("evil.example", "evil.example:8600", "127.0.0.1.evil.example", ""):
        told = httpx.get(f"{address}/v1/sources", headers={"Host": host})
        assert told.status_code in (400, 421), host
    assert httpx.get(f"{address}/v1/sources", headers={"Host": "localhost:8600"}).status_code == 200
    named = served(application(service, "sesame"))
    headers = {"Host": "vouch.example", "Authorization": "Bearer sesame"}
    assert httpx.get(f"{named}/v1/sources", headers=headers).status_code == 200


def test_a_web_page_of_another_origin_can_neither_read_nor_send(served, service):
    address = served(application(service))
    told = httpx.get(f"{address}/v1/models", headers={"Origin": "https://evil.example"})
    assert not [name for name in told.headers if name.startswith("access-control")]
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    assert httpx.options(f"{address}/v1/sources", headers=asked).status_code == 405
    simple = {"Content-Type": "text/plain"}  # what a page may send without asking first
    told = httpx.post(f"{address}/v1/search", content=json.dumps({"query": "ferry"}), headers=simple)
    assert told.status_code == 422


def test_a_body_too_large_is_refused_whether_or_not_it_says_so(served, service):
    address = served(application(service))

    def endless():
        for _ in range(1 + MOST_BYTES // 100_000):
            yield b" " * 100_000

    large = json.dumps(asking("a" * MOST_BYTES)).encode()
    for content in (large, endless()):
        told = httpx.post(
            f"{address}/v1/chat/completions", content=content, headers={"Content-Type": "application/json"}
        )
        assert told.status_code == 413 and "MB" in told.json()["error"]["message"]


class Watched(ScriptedReader):
    """The fake, which waits for leave to write on, and counts who writes beside another."""

    def __init__(self):
        super().__init__([tuple(reply) for reply in SCRIPT["replies"]], [tuple(one) for one in SCRIPT["choices"]])
        self.begun, self.leave, self.lock = threading.Event(), threading.Event(), threading.Lock()
        self.writing = self.most = 0

    def write(self, prompt):
        with self.lock:
            self.writing += 1
            self.most = max(self.most, self.writing)
        self.begun.set()
        try:
            assert self.leave.wait(PATIENCE)
            yield from super().write(prompt)
        finally:
            with self.lock:
                self.writing -= 1


@pytest.fixture
def watched(service, config):
    """A service whose reader is watched and answers one question at a time, as a local one does."""
    settings = load(config)
    settings = replace(settings, reader=replace(settings.reader, kind="local"))
    made = Service(settings, service.embedder, Watched(), service.ledger)
    yield made
    made.reader.leave.set()
    made.close()


def test_two_ask_while_a_third_adds_and_nothing_is_lost(served, watched):
    """Three clients, a socket each: the first has its turn while the second waits and the third adds."""
    address, told, order = served(application(watched)), {}, []

    def ask(name: str) -> None:
        told[name] = httpx.post(f"{address}/v1/chat/completions", json=asking(), timeout=PATIENCE).json()
        order.append(name)

    clients = [threading.Thread(target=ask, args=(name,)) for name in ("one", "two")]
    for waiting, client in enumerate(clients, 1):
        client.start()
        while watched.turns.waiting() < waiting:
            pass
    assert watched.reader.begun.wait(PATIENCE)
    with serve() as site:
        for number in range(20):
            text = f"The lamp of pier {number} was lit in {1800 + number}."
            site.pages[f"/{number}.txt"] = send(text.encode(), "text/plain")
        sources = [site.url(f"/{number}.txt") for number in range(20)]
        with httpx.stream("POST", f"{address}/v1/sources", json={"sources": sources}, timeout=PATIENCE) as adding:
            added = [json.loads(line) for line in adding.iter_lines()]
    assert [(one["status"], one["done"], one["total"]) for one in added] == [("added", at, 20) for at in range(1, 21)]
    assert watched.turns.waiting() == 2  # both still: it was added meanwhile
    watched.reader.leave.set()
    for client in clients:
        client.join(PATIENCE)
    held = {page["uri"] for page in httpx.get(f"{address}/v1/sources").json()["sources"]}
    assert held >= set(sources) and len(held) == 21
    assert [told[name]["vouch"]["status"] for name in ("one", "two")] == ["answered", "answered"]
    assert order == ["one", "two"] and watched.reader.most == 1 and watched.turns.waiting() == 0
    for made in told.values():
        assert watched.kept(made["vouch"]["id"])["answer"] == made["vouch"]["answer"]


def test_whoever_goes_away_ends_the_run_and_the_next_has_a_turn(served, watched):
    address = served(application(watched))
    with httpx.stream("POST", f"{address}/v1/chat/completions", json=asking(stream=True), timeout=PATIENCE) as gone:
        lines = gone.iter_lines()
        assert next(lines).startswith("data:")
        assert watched.reader.begun.wait(PATIENCE)
    watched.reader.leave.set()
    made = httpx.post(f"{address}/v1/chat/completions", json=asking(), timeout=PATIENCE).json()
    assert made["vouch"]["status"] == "answered"
    assert watched.turns.waiting() == 0 and watched.kept("last")["id"] == made["vouch"]["id"]
    assert len(list(watched.ledger.answers(10))) == 1


@needs_proc
def test_whoever_goes_away_ends_the_reading_of_a_file(served, service):
    address, before = served(application(service)), workers(os.getpid())
    with serve() as site:
        site.pages["/long.docx"] = send(LONG, "application/octet-stream")
        site.pages["/later.txt"] = send(b"The lamp of Grey Point was lit in 1871.", "text/plain")
        sources = [site.url("/long.docx"), site.url("/later.txt")]
        with httpx.stream("POST", f"{address}/v1/sources", json={"sources": sources}, timeout=PATIENCE):
            worker = busy(os.getpid(), before)
        assert ends(worker)
    while str(site.url("/long.docx")) not in (tried := Attempts(service.index().folder).all()):
        pass
    assert "not read" in tried[site.url("/long.docx")].error
    assert not {page.uri for page in service.sources()} & set(sources)
