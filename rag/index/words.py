"""Text -> terms. The text leg indexes and asks with this one function, so both sides always agree.

* Han and kana, traditional characters as simplified ones: dictionary words (jieba's search mode) and character
  bigrams. Words alone miss names that no dictionary has, bigrams alone rank common words badly; over 100,000 texts
  the union finds both kinds.
* Hangul: the word as written and its bigrams, since particles are joined to nouns.
* Scripts written without spaces (Thai, Lao, Khmer, Burmese, Tibetan): bigrams of letters with their marks.
* Everything else: runs of letters, marks and digits, folded to lower case. Accents are kept as they are.

Full-width forms and ligatures are folded first (NFKC), Arabic vowel signs and the tatweel dropped.
"""

import unicodedata
from collections.abc import Iterator
from itertools import pairwise

import regex  # type: ignore[import-untyped]
import rjieba

from rag.text.scripts import simplified

SPLITTER = 3
"""Raised whenever the terms of a chunk change, by this module or by `rag.text.passage`: text caches made by another are
rebuilt."""

LONGEST = 64
"""Characters of a term that are kept: longer runs are encoded data, not words."""

_RUNS = regex.compile(
    r"(?P<han>[\p{Han}\p{Hiragana}\p{Katakana}ー]+)"
    r"|(?P<hangul>\p{Hangul}+)"
    r"|(?P<unspaced>[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}]+)"
    r"|(?P<word>(?:(?![\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}])"
    r"[\p{L}\p{M}\p{N}])+)"
)
_GRAPHEME = regex.compile(r"\p{L}\p{M}*")
_SILENT = regex.compile("[\u0610-\u061a\u0640\u064b-\u065f\u0670]")


def terms(text: str) -> list[str]:
    """The terms of `text` in order, with repetitions; none holds white space."""
    return list(_terms(text))


def _terms(text: str) -> Iterator[str]:
    folded = simplified(_SILENT.sub("", unicodedata.normalize("NFKC", text).casefold()))
    for run in _RUNS.finditer(folded):
        match run.lastgroup:
            case "han":
                yield from _chinese(run.group())
            case "hangul":
                yield run.group()[:LONGEST]
                if len(run.group()) > 2:
                    yield from _bigrams(list(run.group()))
            case "unspaced":
                yield from _bigrams(_GRAPHEME.findall(run.group()))
            case _:
                yield run.group()[:LONGEST]


def _chinese(run: str) -> Iterator[str]:
    """Words of two characters are their own bigram and are given once."""
    yield from (word for word in rjieba.cut_for_search(run) if len(word) != 2)
    if len(run) > 1:
        yield from _bigrams(list(run))


def _bigrams(letters: list[str]) -> Iterator[str]:
    """Neighbouring pairs; a lone letter stands for itself."""
    if len(letters) == 1:
        yield letters[0]
    for left, right in pairwise(letters):
        yield left + right
