"""The side panel: a page as it was read, scrolled to the quote."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import streamlit as st

from app import clicks, facsimile, noting, render, render_ask, resources
from app.session import FIND, SHARED, Place, Session
from app.words import Language, say
from rag import wiring
from rag.config import Config
from rag.errors import Unreachable
from rag.types import Page, Quote, sha256


@dataclass(frozen=True, slots=True)
class Evidence:
    """What there is to show. `problem` is a key of the words where the quote cannot be vouched for."""

    page: Page
    quote: Quote | None
    problem: Literal["", "not there", "not verbatim"] = ""


def check(page: Page, quote: Quote) -> Literal["", "not verbatim"]:
    """The first law, once more before showing: this text, by its hash, and the quote verbatim at its place."""
    same = sha256(page.text) == quote.page_sha256 and page.text[quote.start : quote.end] == quote.text
    return "" if same else "not verbatim"


def show(
    config: Config, language: Language, session: Session, index: str, about: Callable[[str], None] | None = None
) -> None:
    """Open the panel where `session.reading` points; closing it forgets the place. `about` has the next questions asked
    of one source alone."""
    place = session.reading
    found = find(config, session, place, index) if place else None
    if place is None or found is None:
        session.reading = None
        return

    def closed() -> None:
        session.reading = None

    quotes = session.quotes(place.turn) if found.quote else ()
    others = [one for one in quotes if one.page_sha256 == found.page.sha256 and one != found.quote]
    drawn = bool(found.page.file_sha256) and not found.problem
    width: Literal["large", "medium"] = "large" if drawn else "medium"
    opening = st.dialog(say(language, "page"), position="right", width=width, on_dismiss=closed)

    def inside() -> None:
        if not drawn:
            return _panel(config, language, session, place, found, others, about)
        text, printed = st.columns(2)
        with text:
            _panel(config, language, session, place, found, others, about)
        with printed:
            facsimile.show(config, language, index, place, found.page, found.quote)

    opening(inside)()


def _panel(
    config: Config,
    language: Language,
    session: Session,
    place: Place,
    found: Evidence,
    others: Sequence[Quote],
    about: Callable[[str], None] | None,
) -> None:
    st.html(render.facts(language, found.page, found.quote))
    if found.quote and (link := render_ask.at_the_quote(language, found.quote.uri, found.quote.text)):
        st.html(link)
    if found.problem:
        st.html(render.notice(say(language, found.problem), fault=True))
    marked = found.quote if not found.problem else None
    if not found.page.text:
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        wanted = st.text_input(
            say(language, "find here"), key=FIND, placeholder=say(language, "find here"), label_visibility="collapsed"
        )
        if about and st.button(say(language, "ask about"), icon=":material/forum:", type="tertiary", key="ask-about"):
            about(found.page.uri)
        answer = session.turn(place.turn).answer if place.turn < len(session.turns) else None
        if marked and answer and answer.id:
            noting.save_quote(config, language, answer, marked.id)
    if wanted.strip():
        count = len(render.places(found.page.text, wanted))
        st.html(render.faint(say(language, "found here", count=count)))
    span = (marked.start, marked.end) if marked else None
    shown = [] if found.problem else others
    st.html(render.page(language, found.page.text, span, place.turn, shown, wanted))
    if marked or wanted.strip():
        clicks.scroll_to_quote(f"{place.turn}-{place.quote}-{wanted}")


def find(config: Config, session: Session, place: Place, index: str) -> Evidence | None:
    """The page of a quote or of a source; None where the place is not there any more."""
    if place.uri:
        page = _in_index(config, index, place.uri)
        return Evidence(page, None) if page else None
    quote = next((kept for kept in session.quotes(place.turn) if kept.id == place.quote), None)
    if quote is None:
        return None
    page = _page(config, session, place.turn, quote, index)
    if page is None:
        return Evidence(Page(quote.uri, "", quote.title), quote, "not there")
    return Evidence(page, quote, check(page, quote))


def _page(config: Config, session: Session, turn: int, quote: Quote, index: str) -> Page | None:
    """The page kept with the answer; of an answer in the making, the index's; else what the ledger keeps by hash."""
    kept = next((page for page in session.pages(turn) if page.sha256 == quote.page_sha256), None)
    if kept or turn == SHARED:  # a link grants what was kept with the answer alone
        return kept
    indexed = _in_index(config, index, quote.uri)
    if indexed and indexed.sha256 == quote.page_sha256:
        return indexed
    text = wiring.ledger(config).text(quote.page_sha256)
    return Page(quote.uri, text, quote.title) if text is not None else None


def _in_index(config: Config, index: str, uri: str) -> Page | None:
    try:
        return resources.index(config, index).open(uri)
    except Unreachable:  # taken out since
        return None
