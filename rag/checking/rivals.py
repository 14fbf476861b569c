"""Where a quote says the same as a claim but for one figure, date or name: that quote refutes it.

Judges learned from text take "1913" for "1931"; this looks at nothing else. It speaks up only where claim and quote
are in one language and nearly all other words of the claim stand in one sentence of the quote.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from rag.checking import clauses_en, clauses_zh
from rag.checking.anchors import missing_people_and_places
from rag.checking.figures import Figure, figures, missing_values
from rag.checking.values import slips
from rag.text import language, sentences, terms
from rag.types import Quote

_COMMON = frozenset(
    re.findall(
        r"\w+",
        "the a an of in on at to by for from with and or but is are was were be been being has have had do does did it"
        " its this that these those he she they his her their as than which who whom whose there into over under about"
        " some any all per also only just still 的 是 了 在 于 和 与 为 有 由 被 共 一共 总共 该 其 也 都 就 将 已 把",
    )
)
_NAME = re.compile(r"[A-Z][\w’'-]*(?:\s+(?:(?:of|de|van|von)\s+)?[A-Z][\w’'-]*)*")
_LATIN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9·-]+(?:\s+[A-Z][A-Za-z0-9·-]+)*")
_COMMA = re.compile(r"[，、；：,;:](?!\d)|\band\b")
NAME_OVERLAP, ABOUT, APART = 0.75, 0.5, 100


@dataclass(frozen=True, slots=True)
class Rival:
    """The quote says `theirs` where the claim says `ours`. `clear`: there is one place it can mean, so that replacing
    the one by the other mends the claim."""

    quote: Quote
    ours: str
    theirs: str
    clear: bool


def rival(claim: str, quotes: Sequence[Quote], overlap: float) -> Rival | None:
    """The first refutation among `quotes`: a sentence that holds at least `overlap` of the claim's other terms."""
    for quote in quotes:
        if language(quote.text) != language(claim):
            continue
        for start, end in sentences(quote.text):
            found = _in(claim, quote, quote.text[start:end], overlap)
            if found:
                return found
    return None


def holds(claim: str, quotes: Sequence[Quote]) -> bool:
    """Whether every figure, with its measure, and (in one language) every name of the claim stands in the quotes or in
    their pages' titles.
    What fails this cannot support the claim, whatever a judge says. Across languages names are spelled anew: only
    figures count there, by value (两成 is 20 per cent, 2800亿 is 280 billion)."""
    around = "\n".join(map(_around, quotes))
    wrong = missing_values(claim, around)
    if any(language(quote.text) != language(claim) for quote in quotes):
        return not wrong and not slips(claim, around)
    return not wrong and not slips(claim, around) and not _missing_names(claim, around)


def setting(claim: str, quote: Quote) -> list[str]:
    """The years and names of the claim that the quote and its title lack, where nothing else is lacking: a page says
    once when and of whom it speaks, and a passage of it need not say so again. None across languages."""
    wrong = missing_values(claim, _around(quote))
    if language(quote.text) != language(claim) or any(figure.unit != "year" for figure in wrong):
        return []
    return [figure.text for figure in wrong] + _missing_names(claim, _around(quote))


def names_missing(claim: str, quote: Quote) -> list[str]:
    """The names of the claim that neither the quote nor its page's title holds."""
    return _missing_names(claim, _around(quote))


def content(text: str) -> set[str]:
    """The words of `text` that carry meaning, stemmed."""
    return _words(text)


def about(claim: str, quote: Quote) -> bool:
    """Whether the quote speaks of what the claim says: only then can a judge's "contradicted" refute. Small judges find
    a contradiction between any two different things."""
    return language(quote.text) == language(claim) and _overlap(claim, quote.text, quote.title) >= ABOUT


def _in(claim: str, quote: Quote, sentence: str, overlap: float) -> Rival | None:
    wrong = missing_values(claim, _around(quote))
    names = _missing_names(claim, _around(quote))
    if wrong and not names:
        shared = _overlap(_without(claim, wrong), sentence, quote.title)
        rivals = [_closest(figure, claim, sentence) for figure in wrong]
        if any(figure.unit == "year" and figure.text in _subject(claim) for figure in wrong):
            return None  # 2024盐道马拉松: of another year's another thing may hold
        if shared >= overlap and all(rivals):
            best, clear = next(pair for pair in rivals if pair)
            return Rival(quote, wrong[0].text, best.text, clear and len(wrong) == 1)
    units = slips(claim, sentence) if not wrong and not names else []
    if units and slips(claim, _around(quote)):
        (ours, theirs), *_ = units
        said, told = claim[ours.start : ours.end], sentence[theirs.start : theirs.end]
        if _overlap(claim.replace(said, " "), sentence, quote.title) >= overlap:
            return Rival(quote, said, told, clear=len(units) == 1)
    if len(names) == 1 and not wrong and claim.find(names[0]) > len(claim) // 4:
        others = [name for name in _names(sentence) if name not in claim and name not in quote.title]
        if len(others) == 1 and _overlap(claim.replace(names[0], " "), sentence, quote.title) >= NAME_OVERLAP:
            return Rival(quote, names[0], others[0], clear=True)
    return None


def _closest(figure: Figure, claim: str, sentence: str) -> tuple[Figure, bool] | None:
    """(the figure of `sentence` that stands where `figure` does in the claim, whether it is the only one it can be).
    It counts the same thing, and the claim does not say it elsewhere."""
    said = {other.value for other in figures(claim)}
    rivals = [
        other
        for other in figures(sentence)
        if other.unit == figure.unit and other.value not in said and _comparable(figure.value, other.value)
    ]
    if not rivals:
        return None
    likeness = [_likeness(claim, figure, sentence, other) for other in rivals]
    best, *others = sorted(likeness, reverse=True)
    return rivals[likeness.index(best)], all(best >= other + 2 for other in others)


def _comparable(one: Fraction, other: Fraction) -> bool:
    """What is a hundred times as much is another thing that is counted in the same unit."""
    return one == other or (one > 0 and other > 0 and Fraction(1, APART) <= one / other <= APART)


def _likeness(claim: str, one: Figure, sentence: str, other: Figure) -> int:
    """How many words the clauses have in common in which the two stand; those right before them count three times."""
    ours, theirs = _clause(claim, one), _clause(sentence, other)
    shared = len(_words(" ".join(ours)) & _words(" ".join(theirs)))
    for mine, yours in zip(reversed(_in_order(ours[0])), reversed(_in_order(theirs[0])), strict=False):
        if mine != yours:
            break
        shared += 2
    return shared


def _clause(text: str, figure: Figure) -> tuple[str, str]:
    """What stands before and after the figure in its clause."""
    before, after = _COMMA.split(text[: figure.start])[-1], _COMMA.split(text[figure.end :])[0]
    return before, after


def _without(claim: str, taken: Sequence[Figure]) -> str:
    for figure in reversed(taken):
        claim = claim[: figure.start] + " " + claim[figure.end :]
    return claim


def _overlap(claim: str, sentence: str, title: str) -> float:
    """Share of the claim's words that stand in the sentence or the page's title; little words do not count. 0 where
    most of those that the title does not say are missing (a page about a thing refutes nothing by being about it), or
    most of the claim's subject (what is said of another thing refutes nothing either)."""
    wanted, subject = _words(claim), _words(_subject(claim))
    about = {word for word in wanted | subject if _said(word, title)}
    held = {word for word in wanted | subject if _said(word, sentence)}
    told = wanted - about
    if not wanted or 2 * len(told & held) < len(told) or 2 * len(subject & (held | about)) < len(subject):
        return 0.0
    return len(wanted & (held | about)) / len(wanted)


def _said(word: str, text: str) -> bool:
    """Whether `text` holds the word; a Chinese one wherever it stands, since a dictionary may cut there otherwise."""
    return word in _words(text) or (not word.isascii() and len(word) > 1 and word in text)


def _subject(claim: str) -> str:
    return clauses_zh.subject_of(claim) if language(claim) == "zh" else clauses_en.subject_of(claim)


def _words(text: str) -> set[str]:
    return set(_in_order(text))


def _in_order(text: str) -> list[str]:
    """What carries meaning: words of alphabets without their commonest endings, dictionary words of Chinese."""
    found = clauses_zh.words(text) if language(text) == "zh" else terms(text)
    folded = [_stem(word.casefold()) for word in found if any(letter.isalnum() for letter in word)]
    return [word for word in folded if word not in _COMMON]


def _stem(term: str) -> str:
    """English words without their commonest endings."""
    if not term.isascii() or len(term) <= 4:
        return term
    return re.sub(r"(?:ing|ed|es|s)$", "", re.sub(r"ies$", "y", term))


def _missing_names(claim: str, text: str) -> list[str]:
    held = text.casefold()
    chinese = missing_people_and_places(claim, text) if language(claim) == "zh" else []
    return chinese + [
        name for name in _names(claim) if not all(part.casefold() in held for part in re.split(r"[\s·-]+", name))
    ]


def _names(text: str) -> list[str]:
    """Names to the letter: capitalised runs of an English sentence but for its first word; Latin words of a Chinese."""
    if language(text) == "zh":
        return _LATIN_NAME.findall(text)
    months = {figure.text for figure in figures(text)}
    found = [match.group() for match in _NAME.finditer(text) if match.start() > 0 or " " in match.group()]
    return [re.sub(r"^(?:The|A|An)\s+|[’']s$", "", name) for name in found if name not in months]


def _around(quote: Quote) -> str:
    return f"{quote.text}\n{quote.title}"
