"""The door in a real browser, with stand-ins for the models: a password remembered, a page that only shows, and
Streamlit's own login at a provider of our own."""

import pytest

from rag.cli import passwords
from tests.app.browsing import SHOTS, go, open_page, served, settled
from tests.app.provider import provide

pytestmark = [pytest.mark.browser]

pytest.importorskip("playwright.sync_api")

LIGHT = """index = "books"
[embedder]
kind = "hash"
[reader]
kind = "scripted"
model = "{script}"
[checking]
judge = "reader"
auditor = ""
"""
SECRET = "a long password"


@pytest.fixture
def closed(tmp_path):
    script = tmp_path / "script.json"
    script.write_text('{"replies": [], "choices": []}')
    kept = passwords.keep(SECRET)
    app = f'[app]\nlogin = "password"\npassword = "{kept}"\nread_only = true'
    with served(tmp_path, f"{LIGHT.format(script=script)}\n{app}") as made:
        yield made


@pytest.fixture
def invited(tmp_path):
    pytest.importorskip("authlib")
    script = tmp_path / "script.json"
    script.write_text('{"replies": [], "choices": []}')
    app = '[app]\nlogin = "oidc"\npeople = ["@example.org"]\nread_only = true\neditors = ["ann@example.org"]'
    with provide() as provider:
        secrets = f"""[auth]
redirect_uri = "http://127.0.0.1:PORT/oauth2callback"
cookie_secret = "{"s" * 40}"
client_id = "vouch"
client_secret = "secret"
server_metadata_url = "{provider.url}/.well-known/openid-configuration"
"""
        with served(tmp_path, f"{LIGHT.format(script=script)}\n{app}", secrets) as made:
            yield made, provider


def test_a_password_opens_is_remembered_and_forgotten(browser, closed):
    page, wrong = open_page(browser, closed.url, 1280, 900, locale="en-GB")
    page.get_by_label("Password", exact=True).fill("wrong")
    page.keyboard.press("Enter")
    page.get_by_text("This is not the password").wait_for()
    settled(page)
    assert page.get_by_test_id("stSidebarNav").count() == 0
    page.screenshot(path=SHOTS / "door-1280.png")
    page.get_by_label("Password", exact=True).fill(SECRET)
    page.keyboard.press("Enter")
    page.get_by_test_id("stSidebarNav").wait_for()
    page.wait_for_function("document.cookie.includes('vouch_door')")
    page.reload()
    page.get_by_test_id("stSidebarNav").wait_for()
    go(page, "Sources")
    page.get_by_text("This page is read-only").wait_for()
    assert page.get_by_role("button", name="Add", exact=True).count() == 0
    page.get_by_role("button", name="Log out").click()
    page.get_by_label("Password", exact=True).wait_for()
    page.wait_for_function("!document.cookie.includes('vouch_door')")
    page.goto(closed.url)
    page.get_by_label("Password", exact=True).wait_for()
    assert wrong == []


def test_a_provider_says_who_it_is_and_the_page_whether_he_is_meant(browser, invited):
    made, provider = invited
    page, _ = open_page(browser, made.url, 1280, 900, locale="en-GB")
    page.get_by_role("button", name="Log in").click()
    page.get_by_test_id("stSidebarNav").wait_for()
    page.get_by_text("ann@example.org").wait_for()
    go(page, "Sources")
    page.get_by_role("button", name="Add", exact=True).wait_for()  # an editor, though the page is read-only
    assert page.get_by_text("paths of this machine").count() == 0

    provider.email = "eve@elsewhere.example"
    other, _ = open_page(browser, made.url, 1280, 900, locale="en-GB")
    other.get_by_role("button", name="Log in").click()
    other.get_by_text("eve@elsewhere.example is not among the people").wait_for()
    assert other.get_by_test_id("stSidebarNav").count() == 0


def test_a_shared_link_is_come_back_to_after_the_login_once(browser, invited):
    made, _ = invited
    page, _ = open_page(browser, f"{made.url}/?answer={'t' * 22}", 1280, 900, locale="en-GB")
    page.wait_for_function("document.cookie.includes('vouch_place')")
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"**/?answer={'t' * 22}")
    page.get_by_role("link", name="Open Vouch").wait_for()
    page.wait_for_function("!document.cookie.includes('vouch_place')")
    page.goto(made.url)
    page.get_by_test_id("stSidebarNav").wait_for()
    assert "answer=" not in page.url


def test_who_is_let_in_may_upload(browser, tmp_path):
    script = tmp_path / "script.json"
    script.write_text('{"replies": [], "choices": []}')
    app = f'[app]\nlogin = "password"\npassword = "{passwords.keep(SECRET)}"'
    file = tmp_path / "salt.txt"
    file.write_text("The salt road from Brackwater was paved in 1688. It took the masons nine summers.")
    with served(tmp_path, f"{LIGHT.format(script=script)}\n{app}") as made:
        page, wrong = open_page(browser, made.url, 1280, 900, locale="en-GB")
        page.get_by_label("Password", exact=True).fill(SECRET)
        page.keyboard.press("Enter")
        go(page, "Sources")
        page.locator("input[type=file]").set_input_files(str(file))
        page.get_by_test_id("stFileChip").wait_for()
        page.get_by_role("button", name="Add", exact=True).click()
        page.get_by_text("1 added", exact=True).wait_for()
        assert wrong == []
