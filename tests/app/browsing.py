"""The real page in a real browser: a server of its own, visitors, what their consoles say. Screenshots: ./shots/."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from rag.config import REPOSITORY
from tests.sources.local_site import Site, serve

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
SHOTS = REPOSITORY / "shots"
# Seconds until something counts as hung: on the page, and where a model writes or an index is made. Nothing here
# measures speed, and a busy machine is slow; but a hang costs so much, and `make test-browser` ends at the second.
PATIENCE, WRITING = 60.0, 240.0


@dataclass(frozen=True)
class Served:
    """A page at `url`, whose files lie in `folder`, and a web site of the test's own that it may fetch from."""

    url: str
    site: Site
    folder: Path


@contextmanager
def served(folder: Path, settings: str = "", secrets: str = "") -> Iterator[Served]:
    """A page with `settings` in its vouch.toml and `secrets` in its secrets.toml, where PORT stands for its own; at the
    end its log must tell of no exception."""
    with serve() as site:
        (folder / "vouch.toml").write_text(
            f'indexes = "{folder / "built"}"\n{settings}\n[fetch]\nallow_hosts = ["{site.host}"]\n', "utf-8"
        )
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        (folder / "secrets.toml").write_text(secrets.replace("PORT", str(port)), "utf-8")
        command = [sys.executable, "-m", "streamlit", "run", str(REPOSITORY / "app" / "main.py")]
        command += ["--server.port", str(port), "--secrets.files", str(folder / "secrets.toml")]
        with (folder / "server.log").open("w+") as log:
            server = subprocess.Popen(
                command,
                cwd=REPOSITORY,
                env={**os.environ, "VOUCH_CONFIG": str(folder / "vouch.toml")},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
            try:
                url = f"http://127.0.0.1:{port}"
                _until_healthy(url)
                yield Served(url, site, folder)
            finally:
                server.send_signal(signal.SIGINT)
                server.wait(PATIENCE)
            log.seek(0)
            told = log.read()
            assert "Traceback" not in told and "Exception" not in told, told[-4000:]


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


# Cumulative layout shift (web.dev/cls) since it was last set to 0; what a key or a click has moved does not count.
SHIFTS = """window.shifted = 0;
new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });"""
STEADY = 0.1  # up to this a page counts as steady there


def open_page(browser, address: str, width: int, height: int, **settings):
    """A new visitor's page, with what its console says wrong."""
    SHOTS.mkdir(exist_ok=True)
    visitor = browser.new_context(viewport={"width": width, "height": height}, **settings)
    visitor.add_init_script(SHIFTS)
    page = visitor.new_page()
    page.set_default_timeout(PATIENCE * 1000)
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", lambda dialog: (wrong.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on(
        "request", lambda sent: wrong.append(sent.url) if not sent.url.startswith((address, "data:", "blob:")) else None
    )
    page.goto(address)
    return page, wrong


def ready(page) -> None:
    """Until a question can be asked: at the first start the demo index is made before."""
    page.get_by_test_id("stChatInputTextArea").wait_for(timeout=WRITING * 1000)


def written(page, selector: str, number: int = 1) -> None:
    """Until there are so many of what a model has to write first."""
    page.wait_for_function(f"document.querySelectorAll('{selector}').length >= {number}", timeout=WRITING * 1000)


def ask(page, question: str, number: int) -> None:
    """Ask, and wait until answer number `number` (from 1) has all its verdicts."""
    page.get_by_test_id("stChatInputTextArea").fill(question)
    page.keyboard.press("Enter")
    written(page, ".figures", number)


def go(page, name: str) -> None:
    """To another page of the app, by the sidebar."""
    page.get_by_test_id("stSidebarNav").get_by_text(name, exact=True).click()


def choose(page, name: str) -> None:
    """Press one of the buttons that choose between views."""
    page.get_by_test_id("stButtonGroup").get_by_text(name, exact=True).click()


def shut(page) -> None:
    """Close the dialog with Escape, and wait until it is gone: while it is there, the rest of the page is inert. And
    until the page's server knows: Streamlit loses what it was told where the next click comes before it has begun to
    act on it, and would open the dialog again."""
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")
    settled(page)


def settled(page) -> None:
    """Until the script has come to its end. Until then what it drew the last time may still stand below what is new,
    so a count, or a button that is there once, wants this before it. To be called once the new has begun to show."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")


IN_VIEW = """(selector) => {
    const box = document.querySelector(selector)?.getClientRects()[0];  // its first line, if it has several
    return !!box && box.height > 0 && box.top >= 0 && box.bottom <= innerHeight
        && box.left >= 0 && box.right <= innerWidth
        && !!document.elementFromPoint(box.left + 6, box.top + box.height / 2)?.closest(selector);
}"""


def wait_in_view(page, selector: str) -> None:
    """Until it can be seen: whole, on the screen, and nothing over it."""
    page.wait_for_function(IN_VIEW, arg=selector)


def barriers(page) -> list[str]:
    """What axe-core finds serious or critical on the page as it stands, an element a line."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{one['id']}: {node['html'][:200]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def fits(page) -> bool:
    """Whether nothing is wider than the screen."""
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def wait_for_mark(page) -> None:
    """Until the panel is open and the quote in it can be seen."""
    quote = "mark[id$=quote]"  # not the mark of the extractive answer, which the panel covers
    page.wait_for_selector(quote)
    wait_in_view(page, quote)
