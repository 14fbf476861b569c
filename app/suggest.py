"""What could be asked next: about the pages that a search found and the answer did not read."""

import re
from collections import Counter
from collections.abc import Sequence

from app.words import of_text, say
from rag.text.scripts import HAN
from rag.text.terms import terms
from rag.types import Answer, Hit

MOST = 3
_LATIN = re.compile(r"(?<=[a-z,;] )[A-Z][\w'’-]+(?: [A-Z][\w'’-]+){0,2}")  # within a sentence, where it is a name
_DATES = re.compile(
    "(January|February|March|April|May|June|July|August|September|October|November|December"
    "|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)"
)
LONGEST = 60  # characters of a title
_QUOTED = re.compile(rf"[「『“《]([{HAN}\w ·]{{2,14}})[」』”》]")
_YEAR = re.compile(r"\b(?:1[0-9]|20)\d\d(?=\s?年|\b)")


def suggestions(answer: Answer) -> list[str]:
    """At most three questions in the answer's language, each about the best passage of a page that was found and not
    read, the best pages first."""
    spoken = of_text(answer.language)
    asked = []
    for hit in unread(answer)[:MOST]:
        name = _name(hit.chunk.text, f"{answer.question} {answer.text} {hit.title}")
        title = " ".join(hit.title.split())
        title = title if len(title) <= LONGEST else f"{title[:LONGEST]}…"
        asked.append(
            say(spoken, "suggest about", title=title, name=name) if name else say(spoken, "suggest page", title=title)
        )
    return asked


def unread(answer: Answer) -> list[Hit]:
    """The best hit of each titled page that was neither quoted nor opened, the best first."""
    read = {quote.uri for quote in answer.quotes} | {page.uri for page in answer.pages}
    opened = {step.detail for step in answer.steps if step.action == "open"}
    best: dict[str, Hit] = {}
    for step in answer.steps:
        for hit in step.hits:
            if hit.title and hit.chunk.uri not in read and hit.title not in opened:
                old = best.get(hit.chunk.uri)
                best[hit.chunk.uri] = hit if old is None or hit.score > old.score else old
    return sorted(best.values(), key=lambda hit: -hit.score)


def _name(text: str, known: str) -> str:
    """A name or a year in `text` that `known` does not have; "" where there is none."""
    familiar = set(terms(known))
    found: Counter[str] = Counter()
    for names in (_QUOTED.findall(text), _LATIN.findall(text)):
        found.update(name for name in names if not set(terms(name)) & familiar and not _DATES.match(name))
    if found:
        return found.most_common(1)[0][0]
    years: Sequence[str] = [year for year in _YEAR.findall(text) if year not in known]
    return years[0] if years else ""
