import json
from dataclasses import replace

import pytest

from rag.config import ReaderConfig
from rag.generation.fake_server import MODEL, served
from rag.generation.table import Server, table
from rag.setup.offers import destination, hub_files, local_servers, offers, services


@pytest.fixture(scope="module")
def server():
    with served() as running:
        yield running


def test_a_server_on_this_machine_is_offered_first_and_only_where_one_may_look(server):
    there, nobody = Server("Fake", server.server_port), Server("Nobody", 9)
    found = offers(True, {}, [nobody, there])
    assert (found[0].reader.model, found[0].by, found[0].origin) == (MODEL, "Fake", "server")
    assert destination(found[0].reader) == ""
    before = len(server.asked)
    assert all(offer.origin != "server" for offer in offers(False, {}, [there]))
    assert len(server.asked) == before and offers(False, {})[-1].origin == "bundled"


def test_what_answers_and_is_no_model_server_is_left_out():
    with served() as other:
        assert local_servers([Server("Other", other.server_port)])
        assert local_servers([Server("Page", 9)]) == []


def test_a_key_in_the_environment_is_offered_by_its_variables_name_and_never_shown():
    (found,) = services({"DEEPSEEK_API_KEY": "sk-secret", "OPENAI_API_KEY": " "})
    assert found.by == "DeepSeek" and found.reader.key_env == "DEEPSEEK_API_KEY" and found.reader.window > 4096
    assert "sk-secret" not in repr(found) + json.dumps(found.reader.model)
    assert destination(found.reader) == "api.deepseek.com"


def test_files_of_the_hub_are_offered_where_memory_and_cores_bear_them():
    names = [offer.reader.model for offer in hub_files(16.0, 8)]
    assert names[0] == "qwen3-4b-instruct" and len(names) == len(table().files)
    assert [offer.reader.model for offer in hub_files(3.0, 2)] == ["qwen3-1.7b", "minicpm5-1b"]
    assert all(offer.seconds <= 60 for offer in hub_files(64.0, 2))


@pytest.mark.parametrize(
    ("reader", "leaves"),
    [
        (ReaderConfig(), ""),
        (ReaderConfig("openai", "m", "http://localhost:11434/v1"), ""),
        (ReaderConfig("openai", "gpt-oss:120b-cloud", "http://localhost:11434/v1"), "ollama.com"),
        (ReaderConfig("openai", "m", "http://192.168.1.4:8000/v1"), "192.168.1.4"),
        (ReaderConfig("langchain", "anthropic:claude"), "anthropic"),
    ],
)
def test_it_is_said_where_text_goes(reader, leaves):
    assert destination(reader) == leaves


def test_every_entry_of_the_table_can_be_a_reader():
    assert all(len(file.sha256) in (0, 64) for file in table().files)
    assert all(offer.reader == replace(offer.reader) for offer in offers(False, {}))
    assert len({server.port for server in table().servers}) == len(table().servers) == 4
