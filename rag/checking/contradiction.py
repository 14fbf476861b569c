"""Where sources disagree with what is answered: another page, or the same one elsewhere, has another figure for it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from rag.checking.substitution import substitute
from rag.protocols import Judge
from rag.text.figures import Figure, figures
from rag.text.language import language
from rag.text.quantities import quantities
from rag.text.sentences import sentences
from rag.types import Conflict, Page, Quote, Sentence, Side, Span

SURE = 0.6  # P(the other page states the sentence with its own figure) from which it is shown as another side
SURER = 0.8  # the same within one page, where much is said of like things


def conflicts(
    told: Sequence[Sentence], kept: Sequence[Quote], pages: Mapping[str, Page], judge: Judge, spoken: str
) -> tuple[Conflict, ...]:
    """Every published sentence that a quote in its language states with another figure: a quote of another page, or of
    the same one in sentences that have none of its figures. An earlier version of a page does not count. The answer's
    own side comes first."""
    found: list[Conflict] = []
    for sentence in told:
        own = [quote for quote in kept if quote.id in sentence.citations]
        for quote in kept:
            if not own or quote.superseded or language(quote.text) != language(sentence.text):
                continue
            within = quote.uri in {one.uri for one in own}
            other = _elsewhere(quote, sentence.text) if within else quote
            rival = substitute(sentence.text, other, judge, spoken, SURER if within else SURE) if other.text else None
            left = _side_of(rival.ours, own, pages) if rival else None
            right = _side_of(rival.theirs, [quote], pages) if rival else None
            if rival and left and right:
                found.append(Conflict(left, right, rival.probability))
    return tuple(found)


def _elsewhere(quote: Quote, claim: str) -> Quote:
    """The quote without the sentences that have a figure of the claim; without text where it has no other figure."""
    own = {figure.value for figure in figures(claim)}
    each = [
        (quote.text[start:end], {one.value for one in figures(quote.text[start:end])})
        for start, end in sentences(quote.text)
    ]
    rest = [(text, values) for text, values in each if not values & own]
    return replace(quote, text=" ".join(text for text, _ in rest) if any(values for _, values in rest) else "")


def _side_of(figure: Figure, quotes: Sequence[Quote], pages: Mapping[str, Page]) -> Side | None:
    """The sentence of the quotes that gives this value, with where it stands in it."""
    for quote in quotes:
        for start, end in sentences(quote.text):
            text = quote.text[start:end]
            held = next((one for one in figures(text) if one.value == figure.value), None)
            if held:
                page = pages.get(quote.page_sha256)
                read_at = page.read_at if page else ""
                first, last = _with_unit(text, held)
                return Side(quote.id, text, first, last, quote.uri, quote.title, quote.date, read_at)
    return None


def _with_unit(text: str, figure: Figure) -> Span:
    """Where the figure stands in `text`, with its unit where it has one: 86米."""
    amounts = ((one.start, one.end) for one in quantities(text) if one.start <= figure.start < one.end)
    return next(amounts, (figure.start, figure.end))
