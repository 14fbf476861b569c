"""The HTTP server as the official client and a bare one see it, over a real socket."""

import json
import threading

import httpx
import openai
import pytest

from rag.errors import UsageFault
from rag.server.http import application
from rag.server.tools import Tools
from rag.server.turns import Turns
from tests.server.conftest import BRIDGE
from tests.sources.local_site import send, serve

ASKED = "When was the Orrin bridge opened?"


@pytest.fixture
def address(served, service):
    return served(application(service))


@pytest.fixture
def client(address):
    return openai.OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0)


def messages(*said: str) -> list:
    return [{"role": ("user", "assistant")[at % 2], "content": text} for at, text in enumerate(said)]


def test_the_official_client_gets_a_checked_answer(client):
    made = client.chat.completions.create(model="vouch", messages=messages(ASKED))
    told = made.choices[0].message.content
    assert told.startswith("The Orrin bridge was opened on 4 May 1931.[1]") and "bridge.txt" in told
    [quote, *_] = made.vouch["quotes"]
    assert BRIDGE[quote["start"] : quote["end"]] == quote["text"]
    assert made.vouch["sentences"][0]["verdict"] == "supported"
    assert made.choices[0].finish_reason == "stop" and made.usage.total_tokens == made.usage.prompt_tokens + (
        made.usage.completion_tokens
    )


def test_a_stream_holds_only_what_was_checked(client):
    pieces = list(client.chat.completions.create(model="vouch", messages=messages(ASKED), stream=True))
    told = "".join(piece.choices[0].delta.content or "" for piece in pieces)
    assert told.startswith("The Orrin bridge was opened on 4 May 1931.[1]")
    assert pieces[-1].vouch["status"] == "answered" and pieces[-1].choices[0].finish_reason == "stop"
    declined = client.chat.completions.create(model="vouch", messages=messages("What did it cost?"), stream=True)
    told = "".join(piece.choices[0].delta.content or "" for piece in declined)
    assert "nine crowns" not in told and told.startswith("Not answered")


def test_parts_of_a_message_and_earlier_turns_are_read(client):
    parts = [{"type": "text", "text": "When was it opened?"}, {"type": "image_url", "image_url": {"url": "data:,"}}]
    said = [*messages("What is the Orrin bridge?", "A bridge."), {"role": "user", "content": parts}]
    made = client.chat.completions.create(model="vouch:work", messages=said, temperature=0.3)
    assert made.vouch["question"] == ASKED and made.vouch["status"] == "answered"


@pytest.mark.parametrize(
    ("model", "said", "status"),
    [
        ("gpt-4", messages(ASKED), 404),
        ("vouch:nowhere", messages(ASKED), 404),
        ("vouch", messages(ASKED, "In 1931."), 400),
        ("vouch", messages(" "), 400),
        ("vouch", [], 422),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_remedy(client, model, said, status):
    with pytest.raises(openai.APIStatusError) as caught:
        client.chat.completions.create(model=model, messages=said)
    assert caught.value.status_code == status and caught.value.body["message"]


def test_models_embeddings_and_search(client, address):
    assert [one.id for one in client.models.list()] == ["vouch", "vouch:work"]
    two = client.embeddings.create(model="any", input=["a bridge", "a ferry"])
    assert len(two.data) == 2 and len(two.data[0].embedding) == len(two.data[1].embedding)
    found = httpx.post(f"{address}/v1/search", json={"query": "ferry", "k": 1}).json()
    assert "1820" in found["hits"][0]["chunk"]["text"]


def test_a_claim_is_judged_against_the_sources(address):
    made = httpx.post(f"{address}/v1/check", json={"text": "The Orrin bridge was opened on 4 May 1931."}).json()
    assert [claim["verdict"] for claim in made["claims"]] == ["supported"]


def test_a_claim_comes_with_what_supports_it_and_what_speaks_against_it(address, service, tmp_path):
    (tmp_path / "other.txt").write_text("The Orrin bridge was opened on 9 June 1934.", "utf-8")
    assert [one["status"] for one in service.add([str(tmp_path / "other.txt")])] == ["added"]
    made = httpx.post(f"{address}/v1/check", json={"text": "The Orrin bridge was opened on 4 May 1931."}).json()
    [claim] = made["claims"]
    stances = {quote["stance"]: quote["text"] for quote in claim["quotes"]}
    assert claim["verdict"] == "supported" and claim["probability"] > 0.5
    assert "1931" in stances["supports"] and "1934" in stances["refutes"]


def test_sources_are_added_listed_and_taken_out(address):
    with serve() as site:
        site.pages["/lamp.txt"] = send(b"The lamp of Grey Point was lit in 1871.", "text/plain")
        refused = httpx.post(f"{address}/v1/sources", json={"sources": ["/etc/passwd"]})
        assert refused.status_code == 400 and "vouch add" in refused.json()["error"]["message"]
        lines = httpx.post(f"{address}/v1/sources", json={"sources": [site.url("/lamp.txt")]}).text.splitlines()
    assert [json.loads(line)["status"] for line in lines] == ["added"]
    [held] = httpx.get(f"{address}/v1/sources").json()["sources"][:1]
    assert httpx.delete(f"{address}/v1/sources", params={"source": held["uri"]}).json() == {"removed": held["uri"]}
    assert httpx.delete(f"{address}/v1/sources", params={"source": held["uri"]}).status_code == 404


def test_an_answer_is_found_again_and_comes_out_alike(client, address):
    made = client.chat.completions.create(model="vouch", messages=messages(ASKED))
    number = made.vouch["id"]
    assert httpx.get(f"{address}/v1/answers/{number}").json()["answer"] == made.vouch["answer"]
    assert httpx.get(f"{address}/v1/answers/{number}/replay").json()["same"] is True
    assert httpx.get(f"{address}/v1/answers/nothing").status_code == 404
    assert "vouch_answers 1" in httpx.get(f"{address}/metrics").text


def test_without_the_key_only_the_health_is_told(served, service):
    address = served(application(service, "sesame"))
    assert httpx.get(f"{address}/healthz").json()["status"] == "ok"
    for path in ("/v1/models", "/v1/sources", "/metrics", "/v1/answers/last"):
        assert httpx.get(f"{address}{path}").status_code == 401
        assert httpx.get(f"{address}{path}", headers={"Authorization": "Bearer other"}).status_code == 401
    told = httpx.get(f"{address}/v1/models", headers={"Authorization": "Bearer sesame"})
    assert told.status_code == 200


def test_turns_are_taken_in_the_order_in_which_they_were_asked_for():
    turns, order, threads = Turns(), [], []

    def work(number: int) -> None:
        with turns.take():
            order.append(number)

    with turns.take():
        for number in range(5):
            threads.append(threading.Thread(target=work, args=(number,)))
            threads[-1].start()
            while turns.waiting() < number + 2:
                pass
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2, 3, 4] and turns.waiting() == 0


def test_who_comes_when_too_many_wait_is_told_so():
    turns = Turns(most=1)
    with turns.take(), pytest.raises(UsageFault, match="waiting"), turns.take():
        pass
    with turns.take():
        assert turns.waiting() == 1


def test_only_the_sources_that_are_named_are_asked(client, address):
    bound = {"only": {"sources": ["*bridge*"], "kinds": ["text"]}}
    made = client.chat.completions.create(model="vouch", messages=messages(ASKED), extra_body=bound)
    assert {quote["title"] for quote in made.vouch["quotes"]} == {"bridge"}
    asked = {"query": "ferry", **bound}
    found = httpx.post(f"{address}/v1/search", json=asked).json()["hits"]
    assert found and {hit["title"] for hit in found} == {"bridge"}
    for only, told in (
        ({"sources": ["nowhere"]}, "vouch sources"),
        ({"kinds": ["scroll"]}, "pdf"),
        ({"since": "May"}, "2024-05"),
    ):
        refused = httpx.post(f"{address}/v1/search", json={"query": "ferry", "only": only})
        assert refused.status_code == 400 and told in refused.json()["error"]["message"]


def test_only_sources_with_a_tag_are_asked(service, address):
    [uri] = [page.uri for page in service.sources() if page.title == "bridge"]
    service.index().tag([uri], give=["River"])
    found = httpx.post(f"{address}/v1/search", json={"query": "ferry", "only": {"tags": ["river"]}}).json()["hits"]
    assert found and {hit["title"] for hit in found} == {"bridge"}
    assert Tools(service).search("ferry", tags=["river"])
    service.index().tag([uri], take=["river"])
    refused = httpx.post(f"{address}/v1/search", json={"query": "ferry", "only": {"tags": ["river"]}})
    assert refused.status_code == 400


OUTSIDE = (
    "../outside",
    "/tmp/outside",
    "..",
    ".",
    "a/../../outside",
    "..\\outside",
    "CON",
    "-rf",
    "a\nb",
    "x" * 300,
    " ",
)


@pytest.mark.parametrize("index", OUTSIDE)
def test_an_index_lies_in_the_folder_of_indexes_and_nowhere_else(service, served, tmp_path, index):
    url = served(application(service))
    before = sorted(path.name for path in tmp_path.iterdir())
    with httpx.Client(base_url=url, trust_env=False) as client:
        asked = client.post("/v1/search", json={"query": "bridge", "index": index})
        added = client.post("/v1/sources", json={"sources": ["https://example.org/"], "index": index})
    assert 400 <= asked.status_code < 500 and 400 <= added.status_code < 500
    assert sorted(path.name for path in tmp_path.iterdir()) == before
