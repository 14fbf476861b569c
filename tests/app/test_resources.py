"""The reader that is still loading: who waits for what, and whose tokens are counted."""

import threading
from dataclasses import dataclass, field

import pytest

from app.resources import SoonReader
from rag.errors import ModelFault
from rag.protocols import Prompt

PROMPT = Prompt("system", "user")
SOON = 20.0


@dataclass
class SlowReader:
    """Each choice uses ten tokens and waits until it may go on."""

    go_on: threading.Event = field(default_factory=threading.Event)
    called: threading.Event = field(default_factory=threading.Event)
    calls: int = 0
    used: int = 0
    name: str = "slow"

    def write(self, prompt):
        self.used += 10
        yield "text"

    def choose(self, prompt, choices):
        self.calls += 1
        self.called.set()
        self.go_on.wait(SOON)
        self.used += 10
        return {choice: 1.0 if at == 0 else 0.0 for at, choice in enumerate(choices)}

    def tokens(self):
        used, self.used = self.used, 0
        return used, 0


def loading(soon: SoonReader, make) -> threading.Thread:
    thread = threading.Thread(target=soon.load, args=(make,), daemon=True)
    thread.start()
    return thread


def test_nothing_waits_for_tokens_that_nobody_used():
    assert SoonReader().tokens() == (0, 0)


def test_an_idle_reader_is_warmed_to_the_end():
    reader, soon = SlowReader(), SoonReader()
    reader.go_on.set()
    loading(soon, lambda: reader).join(SOON)
    assert soon.rested.is_set()
    assert reader.calls > 1
    assert "".join(soon.write(PROMPT)) == "text"


def test_a_reader_that_is_to_load_later_loads_at_once_when_it_is_wanted():
    reader, soon = SlowReader(), SoonReader()
    reader.go_on.set()
    thread = threading.Thread(target=soon.load, args=(lambda: reader, 1e6), daemon=True)
    thread.start()
    assert not soon.loading.done()
    soon.wanted.set()
    thread.join(SOON)
    assert soon.rested.is_set() and not soon.failed


def test_a_question_ends_the_warming_and_pays_for_its_own_tokens_only():
    reader, soon = SlowReader(), SoonReader()
    loading(soon, lambda: reader)
    assert reader.called.wait(SOON)
    answers = []
    asking = threading.Thread(target=lambda: answers.append(soon.choose(PROMPT, ("Yes", "No"))))
    asking.start()
    assert soon.asked.wait(SOON)
    reader.go_on.set()
    asking.join(SOON)
    assert answers == [{"Yes": 1.0, "No": 0.0}]
    assert reader.calls == 2  # the one of the warming-up that was in hand, and the question's
    assert soon.tokens() == (10, 0)


def test_a_reader_that_does_not_load_says_why_to_whoever_asks():
    def make():
        raise ModelFault("The model file is missing. Run `vouch models`.")

    soon = SoonReader()
    loading(soon, make).join(SOON)
    assert soon.failed
    assert soon.tokens() == (0, 0)
    with pytest.raises(ModelFault, match="vouch models"):
        soon.choose(PROMPT, ("Yes", "No"))
