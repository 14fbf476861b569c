"""The real page with the real models in a real browser: ask, read the verdicts, follow a citation, add a file, ask
about it, remove it. Screenshots go to ./shots/.

    pytest tests/app/test_browser.py -m browser
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from rag.config import REPOSITORY

pytestmark = [pytest.mark.browser, pytest.mark.model]

playwright = pytest.importorskip("playwright.sync_api")

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
SHOTS = REPOSITORY / "shots"
PATIENCE = 600.0  # seconds; on a busy machine an answer takes long, and nothing here measures speed
QUESTION = "1983年发大水那晚，是谁先听出不对、拉响了警报？"
COMET = (
    "The Brackwater comet of 1744 had six tails. The first to see it was the ropemaker Ines Tolland, on 3 March. "
    "She drew it every evening for three weeks.\n"
)


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> Iterator[str]:
    """The page's address, served from an empty index folder, so that the first start is played too."""
    folder = tmp_path_factory.mktemp("page")
    (folder / "vouch.toml").write_text(f'indexes = "{folder / "built"}"\n')
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (folder / "server.log").open("w+")
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app/main.py", "--server.port", str(port)],
        cwd=REPOSITORY,
        env={**os.environ, "VOUCH_CONFIG": str(folder / "vouch.toml")},
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        _until_healthy(url)
        yield url
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)
    log.seek(0)
    assert "Traceback" not in log.read()


def _until_healthy(url: str) -> None:
    deadline = time.monotonic() + PATIENCE
    with httpx.Client(trust_env=False) as client:
        while time.monotonic() < deadline:
            try:
                if client.get(f"{url}/_stcore/health").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.2)
    raise AssertionError("The page's server did not start")


@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with playwright.sync_playwright() as started:
        launched = started.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield launched
        launched.close()


def open_page(browser, address: str, width: int, height: int, **settings):
    """A new visitor's page, with what its console says wrong."""
    visitor = browser.new_context(viewport={"width": width, "height": height}, **settings)
    page = visitor.new_page()
    page.set_default_timeout(PATIENCE * 1000)
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "request", lambda sent: wrong.append(sent.url) if not sent.url.startswith((address, "data:", "blob:")) else None
    )
    page.goto(address)
    return page, wrong


def ask(page, question: str, number: int) -> None:
    """Ask, and wait until answer number `number` (from 1) has all its verdicts."""
    page.get_by_test_id("stChatInputTextArea").fill(question)
    page.keyboard.press("Enter")
    page.wait_for_function(f"document.querySelectorAll('.figures').length >= {number}")


def in_view(page, selector: str) -> bool:
    return page.evaluate(
        """(selector) => {
            const box = document.querySelector(selector)?.getBoundingClientRect();
            return !!box && box.height > 0 && box.top >= 0 && box.bottom <= innerHeight
                && document.elementFromPoint(box.left + 8, box.top + 8)?.closest(selector) !== null;
        }""",
        selector,
    )


def test_from_first_visit_to_a_checked_answer(browser, address, tmp_path):
    SHOTS.mkdir(exist_ok=True)
    page, wrong = open_page(browser, address, 1280, 900, locale="en-GB")
    page.get_by_test_id("stChatInputTextArea").wait_for()
    page.get_by_text("Try one of these").wait_for()
    page.screenshot(path=SHOTS / "ask-1280.png")

    # The quotes come first, and the field waits.
    page.get_by_test_id("stChatInputTextArea").fill(QUESTION)
    page.keyboard.press("Enter")
    page.wait_for_selector("button.quote")
    assert page.locator(".figures").count() == 0
    page.screenshot(path=SHOTS / "reading-1280.png")
    page.wait_for_selector(".figures")
    assert "韦小满" in page.inner_text("ol.answer")
    verdicts = page.locator("ol.answer .verdict").all_inner_texts()
    assert verdicts and all(any(icon in verdict for icon in "✓✗≠?") for verdict in verdicts)
    page.screenshot(path=SHOTS / "answer-1280.png")

    # A citation leads to its place.
    page.locator("ol.answer button[data-cite]").first.click()
    page.wait_for_selector("mark#quote, mark[id$=quote]")
    page.wait_for_function("document.querySelector('mark').getBoundingClientRect().top < innerHeight")
    page.wait_for_timeout(800)  # the panel slides in
    assert in_view(page, "mark")
    page.screenshot(path=SHOTS / "citation-1280.png")
    page.keyboard.press("Escape")
    page.wait_for_selector("mark", state="detached")

    # A source is added, answered from, and removed.
    page.get_by_test_id("stSidebarNav").get_by_text("Sources").click()
    page.wait_for_selector(".source")
    file = tmp_path / "comet <img src=x onerror=alert(1)>.txt"
    file.write_text(COMET)
    page.locator("input[type=file]").set_input_files(str(file))
    page.get_by_test_id("stFileChip").wait_for()
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_text("1 added").wait_for()
    page.screenshot(path=SHOTS / "sources-1280.png")
    assert page.locator(".source img").count() == 0
    page.get_by_test_id("stSidebarNav").get_by_text("Ask").click()
    ask(page, "Who first saw the comet of 1744?", 2)
    assert "Tolland" in page.locator(".quotes").last.inner_text()
    told = page.get_by_text("Tolland").count()

    page.get_by_test_id("stSidebarNav").get_by_text("Sources").click()
    page.locator("button", has_text="Remove").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    page.get_by_text("27 of 27 sources").wait_for()
    page.get_by_test_id("stSidebarNav").get_by_text("Ask").click()
    page.get_by_test_id("stChatInputTextArea").fill("Who first saw the comet of 1744?")
    page.keyboard.press("Enter")
    page.wait_for_function(
        "document.querySelectorAll('.quotes').length > 2 || document.querySelectorAll('.figures').length > 2"
    )
    assert page.get_by_text("Tolland").count() == told  # those of the answer before; the search found none
    page.screenshot(path=SHOTS / "removed-1280.png")
    if page.get_by_role("button", name="Stop").count():
        page.get_by_role("button", name="Stop").click()
        page.get_by_text("Stopped before the answer").wait_for()
    assert wrong == []


def test_a_telephone_and_the_chinese_interface(browser, address):
    SHOTS.mkdir(exist_ok=True)
    page, wrong = open_page(browser, address, 390, 844, locale="zh-CN", color_scheme="dark")
    page.get_by_test_id("stChatInputTextArea").wait_for()
    page.get_by_text("向你的资料提问").wait_for()
    page.screenshot(path=SHOTS / "ask-390.png")
    ask(page, QUESTION, 1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.screenshot(path=SHOTS / "answer-390.png")
    page.locator("ol.answer button[data-cite]").first.click()
    page.wait_for_selector("mark")
    page.wait_for_timeout(800)
    assert in_view(page, "mark")
    page.screenshot(path=SHOTS / "citation-390.png")
    assert wrong == []
