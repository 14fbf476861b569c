"""Where the sources disagree with what is answered: another page gives another value for the same thing."""

from collections.abc import Mapping, Sequence

from rag.checking.figures import Figure, figures
from rag.seams import Judge
from rag.text import sentences
from rag.types import Conflict, Page, Quote, Sentence, Side, Span


def conflicts(
    told: Sequence[Sentence], kept: Sequence[Quote], pages: Mapping[str, Page], judge: Judge, spoken: str
) -> tuple[Conflict, ...]:
    """Every pair of a sentence told and a sentence of another page's quote that gives another value in the same unit
    and that the judge calls contradicted. The answer's own side comes first."""
    found: list[Conflict] = []
    for sentence in told:
        own = [quote for quote in kept if quote.id in sentence.citations]
        for other in kept:
            if not own or any(other.uri == quote.uri for quote in own):
                continue
            for span in sentences(other.text):
                if conflict := _conflict(sentence.text, own, other, span, pages, judge, spoken):
                    found.append(conflict)
    return tuple(found)


def _conflict(
    claim: str,
    own: Sequence[Quote],
    other: Quote,
    span: Span,
    pages: Mapping[str, Page],
    judge: Judge,
    spoken: str,
) -> Conflict | None:
    said = other.text[span[0] : span[1]]
    ours, theirs = figures(claim), figures(said)
    values = {one.value for one in theirs}
    for mine in ours:
        rival = next((one for one in theirs if one.unit == mine.unit and mine.unit and one.value != mine.value), None)
        home = _home(mine, own)
        if rival is None or home is None or mine.value in values:
            continue
        verdict = judge.judge([Quote(0, said, other.uri, other.title, other.page_sha256, *span)], claim, spoken)
        if verdict.label != "contradicted":
            return None
        return Conflict(_home_side(home, pages), _side(other, span, rival, pages), None)
    return None


def _home(figure: Figure, own: Sequence[Quote]) -> tuple[Quote, Span, Figure] | None:
    """(the quote, the span of its sentence, the figure there) that gives this value."""
    for quote in own:
        for start, end in sentences(quote.text):
            for held in figures(quote.text[start:end]):
                if held.value == figure.value:
                    return quote, (start, end), held
    return None


def _home_side(home: tuple[Quote, Span, Figure], pages: Mapping[str, Page]) -> Side:
    quote, span, figure = home
    return _side(quote, span, figure, pages)


def _side(quote: Quote, span: Span, figure: Figure, pages: Mapping[str, Page]) -> Side:
    page = pages.get(quote.page_sha256)
    return Side(
        quote.id,
        quote.text[span[0] : span[1]],
        figure.start,
        figure.end,
        quote.uri,
        quote.title,
        page.date if page else quote.date,
        page.read_at if page else "",
    )
