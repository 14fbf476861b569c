import pytest

from rag.answering.engine import Parts
from rag.answering.factcheck import CheckParts
from rag.answering.policies import GuidedPolicy
from rag.answering.recheck import recheck
from rag.answering.recording import answer as research
from rag.checking.verify import ReaderJudge
from rag.config import FactsConfig, ReadingConfig
from rag.generation import translation as compose
from rag.generation.reader import ScriptedReader
from rag.history.ledger import Ledger
from rag.index.embed import HashEmbedder
from rag.types import Page
from rag.web.static import StaticEngine

TEXT = "The Orrin bridge was opened on 4 May 1931 after three years of work.\nIt replaced a ferry."
READER = ScriptedReader([("Answer from", "It was opened on 4 May 1931. [1]")])
JUDGE = ReaderJudge(READER, compose.verification, 0.5)


def parts(page: Page | None, ledger: Ledger, name: str = "t") -> CheckParts:
    engine = StaticEngine([page] if page else [])
    return CheckParts(engine, HashEmbedder(), READER, JUDGE, FactsConfig(), ledger=ledger, index={"name": name})


@pytest.fixture
def ledger(tmp_path) -> Ledger:
    """One answer, of one sentence in the quote's own words."""
    kept, reading = Ledger(tmp_path / "ledger.sqlite"), ReadingConfig()
    policy = GuidedPolicy(HashEmbedder(), READER, reading.searches, reading.quotes, reading.quote_characters, 0.5)
    engine = StaticEngine([Page("memory:bridge", TEXT)])
    list(
        research(
            "When was the Orrin bridge opened?",
            Parts(engine, policy, READER, JUDGE, reading, ledger=kept, index={"name": "t"}),
        )
    )
    return kept


@pytest.mark.parametrize(
    ("text", "standing", "holds"),
    [
        (TEXT, "stands", True),
        (f"A new first line.\n{TEXT}", "stands", True),
        (TEXT.replace("1931", "1932"), "refuted", False),
        ("The Orrin bridge was opened after three years of work, on 4 May 1931.", "supported", True),
        ("A page about herons.", "not found", False),
    ],
)
def test_a_published_sentence_is_held_against_the_page_as_it_is_now(ledger, text, standing, holds):
    [found] = recheck(ledger.answers(), parts(Page("memory:bridge", text), ledger))
    assert (found.standing, found.holds) == (standing, holds)
    assert found.sentence == "The Orrin bridge was opened on 4 May 1931 after three years of work."


def test_a_page_that_left_the_index_supports_nothing_any_more(ledger):
    [found] = recheck(ledger.answers(), parts(None, ledger))
    assert not found.holds


def test_answers_of_another_index_are_left_alone_and_nothing_is_written(ledger):
    assert list(recheck(ledger.answers(), parts(None, ledger, name="other"))) == []
    list(recheck(ledger.answers(), parts(None, ledger)))
    assert ledger.checks() == [] and len(ledger.answers()) == 1
