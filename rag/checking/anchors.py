"""What in a claim must stand in its quotes to the letter: figures and names. Judged models let both slip."""

import re
import unicodedata
from collections.abc import Sequence

from rag.checking.figures import figures
from rag.checking.values import Date, dates, people_and_places, slips
from rag.text import language as language_of
from rag.text import news, newsworthy, simplified, telling
from rag.types import Quote

_SCALED = r"\s*(?:[十百千]?[万亿]+|[百千](?![克米瓦])|-?(?:thousand|million|billion|trillion|bn|mn)\b)"
_FIGURE = re.compile(rf"\d+(?:[.,:/]\d+)*(?:{_SCALED})?|[一二三四五六七八九十百千万亿两]{{2,}}", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-.+*][A-Za-z0-9]+)*")
_QUOTED = re.compile("[“「『《]([^“”「」『』《》]{2,20})[”」』》]")
_STRAY = re.compile(r"[\s,]+")
_ACCENTS = re.compile("[\u0300-\u036f]")
_DOTS = re.compile("[·•・‧]")
_WORDLESS = re.compile(r"[^\w]+")
PHRASE = 12  # letters; longer is a sentence, which rarely stands anywhere to the letter


def missing_figures(claim: str, quotes: Sequence[Quote]) -> list[str]:
    """Numbers of `claim` that none of the quotes holds, neither to the letter (spaces and thousands separators do not
    count) nor by value: 一万四千三百 is 14300. 2800 does not stand in 2800亿, which is 280 billion."""
    text = " ".join(quote.text for quote in quotes)
    held, values = _folded(text), {figure.value for figure in figures(text)}
    same = {_folded(figure.text) for figure in figures(claim) if figure.value in values}
    return [figure for figure in _figures(claim) if not _stands(_folded(figure), held) and _folded(figure) not in same]


def missing_names(claim: str, quotes: Sequence[Quote], language: str) -> list[str]:
    """Names of `claim` that neither a quote nor its page's title holds.

    In a Chinese claim every Latin word is one (X-VLM, LLaMA), and what jieba takes for a person or a place; in an
    English claim every capitalised word but the first.
    A claim in another language than its quotes may spell a name its own way: there, none is missed.
    """
    text = " ".join(f"{quote.text} {quote.title}" for quote in quotes)
    if language_of(text) not in (language, ""):
        return []
    held = _folded(text)
    missing = [name for name in _names(claim, language) if _folded(name) not in held]
    return missing + (missing_people_and_places(claim, text) if language == "zh" else [])


def missing_people_and_places(claim: str, text: str) -> list[str]:
    """Of a Chinese claim, the people and places of which `text` holds no part (约恩·特维特: 特维特 is enough)."""
    held = simplified(text)
    parts = {
        name: [part for part in _DOTS.split(simplified(name)) if len(part) > 1] for name in people_and_places(claim)
    }
    return [name for name, told in parts.items() if not any(part in held for part in told)]


def slipped_units(claim: str, quotes: Sequence[Quote]) -> list[str]:
    """Amounts of `claim` that the quotes have with another measure: 45 hours where they say 45分钟."""
    text = "\n".join(quote.text for quote in quotes)
    return [claim[ours.start : ours.end] for ours, _ in slips(claim, text)]


def holders(claim: str, cited: Sequence[Quote], kept: Sequence[Quote], language: str, asked: str = "") -> list[Quote]:
    """Those of `kept` not yet `cited` that hold what `claim` has to the letter from any of them: its figures, its
    names, what it has in quotation marks, or the whole of it where it is a phrase; then those that hold the figures
    only that the question `asked` does not say; then those that hold some of the words it does not say, most first.

    Small readers say the right thing and name the wrong quote. What this finds is to be judged before it is cited.
    """
    others = [quote for quote in kept if quote not in cited]
    texts = {quote.id: _folded(f"{quote.text} {quote.title}") for quote in kept}
    figures = [_folded(figure) for figure in _figures(claim)]
    names = [_folded(name) for name in [*_names(claim, language), *_QUOTED.findall(claim)]]
    told = [figure for figure in figures if any(_stands(figure, text) for text in texts.values())]
    named = [name for name in names if any(_within(name, text) for text in texts.values())]
    if not told and not named:
        named = [phrase for phrase in [_WORDLESS.sub("", _folded(claim))] if 2 <= len(phrase) <= PHRASE]
    new = [figure for figure in told if not _stands(figure, _folded(asked))]
    counted = [quote for quote in others if new and all(_stands(figure, texts[quote.id]) for figure in new)]
    whole = [
        quote
        for quote in (others if told or named else [])
        if all(_stands(figure, texts[quote.id]) for figure in told)
        and all(_within(name, texts[quote.id]) for name in named)
    ]
    return list(dict.fromkeys([*whole, *counted, *_telling_it(claim, asked, others)]))


def _telling_it(claim: str, asked: str, others: Sequence[Quote]) -> list[Quote]:
    """Those that hold enough of what `claim` says beyond `asked`, most first; one word of several is chance."""
    fresh = news(claim, asked) or telling(claim)
    held = {quote.id: fresh & telling(quote.text) for quote in others}
    least = min(len(fresh), 2) or 1  # a claim without a word is told by nobody
    found = [quote for quote in others if len(held[quote.id]) >= least and newsworthy(fresh, held[quote.id])]
    return sorted(found, key=lambda quote: -len(held[quote.id]))


def with_its_dates(claim: str, cited: Sequence[Quote], kept: Sequence[Quote]) -> list[Quote]:
    """The quotes `claim` is to be held against: those `cited`; or, where it tells a date that none of them has in one
    piece ("Jun 16, 2015 ... on April 29" has 29 April, and a year beside it), the first of `kept` that has it and half
    of the claim's other words."""
    found = dates(claim)
    rest = telling("".join(letter for at, letter in enumerate(claim) if not any(d.start <= at < d.end for d in found)))
    for date in found:
        if sum(map(bool, date.parts)) > 1 and not any(_has(quote, date) for quote in cited):
            near = [quote for quote in kept if _has(quote, date) and 2 * len(rest & telling(quote.text)) >= len(rest)]
            return near[:1] or list(cited)
    return list(cited)


def _has(quote: Quote, date: Date) -> bool:
    return any(
        date.equals(other) and all(other.parts[at] for at, part in enumerate(date.parts) if part)
        for other in dates(quote.text)
    )


def _figures(claim: str) -> list[str]:
    return _FIGURE.findall(unicodedata.normalize("NFKC", claim))


def _names(claim: str, language: str) -> list[str]:
    names: list[str] = _NAME.findall(unicodedata.normalize("NFKC", claim))
    return [name for name in names[1:] if name[0].isupper()] if language == "en" else names


def _folded(text: str) -> str:
    """Without case, white space, commas and accents: Guarani is Guaraní."""
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
    return _STRAY.sub("", unicodedata.normalize("NFKC", plain).casefold())


def _within(name: str, text: str) -> bool:
    return name in text


def _stands(figure: str, text: str) -> bool:
    """Whether `figure` stands in `text` and not inside a longer or greater number."""
    return re.search(rf"(?<![\d.]){re.escape(figure)}(?!\.?\d|{_SCALED})", text) is not None
