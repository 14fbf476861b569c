"""An answer by a link: that answer alone, to look at only."""

from streamlit.testing.v1 import AppTest

from app import resources
from app.session import SHARED, Session
from app.sharing import PARAMETER
from rag.config import REPOSITORY
from rag.types import sha256
from tests.app.conftest import PAGES, SOON, shown, state
from tests.app.test_door import KEPT, guess, settings
from tests.app.test_page import ask, button

LIT, TEA = "When was the lighthouse lit?", "首届雁枕春茶节是哪一年举办的？"


def visit(secret: str, **query: str) -> AppTest:
    test = AppTest.from_file(str(REPOSITORY / "app" / "main.py"), default_timeout=SOON)
    test.session_state["vouch"] = Session(secret=secret)
    for name, value in query.items():
        test.query_params[name] = value
    return test.run()


def share(site) -> tuple[AppTest, str]:
    """A conversation of two turns of which the first is shared, and its token."""
    test = ask(ask(visit("one"), LIT), TEA)
    given = state(test).turns[0].answer
    assert given is not None
    test = button(test, f"link-{given.id}").click().run()
    owner, conversation = "browser:" + sha256("one"), state(test).conversation
    token = resources.conversations(site.config).links(owner, conversation)[given.id]
    assert any(token in one.value for one in test.code)
    return test, token


def test_a_link_shows_one_answer_and_nothing_can_be_done_with_it(site):
    _, token = share(site)
    test = visit("two", answer=token)
    html = shown(test)
    assert not test.exception
    assert LIT in html and "1861" in html and '<li class="supported">' in html and 'class="figures"' in html
    assert "read-only" in html and "Answered 20" in html
    assert TEA not in html
    assert not test.chat_input and not test.text_area and not test.feedback and not test.sidebar.children
    assert not test.button  # no vote, no note, no deletion, no other question
    assert state(test).turns == [] and not state(test).conversation


def test_its_quotes_open_where_they_stand_without_the_index(site):
    _, token = share(site)
    with resources.index(site.config, "books") as index:
        for page in index.pages():
            index.remove(page.uri)
    test = visit("two", answer=token)
    state(test).cite(f"{SHARED}:1")
    html = shown(test.run())
    assert not test.exception
    assert PAGES["lighthouse.txt"][:40] in html and '<mark id="quote">' in html


def test_a_link_that_was_ended_or_whose_conversation_is_gone_says_so_in_both_languages(site):
    test, token = share(site)
    for value in ("no-such-link", state(test).turns[0].answer.id, state(test).conversation):
        assert "This link leads to no answer." in shown(visit("two", answer=value))
    kept = resources.conversations(site.config)
    kept.delete("browser:" + sha256("one"), state(test).conversation)
    gone = visit("two", answer=token)
    assert "This link leads to no answer." in shown(gone) and "1861" not in shown(gone)
    gone.session_state["language"] = "zh"
    assert "这个链接没有对应的回答" in shown(gone.run())


def test_the_owner_ends_a_link(site):
    test, token = share(site)
    given = state(test).turns[0].answer
    button(test, f"unlink-{given.id}").click().run()
    assert "This link leads to no answer." in shown(visit("two", answer=token))


def test_a_link_is_no_way_round_the_login(site):
    _, token = share(site)
    settings(site, f'login = "password"\npassword = "{KEPT}"')
    test = visit("two", answer=token)
    assert not test.exception and "1861" not in shown(test)
    test = guess(test, "a long password")
    assert "1861" in shown(test) and not test.chat_input
    assert test.query_params[PARAMETER] in (token, [token])
