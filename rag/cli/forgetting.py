"""What was asked and answered, forgotten wherever it is kept: in the ledger, in the page's conversations, among the
pairs that were compared."""

from rag import wiring
from rag.config import Config
from rag.errors import UsageFault


def forget(config: Config, number: str) -> str:
    """Forget the answer or check of this id, or with this beginning; the id. One that only a conversation or a pair
    still holds is named by its whole id. Raises UsageFault where there is none, IndexFault where a file is damaged."""
    try:
        found = wiring.ledger(config).forget(number)
    except UsageFault:
        if not _elsewhere(config, [number]):
            raise
        return number
    _elsewhere(config, [found])
    return found


def forget_older(config: Config, days: float) -> list[str]:
    """Forget every answer and check of more than `days` days ago, with the turns and pairs from before then; the ids.
    Raises IndexFault."""
    found = wiring.ledger(config).forget_older(days)
    _elsewhere(config, found)
    for kept in (wiring.conversations(config), wiring.feedback(config)):
        kept.forget_older(days)
    return found


def _elsewhere(config: Config, answers: list[str]) -> int:
    """Forget these where the ledger is not; how many turns and pairs held one."""
    return sum(kept.forget(answers) for kept in (wiring.conversations(config), wiring.feedback(config)))
