"""A question that rests on a figure which the quotes put otherwise is answered as such, with the citation."""

from collections.abc import Mapping, Sequence

from rag.checking.premise import refuted
from rag.checking.rivals import Rival
from rag.text import sentences as spans
from rag.types import VERBATIM, Page, Quote, Sentence, Verdict

_SAID = {
    "zh": "问题里说的是“{ours}”，而来源[{mark}]说的是“{theirs}”。",
    "en": "The question says {ours}; the source [{mark}] says {theirs}.",
}


def put_right(
    question: str,
    spoken: str,
    reason: str,
    told: Sequence[Sentence],
    kept: Sequence[Quote],
    pages: Mapping[str, Page],
) -> tuple[str, list[Sentence], str]:
    """(why there is no answer, what is published, a sentence on what the question has wrong). Where its premise is
    false there is always an answer: the source's own sentence, before `told`, or alone where `reason` says that there
    would be none. All as given, and "", where nothing is wrong with it."""
    wrong = refuted(question, kept, pages)
    if wrong is None:
        return reason, list(told), ""
    right = Sentence(_sentence(wrong), (wrong.quote.id,), Verdict("supported", 1.0, VERBATIM))
    others = [] if reason else [sentence for sentence in told if sentence.text != right.text]
    said = _SAID["zh" if spoken == "zh" else "en"]
    return "", [right, *others], said.format(ours=wrong.ours, theirs=wrong.theirs, mark=wrong.quote.id)


def _sentence(wrong: Rival) -> str:
    """The sentence of the quote that holds what is right, to the letter."""
    text = wrong.quote.text
    found = (text[start:end] for start, end in spans(text) if wrong.theirs in text[start:end])
    return next(found, text)
