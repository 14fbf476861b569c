import pytest

from rag.answering.factcheck import CheckParts
from rag.answering.recheck import recheck
from rag.answering.verification import verify_prompt
from rag.checking.verify import ReaderJudge
from rag.config import FactsConfig
from rag.generation.reader import ScriptedReader
from rag.history.ledger import Ledger
from rag.types import Page
from rag.web.static import StaticEngine
from tests.answering.made import answer, asks
from tests.answering.made import parts as run_parts

TEXT = "The Orrin bridge was opened on 4 May 1931 after three years of work.\nIt replaced a ferry."
SENTENCE = "The Orrin bridge was opened on 4 May 1931 after three years of work."
HERONS = [(asks("verify", quotes="herons"), 0.02), (asks("verify", quotes="1932", claim="1931"), 0.3)]
READER = ScriptedReader([(asks("answer", "fact"), SENTENCE)], HERONS)
JUDGE = ReaderJudge(READER, verify_prompt, 0.5)


def parts(page: Page | None, ledger: Ledger, name: str = "t") -> CheckParts:
    engine = StaticEngine([page] if page else [])
    return CheckParts(engine, READER, JUDGE, FactsConfig(), ledger=ledger, index={"name": name})


@pytest.fixture
def ledger(tmp_path) -> Ledger:
    """One answer, of one sentence in the quote's own words."""
    kept = Ledger(tmp_path / "ledger.sqlite")
    engine = StaticEngine([Page("memory:bridge", TEXT)])
    answer("When was the Orrin bridge opened?", run_parts(READER, engine=engine, ledger=kept, index={"name": "t"}))
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
    assert found.sentence == SENTENCE


def test_a_page_that_left_the_index_supports_nothing_any_more(ledger):
    [found] = recheck(ledger.answers(), parts(None, ledger))
    assert not found.holds


def test_answers_of_another_index_are_left_alone_and_nothing_is_written(ledger):
    assert list(recheck(ledger.answers(), parts(None, ledger, name="other"))) == []
    list(recheck(ledger.answers(), parts(None, ledger)))
    assert ledger.checks() == [] and len(ledger.answers()) == 1
