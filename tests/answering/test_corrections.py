import pytest

from rag.answering import adding
from rag.answering.corrections import TAG, correct
from rag.config import Config
from rag.errors import UsageFault
from rag.index.hashed import HashEmbedder
from rag.index.index import Index

ASKED = "When was the lamp of Orrin: the old one, lit?"


@pytest.fixture
def index(tmp_path):
    with Index.at(tmp_path / "books", HashEmbedder(), create=True) as opened:
        yield opened


def test_a_correction_is_a_source_that_says_who_said_it_of_what(tmp_path, index):
    [outcome] = correct("a1", ASKED, "In 1862.\n---\nNot in 1861.", tmp_path / "uploads", index, Config())
    [known] = index.pages()
    assert outcome.status == "added" and known.uri == outcome.uri and known.tags == (TAG,)
    assert ASKED in known.title and "Corrected by you" in known.title and known.date
    [hit, *_] = index.search(ASKED, 3)
    assert "In 1862." in hit.chunk.text and "Not in 1861." in index.open(known.uri).text


def test_a_later_correction_of_the_same_answer_replaces_it_and_it_can_be_removed(tmp_path, index):
    for said in ("In 1862.", "In 1863."):
        [outcome] = correct("a1", ASKED, said, tmp_path / "uploads", index, Config())
    assert outcome.status == "replaced" and len(index.pages()) == 1
    assert "1863" in index.open(outcome.uri).text
    assert adding.remove(outcome.uri, index) and not index.pages()


def test_nothing_said_is_no_correction(tmp_path, index):
    with pytest.raises(UsageFault, match="Write what is right"):
        list(correct("a1", ASKED, "  ", tmp_path / "uploads", index, Config()))
    assert not (tmp_path / "uploads").exists()
