"""Chinese names in Latin letters, by their sound: Liuwa is 柳洼 also where no page says so."""

import re
from collections.abc import Iterator
from functools import cache

from rag.text import HAN, simplified

SYLLABLES = 4  # of a name, at most
_RUN = re.compile(f"[{HAN}]{{2,}}")
_SPELT = re.compile(r"(?<![\w'’-])[A-Z][a-zü]+(?:['’][a-z]+)?(?![\w'’-])")
_NEVER = frozenset("的了是在和与及或这那哪我你您他她它们个也都就而则吗呢吧么不没会被把对从为")  # in no name


def in_characters(latin: str, chinese: str) -> list[str]:
    """Where `chinese` has two to SYLLABLES characters that are read as a word of `latin` with a capital (Hanyu Pinyin
    without tones), each time. A character may be read in any of its ways."""
    return [heard for word in _spelt(latin) for heard in _sounding(word, chinese)]


def in_letters(chinese: str, latin: str) -> list[str]:
    """The words of `latin` with a capital that are read as characters of `chinese`, each once."""
    return [word for word in _spelt(latin) if next(_sounding(word, chinese), None)]


def _spelt(latin: str) -> list[str]:
    return list(dict.fromkeys(match.group() for match in _SPELT.finditer(latin)))


def _sounding(word: str, chinese: str) -> Iterator[str]:
    wanted = re.sub("['’]", "", word.casefold())
    for run in _RUN.findall(simplified(chinese)):
        for start in range(len(run) - 1):
            yield from (run[start:end] for end in _ends(run, start, wanted))


def _ends(run: str, start: int, wanted: str) -> Iterator[int]:
    """Where characters from `start` on, read one way or another, spell all of `wanted`."""
    begun = [(start, 0)]
    while begun:
        at, spelt = begun.pop()
        if spelt == len(wanted) and at - start > 1:
            yield at
        if at < len(run) and at - start < SYLLABLES and run[at] not in _NEVER:
            begun += [(at + 1, spelt + len(way)) for way in _readings(run[at]) if wanted.startswith(way, spelt)]


@cache
def _readings(character: str) -> tuple[str, ...]:
    from pypinyin import Style, pinyin  # 0.1 s at the first call, and only names across the two languages need it

    return tuple(way for way in pinyin(character, style=Style.NORMAL, heteronym=True, errors="ignore")[0] if way)
