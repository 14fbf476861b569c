"""The side panel of a source: what was extracted from it, furniture set apart, and how it was cut into chunks."""

import streamlit as st

from app import clicks, render, render_source, session
from app.session import Session
from app.words import Language, say
from rag.errors import Unreachable
from rag.index.index import Index


def show(language: Language, mine: Session, index: Index) -> None:
    """Open the panel where the session is to read a source; closing it forgets that."""
    place = mine.reading
    if place is None or not place.uri:
        return

    def closed() -> None:
        mine.reading = None

    try:
        page, chunks = index.open(place.uri), index.chunks(place.uri)
    except Unreachable:  # taken out since
        mine.reading = None
        return

    def inside() -> None:
        st.html(render.facts(language, page, None))
        st.html(render_source.made_of(language, page, chunks))
        spans = render_source.leaves(len(page.text), [chunk.start for chunk in chunks])
        leaf = 1
        if len(spans) > 1:
            leaf = st.pagination(len(spans), key=f"{session.PREVIEW_LEAF} {place.uri}") or 1
        st.html(render_source.extract(language, page, chunks, spans[min(leaf, len(spans)) - 1]))

    st.dialog(say(language, "preview"), position="right", width="medium", on_dismiss=closed)(inside)()


def show_quote(language: Language, mine: Session, index: Index, turn: int) -> None:
    """The same at a chunk that a search found, where the session is to read one of `turn`."""
    place = mine.reading
    if place is None or place.turn != turn or place.uri:
        return
    quote = next((kept for kept in mine.quotes(turn) if kept.id == place.quote), None)
    if quote is None:
        mine.reading = None
        return

    def closed() -> None:
        mine.reading = None

    try:
        page, chunks = index.open(quote.uri), index.chunks(quote.uri)
    except Unreachable:
        mine.reading = None
        return
    spans = render_source.leaves(len(page.text), [chunk.start for chunk in chunks])
    leaf = next((span for span in spans if span[0] <= quote.start < span[1]), spans[0])

    def inside() -> None:
        st.html(render.facts(language, page, quote))
        st.html(render_source.extract(language, page, chunks, leaf, quote.start))
        clicks.scroll_to_quote(f"{turn}-{quote.id}")

    st.dialog(say(language, "preview"), position="right", width="medium", on_dismiss=closed)(inside)()
