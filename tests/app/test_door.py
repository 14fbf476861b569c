"""Who comes in and who may change things, without a browser."""

import pytest
from streamlit.testing.v1 import AppTest

from app import door
from app.door import FREE_GUESSES, PAUSE, Guesses
from app.session import LANGUAGE
from rag.cli import passwords
from rag.config import AppConfig, Config
from rag.errors import UsageFault
from tests.app.conftest import shown, state

KEPT = passwords.keep("a long password")


def settings(site, lines: str) -> None:
    file = site.folder / "vouch.toml"
    file.write_text(file.read_text("utf-8") + f"[app]\n{lines}\n", "utf-8")


def guess(test: AppTest, password: str) -> AppTest:
    test.text_input(key="password").set_value(password)
    return next(found for found in test.button if found.label in ("Log in", "登录")).click().run()


def test_nothing_is_shown_before_the_password_and_all_after_it(site):
    settings(site, f'login = "password"\npassword = "{KEPT}"')
    test = site.visit()
    assert not test.exception and not test.chat_input and "books" not in shown(test)
    test = guess(test, "something else")
    assert "This is not the password" in shown(test) and not test.chat_input
    test = guess(test, "a long password")
    assert test.chat_input and state(test).admitted
    assert not site.visit().chat_input, "another visitor is still asked"
    test = next(found for found in test.button if found.key == "log-out").click().run()
    assert not test.chat_input and not state(test).admitted


def test_the_door_speaks_chinese(site):
    settings(site, f'login = "password"\npassword = "{KEPT}"')
    test = site.visit()
    test.session_state[LANGUAGE] = "zh"
    assert "密码不正确" in shown(guess(test.run(), "x"))


def test_many_wrong_passwords_make_everybody_wait():
    guesses = Guesses()
    assert [guesses.fits("x", KEPT, 0.0) for _ in range(FREE_GUESSES)] == [False] * FREE_GUESSES
    assert guesses.fits("a long password", KEPT, PAUSE - 1) is None
    assert guesses.fits("a long password", KEPT, PAUSE) is True


@pytest.mark.parametrize("lines", ['login = "oauth"', 'login = "password"\npassword = "plain words"'])
def test_a_door_that_cannot_be_used_lets_nobody_in_and_says_why(site, lines):
    settings(site, lines)
    test = site.visit()
    if test.text_input:
        test = guess(test, "plain words")
    assert not test.exception and not test.chat_input and 'role="alert"' in shown(test)


def test_oidc_without_its_secrets_is_a_sentence(site):
    settings(site, 'login = "oidc"')
    test = site.visit()
    assert "secrets.toml has no [auth]" in shown(test) and not test.chat_input


@pytest.mark.parametrize(
    ("email", "in_"),
    [
        ("Ann@Example.org", True),
        ("bo@partner.cn", True),
        ("eve@partner.cn", False),
        ("eve@example.org.evil", False),
        ("", False),
        ("@example.org", False),
    ],
)
def test_people_are_addresses_or_whole_domains(email, in_):
    assert door.named(email, ("@example.org", "bo@partner.cn")) is in_
    assert not door.named(email, ())


def test_a_read_only_page_makes_no_index(site):
    settings(site, "read_only = true")
    test = site.visit()
    assert test.chat_input and not any(found.key == "new-index" for found in test.text_input)
    with pytest.raises(UsageFault, match="read-only"):
        door.require_change(Config(app=AppConfig(read_only=True)))


def test_paths_of_this_machine_are_for_those_who_need_no_login():
    assert door.may_name_paths(Config())
    assert not door.may_name_paths(Config(app=AppConfig(login="password")))
    assert door.may_name_paths(Config(app=AppConfig(login="password", server_files=True)))
