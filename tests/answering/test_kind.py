import pytest

from rag.answering.kind import SURE, WORDS, KindOf, heads
from rag.config import Config
from rag.generation.reader import ScriptedReader
from rag.index.embed import HashEmbedder
from rag.types import Kind


@pytest.fixture(scope="module")
def embedder():
    from rag import wiring

    return wiring.embedder(Config())


def told(embedder, question: str, likeliest: float | None = 1.0) -> tuple[Kind, int]:
    """(the kind, how often the reader was asked), where the reader gives its first word, "fact", this probability."""
    reader = ScriptedReader(choices=[(".", likeliest)])
    return KindOf(embedder, reader)(question), len(reader.asked)


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("What is the boiling point of ethanol?", "fact"),
        ("默认端口是多少？", "fact"),
        ("Why is the sky red in the evening?", "explain"),
        ("Compare the height of the Halden lighthouse and the Corso tunnel. Which is higher?", "compare"),
    ],
)
def test_where_the_head_is_sure_the_reader_is_not_asked(embedder, question, kind):
    assert told(embedder, question, 0.0) == (kind, 0)


def test_where_the_head_is_not_sure_the_readers_word_counts(embedder):
    question = "What does the blog say one could do?"
    assert max(heads().shares("kind", question, embedder).values()) < SURE
    by_reader, asked = told(embedder, question, 1.0)
    assert asked == 1 and by_reader == "fact"
    assert told(embedder, question, 0.0)[0] != "fact"


def test_a_reader_that_says_nothing_leaves_it_to_the_head(embedder):
    question = "What does the blog say one could do?"
    shares = heads().shares("kind", question, embedder)
    assert told(embedder, question, None) == (max(shares, key=lambda kind: shares[kind]), 1)


def test_with_another_embedder_the_reader_alone_tells():
    embedder = HashEmbedder(16)
    assert heads().shares("kind", "Why?", embedder) == {}
    kind, asked = told(embedder, "Why?", 0.0)
    assert asked == 1 and kind in WORDS and kind != "fact"
