import pytest

from rag import wiring
from rag.config import Config, ReaderConfig, ReadingConfig


@pytest.mark.parametrize(("window", "times"), [(4096, 1), (8192, 2), (32_768, 4), (131_072, 4)])
def test_evidence_follows_the_readers_window(window, times):
    usual, found = ReadingConfig(), wiring.limits(Config(reader=ReaderConfig(window=window)))
    assert found.passages == times * usual.passages and found.passage_tokens == times * usual.passage_tokens
    assert found.quote_tokens >= found.passage_tokens and found.steps == usual.steps


def test_a_key_comes_from_a_file_that_nobody_else_may_read(tmp_path):
    file = tmp_path / "key"
    file.write_text("sk-secret\n")
    file.chmod(0o600)
    named = ReaderConfig("openai", "m", "http://127.0.0.1:9/v1", key_file=str(file))
    assert wiring.reader(Config(reader=named)).api.key == "sk-secret"
    file.chmod(0o644)
    for wrong in (named, ReaderConfig("openai", "m", named.address, key_file=str(tmp_path / "none"))):
        with pytest.raises(wiring.ConfigFault, match="chmod 600") as raised:
            wiring.reader(Config(reader=wrong))
        assert "sk-secret" not in str(raised.value)
