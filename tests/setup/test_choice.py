import tomllib

import pytest

from rag.config import ReaderConfig, chosen_file, load
from rag.errors import ConfigFault
from rag.setup import choice

OLLAMA = ReaderConfig("openai", 'a "quoted" model', "http://127.0.0.1:11434/v1", key_env="KEY", window=8192)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "vouch.toml"
    path.write_text('index = "mine"\n[reader]\nkind = "scripted"\n', "utf-8")
    return path


def test_a_chosen_reader_goes_before_the_configured_one_and_back_is_a_swap(file):
    configured = load(file).reader
    choice.choose(OLLAMA, configured, file)
    assert load(file).reader == OLLAMA and load(file).index == "mine"
    assert choice.back(file) == configured and load(file).reader == configured
    assert choice.back(file) == OLLAMA
    assert file.read_text() == 'index = "mine"\n[reader]\nkind = "scripted"\n'


def test_without_a_choice_there_is_nothing_to_go_back_to(file):
    assert choice.before(file) is None and choice.back(file) is None


def test_what_is_kept_is_short_and_holds_no_key(file):
    choice.choose(OLLAMA, ReaderConfig(), file)
    told = tomllib.loads(chosen_file(file).read_text())
    assert told["before"] == {"kind": "local", "model": ReaderConfig().model}
    assert told["reader"]["key_env"] == "KEY" and "threads" not in told["reader"]


def test_a_choice_that_cannot_be_kept_or_read_says_so(file, tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(ConfigFault, match="Cannot write"):
        choice.choose(OLLAMA, OLLAMA, tmp_path / "taken" / "vouch.toml")
    chosen_file(file).write_text("[reader]\nmodle = 1\n")
    with pytest.raises(ConfigFault, match=r"reader\.modle"):
        load(file)
