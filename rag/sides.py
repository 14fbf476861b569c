"""Two sides of a question: what a run's quotes say against one another, and the other side in the answer."""

from collections.abc import Mapping, Sequence

from rag.checking.contradict import Opinion, conflicts
from rag.reading.prompts import tidy
from rag.text import language, question_language
from rag.types import VERBATIM, Conflict, Page, Quote, Sentence, Side, Verdict


def two_sides(
    question: str, told: Sequence[Sentence], kept: Sequence[Quote], pages: Mapping[str, Page], opinion: Opinion
) -> tuple[tuple[Conflict, ...], tuple[Sentence, ...]]:
    """(every conflict among the quotes about what is asked, the sentences to publish after the answer).

    The answer's own side comes first in each conflict. The other side is added, in its own words and cited, where it is
    in the question's language and the answer does not say it already.
    """
    spoken = question_language(question)
    found, added = list[Conflict](), list[Sentence]()
    for conflict in conflicts(question, kept, pages, opinion):
        left, right = _says(told, conflict.left), _says(told, conflict.right)
        if right and not left:
            conflict = Conflict(conflict.right, conflict.left, conflict.probability)
        found.append(conflict)
        other = conflict.right
        if left != right and (language(other.text) or spoken) == spoken and not _says(added, other):
            added.append(Sentence(tidy(other.text), (other.quote,), Verdict("supported", 1.0, VERBATIM)))
    # What the answer speaks of stands before what other quotes dispute among themselves.
    found.sort(key=lambda conflict: not _says(told, conflict.left))
    return tuple(found), tuple(added)


def _says(sentences: Sequence[Sentence], side: Side) -> bool:
    """Whether one of `sentences` gives this side's value, from this side's quote."""
    return any(tidy(side.value) in sentence.text and side.quote in sentence.citations for sentence in sentences)
