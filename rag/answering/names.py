"""Which of the passages found are about what the question names.

Pages of one kind, as the reports of forty companies, differ in little but in whom they speak of, and a passage about
another company reads like an answer. What a question names is told by the pages found: the terms that it shares with
what a page is about, weighed by how few of those pages share them. In a language with capitals a name has one.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence

from rag.text.language import language, question_language
from rag.text.terms import telling
from rag.text.tokens import fitting
from rag.types import Hit

SUBJECT_TOKENS = 24  # of a passage that opens its page, and so says itself what it is about
NEARLY = 0.6  # of the best named page's weight, from which another page is named as well
# The word that a sentence begins with, words without a capital, numbers, and the words that ask in Chinese: a page
# called "什么是…" is not what every question with 什么 is about.
_NO_NAME = re.compile(
    r"^\W*[A-Z][a-z'’]*(?=\s+[a-z])|\b[a-z][a-z'’-]*\b|(?<![A-Za-z\d])\d+(?![A-Za-z\d])"
    r"|[为為]?[什甚][么麼](?:[样樣]的?|[时時]候)?|怎[么麼]?[样樣]?|如何|[为為]何|哪(?:[个個些一里裡年儿兒家位天种種])?|[谁誰]"
    r"|多(?:少|[长長]|大|高|[远遠]|久|重)|[几幾](?:[个個次年月时時点點天种種])?"
)


def named(question: str, hits: Sequence[Hit]) -> list[float]:
    """For each hit the share, by weight, of a name in the question that it holds, in its text or in what it is about:
    of the name that it holds most of, 0 to 1. 1 where nobody can say: of text in another language than the question,
    and of all where the question names none of the pages found."""
    asked, spoken = telling(_NO_NAME.sub(" ", question)), question_language(question)
    abroad = [language(hit.chunk.text) != spoken for hit in hits]
    about: dict[str, set[str]] = {}
    for hit, other in zip(hits, abroad, strict=True):
        if not other:
            about.setdefault(hit.chunk.uri, set()).update(asked & telling(_subject(hit)))
    pages = Counter(term for terms in about.values() for term in terms)
    weight = {term: math.log(len(about) / count) for term, count in pages.items()}
    total = {uri: sum(weight[term] for term in terms) for uri, terms in about.items()}
    best = max(total.values(), default=0.0)
    if not best:
        return [1.0] * len(hits)
    names = [terms for uri, terms in about.items() if total[uri] >= NEARLY * best]
    return [
        1.0 if other else max(_share(name, telling(_read(hit)), weight) for name in names)
        for hit, other in zip(hits, abroad, strict=True)
    ]


def _share(name: set[str], held: set[str], weight: dict[str, float]) -> float:
    whole = sum(weight[term] for term in name)
    return sum(weight[term] for term in name & held) / whole if whole else 1.0


def _subject(hit: Hit) -> str:
    return hit.about or f"{hit.title}\n{hit.chunk.text[: fitting(hit.chunk.text, SUBJECT_TOKENS)]}"


def _read(hit: Hit) -> str:
    return f"{hit.title}\n{hit.about}\n{hit.chunk.text}"
