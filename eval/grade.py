"""Whether an answer is right, by containment of what a person listed. Plain functions."""

import re
import unicodedata
from collections.abc import Sequence


def right(answer: str, groups: Sequence[Sequence[str]]) -> bool:
    """Every group has an alternative that stands in `answer`; case, spaces and punctuation do not count.

    A number must not stand inside a longer one: "6 min" is not in "16 minutes".
    """
    folded = fold(re.sub(r"\[\d+\]", " ", answer))  # citation marks are not part of what was said
    return bool(groups) and all(any(_stands(fold(alternative), folded) for alternative in group) for group in groups)


def fold(text: str) -> str:
    """Lower case, compatibility forms unified, only letters, digits and the points inside numbers left."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"(?<!\d)\.|\.(?!\d)|[^\w.]|_", "", plain)


def _stands(wanted: str, text: str) -> bool:
    left = r"(?<![\d.])" if wanted[:1].isdigit() else ""
    ends = r"(?!\.?\d)" if wanted[-1:].isdigit() else ""
    return bool(wanted) and re.search(left + re.escape(wanted) + ends, text) is not None
