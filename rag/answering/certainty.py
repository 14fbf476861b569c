"""How sure the reader was of the values in its draft: one that it makes up it writes hesitantly."""

import math
from collections.abc import Sequence

from rag.answering.verification import SENTENCE
from rag.text.figures import figures


def certainty(pieces: Sequence[str], question: str) -> float | None:
    """The geometric mean of the probabilities, 0 to 1, of the pieces that are figures or names which the question has
    not; of a draft without such, of all words that it adds. None where the reader tells no probabilities, or nothing is
    added.

    How a sentence is put has many right ways and says little; a value has one. Of a bare name the first
    piece does not count: it might as well have been a sentence.
    """
    text, asked = "".join(pieces), question.casefold()
    spans = [(one.start, one.end) for one in figures(text) if one.text not in question]
    values, words, at, bare = [], [], 0, len(text.strip()) < SENTENCE
    for piece in pieces:
        start, at = at, at + len(piece)
        logprob = getattr(piece, "logprob", None)
        if logprob is None or (bare and not start) or not any(letter.isalnum() for letter in piece):
            continue
        added = piece.strip().casefold() not in asked
        if any(start < end and begin < at for begin, end in spans) or (added and start and piece.strip()[0].isupper()):
            values.append(logprob)
        elif added:
            words.append(logprob)
    counted = values or words
    return math.exp(sum(counted) / len(counted)) if counted else None
