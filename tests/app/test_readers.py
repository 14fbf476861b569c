"""The Settings view against the shipped server: try, use, back; nothing is sent anywhere before a click."""

import pytest
from streamlit.testing.v1 import AppTest

from app.session import ADDRESS
from rag.config import ReaderConfig, load
from rag.generation.fake_server import MODEL, served
from rag.setup import choice
from tests.app.conftest import SOON, shown, state


def settings_page(config: str) -> None:
    """What main.py does for the Settings page; AppTest cannot follow a link to a page that is a function."""
    from app import readers
    from rag.config import load

    readers.page(load())


def visit() -> AppTest:
    return AppTest.from_function(settings_page, args=("",), default_timeout=SOON).run()


def press(test: AppTest, key: str) -> AppTest:
    return next(found for found in test.button if found.key == key).click().run()


@pytest.fixture
def server(monkeypatch, tmp_path):
    monkeypatch.setenv("VOUCH_HOME", str(tmp_path / "home"))
    with served() as running:
        yield running


def test_which_reader_answers_and_where_text_goes_is_said_on_every_page(site):
    assert "nothing leaves this machine" in shown(site.visit())
    choice.choose(ReaderConfig("openai", "deepseek-chat", "https://api.deepseek.com/v1"), load().reader)
    for test in (site.visit(), visit()):
        assert not test.exception
        assert "Reader: deepseek-chat" in shown(test) and "sent to api.deepseek.com" in shown(test)


def test_a_server_is_found_tried_used_and_left_again(site, server):
    configured = load().reader
    test = visit()
    assert not server.asked and not test.exception and "the bundled reader" in shown(test)
    test = test.text_input(ADDRESS).set_value(server.address("good")).run()
    assert MODEL in shown(test) and not server.asked
    test = press(test, "try-0")
    assert state(test).trying.run.wait(SOON)
    test = test.run()
    assert not test.exception and "gives probabilities" in shown(test) and "tokens a second" in shown(test)
    assert load().reader == configured
    test = press(test, "use-0")
    assert load().reader.address == server.address("good") and f"Reader: {MODEL}" in shown(test)
    test = press(test, "reader-back")
    assert load().reader == configured and not test.exception


def test_a_reader_that_fails_its_trial_is_a_sentence_and_cannot_be_used(site, server):
    test = visit().text_input(ADDRESS).set_value(server.address("403")).run()
    test = press(test, "try-0")
    assert state(test).trying.run.wait(SOON)
    test = test.run()
    assert "may not use the reader" in shown(test) and not test.exception
    assert "use-0" not in [found.key for found in test.button]


def test_an_address_where_nobody_answers_is_said(site):
    assert "No model server answers" in shown(visit().text_input(ADDRESS).set_value("http://127.0.0.1:9/v1").run())


def test_on_a_read_only_page_the_reader_is_shown_and_not_changed(site):
    file = site.folder / "vouch.toml"
    file.write_text(file.read_text() + "[app]\nread_only = true\n")
    test = visit()
    assert "whoever runs it chooses the reader" in shown(test) and not test.button
