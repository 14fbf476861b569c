"""The process that shows one web page in the user's Chromium and says what stands on it then.

The browser has no network: it resolves no name, its proxy is nowhere, and each request of the page is answered here,
from the guarded fetcher or not at all. So what holds for every other address (public ones only, redirects and sizes
checked) holds for what a script asks for. Sockets, workers of its own, downloads and other windows are refused;
pictures, sounds, films, fonts and frames of other hosts are not asked for.
"""

import asyncio
import base64
import json
import logging
import os
import re
import shutil
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rag.config import FetchConfig
from rag.errors import SourceFault
from rag.sources.edge import one_source
from rag.sources.fetch import Fetched, fetch
from rag.sources.guard import is_allowed
from rag.sources.manners import Manners
from rag.text.plain import as_typed

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserType, Route

log = logging.getLogger("vouch.sources")

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge", "chrome")
_KINDS = ("document", "stylesheet", "script", "xhr", "fetch")
_MOST = 200  # requests of one page
_AT_ONCE = 4
_ARGUMENTS = (
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=http://127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",  # which would go past the proxy otherwise
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",  # asked by datagrams, which nothing here would see
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",  # its older name
    "--disable-quic",
    "--dns-prefetch-disable",
    "--disable-gpu",
    "--js-flags=--max-old-space-size=512",
)
_NO_CALLS = "for (const name of ['RTCPeerConnection', 'webkitRTCPeerConnection', 'WebTransport']) delete window[name];"
# What a page closes to other scripts its visitor sees all the same.
_OPEN = """{
    const attach = Element.prototype.attachShadow;
    Element.prototype.attachShadow = function (init) { return attach.call(this, { ...init, mode: 'open' }); };
}"""
_CLOSED = re.compile(rb"""(<template[^>]*\bshadowrootmode\s*=\s*["']?)closed""", re.I)
_READING = 10.0  # seconds for what a page shows, once it has settled or its time is up
# What a visitor does not see by the page's rules, all of which the browser knows, is marked for the extraction; what he
# sees at a click on a summary is kept. An element that shows nothing but others goes without its own words. Then what
# stands in shadow trees and in frames of the page's own origin is put where it is seen: HTML as text has neither.
_AS_SEEN = """() => {
    const frame = each => each.tagName === 'IFRAME' ? each.contentDocument?.body : null;
    const within = each => each.shadowRoot ? each.shadowRoot.children
        : each.tagName === 'SLOT' && each.assignedElements().length ? each.assignedElements()
        : frame(each) ? [frame(each)] : each.children;
    const above = new Map(), every = [], waiting = [document.body];
    while (waiting.length) {
        const each = waiting.pop();
        every.push(each);
        if (each.tagName === 'DETAILS') {
            each.removeAttribute('name');  // of several with one name only one can be open
            each.open = true;
        }
        for (const inner of [...within(each)].reverse()) {
            above.set(inner, each);
            waiting.push(inner);
        }
    }
    const placed = new Set([undefined]), seen = new Set(), kept = new Set();
    for (const each of every) {
        const style = getComputedStyle(each), around = above.get(each);
        if (!placed.has(around) || !each.checkVisibility() && style.display !== 'contents') continue;
        placed.add(each);
        if (style.visibility !== 'visible') continue;
        seen.add(each);
        for (let one = each; one && !kept.has(one); one = above.get(one)) kept.add(one);
    }
    for (const each of every.slice(1))
        if (!kept.has(each)) each.hidden = true;
        else if (!seen.has(each))
            for (const node of each.childNodes) if (node.nodeType === Node.TEXT_NODE) node.data = '';
    for (const each of every.reverse())
        if (each.shadowRoot) {
            for (const slot of each.shadowRoot.querySelectorAll('slot'))
                if (slot.assignedNodes().length) slot.replaceChildren(...slot.assignedNodes());
            for (const style of each.shadowRoot.querySelectorAll('style, link')) style.remove();
            each.replaceChildren(...each.shadowRoot.childNodes);
        } else if (frame(each) && kept.has(each)) {
            const shown = document.createElement('div');
            shown.append(...frame(each).childNodes);
            each.replaceWith(shown);
        }
}"""


class _Network:
    """All the network that the page at `first` has: at most `_MOST` requests, and `config.max_megabytes` given to them
    together: those that run share what is left, in equal parts. What fetch.allow_hosts allows is for pages of such a
    host and itself alone: a page of the open web must not read it."""

    def __init__(self, first: Fetched, config: FetchConfig, polite: bool) -> None:
        split = urlsplit(first.url)
        host, port = split.hostname or "", split.port or (443 if split.scheme == "https" else 80)
        own = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        allowed = (own,) if is_allowed(host, port, config.allow_hosts) else ()
        self._config = replace(config, allow_hosts=allowed)
        self._manners = Manners(self._config) if polite else None
        self._first: Fetched | None = first
        self._origin = _origin(first.url)
        self._left = config.max_megabytes * 1e6
        self._asked = 0
        self._free = _AT_ONCE
        self._gate = asyncio.Semaphore(_AT_ONCE)

    async def answer(self, route: "Route") -> None:
        request = route.request
        if request.method != "GET" or request.resource_type not in _KINDS:
            return await route.abort("blockedbyclient")
        if request.is_navigation_request() and _in_frame(route) and _origin(request.url) != self._origin:
            return await route.abort("blockedbyclient")
        self._asked += 1
        if self._asked > _MOST:
            return await route.abort("blockedbyclient")
        try:
            async with self._gate:
                fetched = await self._fetched(request.url, request.headers.get("accept", ""))
        except SourceFault as fault:
            log.info("not given to a page: %s", fault)
            return await route.abort("failed")
        charset = f"; charset={fetched.charset}" if fetched.charset else ""
        body = _CLOSED.sub(rb"\1open", fetched.content) if request.resource_type == "document" else fetched.content
        return await route.fulfill(body=body, content_type=f"{fetched.media_type or 'text/plain'}{charset}")

    async def _fetched(self, url: str, accept: str) -> Fetched:
        first, self._first = self._first, None
        if first and url.partition("#")[0] == first.url:
            self._left -= len(first.content)
            return first
        room = max(0.0, self._left) / self._free
        self._left -= room
        self._free -= 1
        used = 0
        try:
            fetched = await asyncio.to_thread(self._fetch, url, accept, replace(self._config, max_megabytes=room / 1e6))
            used = len(fetched.content)
        finally:
            self._left += room - used
            self._free += 1
        return fetched

    def _fetch(self, url: str, accept: str, config: FetchConfig) -> Fetched:
        if self._manners and not self._manners.robots(url).allows(url):
            raise SourceFault("source.robots_listed", url=url)
        with one_source(url):
            return fetch(url, config, accept)


def _origin(url: str) -> tuple[str, str]:
    split = urlsplit(url)
    return split.scheme, split.netloc.lower()


def _in_frame(route: "Route") -> bool:
    from playwright.async_api import Error

    try:
        return route.request.frame.parent_frame is not None
    except Error:  # the page itself is on its way
        return False


async def _show(browser: "Browser", first: Fetched, config: FetchConfig, polite: bool) -> tuple[str, str]:
    """(where it ended, its HTML). What does not settle in `config.timeout_seconds` is taken as it stands then. Raises
    TimeoutError where it is too busy to say."""
    from playwright.async_api import TimeoutError as Unsettled

    context = await browser.new_context(
        user_agent=config.user_agent, service_workers="block", accept_downloads=False, ignore_https_errors=False
    )
    page = await context.new_page()
    context.on("page", lambda other: asyncio.ensure_future(other.close()))
    await context.route("**/*", _Network(first, config, polite).answer)
    await context.route_web_socket("**/*", lambda socket: socket.close())
    await context.add_init_script(_NO_CALLS + _OPEN)
    with suppress(Unsettled):
        await page.goto(first.url, wait_until="networkidle", timeout=1000 * config.timeout_seconds)
    async with asyncio.timeout(_READING):
        await page.evaluate(_AS_SEEN)
        return page.url, await page.content()


async def _done(asked: Mapping[str, Any]) -> dict[str, str]:
    """ "url" and "text"; or "late"; or "failed" and why; where no page is asked for, the "program"."""
    from playwright.async_api import Error, async_playwright

    try:
        async with async_playwright() as play:
            program = _program(play.chromium)
            if "first" not in asked:
                return {"program": program}
            # Chromium refuses its own sandbox to root.
            sandbox = getattr(os, "geteuid", lambda: 1)() != 0
            browser = await play.chromium.launch(executable_path=program, args=_ARGUMENTS, chromium_sandbox=sandbox)
            first = Fetched(content=base64.b64decode(asked["content"]), **asked["first"])
            url, text = await _show(browser, first, as_typed(FetchConfig, asked["config"]), asked["polite"])
            return {"url": url, "text": text}
    except TimeoutError:
        return {"late": ""}
    except Error as error:
        return {"failed": error.message.partition("\n")[0]}


def _program(chromium: "BrowserType") -> str:
    """Playwright's own Chromium where it was fetched, else the one of this machine, else ""."""
    own = chromium.executable_path
    return own if Path(own).exists() else next(filter(None, map(shutil.which, _PROGRAMS)), "")


def _serve() -> None:
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not stand in the answer

    async def answer() -> None:
        answers.write(json.dumps(await _done(json.load(sys.stdin))).encode())
        answers.flush()
        os._exit(0)  # a request that is still waited for is of no use any more

    asyncio.run(answer())


if __name__ == "__main__":
    _serve()
