"""About how many tokens a language model takes a text for, without asking one."""

import re
from functools import cache

_TOKENISH = re.compile(r"[A-Za-z]+|\s+|.", re.DOTALL)
_PER_TOKEN = 3  # letters of an English word that surely make one token


def tokens(text: str) -> int:
    """About how many tokens a language model takes `text` for; rather too many than too few.

    No model is asked: a word of Latin letters counts one for every three letters, a digit, a mark and a common Chinese
    character one, anything rarer its UTF-8 bytes, of which a byte-level vocabulary never takes more tokens.
    """
    return sum(_cost(match.group()) for match in _TOKENISH.finditer(text))


def fitting(text: str, most: int) -> int:
    """How many of the first characters of `text` take at most `most` tokens."""
    left = most
    for match in _TOKENISH.finditer(text):
        cost = _cost(match.group())
        if cost > left:
            whole = match.group()[0].isalpha() and match.group().isascii()  # a word without end is cut
            return match.start() + (left if whole and len(match.group()) > LONGEST_WORD else 0)
        left -= cost
    return len(text)


LONGEST_WORD = 16  # letters; what is longer is no word, and its tokens are short


@cache
def _rarity(letter: str) -> int:
    return 1 if letter.isascii() or letter.encode("gb2312", "ignore") else len(letter.encode("utf-8", "surrogatepass"))


def _cost(piece: str) -> int:
    if piece.isspace():
        return 0 if piece == " " else 1
    if len(piece) == 1 and not (piece.isascii() and piece.isalpha()):
        return _rarity(piece)
    odd = len(piece) > LONGEST_WORD or not (piece.islower() or piece[1:].islower() or piece.isupper())
    return len(piece) if odd else -(-len(piece) // _PER_TOKEN)
