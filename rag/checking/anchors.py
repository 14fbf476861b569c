"""What in a claim must stand in its quotes to the letter: figures and names. Judged models let both slip."""

import re
import unicodedata
from collections.abc import Sequence

from rag.text import language as language_of
from rag.types import Quote

_FIGURE = re.compile(r"\d+(?:[.,:/]\d+)*(?:\s*[千万亿百]+)?|[一二三四五六七八九十百千万亿两]{2,}")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-.+*][A-Za-z0-9]+)*")
_STRAY = re.compile(r"[\s,]+")


def missing_figures(claim: str, quotes: Sequence[Quote]) -> list[str]:
    """Numbers of `claim` that none of the quotes holds; spaces and thousands separators do not count."""
    held = _folded(" ".join(quote.text for quote in quotes))
    return [
        figure for figure in _FIGURE.findall(unicodedata.normalize("NFKC", claim)) if not _stands(_folded(figure), held)
    ]


def missing_names(claim: str, quotes: Sequence[Quote], language: str) -> list[str]:
    """Names of `claim` that neither a quote nor its page's title holds.

    In a Chinese claim every Latin word is one (X-VLM, LLaMA); in an English claim every capitalised word but the first.
    A claim in another language than its quotes may spell a name its own way: there, none is missed.
    """
    text = " ".join(f"{quote.text} {quote.title}" for quote in quotes)
    if language_of(text) not in (language, ""):
        return []
    held = _folded(text)
    names = _NAME.findall(unicodedata.normalize("NFKC", claim))
    if language == "en":
        names = [name for name in names[1:] if name[0].isupper()]
    return [name for name in names if _folded(name) not in held]


def holder(claim: str, cited: Sequence[Quote], kept: Sequence[Quote], language: str) -> Quote | None:
    """The first of `kept` that holds every figure and name of `claim`, where the `cited` quotes do not.

    Small readers say the right thing and name the wrong quote. What this finds is to be judged before it is cited.
    """
    if not missing_figures(claim, cited) and not missing_names(claim, cited, language):
        return None
    others = [quote for quote in kept if quote not in cited]
    whole = [q for q in others if not missing_figures(claim, [q]) and not missing_names(claim, [q], language)]
    return whole[0] if whole else None


def _folded(text: str) -> str:
    return _STRAY.sub("", unicodedata.normalize("NFKC", text).casefold())


def _stands(figure: str, text: str) -> bool:
    """Whether `figure` stands in `text` and not inside a longer number."""
    return re.search(rf"(?<![\d.]){re.escape(figure)}(?!\.?\d)", text) is not None
