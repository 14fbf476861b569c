"""What was asked and answered, forgotten wherever it is kept: in the ledger, in the page's conversations, notes, checks
and tables, among the pairs that were compared."""

from rag import wiring
from rag.config import Config
from rag.errors import UsageFault
from rag.history.conversations import Conversations
from rag.history.feedback import Feedback
from rag.history.notes import Notes
from rag.history.works import Works


def forget(config: Config, number: str) -> str:
    """Forget the answer or check of this id, or with this beginning; the id. One that is kept elsewhere only
    is named by its whole id. Raises UsageFault where there is none, IndexFault where a file is damaged."""
    try:
        found = wiring.ledger(config).forget(number)
    except UsageFault:
        if not _elsewhere(config, [number]):
            raise
        return number
    _elsewhere(config, [found])
    return found


def forget_older(config: Config, days: float) -> list[str]:
    """Forget every answer and check of more than `days` days ago, with what is kept elsewhere from before then;
    the ids. Raises IndexFault."""
    found = wiring.ledger(config).forget_older(days)
    _elsewhere(config, found)
    for kept in _others(config):
        kept.forget_older(days)
    return found


def _elsewhere(config: Config, answers: list[str]) -> int:
    """Forget these where the ledger is not; how many turns, entries, cells and pairs held one."""
    return sum(kept.forget(answers) for kept in _others(config))


def _others(config: Config) -> tuple[Conversations, Notes, Works, Feedback]:
    return wiring.conversations(config), wiring.notes(config), wiring.works(config), wiring.feedback(config)
