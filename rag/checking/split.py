"""A text -> its claims: one independent fact each, its pronoun resolved from the text before it.

Rules, no model. A sentence is cut where a conjunction or a relative joins a second fact to the same subject; what is
cut off gets that subject in front. `Claim.text` may so hold words that do not stand at its span; the span itself,
``text[start:end]``, is the author's own, and spans never overlap.
"""

import re

from rag.checking import clauses_en, clauses_zh
from rag.checking.checkable import why_not
from rag.facts import Claim
from rag.text import language, sentences
from rag.types import Span

_LEAD = re.compile(r"(?:#{1,6}\s+|[•·●▪‣*–-]\s+|>\s+|\(?\d{1,2}[.)、]\s+)+")
_MARKS = re.compile(r"(?:\s*\[\d+\])+")


def claims(text: str, spoken: str = "", title: str = "") -> list[Claim]:
    """The claims of `text` in order, those that are not checkable among them with the reason.

    `spoken` is the language where the text itself does not tell ("zh", or any other for English rules); `title` names
    what a pronoun means that has nothing before it.
    """
    found: list[Claim] = []
    subject = title
    for start, end in sentences(text):
        start, end = _trimmed(text, start, end)
        if start >= end:
            continue
        why = _why(text, start, end)
        if why:
            if why != "empty":
                found.append(Claim(text[start:end], start, end, False, why))
            if why == "heading" and text.startswith("#", _line(text, start)):
                subject = text[start:end]
            continue
        zh = (language(text[start:end]) or spoken or language(text)) == "zh"
        cut = clauses_zh.chinese(text[start:end], subject) if zh else clauses_en.english(text[start:end], subject)
        for (left, right), said, about in sorted(cut):
            found.append(Claim(_MARKS.sub("", said).strip(), start + left, start + right))
            subject = about or subject
    return found


def _why(text: str, start: int, end: int) -> str:
    """As `why_not`, and a heading where a line of its own has no end mark and few words."""
    why = why_not(text[start:end])
    line = _line(text, start)
    alone = start - line <= 7 and (end == len(text) or text[end] == "\n")
    if not why and text.startswith("#", line):
        return "heading"
    if not why and alone and text[end - 1].isalnum() and not _has_verb(text[start:end]):
        return "heading"
    return why


def _line(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _trimmed(text: str, start: int, end: int) -> Span:
    """Without the mark of a list or a heading, and without citations that only follow the sentence before."""
    for pattern in (_MARKS, _LEAD):
        match = pattern.match(text, start, end)
        if match:
            start = match.end()
    while start < end and text[start].isspace():
        start += 1
    return start, end


def _has_verb(sentence: str) -> bool:
    return clauses_zh.has_verb(sentence) if language(sentence) == "zh" else clauses_en.has_verb(sentence)
