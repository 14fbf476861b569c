"""Whether the letters that a PDF names can be those that it shows: a font with a wrong map, or none, names others."""

import re
import unicodedata

_WORD = re.compile(r"[^\W\d_]+")
_COMMON = frozenset(
    _WORD.findall(
        "the of and to in is that for on with as by at from it de la el que y en los las un una le les des et du est "
        "au der die und das den von mit ist im zu il di che per non del os da em do um het een van och att det som av "
        "og i na w z a se ve bir ja ei és az"
    )
)
_LETTERS = 60  # fewer say nothing
_SHARE = 0.04  # of the words of prose are commoner ones at least
_VOWELS = (0.25, 0.6)  # of the letters, in any language written so
_ALIKE = 0.3  # of the letters that are seen, three by three


def is_doubtful(text: str) -> bool:
    """Whether `text`, in Latin letters, has next to none of the commonest words of the languages written so, nor their
    share of vowels: it may be a list of codes, or what a wrong map makes of a font."""
    letters = [letter for letter in text.casefold() if letter.isalpha()][:400]
    plain = [unicodedata.normalize("NFKD", letter)[0] for letter in letters]
    latin = sum(unicodedata.name(letter, "").startswith("LATIN") for letter in letters)
    if len(letters) < _LETTERS or latin < 0.8 * len(letters):
        return False
    words = _WORD.findall(text.casefold())
    vowels = sum(letter in "aeiouy" for letter in plain) / len(plain)
    foreign = sum(not letter.isascii() for letter in letters) / len(letters)
    if _VOWELS[0] <= vowels <= _VOWELS[1] and foreign < 0.5:
        return False
    return sum(word in _COMMON for word in words) < _SHARE * len(words)


def agree(text: str, seen: str) -> bool:
    """Whether `text` can be what OCR has `seen`; also where that is too little to tell."""
    named, shown = _threes(text), _threes(seen)
    return len(shown) < _LETTERS / 2 or len(named & shown) >= _ALIKE * len(shown)


def _threes(text: str) -> set[str]:
    letters = "".join(_WORD.findall(text.casefold()))
    return {letters[at : at + 3] for at in range(len(letters) - 2)}
