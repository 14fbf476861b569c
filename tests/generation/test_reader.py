from functools import partial

import pytest

from rag import models
from rag.answering import drafting
from rag.config import home
from rag.errors import ConfigFault
from rag.generation import local
from rag.generation.local_reader import LocalReader
from rag.generation.reader import scripted_reader, shares
from rag.generation.running import ServerSettings
from rag.types import Quote


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
