"""A reader by Ollama's own interface, against the shipped server that mimics it."""

import pytest

from rag import wiring
from rag.config import Config, ReaderConfig
from rag.errors import ReaderFault
from rag.generation import ollama
from rag.generation.acting import acting
from rag.generation.api_reader import ApiReader
from rag.generation.fake_server import MODEL, served
from rag.setup import offers
from tests.generation.test_api_reader import ASK, SAID, chosen, passages, written


@pytest.fixture(scope="module")
def server():
    with served() as running:
        yield running


def made(server, mode: str = "ollama", window: int = 4096, model: str = MODEL) -> ApiReader:
    return wiring.reader(Config(reader=ReaderConfig("ollama", model, server.address(mode), window=window)))


def test_a_window_is_asked_for_with_every_prompt_and_tokens_are_counted(server):
    found = made(server, window=6000)
    assert written(found) == SAID and found.tokens()[0] > 10
    body = server.asked[-1][1]
    assert body["options"] == {"num_ctx": 6000, "num_predict": 40, "temperature": 0} and body["think"] is False


def test_probabilities_are_taken_where_its_version_gives_them_and_its_word_where_not(server):
    assert chosen(made(server))["Yes"] == pytest.approx(0.909, abs=0.001)
    assert chosen(made(server, "ollama_old")) == {"Yes": 1.0, "No": 0.0}


def test_a_prompt_beyond_the_window_is_asked_with_its_better_half_and_never_cut_silently(server):
    assert written(made(server, window=2048), passages(4, 500)).endswith("4.")
    assert server.asked[-1][1]["messages"][-1]["content"].startswith("<passage 3")
    old = made(server, "ollama_old", window=2048)
    written(old)  # how many bytes a token has
    with pytest.raises(ReaderFault, match="and read 2048: its server cuts off"):
        written(old, passages(4, 700))


def test_a_tool_is_called_and_a_model_that_is_not_there_is_said(server):
    tool = {"type": "function", "function": {"name": "search", "description": "", "parameters": {}}}
    assert written(acting(made(server), [tool])) == '{"name": "search", "args": {"query": "bridge"}}'
    with pytest.raises(ReaderFault, match=f"no model gpt-9. It has: {MODEL}"):
        written(made(server, model="gpt-9"))


def test_a_model_that_thinks_is_told_not_to(server):
    assert written(made(server, "ollama_thinks"), ASK) == SAID


def test_it_is_offered_with_the_window_that_memory_bears_and_without_what_cannot_chat(server):
    (found,) = offers.at(server.address("ollama"))
    assert (found.reader.kind, found.reader.model, found.reader.window) == ("ollama", MODEL, ollama.WINDOW)
    (other,) = offers.at(server.address("good"))
    assert other.reader.kind == "openai"
