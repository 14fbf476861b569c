"""Edits of a sentence that keep it true or make it false, in English and Chinese, for pairs to train on.

Each function takes a sentence and a `random.Random` and gives the edited sentence, or None where the edit does not
apply. `false(...)` contradicts the sentence; `true(...)` follows from it.
"""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

WORDS: dict[str, Any] = tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))
Edit = Callable[[str, Random], str | None]

MONTHS: list[str] = WORDS["months"]
_SMALL = ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"]
_NUMBER = re.compile(r"(?<![\w.])\d{1,3}(?:,\d{3})+(?![\d])|(?<![\w.,])\d+(?:\.\d+)?(?![\d,])")
_NUMBER_ZH = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
_ZH_DIGITS = "一二三四五六七八九"
_SAYS_NOT = re.compile(r"\b(?:not|n't|never|no|nor|neither|without)\b|n't", re.I)


def number(text: str, random: Random) -> str | None:
    """Another number in the place of one."""
    chinese = _is_chinese(text)
    found = list((_NUMBER_ZH if chinese else _NUMBER).finditer(text))
    if not found:
        return _counted(text, random)
    match = random.choice(found)
    return text[: match.start()] + other_number(match.group(), random) + text[match.end() :]


def other_number(figure: str, random: Random) -> str:
    """A number near `figure` and not it, written alike."""
    plain = figure.replace(",", "")
    if "." in plain:
        places = len(plain.split(".")[1])
        new = float(plain) * random.choice([0.5, 0.8, 1.3, 1.7, 2]) + random.choice([0.1, 0.3, 1])
        return f"{new:.{places}f}" if f"{new:.{places}f}" != plain else f"{new + 1:.{places}f}"
    value = int(plain)
    if len(plain) == 4 and 1000 <= value <= 2100:
        new = value + random.choice([-30, -12, -10, -7, -4, -3, -2, -1, 1, 2, 3, 5, 8, 10, 20])
    elif value < 32:
        new = random.choice([n for n in range(1, 32) if n != value])
    elif random.random() < 0.4:  # one digit changed
        at = random.randrange(len(plain))
        digit = random.choice([d for d in "123456789" if d != plain[at]])
        new = int(plain[:at] + digit + plain[at + 1 :])
    else:
        new = max(1, int(value * random.choice([0.1, 0.5, 0.75, 1.2, 1.5, 2, 3, 10])))
        new += new == value
    return f"{new:,}" if "," in figure else str(new)


def _counted(text: str, random: Random) -> str | None:
    """Number words: three, third; 三个, 第三."""
    for group in random.sample([_SMALL, _ORDINALS], 2):
        found = [word for word in group if re.search(rf"\b{word}\b", text)]
        if found:
            word = random.choice(found)
            other = random.choice([one for one in group if one != word])
            return re.sub(rf"\b{word}\b", other, text, count=1)
    match = re.search(rf"(?<=第)[{_ZH_DIGITS}]|[{_ZH_DIGITS}](?=[个名位次年月天人座部场届])", text)
    if match:
        other = random.choice([digit for digit in _ZH_DIGITS if digit != match.group()])
        return text[: match.start()] + other + text[match.end() :]
    return None


def date(text: str, random: Random) -> str | None:
    """Another month, year or day."""
    found = [month for month in MONTHS if re.search(rf"\b{month}\b", text)]
    if found and random.random() < 0.6:
        month = random.choice(found)
        return text.replace(month, random.choice([one for one in MONTHS if one != month]), 1)
    match = re.search(r"\b(?:1[0-9]|20)\d\d\b|(?<!\d)\d{1,4}(?=[年月日])", text)
    if not match:
        return None
    return text[: match.start()] + other_number(match.group(), random) + text[match.end() :]


def unit(text: str, random: Random) -> str | None:
    pairs = WORDS["units_zh"] if _is_chinese(text) else WORDS["units_en"]
    for one, other in random.sample(pairs, len(pairs)):
        pattern = rf"(?<=\d){one}" if _is_chinese(text) else rf"(?<=\d )\b{one}\b"
        if re.search(pattern, text):
            return re.sub(pattern, other, text, count=1)
    return None


def opposite(text: str, random: Random) -> str | None:
    """A word in the place of its opposite, or of another of its kind."""
    chinese = _is_chinese(text)
    pairs = WORDS["opposites_zh"] if chinese else WORDS["opposites_en"]
    for pair in random.sample(pairs, len(pairs)):
        one, other = pair if random.random() < 0.5 else pair[::-1]
        pattern = re.escape(one) if chinese else rf"\b{one}\b"
        if re.search(pattern, text):
            return re.sub(pattern, other, text, count=1)
    return None


def nation(text: str, random: Random) -> str | None:
    """Another place or nation."""
    if _is_chinese(text):
        found = [place for place in WORDS["places_zh"] if place in text]
        if not found:
            return None
        place = random.choice(found)
        return text.replace(
            place, random.choice([one for one in WORDS["places_zh"] if one != place and one not in text]), 1
        )
    for names in random.sample([list(WORDS["nations"]), WORDS["places_en"]], 2):
        found = [name for name in names if re.search(rf"\b{name}\b", text)]
        if found:
            name = random.choice(found)
            return re.sub(rf"\b{name}\b", random.choice([one for one in names if one not in text]), text, count=1)
    return None


_VERB_EN = re.compile(r"\b(is|was|are|were|has been|have been|can|could|will|would|had|does|did)\b(?! not)")


def negate(text: str, random: Random) -> str | None:
    """The sentence denied, or its denial taken out."""
    if not _is_chinese(text):
        if re.search(r"\b(?:did|do|does|is|was|are|were|has|have|had|will|would|could|can) not\b", text):
            return (
                re.sub(r"(\b(?:is|was|are|were|has|have|had|will|would|could|can)) not\b", r"\1", text, count=1)
                if not re.search(r"\b(did|do|does) not\b", text)
                else None
            )
        match = _VERB_EN.search(text)
        if not match or match.group() in ("does", "did", "had"):
            return None
        verb = match.group()
        denied = (
            verb.replace("been", "never been") if "been" in verb else f"{verb} {random.choice(['not', 'not', 'never'])}"
        )
        return text[: match.start()] + denied + text[match.end() :]
    for one, other in WORDS["negated_zh"]:
        if one in text:
            return text.replace(one, other, 1)
    for one, other in random.sample(WORDS["plain_zh"], len(WORDS["plain_zh"])):
        at = text.find(one)
        if (
            at > 0
            and text[at - 1] not in "不没未"
            and not (one == "会" and text[at - 1] in "社协大委工")
            and not (one == "会" and text[at + 1 : at + 2] in "议谈见员长上")
            and not (one == "是" and text[at - 1] in "但还就于只或可")
            and not (one == "将" and text[at + 1 : at + 2] in "军领")
        ):
            return text[:at] + other + text[at + len(one) :]
    return None


_NAME_EN = re.compile(r"\b[A-Z][a-zé'’-]+(?: (?:of |de |van |von |the )?[A-Z][a-zé'’.-]*)+")
_NAME_ZH = re.compile(
    r"《[^《》]{2,20}》|“[^“”]{2,12}”|[A-Za-z][A-Za-z.&·-]{2,}|[\u4e00-\u9fff]{2,6}·[\u4e00-\u9fff]{2,6}"
)


def names(text: str) -> list[str]:
    """Names in the text: runs of capitalised words; in Chinese what is in title marks, and foreign names."""
    return (_NAME_ZH if _is_chinese(text) else _NAME_EN).findall(text)


def name(text: str, random: Random, others: list[str]) -> str | None:
    """One of `others` in the place of a name of the text."""
    found = names(text)
    if not found:
        return None
    old = random.choice(found)
    choice = [one for one in others if one not in text and old not in one and (one[0] == "《") == (old[0] == "《")]
    return text.replace(old, random.choice(choice), 1) if choice else None


FALSE: list[tuple[str, Edit, float]] = [
    ("number", number, 3), ("date", date, 2), ("unit", unit, 4), ("opposite", opposite, 3), ("nation", nation, 1.5),
    ("negate", negate, 1.5),
]  # fmt: skip


def false(text: str, random: Random, others: list[str]) -> tuple[str, str] | None:
    """(kind, the sentence made false)."""
    kinds: list[tuple[str, Edit, float]] = [*FALSE, ("name", lambda one, r: name(one, r, others), 3)]
    order = sorted(kinds, key=lambda kind: random.random() ** (1 / kind[2]), reverse=True)
    for kind, edit, _ in order:
        new = edit(text, random)
        if new and new != text:
            return kind, new
    return None


# What follows from a sentence.


def same(text: str, random: Random) -> str | None:
    """A word or two in the place of others that mean the same."""
    chinese = _is_chinese(text)
    pairs = [
        pair for pair in (WORDS["same_zh"] if chinese else WORDS["same_en"]) if pair[1] != "从" and pair[0] in text
    ]
    random.shuffle(pairs)
    new = text
    for one, other in pairs[: random.randint(1, 3)]:
        new = new.replace(one, other, 1) if chinese else re.sub(rf"\b{re.escape(one)}\b", other, new, count=1)
    return new if new != text else None


def shorter(text: str, random: Random) -> str | None:
    """Brackets, leading circumstance or a last clause taken off."""
    new = re.sub(r"\s*[(（][^()（）]{2,80}[)）]", "", text)
    if random.random() < 0.6:
        if _is_chinese(new):
            clauses = re.split(r"(?<=[，；])", new.rstrip("。！？"))
            if len(clauses) > 1:
                kept = random.randint(1, len(clauses) - 1)
                start = random.choice([0, 0, len(clauses) - kept])
                new = "".join(clauses[start : start + kept]).strip("，；") + "。"
                if len(new) < 9:
                    return None
        else:
            match = re.search(
                r",? (?:and|but|which|who|while|where|when|after|before|because|for|with|by|in|on) ", new[30:]
            )
            if match and match.start() + 30 < len(new) - 8:
                new = new[: 30 + match.start()].rstrip(" ,;") + "."
    return new if new != text and len(new) > 8 else None


def bounded(text: str, random: Random) -> tuple[str, str] | None:
    """(what follows, what is contradicted): a number said by a bound, a year by before and after."""
    chinese = _is_chinese(text)
    year = re.search(r"(?<!\d)(1[5-9]\d\d|20[0-2]\d)年(?!代|\d)" if chinese else r"\bin (1[5-9]\d\d|20[0-2]\d)\b", text)
    if year and random.random() < 0.7:
        value = int(year.group(1))
        gap = random.choice([1, 2, 5, 10, 20])
        if chinese:
            good = random.choice([f"{value - gap}年之后", f"{value + gap}年之前", f"{value // 10 * 10}年代"])
            bad = random.choice(
                [f"{value - gap}年之前", f"{value + gap}年之后", f"{value // 10 * 10 + random.choice([-10, 10])}年代"]
            )
        else:
            good = random.choice([f"after {value - gap}", f"before {value + gap}", f"in the {value // 10 * 10}s"])
            bad = random.choice(
                [
                    f"before {value - gap}",
                    f"after {value + gap}",
                    f"in the {value // 10 * 10 + random.choice([-10, 10])}s",
                ]
            )
        return tuple(text[: year.start()] + new + text[year.end() :] for new in (good, bad))  # type: ignore[return-value]
    found = [
        match
        for match in (_NUMBER_ZH if chinese else _NUMBER).finditer(text)
        if not match.group().startswith(("0", "1", "2")) or len(match.group()) not in (1, 2, 4)
        if text[match.end() : match.end() + 1] not in "年月日号"
    ]
    if not found or (not chinese and not re.match(r" [a-z]", text[found[-1].end() :][:2])):
        return None
    match = found[-1]
    value = float(match.group().replace(",", ""))
    low, high = _round(value * random.choice([0.5, 0.7, 0.9])), _round(value * random.choice([1.15, 1.4, 2]))
    if low >= value or high <= value or value < 5:
        return None
    if chinese:
        good = random.choice([f"超过{low}", f"不到{high}", f"至少{low}"])
        bad = random.choice([f"超过{high}", f"不到{low}", f"至少{high}"])
    else:
        good = random.choice([f"more than {low:,}", f"fewer than {high:,}", f"at least {low:,}"])
        bad = random.choice([f"more than {high:,}", f"fewer than {low:,}", f"at least {high:,}"])
    return text[: match.start()] + good + text[match.end() :], text[: match.start()] + bad + text[match.end() :]


def _round(value: float) -> int:
    size = 10 ** max(0, len(str(int(value))) - 2)
    return int(value // size * size)


def redated(text: str, random: Random) -> str | None:
    """July 24, 1689 <-> 24 July 1689; 1,000 <-> 1000; 2014年3月2日 <-> 2014-03-02."""
    month = "|".join(MONTHS)
    new = re.sub(rf"\b({month}) (\d{{1,2}}), (\d{{4}})", r"\2 \1 \3", text)
    if new == text:
        new = re.sub(rf"\b(\d{{1,2}}) ({month}) (\d{{4}})", r"\2 \1, \3", text)
    if new == text:
        new = re.sub(r"(\d{4})年(\d{1,2})月(\d{1,2})日", r"\1-\2-\3", text)
    if new == text:
        new = re.sub(r"(\d),(\d{3})(?!\d)", r"\1\2", text)
    return new if new != text else None


def true(text: str, random: Random) -> str:
    """The sentence, said shorter, otherwise, or as it is."""
    new = text
    for edit, chance in ((shorter, 0.6), (same, 0.7), (redated, 0.6)):
        if random.random() < chance:
            new = edit(new, random) or new
    return new


def says_not(text: str) -> bool:
    return bool(_SAYS_NOT.search(text))


def _is_chinese(text: str) -> bool:
    return len(re.findall("[\u4e00-\u9fff]", text)) > 0.3 * len(text)


def kind_of(answer: str) -> str:
    """What an answer looks like: a number, a date, a name or a thing of so many words."""
    if re.fullmatch(r"[\d,. ]+", answer):
        return "number"
    if re.search(r"\d{4}|\d[年月日]", answer):
        return "date"
    if _is_chinese(answer):
        return "amount" if re.search(r"\d", answer) else f"text{min(len(answer) // 4, 3)}"
    words = len(answer.split())
    return ("name" if answer[:1].isupper() else "thing") + str(min(words, 4))
