"""Quotes that contradict one another: two sentences of different pages that answer the question differently.

Rules find them, without a model. Both sentences must speak of what the question asks about; they differ where they are
the same but for one thing, or where values of the kind asked for (quantities of one unit, dates, names) stand in the
same slot and do not agree. A model that gives P(one contradicts the other) may then overrule them. It is not asked to
find more: on half of RGB's items it found hardly any that the rules had not, and as many that were none.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations, product

from rag.checking.said import (
    ALIKE,
    Asked,
    Kind,
    Pairwise,
    Said,
    about,
    like,
    other_edition,
    said_in,
    same_edition,
    tokens_of,
)
from rag.checking.values import Name, Quantity, Value, agrees, same_kind
from rag.text import simplified, telling, words
from rag.types import Conflict, Page, Quote, Side, Span

SLOT = 0.34  # likeness of two slots from which values in them answer the same thing
FAR = 4  # words between a value and a word of the question that have to do with each other
LONG = 8  # words of the one thing in which two sentences may differ
OVERRULED = 0.05  # P(contradicts), either way round, below which what the rules found is none
WORDS = 2.0  # weight of a difference in otherwise equal sentences; of one in like slots, their likeness: 1 at most
SAME = 0.6  # share of two sentences' words that are alike, from which they are compared word by word


@dataclass(frozen=True, slots=True)
class Opinion:
    """What models say of two texts, each where there is one. `alike`: their cosine, without which sentences in two
    languages are not compared. `contradicts(a, b)`: P(a contradicts b), which overrules where it is least."""

    alike: Pairwise | None = None
    contradicts: Pairwise | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two sentences differ: a span of each."""

    left: Span
    right: Span
    weight: float


RULES_ALONE = Opinion()
_BREAKS = re.compile("[；;。：:（）()]")
_CLAUSE = re.compile(r"[，,；;：:（）()。.!?！？](?!\d)")


def conflicts(
    question: str,
    quotes: Sequence[Quote],
    pages: Mapping[str, Page],
    opinion: Opinion = RULES_ALONE,
) -> list[Conflict]:
    """Pairs of sentences of different pages that answer `question` differently, at most one for each pair of quotes and
    each pair of values, in the order of the quotes.

    `pages` are the quotes' by sha256, for their dates.
    """
    asked = Asked(question)
    found: dict[frozenset[str], Conflict] = {}
    for left, right in combinations([said_in(quote) for quote in quotes], 2):
        pairs = [pair for pair in product(left, right) if pair[0].quote.uri != pair[1].quote.uri]
        weighed = [each for pair in pairs if (each := _conflict(asked, *pair, pages, opinion))]
        if weighed:
            _, conflict = max(weighed, key=lambda each: each[0])
            found.setdefault(frozenset({conflict.left.value.casefold(), conflict.right.value.casefold()}), conflict)
    return list(found.values())


def _conflict(
    asked: Asked, mine: Said, theirs: Said, pages: Mapping[str, Page], opinion: Opinion
) -> tuple[float, Conflict] | None:
    difference = differ(asked, mine, theirs, opinion.alike)
    if difference is None:
        return None
    probability = None
    if opinion.contradicts:
        probability = max(opinion.contradicts(mine.text, theirs.text), opinion.contradicts(theirs.text, mine.text))
        if probability < OVERRULED:
            return None
    return difference.weight, Conflict(
        _side(mine, difference.left, pages), _side(theirs, difference.right, pages), probability
    )


def _side(said: Said, span: Span, pages: Mapping[str, Page]) -> Side:
    page = pages.get(said.quote.page_sha256)
    dates = (page.date, page.read_at) if page else ("", "")
    return Side(said.quote.id, said.text, *span, said.quote.uri, said.quote.title, *dates)


def differ(asked: Asked, mine: Said, theirs: Said, alike: Pairwise | None = None) -> Difference | None:
    """How two sentences about one question differ, or None."""
    if asked.kind == "any":
        return None
    return by_words(asked, mine, theirs) or by_slot(asked, mine, theirs, alike)


def by_words(asked: Asked, mine: Said, theirs: Said) -> Difference | None:
    """Sentences that are the same but for one thing, wherever it stands in them. A thing of the question that differs,
    or a second one, makes them sentences about two things."""
    if not asked.held(mine.whole) & asked.held(theirs.whole) or any(other_edition(asked, s) for s in (mine, theirs)):
        return None
    changed = _changed(mine, theirs)
    if changed is None:
        return None
    one, other = mine.text[slice(*changed.left)], theirs.text[slice(*changed.right)]
    if asked.held(one) or asked.held(other) or not _one_thing(one, other):
        return None
    for kind in ("quantity", "date"):
        there, here = _within(mine, kind, changed.left), _within(theirs, kind, changed.right)
        if any(same_kind(v, w) and agrees(v, w) for v in there for w in here):
            return None
        if asked.kind == kind and not (_is(there, changed.left) and _is(here, changed.right)):
            return None
        if not all(asked.wants(value) for value in (*there, *here)):
            return None
    return changed


def _is(values: Sequence[Value], span: Span) -> bool:
    """Whether the span is one of the values and nothing besides."""
    return any((value.start, value.end) == span for value in values)


def _changed(mine: Said, theirs: Said) -> Difference | None:
    """The one thing in which two sentences differ that are alike in SAME of their words, however often it stands in
    them; None where there is more, or where one says what the other leaves out."""
    left, right = mine.tokens, theirs.tokens
    if mine.language != theirs.language or not (left and right):
        return None
    match = SequenceMatcher(None, [t[2] for t in left], [t[2] for t in right], autojunk=False)
    same = sum(len(left[at][2]) for block in match.get_matching_blocks() for at in range(block.a, block.a + block.size))
    if same < SAME * max(sum(len(t[2]) for t in left), sum(len(t[2]) for t in right)):
        return None
    found: dict[tuple[str, str], Difference] = {}
    for tag, i1, i2, j1, j2 in match.get_opcodes():
        if tag == "replace":
            a, b = (left[i1][0], left[i2 - 1][1]), (right[j1][0], right[j2 - 1][1])
            key = mine.text[slice(*a)].casefold(), theirs.text[slice(*b)].casefold()
            found.setdefault(key, Difference(a, b, WORDS))
        elif tag != "equal" and any(len(token[2]) > 3 for token in (*left[i1:i2], *right[j1:j2])):
            return None
    return next(iter(found.values())) if len(found) == 1 else None


def _within(said: Said, kind: Kind, span: Span) -> list[Value]:
    return [v for v in said.values(kind) if v.start < span[1] and span[0] < v.end]


def _one_thing(one: str, other: str) -> bool:
    """Whether each is a short phrase, and they are not two spellings or two lengths of one."""
    if any(len(words(text)) > LONG or len(text) > 5 * LONG or _BREAKS.search(text) for text in (one, other)):
        return False
    left, right = _folded(one), _folded(other)
    if left in right or right in left:
        return False
    if any(letter.isdigit() for letter in left + right):
        return True
    return not telling(one) & telling(other) and SequenceMatcher(None, left, right).ratio() < 0.6


def by_slot(asked: Asked, mine: Said, theirs: Said, alike: Pairwise | None) -> Difference | None:
    """The value of the kind asked for that stands closest to what the question asks, in each sentence; they differ
    where neither agrees with any of the other sentence and their surroundings are alike."""
    if not all(about(asked, s, alike) and same_edition(asked, s) for s in (mine, theirs)):
        return None
    a, b = best(asked, mine), best(asked, theirs)
    if a is None or b is None or not _comparable(a, b, mine.language != theirs.language):
        return None
    if any(same_kind(a, v) and agrees(a, v) for v in theirs.values(asked.kind)):
        return None
    if any(same_kind(b, v) and agrees(b, v) for v in mine.values(asked.kind)):
        return None
    if isinstance(a, Name) and isinstance(b, Name) and not _two_names(asked, mine, a, theirs, b):
        return None
    if mine.language != theirs.language:
        weight = alike(mine.text, theirs.text) if alike and not isinstance(a, Name) else 0.0
        return Difference((a.start, a.end), (b.start, b.end), weight) if weight >= ALIKE else None
    weight = slot(asked, mine, a, theirs, b)
    return Difference((a.start, a.end), (b.start, b.end), weight) if weight >= SLOT else None


def _two_names(asked: Asked, mine: Said, a: Name, theirs: Said, b: Name) -> bool:
    """Whether neither quote has the other's name, the sentences share no name but the question's, nor speak of
    different years."""
    if _folded(a.text) in _folded(theirs.around) or _folded(b.text) in _folded(mine.around):
        return False
    if any(agrees(v, w) for v in mine.names for w in theirs.names if not asked.held(v.text)):
        return False
    return {date.year for date in mine.dates if date.year} == {date.year for date in theirs.dates if date.year}


def _comparable(a: Value, b: Value, crossing: bool) -> bool:
    """Of one kind; across languages two counted things are, whatever they are called."""
    if crossing and isinstance(a, Quantity) and isinstance(b, Quantity) and a.units and b.units:
        return same_kind(a, b) or (a.counts and b.counts)
    return same_kind(a, b)


def best(asked: Asked, said: Said) -> Value | None:
    """The value of the kind asked for with most of the question's focus close by. Where nothing of the focus is, the
    only one of a quantity or date; a name never."""
    fitting = [v for v in said.values(asked.kind) if not _in_question(asked, said, v) and asked.wants(v)]
    ranked = sorted(((near(asked, said, value), value) for value in fitting), key=lambda pair: -pair[0])
    if ranked and ranked[0][0] > 0:
        return ranked[0][1]
    return fitting[0] if len(fitting) == 1 and not isinstance(fitting[0], Name) and not asked.sized else None


def _in_question(asked: Asked, said: Said, value: Value) -> bool:
    words = telling(said.text[value.start : value.end])
    return bool(words) and words <= asked.everything


def near(asked: Asked, said: Said, value: Value) -> float:
    """Sum over the focus words of the question of 1 / (1 + words between), in the value's own sentence; words of the
    question and empty ones are not between. A unit that the question names is as near as can be."""
    total = 0.0
    before = [word for _, end, word in said.tokens if end <= value.start and word not in asked.skipped][::-1]
    after = [word for start, _, word in said.tokens if start >= value.end and word not in asked.skipped]
    inside = [word for _, _, word in tokens_of(said.text[value.start : value.end])]
    for focus in asked.focus:
        gaps = [at for side in (before, after) for at, word in enumerate(side) if like(word, focus)]
        if any(like(word, focus) for word in inside):
            total += 2.0
        elif gaps and min(gaps) < FAR:
            total += 1 / (1 + min(gaps))
    return total


def _folded(text: str) -> str:
    return re.sub(r"[\W_]+", "", simplified(text.casefold()))


def slot(asked: Asked, mine: Said, a: Value, theirs: Said, b: Value) -> float:
    """How alike the surroundings of two values are: shared terms of their clauses over those of the smaller, where
    terms of the question count double; 1 where both have the unit the question names."""
    if all(asked.held(said.text[value.start : value.end]) for said, value in ((mine, a), (theirs, b))):
        return 1.0
    left, right = _clause(mine.text, a), _clause(theirs.text, b)
    if not left or not right:
        return 0.0

    def weigh(bag: set[str]) -> float:
        return sum(2.0 if term in asked.terms else 1.0 for term in bag)

    return weigh(left & right) / min(weigh(left), weigh(right))


def _clause(text: str, value: Value) -> set[str]:
    """Telling terms of the clause around a value."""
    cuts = [0, *(match.end() for match in _CLAUSE.finditer(text)), len(text)]
    start = max(cut for cut in cuts if cut <= value.start)
    end = min(cut for cut in cuts if cut >= value.end)
    return {t for t in telling(f"{text[start : value.start]} {text[value.end : end]}") if not t.isdigit()}
