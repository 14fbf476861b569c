"""An answer's sentences with the citations they carry."""

import re

_CITED = re.compile(r"\s*((?:\[\d+\]\s*)+)([。.!?！？]?)")
_LETTER = re.compile(r"[^\W_]{2}|[^\W\d_]")  # a list number standing alone says nothing
_MARK = re.compile(r"\[(\d+)\]")


def unmarked(draft: str) -> str:
    """The sentences of `draft` without their marks."""
    return " ".join(text for text, _ in cited(draft))


def cited(draft: str) -> list[tuple[str, tuple[int, ...]]]:
    """(sentence without its marks, quote ids in order) for each stretch of `draft` up to and including its marks.

    A mark may stand before or after the full stop. A stretch at the end with no marks has no citations. A stretch
    without a word ("2.") is left out.
    """
    found = []
    at = 0
    for match in _CITED.finditer(draft):
        text = (draft[at : match.start()] + match.group(2)).strip()
        marks = tuple(dict.fromkeys(int(number) for number in _MARK.findall(match.group(1))))
        if _LETTER.search(text):
            found.append((text, marks))
        elif found and not text:  # marks that only follow other marks belong to the sentence before
            found[-1] = (found[-1][0], tuple(dict.fromkeys((*found[-1][1], *marks))))
        at = match.end()
    rest = draft[at:].strip()
    return [*found, (rest, ())] if _LETTER.search(rest) else found
