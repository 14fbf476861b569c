"""Pages that only run as programs: shown by the user's Chromium where the browser extra is installed, else refused."""

import base64
import contextlib
import importlib.util
import json
import math
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rag.config import FetchConfig
from rag.errors import ConfigFault, SourceFault
from rag.sources.apart import page_of
from rag.sources.barrier import is_program
from rag.sources.fetch import Fetched
from rag.sources.stopping import LOOKING, NEVER
from rag.text.plain import as_plain
from rag.types import Page

_WANTED = ("needed", "off")
_STARTING = 60.0  # seconds that a browser may take besides those of the page
_ENDING = 10.0  # seconds that it may take to end
_LEAST = 40  # characters: a program's page with fewer says no more than its name, or that it is loading
_SCHEMES = ("http", "https", "blob", "about")  # of what a page may end as; the browser has pages of its own for errors
_ROOT = Path(__file__).parents[2]


def read(
    fetched: Fetched,
    config: FetchConfig,
    stop: threading.Event = NEVER,
    polite: bool = False,
    showing: float = math.inf,
) -> tuple[Page, Fetched]:
    """The page in what was fetched, and what it was read from: of a page of the web that only runs as a program, what
    it shows in a browser, which may take `showing` seconds in all. `polite`: its requests are asked of robots.txt.
    Raises SourceFault as `page_of`, and where it cannot be shown; ConfigFault."""
    if config.render not in _WANTED:
        raise ConfigFault("config.choice", key="fetch.render", value=config.render, known=", ".join(_WANTED))
    if not is_program(fetched):
        return page_of(fetched, stop), fetched
    if _can_show(fetched, config):
        shown = render(fetched, config, stop, polite, showing)
        return _page(shown, stop, "source.says_nothing"), shown
    return _page(fetched, stop, "source.program"), fetched


def needs_browser(fetched: Fetched, config: FetchConfig) -> bool:
    """Whether `read` takes the time of a browser for it."""
    return _can_show(fetched, config) and is_program(fetched)


def _can_show(fetched: Fetched, config: FetchConfig) -> bool:
    return config.render == "needed" and fetched.url.startswith(("http://", "https://")) and is_installed()


def _page(fetched: Fetched, stop: threading.Event, lacking: str) -> Page:
    """Of a program, as it was sent or as a browser shows it; `lacking` is the code of the fault where it says hardly
    anything."""
    if not is_program(fetched):
        return page_of(fetched, stop)
    try:
        page = page_of(fetched, stop)
    except SourceFault as fault:
        raise SourceFault(lacking, uri=fetched.url) from fault
    if len(page.text) < _LEAST:
        raise SourceFault(lacking, uri=fetched.url)
    return page


def is_installed() -> bool:
    """Whether the browser extra is; the browser itself may lack."""
    return importlib.util.find_spec("playwright") is not None


def program() -> str:
    """Where the browser is that pages are shown by; "" where there is none."""
    if not is_installed():
        return ""
    return str(_ask({}, "", _STARTING, NEVER).get("program", ""))


def render(
    fetched: Fetched,
    config: FetchConfig,
    stop: threading.Event = NEVER,
    polite: bool = False,
    showing: float = math.inf,
) -> Fetched:
    """What `fetched` shows in a browser, as HTML; `url` is another where a script led to another host. Raises
    SourceFault, also where `stop` is set meanwhile."""
    facts = {name: value for name, value in as_plain(fetched).items() if name != "content"}
    sent = base64.b64encode(fetched.content).decode()
    asked = {"first": facts, "content": sent, "config": as_plain(config), "polite": polite}
    usual = _STARTING + config.timeout_seconds
    late = "source.shown_long" if showing < usual else "source.never_shown"
    told = _ask(asked, fetched.url, min(usual, showing), stop, late)
    if "late" in told:
        raise SourceFault("source.never_shown", uri=fetched.url)
    if "text" not in told:
        raise SourceFault("source.not_shown", uri=fetched.url, error=told["failed"])
    if urlsplit(told["url"]).scheme not in _SCHEMES:
        raise SourceFault("source.not_shown", uri=fetched.url, error=told["url"])
    moved = urlsplit(told["url"]).netloc not in ("", urlsplit(fetched.url).netloc)
    url = told["url"].partition("#")[0] if moved else fetched.url
    content = told["text"].encode("utf-8", "replace")
    if len(content) > config.max_megabytes * 1e6:
        raise SourceFault("source.page_too_large", url=url, most=f"{config.max_megabytes:g}")
    return replace(fetched, url=url, charset="utf-8", content=content, etag="", last_modified="")


def _ask(
    asked: Mapping[str, Any], uri: str, seconds: float, stop: threading.Event, late: str = "source.never_shown"
) -> dict[str, Any]:
    """What `rag.sources.chromium` says, in a process that is ended with its browser. Raises SourceFault, of the code
    `late` where `seconds` are not enough."""
    folder = tempfile.mkdtemp(prefix="vouch-browser-")
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "rag.sources.chromium"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={
            **os.environ,
            "TMPDIR": folder,  # the browser's profile
            "PYTHONPATH": os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH")))),
        },
    )
    try:
        said = _said(process, json.dumps(asked).encode(), uri, time.monotonic() + seconds, stop, late)
        told: dict[str, Any] = json.loads(said)
    except ValueError as error:
        raise SourceFault("source.not_shown", uri=uri, error="the browser ended") from error
    finally:
        process.kill()
        process.communicate()
        threading.Thread(target=_clear_up, args=(process.pid, folder)).start()  # an exit waits for it
    return told


def _said(
    process: "subprocess.Popen[bytes]", asked: bytes, uri: str, until: float, stop: threading.Event, late: str
) -> bytes:
    """All that it says. Raises SourceFault where it is too late, or stopped."""
    sent: bytes | None = asked
    while True:
        try:
            return process.communicate(sent, timeout=LOOKING)[0]
        except subprocess.TimeoutExpired:
            sent = None
        if stop.is_set():
            raise SourceFault("source.stopped", uri=uri)
        if time.monotonic() > until:
            raise SourceFault(late, uri=uri)


def _clear_up(group: int, folder: str) -> None:
    """Once nobody speaks to it, playwright's driver, of the same process group, ends the browser, and then itself."""
    if hasattr(os, "killpg"):
        until = time.monotonic() + _ENDING
        with contextlib.suppress(ProcessLookupError):
            while time.monotonic() < until:
                os.killpg(group, 0)
                time.sleep(LOOKING)
            os.killpg(group, signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)
