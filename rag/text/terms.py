"""The words of a text, and the terms by which texts are compared."""

import re

from rag.text.scripts import CJK, simplified

_RUN = re.compile(rf"[^\W_{CJK}]+|[{CJK}]+")


def words(text: str) -> list[str]:
    """Runs of letters and digits; a run of Chinese, Japanese or Korean is one word."""
    return _RUN.findall(text)


def terms(text: str) -> list[str]:
    """Words of alphabets, case folded, and pairs of neighbouring characters of Chinese, Japanese and Korean, where
    traditional and simplified characters are one."""
    found: list[str] = []
    for run in words(simplified(text.casefold())):
        if re.match(f"[{CJK}]", run):
            found += [run[at : at + 2] for at in range(max(1, len(run) - 1))]
        else:
            found.append(run)
    return found


def telling(text: str) -> set[str]:
    """The terms that say something: all but Latin words of one or two letters such as it, of."""
    return {term for term in terms(text) if len(term) > 2 or not (term.isascii() and term.isalpha())}
