"""NoMIRACL: ten topical passages, of which half the time none answers. There is no gold answer, so what counts is
whether it answers exactly where it should. Variants as for questions, without the closed book, which sees no passages.
"""

from collections.abc import Sequence

from eval.items import Question
from eval.metrics.rejection import Reply, nomiracl
from eval.outcomes import Outcome, Output, Scored, Task
from eval.tasks import questions
from rag.history.statistics import Figure


def score(items: Sequence[Question], outputs: Sequence[Output]) -> Scored:
    outcomes = [
        Outcome(
            item.id,
            item.language,
            output.answered == item.answerable,
            output.answered,
            output.answered and not item.answerable,
            output.probability,
        )
        for item, output in zip(items, outputs, strict=True)
    ]
    replies: dict[bool, list[Reply | None]] = {True: [], False: []}
    for item, output in zip(items, outputs, strict=True):
        replies[item.answerable].append("answered" if output.answered else "refused")
    found = nomiracl(replies[True], replies[False])
    figures: dict[str, Figure] = {
        "balanced accuracy": found.balanced,
        "hallucination": found.hallucination,
        "error": found.error,
    }
    figures |= questions.of_the_loop([output for output in outputs if "answer" in output.more])
    return Scored(figures, outcomes)


TASK = Task(("floor", "rag", "loop"), questions.run, score)
