"""A text -> its claims: one a sentence, as the author wrote it."""

import re

from rag.facts import Claim
from rag.text.sentences import sentences

_LEAD = re.compile(r"(?:#{1,6}\s+|[•·●▪‣*–-]\s+|>\s+|\(?\d{1,2}[.)、]\s+)+")
_MARKS = re.compile(r"(?:\s*\[\d+\])+")
_ASKS = re.compile(r"[?？][\"'”’」』)）\]]*$")


def claims(text: str) -> list[Claim]:
    """The claims of `text` in order. A question and a heading claim nothing and say so; whether any other sentence does
    is for the verifier to find."""
    found: list[Claim] = []
    for start, end in sentences(text):
        line = text.rfind("\n", 0, start) + 1
        marked = text.startswith("#", line) and not text[line:start].strip("# ")
        for pattern in (_MARKS, _LEAD):
            match = pattern.match(text, start, end)
            start = match.end() if match else start
        while start < end and text[start].isspace():
            start += 1
        said = _MARKS.sub("", text[start:end]).strip()
        if not any(letter.isalnum() for letter in said):
            continue
        why = "heading" if marked else "question" if _ASKS.search(said) else ""
        found.append(Claim(said, start, end, not why, why))
    return found
