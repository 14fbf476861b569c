"""The cited page of a PDF as it is printed, the lines of the quote boxed; the pages before and after it."""

import streamlit as st

from app import faults, render, session
from app.session import Place
from app.words import Language, say
from rag.config import Config
from rag.errors import Fault
from rag.sources import apart
from rag.sources.originals import Originals
from rag.types import Page, Quote

_KEPT = 32  # drawings, of some 200 KB


def show(config: Config, language: Language, index: str, place: Place, page: Page, quote: Quote | None) -> None:
    """Opens at the quote, which `place` names."""
    first = quote.locator.first if quote and quote.locator else 1
    start = quote.start if quote else 0
    key = f"{session.PRINTED_PAGE} {place.turn} {place.quote} {start} {page.uri}"
    number = st.pagination(len(page.page_starts), default=first, key=key) or first
    words, near = part(page, quote, number) if quote else ("", 0.0)
    originals = Originals.beside(config.built / index, config.fetch.originals_megabytes)
    try:
        with st.spinner(say(language, "printing", number=number)):
            png, boxes = _drawn(page.file_sha256, number, words, near, originals, page)
    except Fault as fault:
        st.html(faults.notice(language, str(fault)))
        return
    st.image(png, say(language, "printed", number=number), width="stretch")
    if words.strip() and not boxes:
        st.html(render.faint(say(language, "no boxes")))


def part(page: Page, quote: Quote, number: int) -> tuple[str, float]:
    """(what of the quote stands on page `number`, "" for nothing; how far down the text of that page it begins)."""
    start = page.page_starts[number - 1]
    end = page.page_starts[number] if number < len(page.page_starts) else len(page.text)
    words = page.text[max(start, quote.start) : max(start, min(end, quote.end))]
    return words, max(0, quote.start - start) / max(1, end - start)


@st.cache_data(max_entries=_KEPT, show_spinner=False)
def _drawn(
    file_sha256: str, number: int, words: str, near: float, _originals: Originals, _page: Page
) -> tuple[bytes, int]:
    """Raises Fault."""
    drawing = apart.draw(_originals.find(_page), _page.uri, number, words, near)
    return drawing.png, drawing.boxes
