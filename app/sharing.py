"""One answer by a link: whoever has it, and may come in, reads that answer and the pages it quotes, and no more."""

from collections.abc import Mapping

import streamlit as st

from app import clicks, evidence, render, render_ask, resources, session, turns, visitors
from app.session import SHARED
from app.words import Language, say
from rag import wiring
from rag.config import Config
from rag.types import Answer

PARAMETER = "answer"  # of the page's address


def links(config: Config) -> Mapping[str, str]:
    """The tokens by which answers of the open conversation are shared, by the answers' ids."""
    return resources.conversations(config).links(visitors.owner(), session.current().conversation)


def offer(config: Config, language: Language, known: Mapping[str, str], given: Answer) -> None:
    """Under an answer: the link to it, once it is wanted, and its end. `known` is of `links`."""
    kept, owner, conversation = resources.conversations(config), visitors.owner(), session.current().conversation
    with st.popover(say(language, "share"), icon=":material/link:", type="tertiary", key=f"share-{given.id}"):
        st.html(render.faint(say(language, "share what")))
        token = known.get(given.id, "")
        if not token and st.button(say(language, "share make"), icon=":material/add_link:", key=f"link-{given.id}"):
            kept.share(owner, conversation, given.id)
            st.rerun()
        if not token:
            return
        st.code(address(token), language=None, wrap_lines=True)
        if st.button(say(language, "share end"), icon=":material/link_off:", type="tertiary", key=f"unlink-{given.id}"):
            kept.unshare(owner, conversation, given.id)
            st.rerun()


def address(token: str) -> str:
    """Of the answer that is shared by `token`, as this visitor's browser reaches the page."""
    return f"{(st.context.url or '').partition('?')[0].rstrip('/')}/?{PARAMETER}={token}"


def page(config: Config, token: str) -> None:
    """What the link leads to, to look at only. Raises Fault where the conversations cannot be read."""
    mine, language = session.current(), session.language()
    found = resources.conversations(config).shared(token, wiring.ledger(config).text)
    clicks.listen(session.CITED, mine.cite)
    clicks.name_parts()
    if found is None:
        st.html(render.title(say(language, "share nothing")))
        st.html(render.notice(say(language, "share none")))
        _onward(language)
        return
    given = found.answer
    st.html(render_ask.read_only(language, found.at))
    mine.shared, mine.shown[SHARED] = given, given.quotes
    turns.question(found.question)
    with st.chat_message("assistant", avatar=":material/fact_check:"):
        if found.asked_as:
            st.html(render_ask.understood(language, found.asked_as))
        turns.body(language, SHARED, given)
        turns.export(language, SHARED, given)
    _onward(language)
    evidence.show(config, language, mine, given.index.get("name", ""))


def _onward(language: Language) -> None:
    """To one's own conversations."""
    st.link_button(say(language, "share onward"), address("").partition("?")[0], icon=":material/forum:")
