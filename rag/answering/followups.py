"""What could be asked next: questions that the reader writes over the evidence of an answer, each kept only where the
sources answer it."""

from rag.answering import drafting
from rag.answering.engine import Parts
from rag.answering.windows import likeliest, to_read
from rag.text.terms import terms
from rag.types import Answer, Hit, Quote

ANSWERED = 0.5  # P(a passage states the answer) from which a question is offered
HITS = 5  # of a search, among which one must state the answer
NEW = 0.3  # share of a question's terms that neither the question before it nor the answer has


def follow_ups(answer: Answer, parts: Parts) -> list[str]:
    """At most three questions in the answer's language, each with a passage that, by the small judge, answers it, in
    another sentence than the answer's and the other questions'. [] where nothing was answered or there is no such
    judge.

    The evidence is read as it was for the answer, so that a local reader has most of the prompt evaluated. Raises
    ReaderFault, IndexFault.
    """
    if answer.status != "answered" or parts.states is None or not answer.quotes:
        return []
    kind = answer.plan.kind if answer.plan and len(answer.plan.parts) == 1 else "fact"
    evidence = to_read(answer.quotes, answer.question, kind, parts.states)
    known = set(terms(f"{answer.question} {answer.text}"))
    told = {_place(answer)}
    found: list[str] = []
    for question in drafting.next_questions(answer.question, answer.language, evidence, parts.reader):
        own = set(terms(question))
        hits = parts.engine.search(question, HITS) if len(own - known) >= NEW * max(1, len(own)) else ()
        if not hits:
            continue
        said, stated = likeliest([_quote(hit) for hit in hits], question, parts.states)
        if stated >= ANSWERED and (said.uri, said.start) not in told:
            found.append(question)
            told.add((said.uri, said.start))
            known |= own
    return found


def _place(answer: Answer) -> tuple[str, int]:
    """Where the sentence that answered begins; a question that leads there asks the same in other words."""
    extract = answer.extract
    quote = next((quote for quote in answer.quotes if extract and quote.id == extract.quote), None)
    return (quote.uri, quote.start + extract.start) if quote and extract else ("", 0)


def _quote(hit: Hit) -> Quote:
    chunk = hit.chunk
    return Quote(0, chunk.text, chunk.uri, hit.title, chunk.page_sha256, chunk.start, chunk.end, about=hit.about)
