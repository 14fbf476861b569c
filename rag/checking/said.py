"""What a question is after, and what a sentence says of it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import rjieba

from rag.checking.values import Date, Name, Quantity, Value, dates, names, quantities
from rag.text import HAN, language, sentences, simplified, telling, terms
from rag.types import Quote

Pairwise = Callable[[str, str], float]
Kind = Literal["quantity", "date", "name", "any"]

ABOUT = 0.5  # more than this share of the question's terms must stand in a sentence, its quote or its page's title
ALIKE = 0.79  # cosine (multilingual-e5-small) from which a sentence in another language is about the same thing

_ASKS_DATE = re.compile(
    r"\bwhen\b|\b(?:what|which) (?:year|date|day|month)\b|\bdate\b|year (?:of|was)"
    r"|什么时候|何时|何年|哪[一]?[年天日月]|几[月号年]|日期|时间|年份|哪个月",
    re.IGNORECASE,
)
_ASKS_QUANTITY = re.compile(
    r"\bhow (?:many|much|long|high|tall|deep|far|old|big|large|wide|heavy|fast|often|close)\b"
    r"|\bwhat (?:is|was|were|are) the (?:\w+ )?"
    r"(?:height|length|depth|population|number|price|cost|size|area|weight|capacity)\b"
    r"|\brevenue\b|多少|几[个名人座条台只次位家种艘辆届公天小]|多[高大长深远宽重久快]|[^效]率|人口|增长了",
    re.IGNORECASE,
)
_ASKS_SPAN = re.compile("多长时间|how long", re.IGNORECASE)
_ASKS_SIZE = re.compile("多([高大长深远宽重久快])")
_ASKING = re.compile("[哪谁几何]|什么|多少|^多|多$|^有多|^是|的$")
_ASKS_PERSON = re.compile("谁|导演|作者|编剧|主演|校长|主席|总统|首相|市长|长官|原名|创始人|台长")
_ASKS_PLACE = re.compile("哪里|哪儿|在哪|首都|哪个(?:城市|国家|省|市|县|镇)|举办(?:国|地)|何地|哪国")
_ASKS_MANY = re.compile(
    r"哪些|哪几|哪两|分别|各是|\bwhich (?:\w+ )?(?:were|are)\b|\bwhich \w+s\b|\bwhat (?:\w+ )?things\b", re.IGNORECASE
)
_ASKS_WHY = re.compile(r"\bwhy\b|\bhow (?:did|does|do|is|was|can)\b|为什么|为何|怎么|如何|怎样", re.IGNORECASE)
_NO_TERMS = (
    "the what when where which who whom whose how many much did does was were are and for from that this with has have "
    "had been is of in on at to do be its it by an location name date year day month time can could will would "
    "一共 日期 时间 举办"
)
_EMPTY = frozenset(_NO_TERMS.split())
# what parts Chinese words and says nothing of its own: particles, question words, measures, all that is not Chinese
_LITTLE = re.compile(f"[^{HAN}]+|[的了是在有被由吗呢谁哪几何与和及共年月日人个名]|多少|什么|怎么|一共|曾经")
_LEAD = re.compile(r"^\s*(?:\w{3,9}\.? \d{1,2}, \d{4}|\d{4}[-年/.]\d{1,2}[-月/.]\d{1,2}日?)\s*(?:\.{3}|…|—|-)\s*")
_FIGURE = re.compile(r"\d+(?:\.\d+)?")
_NUMBERED = re.compile(r"([^\W\d_]{2,})\s*(\d+(?:\.\d+)?)(?!\d)")
_YEAR = re.compile("1[0-9]{3}|20[0-9]{2}")


@dataclass(frozen=True)
class Asked:
    """What a question is after."""

    text: str

    @cached_property
    def kind(self) -> Kind:
        """Of the one value it asks for; "any" where it asks for several, or for a reason or a way."""
        if _ASKS_WHY.search(self.text) or _ASKS_MANY.search(self.text):
            return "any"
        if _ASKS_SPAN.search(self.text):
            return "quantity"
        if _ASKS_DATE.search(self.text):
            return "date"
        return "quantity" if _ASKS_QUANTITY.search(self.text) else "name"

    @cached_property
    def terms(self) -> frozenset[str]:
        """The words that say what is asked about: no question words."""
        found = {word for _, _, word in tokens_of(self.text) if len(word) > 1 and word not in _EMPTY}
        return frozenset(word for word in found if not _ASKING.search(word))

    def held(self, text: str) -> set[str]:
        """Those of its terms that stand in `text`."""
        folded, latin = simplified(text.casefold()), set(terms(text))
        return {w for w in self.terms if (_any_like(w, latin) if w.isascii() and w.isalpha() else w in folded)}

    @cached_property
    def pairs(self) -> frozenset[str]:
        """Of a Chinese question, its pairs of neighbouring characters, little words aside: a dictionary cuts names it
        does not know (盐道) and words it knows too well (跑完全程) in the wrong places."""
        runs = _LITTLE.split(simplified(self.text))
        return frozenset(run[at : at + 2] for run in runs for at in range(len(run) - 1))

    def speaks(self, text: str) -> bool:
        """Whether `text` holds more than half of what the question is about, in words or in pairs of characters."""
        if len(self.held(text)) > ABOUT * len(self.terms):
            return True
        folded = simplified(text)
        return sum(pair in folded for pair in self.pairs) > ABOUT * max(1, len(self.pairs))

    @cached_property
    def everything(self) -> frozenset[str]:
        return frozenset(telling(self.text))

    @cached_property
    def focus(self) -> tuple[str, ...]:
        """The question's words that say what is asked of the thing: neither names nor figures nor question words."""
        if measured := _ASKS_SIZE.search(self.text):
            return (measured.group(1),)  # 多高: the height, and no other measure of the thing
        named = [(name.start, name.end) for name in names(self.text)]
        return tuple(
            word
            for start, end, word in tokens_of(self.text)
            if word in self.terms
            and not word[0].isdigit()
            and not any(left <= start and end <= right for left, right in named)
        )

    @cached_property
    def named(self) -> frozenset[str]:
        """The words of its Latin names, folded."""
        found = {word for name in names(self.text) if not name.sort for word in terms(name.text) if word.isascii()}
        return frozenset(word for word in found if word.isalpha() and len(word) > 1) - _EMPTY

    @cached_property
    def sized(self) -> bool:
        """Whether it asks for one measure of the thing, which the sentence must name too (多高)."""
        return bool(_ASKS_SIZE.search(self.text))

    @cached_property
    def skipped(self) -> frozenset[str]:
        """Words that are no distance: empty ones, and the question's own but for its focus."""
        own = {word for _, _, word in tokens_of(self.text)} - set(self.focus)
        return frozenset(own | _EMPTY)

    def wants(self, value: Value) -> bool:
        """Whether a Chinese name is of the sort asked for (Latin ones have none), a date of the year that is."""
        if isinstance(value, Date) and value.year and self.years:
            return str(value.year) in self.years
        if not isinstance(value, Name) or not value.sort:
            return True
        if _ASKS_PERSON.search(self.text):
            return value.sort == "person"
        return value.sort == "place" if _ASKS_PLACE.search(self.text) else True

    @cached_property
    def figures(self) -> frozenset[str]:
        return frozenset(_FIGURE.findall(self.text))

    @cached_property
    def years(self) -> frozenset[str]:
        return frozenset(figure for figure in self.figures if _YEAR.fullmatch(figure))

    @cached_property
    def language(self) -> str:
        return language(self.text)


@dataclass(frozen=True)
class Said:
    """A sentence of a quote, with what surrounds it there."""

    text: str
    around: str
    quote: Quote

    @cached_property
    def language(self) -> str:
        return language(self.text)

    @cached_property
    def whole(self) -> str:
        """All that tells what the sentence is about."""
        return f"{self.around} {self.quote.title}"

    @cached_property
    def quantities(self) -> tuple[Quantity, ...]:
        return tuple(quantities(self.text))

    @cached_property
    def dates(self) -> tuple[Date, ...]:
        return tuple(dates(self.text))

    @cached_property
    def names(self) -> tuple[Name, ...]:
        return tuple(names(self.text))

    @cached_property
    def tokens(self) -> tuple[tuple[int, int, str], ...]:
        """Words, where a date or a quantity is one."""
        whole = sorted((v.start, v.end) for v in (*self.values("date"), *self.values("quantity")))
        found = list[tuple[int, int, str]]()
        for start, end, word in tokens_of(self.text):
            inside = next((span for span in whole if span[0] < end and start < span[1]), None)
            if inside is None:
                found.append((start, end, word))
            elif not found or found[-1][:2] != inside:
                found.append((*inside, self.text[slice(*inside)].casefold()))
        return tuple(found)

    def values(self, kind: Kind) -> tuple[Value, ...]:
        match kind:
            case "quantity":
                return self.quantities
            case "date":
                return self.dates
            case "name":
                return self.names
        return ()


def about(asked: Asked, said: Said, alike: Pairwise | None = None) -> bool:
    """Whether a sentence can answer the question: enough of the question's terms stand in it, its quote or its title,
    some of them in itself, and the years and numbers the question names are not others there."""
    if not asked.terms:
        return False
    if said.language == asked.language:
        if not asked.speaks(said.whole) or not asked.named <= set(terms(said.whole)):
            return False
    elif not asked.held(said.whole) or alike is None or alike(asked.text, said.text) < ALIKE:
        return False
    theirs = {str(date.year) for date in dates(said.around) if date.year}
    return asked.kind == "date" or not asked.years or not theirs or bool(asked.years & theirs)


def other_edition(asked: Asked, said: Said) -> bool:
    """Whether a word that the question numbers (Tideglass 3.1) has other numbers only in the sentence's quote."""
    for match in _NUMBERED.finditer(asked.text):
        word, number = match.groups()
        found = re.findall(rf"{re.escape(word)}\s*(\d+(?:\.\d+)?)", said.whole, re.IGNORECASE)
        if found and number not in found:
            return True
    return False


def same_edition(asked: Asked, said: Said) -> bool:
    """Whether the figures of the question other than years (3.1, the 92nd) stand with the sentence too."""
    return asked.figures - asked.years <= set(_FIGURE.findall(said.whole))


def said_in(quote: Quote) -> list[Said]:
    spans = sentences(quote.text)
    texts = [_LEAD.sub("", quote.text[start:end]) for start, end in spans]
    return [Said(text, quote.text, quote) for text in texts if text]


def _any_like(focus: str, found: set[str]) -> bool:
    return focus in found or any(like(word, focus) for word in found)


def like(word: str, focus: str) -> bool:
    if re.match(f"[{HAN}]", focus):
        return focus in word or (len(word) > 1 and word in focus)
    return word == focus or (len(focus) > 4 and word[:5] == focus[:5])


def tokens_of(text: str) -> list[tuple[int, int, str]]:
    """(start, end, folded) of each word: a number whole, a foreign name in Chinese characters whole."""
    found: list[tuple[int, int, str]] = []
    for match in re.finditer(
        rf"\d+(?:[.,]\d+)*|[^\W\d_{HAN}]+(?:['’-][^\W\d_{HAN}]+)*|[{HAN}]+(?:[·•・‧][{HAN}]+)*", text
    ):
        run = match.group()
        if not re.match(f"[{HAN}]", run):
            found.append((*match.span(), run.casefold()))
            continue
        at = match.start()
        previous_dot = False
        for word in rjieba.cut(run):
            end = at + len(word)
            dot = word in "·•・‧"
            if found and (dot or previous_dot) and found[-1][1] == at:
                found[-1] = (found[-1][0], end, simplified(text[found[-1][0] : end]))
            else:
                found.append((at, end, simplified(word)))
            previous_dot, at = dot, end
    return found
