"""Pages that only run as programs, in a real Chromium: what they show is read, and they reach nothing but by us."""

import contextlib
import os
import pwd
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from rag.config import FetchConfig
from rag.errors import ConfigFault, SourceFault
from rag.messages import find
from rag.sources import rendering
from rag.sources.barrier import is_program
from rag.sources.fetch import Fetched, fetch
from rag.sources.look import look, settle
from rag.sources.manners import Manners
from rag.sources.page_cache import PageCache
from rag.sources.visit import Visitor
from rag.types import Page
from tests.sources.local_site import Answer, Site, redirect, send, serve

SHELL = b'<!doctype html><html><head><title>Tides</title></head><body><div id="root"></div>%s</body></html>'
SAID = "The flood reaches the harbour wall at ten past six in the evening of the third of May."


def page(script: str, body: str = "") -> bytes:
    return SHELL % f"{body}<script>{script}</script>".encode()


def put(words: str) -> str:
    return f"document.getElementById('root').innerHTML = '<p>' + {words} + '</p>';"


def negotiated(request: BaseHTTPRequestHandler) -> None:
    """A page for who would rather have one, else the data."""
    wants_page = request.headers["Accept"].startswith("text/html")
    body = b"<p>A page.</p>" if wants_page else b'{"text": "%s"}' % SAID.encode()
    send(body, "text/html" if wants_page else "application/json")(request)


def later(answer: Answer) -> Answer:
    def begin(request: BaseHTTPRequestHandler) -> None:
        time.sleep(0.3)
        answer(request)

    return begin


@pytest.fixture
def config(site: Site) -> FetchConfig:
    return FetchConfig(allow_hosts=(site.host,), timeout_seconds=10.0)


@pytest.fixture
def browser() -> None:
    if not rendering.program():
        pytest.skip("no browser: pip install playwright, apt-get install chromium")


def text(site: Site, config: FetchConfig, path: str = "/") -> str:
    return rendering.read(fetch(site.url(path), config), config)[0].text


@pytest.mark.parametrize(
    ("content", "program"),
    [
        (page(put("'x'")), True),
        (SHELL % b"<p>Loading</p><noscript>Please enable JavaScript.</noscript><script src='/a.js'></script>", True),
        (SHELL % b"<p>No script here.</p>", False),
        (SHELL % f"<p>{3 * SAID}</p><script>let x</script>".encode(), False),
        (SHELL % b"<p>Log in to continue</p><script>let x</script>", False),
        (SHELL % b"<p>Just a moment</p><script>let x</script>", False),
    ],
)
def test_what_only_runs_as_a_program(content: bytes, program: bool) -> None:
    assert is_program(Fetched("https://example.org/", "text/html", "", content, "")) is program


def test_without_a_browser_a_program_is_refused_with_the_remedy(site: Site, config: FetchConfig) -> None:
    site.pages["/"] = send(page(put(f"'{SAID}'")))
    off = replace(config, render="off")
    with pytest.raises(SourceFault) as told:
        rendering.read(fetch(site.url("/"), off), off)
    assert told.value.code == "source.program"


def test_a_program_that_says_it_is_loading_is_no_page() -> None:
    loading = Fetched("/home/you/a.html", "text/html", "", SHELL % b"<p>Loading</p><script src='a.js'></script>", "")
    with pytest.raises(SourceFault) as told:
        rendering.read(loading, FetchConfig())
    assert told.value.code == "source.program"


def test_a_setting_that_is_none_is_told() -> None:
    with pytest.raises(ConfigFault):
        rendering.read(Fetched("https://example.org/", "", "", b"x", ""), FetchConfig(render="always"))


@pytest.mark.browser
def test_what_a_script_writes_is_read_and_what_it_hides_is_not(site: Site, config: FetchConfig, browser: None) -> None:
    site.pages["/"] = send(SHELL % b"<p id='no'></p><link rel=stylesheet href=/a.css><script src=/a.js></script>")
    site.pages["/a.css"] = send(b"body #no { display: none }", "text/css")
    script = "fetch('/say').then(r => r.json()).then(told => {" + put("told.text") + "no.textContent = 'Never.'})"
    site.pages["/a.js"] = send(script.encode(), "text/javascript")
    site.pages["/say"] = redirect("/said")
    site.pages["/said"] = negotiated
    assert text(site, config) == SAID
    assert [path for path, _ in site.asked].count("/") == 1  # what was fetched already is not asked for again


@pytest.mark.browser
def test_what_a_visitor_sees_is_kept_and_nothing_else(site: Site, config: FetchConfig, browser: None) -> None:
    rules = b".off { visibility: hidden } .on { visibility: visible } .none { display: none } .as { display: contents }"
    site.pages["/a.css"] = send(rules, "text/css")
    shown = """
        <div class=as><p>Wall 1 fell in spring.</p></div>
        <p class=as>Wall 2 fell in summer.</p>
        <div class=off>Wall 3 fell in autumn.<p class=on>Wall 4 fell in winter.</p></div>
        <details name=a open><summary>One</summary><p>Wall 5 fell in March.</p></details>
        <details name=a><summary>Two</summary><p>Wall 6 fell in April.</p></details>
        <details><summary>Three</summary><p class=none>Wall 7 fell in May.</p></details>
        <div class=none><p class=as>Wall 8 fell in June.</p></div>
        <div class=off><p class=as>Wall 9 fell in July.</p></div>
    """
    script = put(repr(SAID)) + f"root.insertAdjacentHTML('beforeend', `{shown}`)"
    site.pages["/"] = send(page(script, "<link rel=stylesheet href=/a.css>"))
    assert re.findall(r"Wall (\d)", text(site, config)) == ["1", "2", "4", "5", "6"]


@pytest.mark.browser
def test_a_page_reaches_no_private_address(site: Site, config: FetchConfig, browser: None) -> None:
    with serve() as inside, listener() as (heard, port):
        tries = f"""
            const at = 'http://{inside.host}';
            for (const how of ['GET', 'POST']) fetch(at + '/fetch', {{method: how, mode: 'no-cors'}}).catch(() => 0);
            for (const tag of ['img', 'iframe', 'script', 'video', 'embed'])
                document.body.appendChild(document.createElement(tag)).src = at + '/' + tag;
            navigator.sendBeacon(at + '/beacon', 'x');
            try {{ new WebSocket('ws://{inside.host}/socket'); }} catch (e) {{}}
            try {{ new EventSource(at + '/events'); }} catch (e) {{}}
            try {{ new WebTransport('https://{inside.host}/'); }} catch (e) {{}}
            window.open(at + '/window');
            fetch('/away').catch(() => 0);
            const link = document.head.appendChild(document.createElement('link'));
            link.rel = 'prefetch'; link.href = at + '/prefetch';
            new Worker(URL.createObjectURL(new Blob([`fetch('${{at}}/worker').catch(() => 0)`])));
            navigator.serviceWorker?.register('/service.js').catch(() => 0);
            const inner = document.body.appendChild(document.createElement('iframe')).contentWindow;
            for (const Call of [window.RTCPeerConnection, inner.RTCPeerConnection]) try {{
                const call = new Call({{iceServers: [{{urls: 'stun:127.0.0.1:{port}'}}]}});
                call.createDataChannel('x');
                call.createOffer().then(offer => call.setLocalDescription(offer));
            }} catch (e) {{}}
        """
        site.pages["/"] = send(page(tries + f"setTimeout(() => {{ {put(repr(SAID))} }}, 300)"))
        site.pages["/away"] = redirect(inside.url("/redirected"))
        assert text(site, config) == SAID
        assert inside.asked == []
        assert heard == []


@pytest.mark.browser
def test_a_page_of_the_web_does_not_read_what_is_allowed_to_its_reader(site: Site, browser: None) -> None:
    with serve() as inside:
        config = FetchConfig(allow_hosts=(site.host, inside.host))
        site.pages["/"] = send(page(f"fetch('{inside.url('/')}').catch(() => 0); {put(repr(SAID))}"))
        assert text(site, config) == SAID
        assert inside.asked == []


@pytest.mark.browser
def test_pictures_that_are_not_asked_for_leave_room_for_data(site: Site, config: FetchConfig, browser: None) -> None:
    pictures = "for (let n = 0; n < 250; n++) new Image().src = '/' + n;"
    late = "setTimeout(() => fetch('/say').then(r => r.text()).then(told => {" + put("told") + "}), 300)"
    site.pages["/"] = send(page(pictures + late))
    site.pages["/say"] = send(SAID.encode(), "text/plain")
    assert text(site, config) == SAID
    assert [path for path, _ in site.asked] == ["/", "/say"]


@pytest.mark.browser
def test_what_is_asked_for_at_once_has_one_limit_together(site: Site, config: FetchConfig, browser: None) -> None:
    for number in range(8):
        site.pages[f"/{number}"] = later(send(240_000 * b"x", "text/plain"))
    ask = "fetch('/' + n).then(r => r.text()).then(told => told.length).catch(() => 0)"
    told = f"Promise.all([...'01234567'].map(n => {ask})).then(each => {{"
    site.pages["/"] = send(page(told + put(repr(SAID) + " + ' Sum: ' + each.reduce((a, b) => a + b)") + "})"))
    total = re.search(r"Sum: (\d+)", text(site, replace(config, max_megabytes=1.0)))
    assert total and 240_000 <= int(total[1]) <= 1_000_000


@pytest.mark.browser
def test_a_page_that_never_settles_is_read_as_it_stands(site: Site, config: FetchConfig, browser: None) -> None:
    site.pages["/"] = send(page(put(repr(SAID)) + "setInterval(() => fetch('/more'), 50)"))
    site.pages["/more"] = send(b"more", "text/plain")
    assert text(site, replace(config, timeout_seconds=3.0)) == SAID


@pytest.mark.browser
def test_a_page_that_shows_nothing_needs_no_browser_any_more(site: Site, config: FetchConfig, browser: None) -> None:
    site.pages["/"] = send(page(put("'Hello'")))
    with pytest.raises(SourceFault) as told:
        text(site, config)
    assert told.value.code == "source.says_nothing"


@pytest.mark.browser
def test_a_page_that_hangs_is_ended(site: Site, config: FetchConfig, browser: None) -> None:
    site.pages["/"] = send(page("setTimeout(() => { while (true) {} }, 1)"))
    with pytest.raises(SourceFault) as told:
        text(site, replace(config, timeout_seconds=1.0))
    assert told.value.code == "source.never_shown"


@pytest.mark.browser
def test_a_page_that_writes_more_than_is_read_is_refused(site: Site, config: FetchConfig, browser: None) -> None:
    site.pages["/"] = send(page(put("'many words '.repeat(3e4)")))
    with pytest.raises(SourceFault) as told:
        text(site, replace(config, max_megabytes=0.2))
    assert told.value.code == "source.page_too_large"


@pytest.mark.browser
def test_the_error_page_of_the_browser_is_no_source(site: Site, config: FetchConfig, browser: None) -> None:
    site.pages["/"] = send(page("location = 'http://nobody.invalid/'"))
    with pytest.raises(SourceFault) as told:
        text(site, config)
    assert told.value.code == "source.not_shown"


@pytest.mark.browser
def test_stop_ends_the_browser(site: Site, config: FetchConfig, browser: None) -> None:
    stop, begun = threading.Event(), threading.Event()
    others = below(os.getpid())  # the browser of other tests

    def begin(request: object) -> None:
        begun.set()
        time.sleep(5)

    site.pages["/"] = send(page("fetch('/slow')"))
    site.pages["/slow"] = begin
    fetched = fetch(site.url("/"), config)
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(rendering.read, fetched, config, stop)
        assert begun.wait(60)
        running = {one: name for one, name in below(os.getpid()).items() if one not in others}
        assert any("chrom" in name for name in running.values())
        stop.set()
        with pytest.raises(SourceFault) as told:
            reading.result(timeout=10)
    assert told.value.code == "source.stopped"
    until = time.monotonic() + 60
    while (left := running.keys() & set(processes())) and time.monotonic() < until:
        time.sleep(0.1)
    assert not left


CLOSED = b"<div><template shadowrootmode=closed><p>Wall 9 fell in May.</p></template></div>"


@pytest.mark.browser
def test_shadow_trees_and_frames_of_the_same_origin_are_read_and_other_frames_told(
    site: Site, config: FetchConfig, browser: None
) -> None:
    script = """
        class Card extends HTMLElement {
            connectedCallback() {
                this.attachShadow({mode: 'open'}).innerHTML = `<style>.none { display: none } p { color: teal }</style>
                    <p>Wall 2 fell in ${this.dataset.when}.</p><p class=none>Wall 3 fell in May.</p>
                    <inner-card><slot></slot></inner-card><slot name=none></slot>`;
            }
        }
        class Inner extends HTMLElement {
            connectedCallback() { this.attachShadow({mode: 'closed'}).innerHTML = '<div><slot></slot></div>'; }
        }
        customElements.define('inner-card', Inner);
        customElements.define('a-card', Card);
        root.innerHTML = `<p>Wall 1 fell in spring.</p>
            <a-card data-when=summer><p>Wall 4 fell in autumn.</p><p slot=nowhere>Wall 5 fell in June.</p></a-card>
            <iframe src=/frame></iframe><iframe src=/frame hidden></iframe><iframe src=http://127.0.0.2:9/></iframe>
            <p>Wall 8 fell in March.</p>`;
    """
    site.pages["/"] = send(page(script))
    site.pages["/frame"] = send(
        b"<style>i { display: none }</style><p>Wall 6 fell in winter.</p><i>Wall 7 fell.</i>" + CLOSED
    )
    shown, _ = rendering.read(fetch(site.url("/"), config), config)
    said = shown.text
    assert re.findall(r"Wall (\d)", said) == ["1", "2", "4", "6", "9", "8"]
    assert shown.left_out == "1 embedded frame"
    assert "teal" not in said


SHOWN_BY_ANOTHER = """
import sys
from rag.config import FetchConfig
from rag.sources import rendering
from rag.sources.fetch import fetch

config = FetchConfig(allow_hosts=(sys.argv[2],), timeout_seconds=10.0)
print(rendering.read(fetch(sys.argv[1], config), config)[0].text)
"""


@pytest.mark.browser
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can be another user")
def test_who_is_not_root_has_pages_shown_in_chromiums_sandbox(site: Site, tmp_path: Path, browser: None) -> None:
    """As the user nobody, where he may read this program and this system lets him have a sandbox."""
    guarded = list[str]()

    def look(request: BaseHTTPRequestHandler) -> None:
        for command in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                if b"--type=renderer" in command.read_bytes() and command.stat().st_uid == nobody:
                    guarded.extend(re.findall(r"Seccomp:\t(\d)", (command.parent / "status").read_text()))
        send(SAID.encode(), "text/plain")(request)

    nobody = pwd.getpwnam("nobody").pw_uid
    site.pages["/"] = send(page(f"fetch('/words').then(said => said.text()).then(said => {{ {put('said')} }})"))
    site.pages["/words"] = look
    home = tmp_path / "home"
    home.mkdir()
    os.chown(home, nobody, -1)
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(folder.stat().st_mode | 0o011)
    try:
        done = subprocess.run(
            [sys.executable, "-c", SHOWN_BY_ANOTHER, site.url("/"), site.host],
            capture_output=True,
            text=True,
            user="nobody",
            cwd="/",
            env={"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path[1:])},
        )
    except PermissionError as error:
        pytest.skip(f"nobody may not run this Python: {error}")
    if "sandbox" in done.stderr:
        pytest.skip(done.stderr[-200:])
    assert done.returncode == 0, done.stderr
    assert SAID in done.stdout
    assert "2" in guarded  # system calls are filtered, which they are not with --no-sandbox


def processes() -> dict[tuple[int, str], tuple[int, str]]:
    """(parent, name) of each process of this machine that has not ended, by its number and when it began."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            name, _, facts = stat.read_text().partition("(")[2].rpartition(")")
            state, parent, *more = facts.split()
            if state not in "ZX":
                found[int(stat.parent.name), more[17]] = (int(parent), name)
    return found


def below(pid: int) -> dict[tuple[int, str], str]:
    """The names of the processes that this one has started, and those have."""
    every = processes()
    found, parents = dict[tuple[int, str], str](), {pid}
    while new := {key: name for key, (parent, name) in every.items() if parent in parents and key not in found}:
        found |= new
        parents = {number for number, _ in new}
    return found


@pytest.mark.browser
def test_a_rebuild_asks_robots_for_what_a_script_asks_for(site: Site, config: FetchConfig, browser: None) -> None:
    site.pages["/robots.txt"] = send(b"User-agent: *\nDisallow: /closed", "text/plain")
    site.pages["/"] = send(
        page(f"fetch('/closed/a').catch(() => 0); fetch('/open').then(() => {{ {put(repr(SAID))} }})")
    )
    site.pages["/open"] = send(b"yes", "text/plain")
    first = settle(look(site.url("/"), None, config), "", None, config)
    assert first.page and first.page.text == SAID
    assert "/closed/a" not in [path for path, _ in site.asked]
    again = settle(look(site.url("/"), first.origin, config), "", first.origin, config)
    assert again.status == "same"


@pytest.mark.browser
def test_a_question_has_two_pages_shown(site: Site, config: FetchConfig, tmp_path: Path, browser: None) -> None:
    paths = ("/a", "/b", "/c")
    for path in paths:
        site.pages[path] = send(page(put(f"'{path} ' + {SAID!r}")))
    site.pages["/plain"] = send(SHELL % f"<p>{3 * SAID}</p><script>let x</script>".encode())
    visitor = Visitor(config, Manners(config), PageCache(tmp_path), delay=0.0)
    first = dict(visitor.visit([site.url(path) for path in paths[:2]]))
    then = dict(visitor.visit([site.url("/c"), site.url("/plain"), site.url("/a")]))
    assert [fault for fault in first.values() if isinstance(fault, SourceFault)] == []
    left = then[site.url("/c")]
    assert isinstance(left, SourceFault) and left.code == "source.shown_enough"
    assert isinstance(then[site.url("/plain")], Page) and isinstance(then[site.url("/a")], Page)


@pytest.mark.browser
def test_pages_of_one_question_are_shown_for_so_long_together(
    site: Site, config: FetchConfig, tmp_path: Path, browser: None
) -> None:
    begun, ended = threading.Event(), threading.Event()

    def begin(request: BaseHTTPRequestHandler) -> None:
        begun.set()
        ended.wait(60)

    site.pages["/a"] = site.pages["/b"] = send(page("fetch('/slow')"))
    site.pages["/slow"] = begin
    visitor = Visitor(config, Manners(config), PageCache(tmp_path), delay=0.0, showing=0.5)
    try:
        for path in ("/a", "/b"):  # broken off, and not begun
            ((_, fault),) = visitor.visit([site.url(path)])
            said = find(str(fault))
            assert isinstance(fault, SourceFault) and said and said.code == "source.shown_long"
    finally:
        ended.set()
    assert not begun.is_set()


@contextlib.contextmanager
def listener() -> Iterator[tuple[list[bytes], int]]:
    """(datagrams that came, the port they came to)."""
    heard: list[bytes] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind(("127.0.0.1", 0))
        opened.settimeout(0.05)
        ended = threading.Event()

        def listen() -> None:
            while not ended.is_set():
                with contextlib.suppress(TimeoutError):
                    heard.append(opened.recv(2048))

        thread = threading.Thread(target=listen)
        thread.start()
        try:
            yield heard, opened.getsockname()[1]
        finally:
            ended.set()
            thread.join()
