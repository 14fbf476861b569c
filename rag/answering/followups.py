"""What could be asked next: questions that the reader writes over the evidence of an answer, each kept only where the
sources answer it."""

from rag.answering import drafting
from rag.answering.engine import Parts
from rag.answering.ranking import rank
from rag.answering.windows import to_read
from rag.text.terms import terms
from rag.types import Answer

ANSWERED = 0.5  # P(a passage states the answer) from which a question is offered
HITS = 5  # of a search, among which one must state the answer
NEW = 0.3  # share of a question's terms that neither the question before it nor the answer has


def follow_ups(answer: Answer, parts: Parts) -> list[str]:
    """At most three questions in the answer's language, each about what the answer does not say, and each with a
    passage that, by the small judge, answers it. [] where nothing was answered or there is no such judge.

    The evidence is read as it was for the answer, so that a local reader has most of the prompt evaluated. Raises
    ReaderFault, IndexFault.
    """
    if answer.status != "answered" or parts.states is None or not answer.quotes:
        return []
    kind = answer.plan.kind if answer.plan and len(answer.plan.parts) == 1 else "fact"
    evidence = to_read(answer.quotes, answer.question, kind, parts.states)
    known = set(terms(f"{answer.question} {answer.text}"))
    found: list[str] = []
    for question in drafting.next_questions(answer.question, answer.language, evidence, parts.reader):
        own = set(terms(question))
        if not own or len(own - known) < NEW * len(own):
            continue
        hits = rank(question, tuple(parts.engine.search(question, HITS)), parts.states)
        if hits and max(one.stated for one in hits) >= ANSWERED:
            found.append(question)
            known |= own
    return found
