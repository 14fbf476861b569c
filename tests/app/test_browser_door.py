"""The door in a real browser, with stand-ins for the models: a password remembered, a page that only shows."""

import pytest

from rag import passwords
from tests.app.browsing import SHOTS, go, open_page, served

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


def test_a_password_opens_is_remembered_and_forgotten(browser, closed):
    page, wrong = open_page(browser, closed.url, 1280, 900, locale="en-GB")
    page.get_by_label("Password", exact=True).fill("wrong")
    page.keyboard.press("Enter")
    page.get_by_text("This is not the password").wait_for()
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
