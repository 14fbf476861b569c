"""Numbers by value, however Chinese or English writes them: 2800亿 is 280 billion is 两千八百亿, 三成 is 30 per cent.

The one place that knows 万, 亿, 万亿 and thousand, million, billion, trillion: `figures` and `quantities` read here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from rag.text.scripts import HAN

_ONES = "zero one two three four five six seven eight nine ten"
_TEENS = "eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_DECADES = "twenty thirty forty fifty sixty seventy eighty ninety"
_WORDS = {word: at for at, word in enumerate(f"{_ONES} {_TEENS}".split())}
_WORDS |= {word: 10 * at for at, word in enumerate(_DECADES.split(), 2)}
_SCALES = {
    "dozen": 12, "hundred": 100, "thousand": 10**3, "lakh": 10**5, "million": 10**6, "mn": 10**6, "crore": 10**7,
    "billion": 10**9, "bn": 10**9, "trillion": 10**12, "tn": 10**12,
}  # fmt: skip
_AFTER_CURRENCY = {"k": 10**3, "m": 10**6, "b": 10**9, "t": 10**12}
_DIGITS = {digit: at for at, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_TENS = {"十": 10, "百": 100, "千": 1000}
_MYRIADS = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_HAN_SCALES = _TENS | _MYRIADS
_PARTS = {"third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10}

COUNTED = "小时|[个名人年月日号天米元次条座艘台处间分公吨岁辆村镇级所层架张头件项届倍家位部只块]"
_SCALE = "|".join(sorted(_SCALES, key=len, reverse=True))
_WORD = "|".join(sorted(_WORDS, key=len, reverse=True))
_PART = "|".join(_PARTS)
_HAN_DIGIT, _HAN_ANY = "零〇一二三四五六七八九两", "零〇一二三四五六七八九十百千两万萬亿億"
_GAP = "[ \u00a0\u202f]"  # 12 345 km, but not the numbers of a row
_LATIN = (
    r"\d{1,3}(?:[,，]\d{3})+(?:\.\d+)?"
    rf"|(?<![\d.,/-])(?<!\d{_GAP})[1-9]\d{{0,2}}(?: \d{{3}}|(?:[\u00a0\u202f]\d{{3}})+)(?![\d,/-])"
    rf"(?:\.\d+)?(?={_GAP}?[A-Za-z{HAN}])"
    r"|\d+(?:\.\d+)?"
)
_PIECE = f"(?![{HAN}]|\\d)|(?=[的高长宽深左以多])"  # what stands after 一米八 or 三块五
# 千 and 百 before these begin a unit (3千米, 5千克, 5百帕); 34千克朗 are thousands of kronor
_HAN_SCALE = r"[多余]?[十百千]?[万萬亿億]{1,4}|百(?![帕分])|千(?:(?=克朗)|(?![克米瓦卡帕焦赫伏分]))"
_NO_TENTHS = r"(?![立为员功长本绩果熟不都真就群])"
_NUMBER = re.compile(
    rf"(?<![\d/.-])(?P<over>[1-9]\d?)/(?P<under>[2-9]|[1-9]\d)(?=\sof\b|的|以上|左右)"  # 1/3 of
    rf"|(?P<pieces>(?<![\d.,])\d{{1,2}}|(?<![{_HAN_ANY}数几每])[一二两三四五六七八九])(?P<piece>[米块])"
    rf"(?P<of_piece>\d{{1,2}}|[一二三四五六七八九]{{1,2}})(?:{_PIECE})"
    rf"|(?P<latin>{_LATIN})(?:(?P<english>[ \u00a0-]{{0,2}}(?:{_SCALE})s?\b(?:\s(?:{_SCALE})\b){{0,2}})"
    rf"|\s*(?P<chinese>{_HAN_SCALE})(?P<more>(?:\d{{1,9}}\s*(?:{_HAN_SCALE})){{0,3}})"
    rf"|分之(?P<of_digits>\d{{1,30}})(?!\d)|(?P<tenths>成){_NO_TENTHS})?"
    rf"|(?P<below>[{_HAN_ANY}]{{1,30}})分之(?P<above>\d{{1,30}}(?:\.\d{{1,30}})?(?!\d)|[{_HAN_ANY}]{{1,30}}(?:点[{_HAN_DIGIT}]{{1,30}})?)"
    rf"|(?<![数几好上第])(?P<tenth>[一二两三四五六七八九])成(?P<after_tenth>[一二三四五六七八九])?{_NO_TENTHS}"
    rf"|(?<![数几好\d])(?:(?<!上)|(?![百千]))(?P<han>[{_HAN_DIGIT}十百千][{_HAN_ANY}]*)(?P<more_han>[多余][万萬亿億]{{1,4}})?"
    rf"(?P<point>点[{_HAN_DIGIT}]{{1,30}}(?P<point_scale>[百千]?[万萬亿億]{{0,4}})(?![{_HAN_ANY}分刻]))?"
    rf"|\ban? (?P<its_part>{_PART})(?=\sof\s(?!an?\b))"  # a fifth of the vote
    rf"|\b(?P<opening>half an?)(?P<opened>(?:\s(?:{_SCALE})\b){{1,3}})"
    rf"|\b(?P<word>{_WORD}|an?(?=\s(?:{_SCALE})\b))\b(?:\sand a half(?P<half>(?:\s(?:{_SCALE})\b){{0,3}})"
    rf"|(?P<words>(?:(?:[- ]|\sand\s)(?:{_WORD}|{_SCALE})\b){{0,16}})"
    rf"(?:[- ](?P<part>{_PART})s?\b|(?P<and_half>\sand a half\b))?)",
    re.IGNORECASE,
)
_STANDS = re.compile(rf"[多余来]?(?:{COUNTED})|[多余来]|[万萬亿億]|点(?![\d{_HAN_ANY}])")
_COMPOUND = re.compile("[一二两三四五六七八九][十百千万萬亿億][一二两三四五六七八九]")  # 一千二 is one whatever follows
_ROUGHLY = re.compile("一二|[二两]三|三[四五]|四五|五六|六七|七八|八九")  # 七八个, 三四百
_EACH = re.compile("[每这那哪同另某唯任统]$")  # 每一座
_VERY = re.compile("分(?![钟之])")  # 十分重要, 百分点
MOST = 30  # characters of a number; a longer run of digits is a key, or noise
_SIGN = re.compile(r"[$£€¥￥]\s?$")
_SHORT = re.compile(r"\s?([kmbt])\b(?!\w)", re.IGNORECASE)
_SHORT_COUNT = re.compile(r"([kKMB])\b(?!\w)")  # 20M people; 20m are metres
_OF_ONE = re.compile(r"\s+of\s+an?\b", re.IGNORECASE)
_NO_COUNT = re.compile(r"\b(?:no|the|this|that|every|each|any|some|which|another)\s+$", re.IGNORECASE)
_NO_COUNT_AFTER = re.compile(r"['’]s\b|\s+(?:of|another|who|that|which|day|more)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Number:
    """``text[start:end]`` and what it amounts to. `share`: `value` is per cent. `spelled`: in words or
    Chinese numerals. `unit`: what stands inside it, as in 一米八."""

    start: int
    end: int
    value: Fraction
    share: bool = False
    spelled: bool = False
    unit: str = ""


def numbers(text: str) -> Iterator[Number]:
    """The numbers of `text` in order, none overlapping another. No number: "one" as a pronoun, 万 and 亿 alone,
    numerals that nothing countable follows (一定, 百姓), and runs of more than MOST digits."""
    at = 0
    while match := _NUMBER.search(text, at):
        found = _number(text, match)
        if found:
            yield found
        at = found.end if found else max(match.end(), at + 1)


def _number(text: str, match: re.Match[str]) -> Number | None:
    group = match.groupdict()
    if group["over"]:
        over, under = int(group["over"]), int(group["under"])
        return _share(match, Fraction(100 * over, under)) if over < under else None
    if group["pieces"]:
        return _in_pieces(match)
    if group["latin"]:
        return _from_digits(text, match)
    if group["below"]:
        below = _han(group["below"])
        return _share(match, 100 * _decimal(group["above"]) / below) if below else None
    if group["tenth"]:
        return _share(match, Fraction(10 * _DIGITS[group["tenth"]] + _DIGITS.get(group["after_tenth"] or "零", 0)))
    if group["han"]:
        return _from_han(text, match)
    if group["its_part"]:
        return _share(match, Fraction(100, _PARTS[group["its_part"].casefold()]))
    if group["opening"]:
        return _spelled(match.start(), match.end(), Fraction(_product(group["opened"]), 2))
    if group["half"] is not None:  # "and a half", with or without a scale
        value = (_WORDS[group["word"].casefold()] + Fraction(1, 2)) * _product(group["half"])
        return _spelled(match.start(), match.end(), value)
    return _from_words(text, match)


def _spelled(start: int, end: int, value: Fraction) -> Number:
    return Number(start, end, value, spelled=True)


def _in_pieces(match: re.Match[str]) -> Number:
    """一米八 is 1.8米, 1米75 is 1.75米."""
    whole, tenths = ("".join(str(_DIGITS.get(d, d)) for d in match[part]) for part in ("pieces", "of_piece"))
    return Number(match.start(), match.end(), Fraction(f"{whole}.{tenths}"), spelled=True, unit=match["piece"])


def _share(match: re.Match[str], value: Fraction) -> Number:
    return Number(match.start(), match.end(), value, share=True, spelled=True)


def _from_digits(text: str, match: re.Match[str]) -> Number | None:
    group, (start, end) = match.groupdict(), match.span()
    plain = re.sub(f"[,，]|{_GAP}", "", group["latin"])
    if len(plain) > MOST:
        return None
    value = Fraction(plain)
    if group["english"]:
        return Number(start, end, value * _product(group["english"]))
    if group["chinese"]:
        value *= _scaled(group["chinese"])
        for number, scale in re.findall(rf"(\d+)\s*({_HAN_SCALE})", group["more"]):  # 2亿5千万
            value += int(number) * _scaled(scale)
        return Number(start, end, value)
    if group["of_digits"]:
        return Number(start, end, Fraction(100 * int(group["of_digits"])) / (value or 1), share=True)
    if group["tenths"]:
        return Number(start, end, value * 10, share=True)
    counted = _SHORT if _SIGN.search(text[max(0, start - 2) : start]) else _SHORT_COUNT  # $5m
    if short := counted.match(text, end):
        return Number(start, short.end(), value * _AFTER_CURRENCY[short[1].casefold()])
    return Number(start, end, value)


def _from_han(text: str, match: re.Match[str]) -> Number | None:
    """A numeral counts where it holds 万 or 亿 after a digit, has a point, or stands before what is counted."""
    numeral, end = match["han"], match.end("han")
    if len(numeral) > MOST or _roughly(numeral):
        return None
    if match["point"]:
        digits = match["point"].removesuffix(match["point_scale"])
        return _spelled(match.start(), match.end(), _decimal(numeral + digits) * _scaled(match["point_scale"]))
    if match["more_han"]:
        return _spelled(match.start(), match.end("more_han"), Fraction(_han(numeral) * _scaled(match["more_han"])))
    if (numeral in "十百千" and _VERY.match(text, end)) or (
        numeral == "一" and _EACH.search(text, max(0, match.start() - 1), match.start())
    ):
        return None
    if not (set(numeral) & _MYRIADS.keys() and numeral[0] not in "百千"):
        degrees = text.startswith("度", end) and len(numeral) > 1  # 一度 is once
        little = numeral == "一" and text.startswith("点", end)
        if little or not (degrees or _STANDS.match(text, end) or _COMPOUND.search(numeral)):
            return None
    return _spelled(match.start(), end, Fraction(_han(numeral)))


def _roughly(numeral: str) -> bool:
    """Whether it names two neighbours: 七八个, 三四百, 十七八. 一九八六 and 三四五 are digits in a row."""
    return _ROUGHLY.search(numeral) is not None and (len(numeral) == 2 or not set(numeral) <= _DIGITS.keys())


def _from_words(text: str, match: re.Match[str]) -> Number | None:
    """English words as far as they make one number: "two hundred and fifty", but of "six and seven" the first."""
    value, end = _english(match)
    if match["and_half"] and end == match.end("words") and (scale := _last_scale(match["words"])):
        return _spelled(match.start(), match.end(), value + Fraction(scale, 2))  # a million and a half
    if match["part"] and end == match.end("words"):
        part = _PARTS[match["part"].casefold()]
        if value >= 20:  # twenty-fifth
            return _spelled(match.start(), match.end("part"), value + part)
        # three quarters of an hour are 45 minutes, which is not said
        return None if _OF_ONE.match(text, match.end()) else _share(match, value * 100 / part)
    if value == 1 and (
        _NO_COUNT.search(text[max(0, match.start() - 16) : match.start()]) or _NO_COUNT_AFTER.match(text, end)
    ):
        return None
    return _spelled(match.start(), end, value)


def _english(match: re.Match[str]) -> tuple[Fraction, int]:
    """(value, where it ends)."""
    total, part, end, scaled = 0, _WORDS.get(match["word"].casefold(), 1), match.end("word"), False
    for step in re.finditer(r"(?P<between>\sand\s|[- ])(?P<next>\w+)", match["words"]):
        word, joined = step["next"].casefold(), "and" in step["between"]
        if word in _SCALES and not joined:
            if _SCALES[word] <= 100:  # "two hundred thousand": the hundred first
                part = max(part, 1) * _SCALES[word]
            elif part or not total:
                total, part = total + max(part, 1) * _SCALES[word], 0
            else:  # a thousand billion
                total *= _SCALES[word]
            scaled = True
        elif word in _WORDS and _follows(part, _WORDS[word], scaled, joined):
            part += _WORDS[word]
        else:
            break
        end = match.start("words") + step.end()
    return Fraction(total + part), end


def _last_scale(words: str) -> int:
    return _SCALES.get(re.split("[- ]", words.casefold())[-1], 0)


def _follows(part: int, next_: int, scaled: bool, joined: bool) -> bool:
    """Whether a word belongs to the number before it: a one to its decade, anything under a hundred to hundreds."""
    if part % 100 == 0:
        return scaled
    return not joined and part % 100 >= 20 and part % 10 == 0 and 0 < next_ < 10


def _product(scales: str) -> int:
    value = 1
    for word in re.findall(r"[A-Za-z]+", scales):
        folded = word.casefold()
        value *= _SCALES.get(folded) or _SCALES[folded.removesuffix("s")]
    return value


def _scaled(letters: str) -> int:
    value = 1
    for letter in letters.strip("多余"):  # 3000多万
        value *= _HAN_SCALES[letter]
    return value


def _decimal(numeral: str) -> Fraction:
    """三点五 is 3.5, and so is 3.5."""
    if numeral[0].isdigit():
        return Fraction(numeral)
    whole, _, after = numeral.partition("点")
    digits = "".join(str(_DIGITS[digit]) for digit in after) or "0"
    return _han(whole) + Fraction(int(digits), 10 ** len(digits))


def _han(numeral: str) -> int:
    """一千二百 is 1200, 一九八六 is 1986, 一万二千亿 is 1.2 * 10^12, and 两万五 is 25000."""
    if not set(numeral) & _HAN_SCALES.keys():
        return int("".join(str(_DIGITS[letter]) for letter in numeral))
    total = part = digit = 0
    last = 1
    for letter in numeral:
        if letter in _DIGITS:
            digit = _DIGITS[letter]
            last = 1 if digit == 0 else last
        elif letter in _TENS:
            part, digit, last = part + (digit or 1) * _TENS[letter], 0, _TENS[letter]
        else:
            scale = last = _MYRIADS[letter]
            inside = part + digit
            if total and (total < scale or not inside):  # 一万二千亿, 四万万
                total = (total + inside) * scale
            else:
                total += (inside or 1) * scale
            part = digit = 0
    return total + part + digit * (last // 10 if last > 10 else 1)
