"""Plain facts about text that several rooms need: where sentences end, which script it is in."""

import re
from collections.abc import Iterator, Set
from functools import cache

import opencc

from rag.types import Span

# Han, kana, hangul, and the full-width forms that go with them.
CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af\U00020000-\U0002fa1f"
HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f"
_HAN = re.compile(f"[{HAN}]")
_KANA = re.compile("[\u3040-\u30ff]")
_HANGUL = re.compile("[\uac00-\ud7af]")
_CYRILLIC = re.compile("[\u0400-\u04ff]+")
_ARABIC = re.compile("[\u0600-\u06ff]+")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]+")

_ASKS_CHINESE = re.compile("[的了吗呢嗎谁誰哪么麼几幾是为為何怎]|多少|有多")
_ASKS_ENGLISH = re.compile(
    r"\b(?:what|when|where|who|whose|which|why|how|is|are|was|were|did|does|do|the|of|in)\b", re.I
)

_RUN = re.compile(rf"[^\W_{CJK}]+|[{CJK}]+")
_CLOSERS = "\"'”’」』》】)）\\]"
_END = re.compile(
    rf"[。！？!?…؟।]+[{_CLOSERS}]*"  # full stops that need no space after them
    rf"|\.+[{_CLOSERS}]*(?=\s|$|[{HAN}])"  # the Latin one, which also stands in 3.5 and www.x.org
    r"|[;；](?=\s*\n)"
    r"|\n+"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|vs|etc|e\.g|i\.e|cf|al|Fig|Vol|pp|Inc|Ltd|Co|Gen|Col|Capt|Sen|Rep|Gov"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|U\.S|U\.K|a\.m|p\.m)|(?:^|[\s(])[A-Z])$"
)


def sentences(text: str, start: int = 0, end: int | None = None) -> list[Span]:
    """Spans of the sentences of ``text[start:end]``, in order, without surrounding white space.

    A line break ends a sentence: saved pages break lines where blocks end. What lies between
    two spans is white space only.
    """
    stop = len(text) if end is None else end
    return [span for span in _pieces(text, start, stop)]


def _pieces(text: str, start: int, stop: int) -> Iterator[Span]:
    at = start
    for match in _END.finditer(text, start, stop):
        if match.group().startswith(".") and _goes_on(text, at, match.start(), match.end(), stop):
            continue
        span = _strip(text, at, match.end())
        if span:
            yield span
        at = match.end()
    span = _strip(text, at, stop)
    if span:
        yield span


def _goes_on(text: str, start: int, dot: int, after: int, stop: int) -> bool:
    """Whether a full stop is inside a sentence: an abbreviation, an initial, a list number, or a small letter next."""
    if re.fullmatch(r"\s*\(?\d{1,3}(?:\.\d{1,3})*", text[start:dot]):
        return True
    rest = text[after : min(stop, after + 2)].lstrip(" ")
    return bool(_ABBREVIATION.search(text, max(start, dot - 12), dot)) or rest[:1].islower()


def _strip(text: str, start: int, end: int) -> Span | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return (start, end) if start < end else None


def language(text: str) -> str:
    """ISO 639-1 code by script: zh, ja, ko, ru, ar, or en for Latin letters; "" where there are no letters.

    Words are counted in alphabets and characters in Chinese, Japanese and Korean, 0.6 of a word each,
    so that a Chinese sentence with English terms in it is Chinese.
    """
    sample = text[:4000]
    kana = len(_KANA.findall(sample))
    counts = {
        "zh": 0.6 * len(_HAN.findall(sample)) if not kana else 0.0,
        "ja": 0.6 * (len(_HAN.findall(sample)) + kana) if kana else 0.0,
        "ko": 0.6 * len(_HANGUL.findall(sample)),
        "ru": float(len(_CYRILLIC.findall(sample))),
        "ar": float(len(_ARABIC.findall(sample))),
        "en": float(len(_LATIN.findall(sample))),
    }
    best = max(counts, key=lambda code: counts[code])
    return best if counts[best] else ""


def question_language(question: str) -> str:
    """The language that a question wants its answer in, ISO 639-1: Chinese where it asks in Chinese, however many Latin
    names are in it, English where it asks in English about 静湖; else by script, "en" where there is none."""
    if not _KANA.search(question) and _ASKS_CHINESE.search(question):
        return "zh"
    return "en" if _ASKS_ENGLISH.search(question) else language(question) or "en"


def simplified(text: str) -> str:
    """`text` with each traditional Chinese character in its simplified form, for comparing; as long as it was.

    Character by character: OpenCC's phrases would make a word's form depend on its neighbours.
    """
    return text.translate(_simple()) if _HAN.search(text) else text


@cache
def _simple() -> dict[int, str]:
    convert = opencc.OpenCC("t2s").convert
    pairs = ((letter, convert(chr(letter))) for letter in (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000)))
    return {letter: simple for letter, simple in pairs if simple != chr(letter) and len(simple) == 1}


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


def news(text: str, asked: str) -> set[str]:
    """The telling terms that `text` says beyond the question `asked`."""
    return telling(text) - telling(asked)


def newsworthy(fresh: Set[str], held: Set[str]) -> bool:
    """Whether a third of the terms that a sentence says beyond its question (`fresh`) are `held`, if there are any. A
    run of a quote with less of it was wrong in 8 of 11, and no answer in two more."""
    return 3 * len(fresh & held) >= len(fresh)


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
