"""A search tried out: what words find, what vectors find, and what becomes of both, side by side."""

from time import perf_counter

import streamlit as st

from app import clicks, preview, render, render_source, session
from app.render_source import Leg
from app.session import SEARCHED, Session
from app.words import Language, say
from rag.index.index import Index
from rag.index.search import LEG_DEPTH
from rag.types import Hit, Quote

SHOWN = 8  # hits of each ranking
LEGS: tuple[Leg, ...] = ("fused", "dense", "text")


def show(language: Language, mine: Session, index: Index) -> None:
    """Raises Fault where the index or the embedder cannot be used."""
    clicks.listen(session.SEARCH_CITED, mine.cite)
    st.html(render.faint(say(language, "search lead")))
    query = st.text_input(say(language, "search here"), key=session.SEARCH).strip()
    if not query:
        mine.shown.pop(SEARCHED, None)
        return
    began = perf_counter()
    fused = index.search(query, SHOWN)
    dense, text = index.legs(query, LEG_DEPTH)  # as deep as a search goes, so that every rank is known
    took = (perf_counter() - began) * 1000
    rankings = (fused, dense[:SHOWN], text[:SHOWN])
    mine.shown[SEARCHED] = [quote(hit, number) for number, hit in enumerate([h for hits in rankings for h in hits], 1)]
    if not fused:
        st.html(render.notice(say(language, "search nothing")))
        return
    st.html(render.faint(say(language, "search took", milliseconds=f"{took:.0f}")))
    first = 1
    for column, name, hits in zip(st.columns(3, gap="medium"), LEGS, rankings, strict=True):
        with column:
            st.html(render.heading(say(language, f"leg {name}"), say(language, f"leg {name} is")))
            st.html(render_source.found(language, SEARCHED, hits, name, first))
        first += len(hits)
    preview.show_quote(language, mine, index, SEARCHED)


def quote(hit: Hit, number: int) -> Quote:
    """A hit as something that can be opened at its place."""
    chunk = hit.chunk
    return Quote(
        number, chunk.text, chunk.uri, hit.title, chunk.page_sha256, chunk.start, chunk.end, chunk.heading,
        locator=chunk.locator,
    )  # fmt: skip
