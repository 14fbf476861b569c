"""Chinese names in Latin letters, by their sound: Liuwa is 柳洼 also where no page says so."""

import re
from collections.abc import Iterator
from functools import cache

from rag.text import HAN, simplified

SYLLABLES = 4  # of a name, at most
_RUN = re.compile(f"[{HAN}]{{2,}}")
_SPELT = re.compile(r"(?<![\w'’])(?P<name>[A-Z][a-zü]+(?:['’](?!s\b)[a-z]+)?)(?:['’]s)?(?![\w'’])")
_NEVER = frozenset("的了是在和与及或这那哪我你您他她它们个也都就而则吗呢吧么不没会被把对从为")  # in no name
_NAMED = ("nr", "ns", "nt")  # jieba's tags of people, places and institutions


def in_characters(latin: str, chinese: str) -> list[str]:
    """Where `chinese` has two to SYLLABLES characters that may be a name and are read as one word of `latin` with a
    capital (Hanyu Pinyin without tones), each time, in simplified characters. A name of two words is not heard."""
    return [heard for word in _spelt(latin) for heard in _sounding(word, chinese)]


def in_letters(chinese: str, latin: str) -> list[str]:
    """The words of `latin` with a capital that are read as characters of `chinese` that may be a name, each once."""
    return [word for word in _spelt(latin) if next(_sounding(word, chinese), None)]


def _spelt(latin: str) -> list[str]:
    return list(dict.fromkeys(match["name"] for match in _SPELT.finditer(latin)))


def _sounding(word: str, chinese: str) -> Iterator[str]:
    """A character may be read in any of its ways."""
    parts = [re.sub("ü|(?<=[ln])yu", "v", part) for part in re.split("['’]", word.casefold())]
    wanted, border = "".join(parts), len(parts[0])
    for run in _RUN.findall(simplified(chinese)):
        for start in range(len(run) - 1):
            for end in _ends(run, start, wanted, border):
                if _may_be_a_name(run, start, end):
                    yield run[start:end]


def _ends(run: str, start: int, wanted: str, border: int) -> Iterator[int]:
    """Where characters from `start` on, read one way or another, spell all of `wanted`; no syllable crosses `border`,
    where its apostrophe stood: Xi'an is 西安."""
    begun = [(start, 0)]
    while begun:
        at, spelt = begun.pop()
        if spelt == len(wanted) and at - start > 1:
            yield at
        if at < len(run) and at - start < SYLLABLES and run[at] not in _NEVER:
            begun += [
                (at + 1, spelt + len(way))
                for way in _readings(run[at])
                if wanted.startswith(way, spelt) and not spelt < border < spelt + len(way)
            ]


def _may_be_a_name(run: str, start: int, end: int) -> bool:
    """Whether it cuts through no word of the dictionary (伊|拉克) but after a name in it (重庆|市), and is made of none
    that is no name (大力): of single characters, as unheard-of names are, or of names."""
    for first, last, tag in _words(run):
        named = tag.startswith(_NAMED)
        if first < end and last > start and ((first < start or last > end) and not (named and first >= start)):
            return False
        if start <= first < end and last - first > 1 and not named:
            return False
    return True


@cache
def _words(run: str) -> tuple[tuple[int, int, str], ...]:
    """(start, end, jieba's tag) of the words, none of them guessed."""
    import rjieba  # 0.2 s at the first call, and only names across the two languages need it

    found, at = [], 0
    for word, tag in rjieba.tag(run, False):
        found.append((at, at + len(word), tag))
        at += len(word)
    return tuple(found)


@cache
def _readings(character: str) -> tuple[str, ...]:
    from pypinyin import Style, pinyin  # 0.1 s at the first call

    ways = pinyin(character, style=Style.NORMAL, heteronym=True, errors="ignore")
    return tuple(dict.fromkeys(way for each in ways for way in each if way))
