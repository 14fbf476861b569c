"""Where a quote denies what a claim says: "the breach was not caused by overtopping". Small judges read past a "not".

It speaks up in one direction only, the quote denying and the claim not: a claim that denies is met by too many
sentences that merely speak of something else. What is denied must be what the claim is about, in the same clause.
"""

import re

from rag.checking.figures import missing_values
from rag.checking.rivals import content, names_missing
from rag.text import HAN, language, sentences
from rag.types import Quote

_NOT_EN = re.compile(
    r"\b(?:not|never|cannot|nobody|none|neither|nor|no|without|forbidden|banned|prohibited)\b|n[’']t\b", re.IGNORECASE
)
_NOT_ZH = re.compile(
    r"不(?!同|仅|但|只|断|久|少|过|论|管|管理)|没(?!收)|未(?!来|婚)|并?非(?!常|洲)|无(?!线|锡|人机)|禁止"
)
_HARDLY = re.compile(r"不得不|无不|not only|no longer than|no more than|no fewer than|not just", re.IGNORECASE)
_CLAUSE = re.compile(r"[，、；：;]|[,:](?!\d)|\b(?:and|but)\b")
_LITTLE = frozenset("的是了在于和与为有由被共该其也都就将已把所以可因而当时还这那再得有会能可以要")
SAID = 0.6


def denied(claim: str, quote: Quote) -> bool:
    """Whether a sentence of the quote denies the claim: it holds most of what the claim says (SAID; the page's title
    counts), no figure or name being another, and what it denies is the claim's."""
    spoken = language(claim)
    if spoken not in ("zh", "en") or language(quote.text) != spoken or negated(claim):
        return False
    if missing_values(claim, f"{quote.text}\n{quote.title}") or names_missing(claim, quote):
        return False
    wanted, about = _marks(claim, spoken), _marks(quote.title, spoken)
    for start, end in sentences(quote.text):
        sentence = quote.text[start:end]
        if len(wanted & (_marks(sentence, spoken) | about)) < SAID * len(wanted):
            continue
        if any(_denies(clause, sentence, wanted, spoken) for clause in _CLAUSE.split(sentence) if negated(clause)):
            return True
    return False


def _denies(clause: str, sentence: str, wanted: set[str], spoken: str) -> bool:
    """Whether what the clause denies is what is `wanted`: in Chinese the two characters that a negation stands before
    (and that the sentence does not say elsewhere: 6人不及格，及格的…), in English half of the clause's words."""
    if spoken == "zh":
        denied_next = [re.findall(f"[{HAN}]", clause[match.end() :]) for match in _NOT_ZH.finditer(clause)]
        firsts = [[letter for letter in letters if letter not in _LITTLE][:2] for letters in denied_next]
        return any(len(first) == 2 and set(first) <= wanted and sentence.count("".join(first)) < 2 for first in firsts)
    held = _marks(clause, spoken)
    return bool(held) and 2 * len(held & wanted) >= len(held)


def negated(text: str) -> bool:
    """Whether `text`, Chinese or English, denies something; "不得不" and "not only" do not."""
    plain = _HARDLY.sub(" ", text)
    return bool(_NOT_ZH.search(plain) if language(text) == "zh" else _NOT_EN.search(plain))


def _marks(text: str, spoken: str) -> set[str]:
    """What carries meaning, without the negations: Chinese characters, stemmed English words."""
    if spoken == "zh":
        return set(re.findall(f"[{HAN}]", _NOT_ZH.sub("", text))) - _LITTLE
    return content(_NOT_EN.sub(" ", text)) - {"may", "can", "must", "will", "would", "should", "could"}
