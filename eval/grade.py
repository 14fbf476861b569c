"""Whether an answer is right, and how much of what was wanted it says, by containment of what a person listed."""

import re
import unicodedata
from collections.abc import Sequence

_MARK = re.compile(r"\[\d+\]")
_THOUSANDS = re.compile(r"(?<![\d.])(?<!\d,)\d{1,3}(?:,\d{3})+(?!\d|,\d)|(?<![\d.])\d{1,3}(?: \d{3})+(?! ?\d)")
_LOOSE_POINT = re.compile(r"(?<!\d)\.|\.(?!\d)")
_BETWEEN_NUMBERS = re.compile(r"(?<=\d)[^\w.^]+(?=\d)")
_LEFT_OUT = re.compile(r"(?<!\d) | (?!\d)|[^\w. ]|_")


def right(answer: str, groups: Sequence[Sequence[str]]) -> bool:
    """Every group has an alternative that stands in `answer`; case, spaces and punctuation do not count.

    A number must not stand inside a longer one: "6 min" is not in "16 minutes". Thousands may be set off by commas or
    spaces or not at all; whatever else stands between two numbers keeps them apart.
    """
    return bool(groups) and found(answer, groups) == len(groups)


def found(answer: str, groups: Sequence[Sequence[str]]) -> int:
    """How many groups (key points) have an alternative that stands in `answer`, read as by `right`."""
    folded = fold(_MARK.sub(" ", answer))  # citation marks are not part of what was said
    return sum(any(_stands(fold(alternative), folded) for alternative in group) for group in groups)


def fold(text: str) -> str:
    """Lower case, compatibility forms unified; only letters, digits, the points inside numbers and a space between
    numbers left."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    joined = _THOUSANDS.sub(lambda number: re.sub("[, ]", "", number[0]), plain)
    return _LEFT_OUT.sub("", _BETWEEN_NUMBERS.sub(" ", _LOOSE_POINT.sub(" ", joined)))


def _stands(wanted: str, text: str) -> bool:
    left = r"(?<![\d.])" if wanted[:1].isdigit() else ""
    ends = r"(?!\.?\d)" if wanted[-1:].isdigit() else ""
    return bool(wanted) and re.search(left + re.escape(wanted) + ends, text) is not None
