import threading

import pytest

from rag.errors import ModelFault
from rag.generation.later import later
from rag.generation.reader import ScriptedReader
from rag.protocols import Prompt

ASK = Prompt("system", "the question")


def test_nobody_waits_until_the_reader_is_asked():
    go_on = threading.Event()

    def make():
        go_on.wait(10)
        return ScriptedReader([("question", "an answer")])

    reader = later(make)
    assert reader.tokens() == (0, 0)
    assert not reader.made.done()
    go_on.set()
    assert "".join(reader.write(ASK)) == "an answer"
    assert reader.choose(ASK, ("Yes", "No")) == {"Yes": 1.0, "No": 0.0}
    assert reader.name == "scripted"


def test_a_reader_that_does_not_load_says_so_to_whoever_asks():
    def make():
        raise ModelFault("The model file is missing. Run `vouch models`.")

    reader = later(make)
    with pytest.raises(ModelFault, match="vouch models"):
        list(reader.write(ASK))
    assert reader.tokens() == (0, 0)
