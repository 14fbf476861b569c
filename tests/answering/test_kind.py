import pytest

from rag.answering.kind import SURE, WORDS, KindOf, heads
from rag.generation.reader import ScriptedReader
from rag.models.judge import TRAINED, facts_of
from rag.types import Kind


@pytest.fixture(scope="module")
def encoded():
    from rag import wiring

    return wiring.encoder().questions


def told(encoded, question: str, likeliest: float | None = 1.0) -> tuple[Kind, int]:
    """(the kind, how often the reader was asked), where the reader gives its first word, "fact", this probability."""
    reader = ScriptedReader(choices=[(".", likeliest)])
    return KindOf(encoded, reader)(question), len(reader.asked)


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("What is the boiling point of ethanol?", "fact"),
        ("默认端口是多少？", "fact"),
        ("Why is the sky red in the evening?", "explain"),
        ("Which is cheaper, the train or the bus?", "compare"),
    ],
)
def test_where_the_head_is_sure_the_reader_is_not_asked(encoded, question, kind):
    assert told(encoded, question, 0.0) == (kind, 0)


def test_where_the_head_is_not_sure_the_readers_word_counts(encoded):
    question = "What does the contract say about dogs?"
    assert max(heads().shares("kind", question, encoded).values()) < SURE
    by_reader, asked = told(encoded, question, 1.0)
    assert asked == 1 and by_reader == "fact"
    assert told(encoded, question, 0.0)[0] != "fact"


def test_a_reader_that_says_nothing_leaves_it_to_the_head(encoded):
    question = "What does the contract say about dogs?"
    shares = heads().shares("kind", question, encoded)
    assert told(encoded, question, None) == (max(shares, key=lambda kind: shares[kind]), 1)


def test_without_a_judge_the_reader_alone_tells():
    assert heads().shares("kind", "Why?", None) == {}
    kind, asked = told(None, "Why?", 0.0)
    assert asked == 1 and kind in WORDS and kind != "fact"


def test_the_heads_were_fitted_on_the_judge_that_ships():
    assert heads().lora_sha256 == facts_of(TRAINED)["lora_sha256"]
