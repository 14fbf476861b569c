"""Which sentences of the hits are worth keeping: the guided policy's eye."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rag.reading.pinyin import in_characters, in_letters
from rag.seams import Embedder
from rag.text import HAN, language, sentences, simplified, terms, words
from rag.types import Hit, Span

CHUNKS = 8  # hits whose sentences are looked at
LEAST = 6  # characters; a shorter sentence is a heading or a fragment: kept as a neighbour, never for itself
WIDEST = 320  # characters of one passage
_REFERENCE = re.compile(r"^\s*\[\d{1,3}\]\s", re.MULTILINE)  # three make a bibliography, which answers nothing
LONGEST = 480  # characters of one that holds a list, or of two joined
NEAR = 0.03  # two that overlap are joined where the second scores within this of the first
SECOND = 0.05  # a second page's best passage is kept where it scores within this of the last chosen
_LATIN_NAME = re.compile(r"[A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+)*")
_NO_NAMES = "Who What When Where Which Whose Whom Why How Is Was Were Are Did Does Do In On At The A An Of By"
_OPENERS = frozenset(_NO_NAMES.split())
A_NAME = 6  # characters that, opening a clause and standing before a bracket, are a name and nothing else
MOST_OF_A_NAME = 24  # characters before a bracket that may belong to the name
_BRACKETED = re.compile(rf"([{HAN}]{{2,12}}|[A-Z][\w'’.&-]*(?: [\w'’.&-]+){{0,4}}) ?[（(]([^()（）\n]{{2,40}})[)）]")
_NAMED = re.compile(f"[A-Z0-9{HAN}]")
_ROW = re.compile(
    r"[^|:：\n]{1,40}[:：] [^|\n]+(?: \| [^|:：\n]{1,40}[:：] [^|\n]+)+"
)  # of a table, with its columns' names
_LISTED = re.compile(r"(?:[•·●▪‣*–-]|\||\(?\d{1,2}[.)、）]|[（(][一二三四五六七八九十\d]{1,2}[)）])\s*\S")


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence with its neighbours, as a span of the page; `rank` is its hit's."""

    uri: str
    start: int
    end: int
    text: str
    rank: int
    score: float

    def overlaps(self, other: "Passage") -> bool:
        return self.uri == other.uri and self.start < other.end and other.start < self.end

    def joined(self, other: "Passage") -> "Passage":
        """Both, which overlap, as one; the rank and score are this one's."""
        first, second = sorted((self, other), key=lambda passage: (passage.start, -passage.end))
        text = first.text + second.text[max(0, first.end - second.start) :]
        return replace(self, start=first.start, end=max(first.end, second.end), text=text)


def choose(
    question: str,
    hits: Sequence[Hit],
    embedder: Embedder,
    count: int,
    characters: int,
    kept: Sequence[Passage] = (),
    only: str = "",
    about: Sequence[str] = (),
) -> list[Passage]:
    """At most `count` passages of together at most `characters`, best first, none overlapping another or `kept`; with
    `only`, from hits in that language; with `about`, from the first hit's page and those in which one of
    these names stands, where it stands in any.

    Where all of them stand in one page, the last gives way to the best of another page that is nearly as good; and to
    one in another language that holds the names of the question, which embeddings put too far down: a second source may
    say otherwise.
    """
    ranked_hits = [(rank, hit) for rank, hit in enumerate(hits, 1) if only in ("", language(hit.chunk.text))]
    named = [_stem(name) for name in about if name]
    told = {hit.chunk.uri for _, hit in ranked_hits if any(name in _said(hit) for name in named)}
    told |= {hit.chunk.uri for _, hit in ranked_hits[:1] if told}
    ranked_hits = [(rank, hit) for rank, hit in ranked_hits if not told or hit.chunk.uri in told]
    candidates = _candidates(ranked_hits[:CHUNKS])
    if not candidates:
        return []
    ranked = sorted(_scored(question, candidates, embedder), key=lambda passage: -passage.score)
    chosen: list[Passage] = []
    for passage in ranked:
        if any(passage.overlaps(other) for other in kept):
            continue
        met = [at for at, other in enumerate(chosen) if passage.overlaps(other)]
        if not met and len(chosen) < count and _room(chosen, characters) >= len(passage.text):
            chosen.append(passage)
        elif len(met) == 1 and passage.score >= chosen[met[0]].score - NEAR:
            whole = chosen[met[0]].joined(passage)
            if len(whole.text) <= LONGEST and _room(chosen, characters) >= len(whole.text) - len(chosen[met[0]].text):
                chosen[met[0]] = whole
    if count == 1 or kept:
        return chosen
    further = [] if only else [passage for _, passage in _candidates(ranked_hits[CHUNKS:])]
    second = _second(ranked, chosen) or (None if only else _namesake(question, [*ranked, *further], chosen))
    return _with(second, chosen, count, characters) if second else chosen


def _stem(name: str) -> str:
    """A name without what may be left off it: 安渡镇 is 安渡 too."""
    said = simplified(name).casefold()
    return said[:-1] if len(said) > 2 and language(said) == "zh" else said


def _said(hit: Hit) -> str:
    return simplified(f"{hit.title} {hit.chunk.text}").casefold()


def _with(second: Passage, chosen: Sequence[Passage], count: int, characters: int) -> list[Passage]:
    """`chosen` and `second`, for which the last ones make room; the first stays in any case."""
    left = list(chosen)
    while len(left) > 1 and (len(left) >= count or _room(left, characters) < len(second.text)):
        left.pop()
    return [*left, second] if _room(left, characters) >= len(second.text) else list(chosen)


def _second(ranked: Sequence[Passage], chosen: Sequence[Passage]) -> Passage | None:
    """The best passage of a page other than the one page of all `chosen`, where it is nearly as good as the last."""
    if len({passage.uri for passage in chosen}) != 1:
        return None
    other = next((passage for passage in ranked if passage.uri != chosen[0].uri), None)
    return other if other and other.score >= chosen[-1].score - SECOND else None


def _namesake(question: str, candidates: Sequence[Passage], chosen: Sequence[Passage]) -> Passage | None:
    """The first passage in another language than the question's that spells all its Latin names as the question does;
    None where one of `chosen` is in another language."""
    spoken, named = language(question), set(words(" ".join(_LATIN_NAME.findall(question)))) - _OPENERS
    if not named or any(language(passage.text) != spoken for passage in chosen):
        return None
    return next((p for p in candidates if language(p.text) != spoken and named <= set(words(p.text))), None)


def _room(chosen: Sequence[Passage], characters: int) -> int:
    return characters - sum(len(passage.text) for passage in chosen)


def _candidates(hits: Sequence[tuple[int, Hit]]) -> list[tuple[str, Passage]]:
    """(core sentence, passage around it) of every sentence in the hits."""
    found = []
    for rank, hit in hits:
        text = hit.chunk.text
        if len(_REFERENCE.findall(text)) >= 3:
            continue
        spans = sentences(text)
        for at, (start, end) in enumerate(spans):
            if end - start < LEAST and len(spans) > 1:
                continue
            left, right = _widen(text, spans, at)
            base = hit.chunk.start
            passage = Passage(hit.chunk.uri, base + left, base + right, text[left:right], rank, 0.0)
            found.append((text[start:end], passage))
    return found


def _widen(text: str, spans: Sequence[Span], at: int) -> Span:
    """The sentence and, as far as they fit, the one after it and the one before it; a list comes whole, with the line
    that announces it. A row of a table says all by itself, and beside another it misleads."""
    first = last = at
    if _ROW.fullmatch(text, *spans[at]):
        return spans[at]
    if _LISTED.match(text, spans[at][0]):
        while first > 0 and _fits(spans, first - 1, last, LONGEST) and _LISTED.match(text, spans[first][0]):
            first -= 1
    while last + 1 < len(spans) and _fits(spans, first, last + 1, LONGEST) and _continues(text, spans, last):
        last += 1
    if last == at and last + 1 < len(spans) and _fits(spans, first, last + 1, WIDEST):
        last += 1
    if first == at and first > 0 and _fits(spans, first - 1, last, WIDEST):
        first -= 1
    while last > at and last + 1 < len(spans) and _continues(text, spans, last):  # the neighbour announces a list
        if not _fits(spans, first, last + 1, LONGEST):
            break
        last += 1
    return spans[first][0], spans[last][1]


def _fits(spans: Sequence[Span], first: int, last: int, most: int) -> bool:
    return spans[last][1] - spans[first][0] <= most


def _continues(text: str, spans: Sequence[Span], last: int) -> bool:
    """Whether what follows belongs to it: a list after a colon, or the next line of a list."""
    return text[spans[last][1] - 1] in ":：" or bool(
        _LISTED.match(text, spans[last][0]) and _LISTED.match(text, spans[last + 1][0])
    )


def _scored(question: str, candidates: Sequence[tuple[str, Passage]], embedder: Embedder) -> list[Passage]:
    """Cosine of the core sentence with the question, plus a tenth of the share of the question's rare terms in the
    passage: a name or a number in the question must weigh, and embeddings blur both. (On the 25 answerable seed
    questions the answer was among four passages so chosen in 24, with the passage's own cosine instead in 22.)"""
    cores = embedder.passages([simplified(core) for core, _ in candidates])
    cosines = cores @ embedder.queries([simplified(question)])[0]
    bags = [set(terms(passage.text)) for _, passage in candidates]
    seen = Counter(term for bag in bags for term in bag)
    wanted = {term: math.log(1 + len(bags) / (1 + seen[term])) for term in set(terms(question)) if term in seen}
    total = sum(wanted.values()) or 1.0
    scored = []
    for (_, passage), cosine, bag in zip(candidates, cosines, bags, strict=True):
        share = sum(wanted[term] for term in bag & wanted.keys()) / total
        scored.append(replace(passage, score=float(cosine) + 0.1 * share))
    return scored


def learned(question: str, queries: Sequence[str], quotes: Sequence[str]) -> str:
    """The next query: the question with at most three names that what was kept holds and that it does not have yet.

    A name here is a word with a capital or a digit, or a short run of Chinese characters; the most frequent come
    first. "" when nothing new was learned.
    """
    known = set(terms(" ".join([question, *queries])))
    named = Counter(
        word for text in quotes for word in dict.fromkeys(words(text)) if _NAMED.search(word) and 2 <= len(word) <= 8
    )
    fresh = [name for name, _ in named.most_common() if not set(terms(name)) <= known][:3]
    return f"{question} {' '.join(fresh)}" if fresh else ""


def other_names(question: str, hits: Sequence[Hit], into: str, beside: str = "") -> list[str]:
    """How the names in `question` are written in the language `into` ("zh" or "en"), where a hit, or the text `beside`,
    gives both, one in brackets after the other: 奎尔大桥（Quill Bridge）. At most three, the most frequent first."""
    found = Counter(other for _, other, _ in _in_both(question, [beside, *_texts(hits)], into))
    return [name for name, _ in found.most_common(3)]


def heard_names(question: str, hits: Sequence[Hit], into: str) -> list[str]:
    """The names in the hits that are read as names of `question` in the other script: 柳洼 for Liuwa. As `other_names`,
    but it may be somebody else's name."""
    heard = (in_characters if into == "zh" else in_letters)(question, "\n".join(_texts(hits)))
    return [name for name, _ in Counter(heard).most_common(3)]


def glossed(statement: str, hits: Sequence[Hit], into: str) -> str:
    """The statement with the other form of its names behind them in brackets, where a hit gives it: who translates the
    statement cannot guess it."""
    said = statement
    for name, other, whole in _in_both(statement, _texts(hits), into):
        ends = (name[at:] for at in range(len(name) - 1) if not (name.isascii() and at and name[at - 1].isalnum()))
        known = next((end for end in ends if end in said), "")
        if whole and known and other not in said:
            said = said.replace(known, f"{known} ({other})", 1)
    return said


def _texts(hits: Sequence[Hit]) -> list[str]:
    return [hit.chunk.text for hit in hits]


def _in_both(statement: str, texts: Sequence[str], into: str) -> Iterator[tuple[str, str, bool]]:
    """(a name that `statement` holds the end of, its form in `into`, whether that is the form and no more), as often as
    `texts` give both. What stands before a bracket begins nowhere in particular."""
    asked = simplified(statement).casefold()
    for text in texts:
        for match in _BRACKETED.finditer(text):
            before, inside = match.groups()
            opens = len(before) <= A_NAME and not text[: match.start()][-1:].isalnum()
            for name, other, whole in ((before, inside, True), (inside, before[-MOST_OF_A_NAME:], opens)):
                if language(other) == into and _known(simplified(name).casefold(), asked):
                    yield name, other.strip(), whole


def _known(name: str, question: str) -> bool:
    """Whether `question` holds the end of `name`: two Chinese characters of it or more, or its last two words (its only
    one). What comes before a bracket begins nowhere in particular."""
    parts = name.split()
    last = " ".join(parts[-2:]) if name.isascii() else name.strip()[-2:]
    return len(last) > 1 and last in question
