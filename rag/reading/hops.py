"""Questions that describe a thing without naming it: it has to be found out before the rest can be looked up."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.reading import clauses, prompts
from rag.reading.view import body
from rag.seams import Reader
from rag.text import news, sentences, telling
from rag.types import Chunk, Hit, Link, Page, Quote

PLACE = "#1"
PIECE = 1200  # characters of a page that are looked at as one hit
PIECES = 8
MAX_TOKENS = 120
_NESTED_ZH = re.compile(
    r"的那|(?:.{4}|[？?])那(?:个|家|座|条|位|艘|片|所|种|部|本|款|只|名|间|次)|的.{1,8}[，,]\s*[它他她]"
)
_NESTED_EN = re.compile(r"(?<=[\w)] )(?:whose|which|where|that|who)\b", re.IGNORECASE)
_INSTRUCTION = re.compile("place of the description|代替")  # as the prompts say it
_SPLIT = re.compile(r"1\.\s*(.+?)\s*\n+\s*2\.\s*(.+)", re.DOTALL)
_GRAMMAR = (
    'root ::= "1. " line "\\n2. " before "#1" after\n'
    "line ::= [^\\n#] [^\\n#]*\nbefore ::= [^\\n#]*\nafter ::= [^\\n#] [^\\n#]*\n"
)


@dataclass(frozen=True, slots=True)
class Split:
    """`first` asks what the thing is; `then` is the question with PLACE for it."""

    first: str
    then: str

    def resolved(self, name: str) -> str:
        return self.then.replace(PLACE, name)


def nested(question: str) -> bool:
    """Whether the question may describe a thing by a clause: "the town where …", "……的那家……". Who or what it is that
    the clause describes may be all that is asked; then there is nothing else to look up."""
    if clauses.only_describes(question):
        return False
    words = question.split(" ", 2)  # "In which year", "Who" and the like ask; they do not describe
    rest = words[2] if len(words) > 2 else ""
    return bool(_NESTED_ZH.search(question) or _NESTED_EN.search(f"x {rest}"))


def split(question: str, language: str, reader: Reader) -> Split | None:
    """The question in two, by its clause where that is plain, else as the reader takes it apart; None where that left
    nothing out, copied what it was told to do or makes no two questions. Raises ReaderFault."""
    plain = clauses.apart(question, PLACE)
    if plain:
        return Split(*plain)
    filled = prompts.prompt("hops", "split", language, MAX_TOKENS, _GRAMMAR, question=prompts.tidy(question))
    found = _SPLIT.fullmatch("".join(reader.write(filled)).strip())
    if not found or PLACE in found.group(1) or PLACE not in found.group(2):
        return None
    first, then = (" ".join(part.split()) for part in found.groups())
    rest = then.replace(PLACE, " ").strip(" ?？。.")
    copied = _INSTRUCTION.search(then) and not _INSTRUCTION.search(question)
    return Split(first, then) if rest and news(question, first) and not copied else None


def source_of(name: str, quotes: Sequence[Quote]) -> Quote | None:
    """The first of `quotes` in which `name` stands; without one, the reader made it up."""
    wanted = _folded(name)
    return next((kept for kept in quotes if wanted and wanted in _folded(kept.text)), None)


def link_of(name: str, kept: Quote, page: Page) -> int:
    """The number of the link in a quote whose text is `name`, or has it in it, or is part of it; 0 for none."""
    wanted = _folded(name)
    for number, link in enumerate(page.links, 1):
        if kept.start <= link.start and link.end <= kept.end and _same(wanted, _folded(_text(page, link))):
            return number
    return 0


def pieces(page: Page, question: str) -> list[Hit]:
    """The article of a page as hits, those with most of the question's words first."""
    spans: list[tuple[int, int]] = []
    for first, last in body(page):
        for start, end in sentences(page.text, first, last):
            if spans and spans[-1][0] >= first and end - spans[-1][0] <= PIECE:
                spans[-1] = (spans[-1][0], end)
            else:
                spans.append((start, end))
    wanted = telling(question)
    scored = [(len(wanted & telling(page.text[start:end])), start, end) for start, end in spans]
    best = sorted(scored, key=lambda found: (-found[0], found[1]))[:PIECES]
    sha256 = page.sha256
    return [
        Hit(Chunk(page.uri, sha256, start, end, page.text[start:end]), page.title, float(score))
        for score, start, end in best
    ]


def _text(page: Page, link: Link) -> str:
    return page.text[link.start : link.end]


def _same(one: str, other: str) -> bool:
    return bool(one and other) and (one in other or other in one)


def _folded(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())
