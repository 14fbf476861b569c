"""Earlier and later versions of one text, by exact conditions: what is not surely another version is none.

Two pages are versions of one text where they have the same title, both say when they were written, one day, month or
year before the other's, and most of what the shorter one says stands in the other to the letter. So a report of
another quarter, a form filled in anew or a page about the same subject is no version.
"""

import re
from difflib import SequenceMatcher

from rag.text.sentences import sentences
from rag.types import Page

_DATE = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?(?=T|\s|$)")
SHARED = 2 / 3  # of the shorter page's characters, in sentences that both have; and of two passages, what matches


def is_older(date: str, other: str) -> bool:
    """Whether the first of two dates (YYYY-MM-DD, or as much of it as is known) is surely before the second; what is
    written otherwise is no date."""
    one, two = (found.group() if (found := _DATE.match(each)) else "" for each in (date, other))
    known = min(len(one), len(two))
    return bool(known) and one[:known] < two[:known]


def replaces(newer: Page, older: Page) -> bool:
    """Whether `newer` is a later version of `older`."""
    return (
        bool(newer.title.strip())
        and newer.title.casefold() == older.title.casefold()
        and newer.text != older.text
        and is_older(older.date, newer.date)
        and _share(newer, older) >= SHARED
    )


def same_passage(one: str, other: str) -> bool:
    """Whether two passages of versions of one text are the same but for what was changed."""
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= SHARED


def _share(one: Page, other: Page) -> float:
    said, others = sorted((_said(one), _said(other)), key=lambda found: sum(map(len, found)))
    held = set(others)
    return sum(len(each) for each in said if each in held) / max(1, sum(map(len, said)))


def _said(page: Page) -> list[str]:
    """The sentences of its article: menus, and what a note says of itself at its head, are its own."""
    spans = (span for start, end in page.body or ((0, len(page.text)),) for span in sentences(page.text, start, end))
    return [" ".join(page.text[start:end].split()) for start, end in spans]
