"""How soon the page can be used, and how long a click takes: from a cold process to a field that takes a question, with
models and demo index in place; and the script's own time for a rerun of the Ask page, without the model.

    python -m benchmarks.page                # needs Chromium, the local models and `python -m indexes.demo`
    python -m benchmarks.page --reruns 50
    python -m benchmarks.page --rounds 0 --reruns 0 --questions 6    # with the local reader

With `--questions`, the page's example questions as somebody sees them: seconds from Enter to the sentence that is
marked in its quote, and to the whole answer; and how long the clicks of a second visitor take meanwhile, who goes
to and fro between two views. One who clicks without a pause (`--every 0`) takes a processor of two from the reader.
"""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter, process_time, sleep
from typing import Annotated, Any

import httpx
import typer

from rag.config import REPOSITORY

EXAMPLES = REPOSITORY / "indexes" / "demo_examples.json"
VIEWS = ("sources", "compare")
CHROMIUM = "/usr/bin/chromium"
LOOK = 0.05  # seconds between two looks at the answer
KINDS = ("by the clock", "on a processor")


def main(
    rounds: Annotated[int, typer.Option(help="Cold starts; the median counts.")] = 3,
    reruns: Annotated[int, typer.Option(help="Reruns of the Ask page; the median counts.")] = 30,
    questions: Annotated[int, typer.Option(help="Example questions asked of the local reader.")] = 0,
    every: Annotated[float, typer.Option(help="Seconds from one click of the second visitor to the next.")] = 3.0,
) -> None:
    load = os.getloadavg()[0]
    if rounds:
        starts = [start() for _ in range(rounds)]
        healthy, usable, processor = (median(column) for column in zip(*starts, strict=True))
        print(f"cold start, median of {rounds}, load {load:.1f}: the server answers after {healthy:.1f} s,")
        print(
            f"  the field takes a question after {usable:.1f} s, {processor:.1f} s of them the server's on a processor"
        )
    if reruns:
        told = " and ".join(
            f"{1000 * seconds:.0f} ms {kind}" for kind, seconds in zip(KINDS, rerun(reruns), strict=True)
        )
        print(f"rerun of Ask, median of {reruns}: {told}")
    if questions:
        ask([row["question"] for row in json.loads(EXAMPLES.read_text("utf-8"))][:questions], every)


def start() -> tuple[float, float, float]:
    """Seconds until the server answers, until a browser that was open already shows a field to ask in, and what the
    server (and the reader that it has begun to load) had of a processor until then."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        page = _browser(play).new_page()
        began = perf_counter()
        with _served() as (server, url):
            healthy = perf_counter() - began
            _until_it_can_be_asked(page, url)
            return healthy, perf_counter() - began, _processor(server.pid)


def ask(questions: list[str], every: float) -> None:
    """Ask each in a conversation of its own, after one that warms the models, and tell the seconds; meanwhile somebody
    else clicks `every` so many seconds."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play, _served() as (_, url):
        browser, marked, whole, clicks = _browser(play), list[float](), list[float](), list[float]()
        other = browser.new_context().new_page()
        _until_it_can_be_asked(other, url)
        for number, question in enumerate([questions[-1], *questions]):
            page = browser.new_context().new_page()
            _until_it_can_be_asked(page, url)
            field = page.locator("[data-testid=stChatInputTextArea]")
            field.fill(question)
            began, first, waited = perf_counter(), 0.0, list[float]()
            field.press("Enter")
            page.wait_for_selector(".st-key-stop")
            while page.locator(".st-key-stop").count():
                if not first and page.locator("main mark, [data-testid=stMain] mark").count():
                    first = perf_counter() - began
                if perf_counter() - began > every * (len(waited) + 1):
                    waited.append(_click(other, VIEWS[len(waited) % 2]))
                sleep(LOOK)
            done = perf_counter() - began
            if number:
                clicks += waited
                whole.append(done)
                marked += [first] if first else []
                print(f"  marked {first:.1f} s, answered {done:.1f} s, {len(waited)} clicks: {question}")
            page.context.close()
        ninety_five = quantiles(clicks, n=20)[-1]
        print(f"{len(whole)} questions: a sentence is marked after {median(marked):.1f} s (longest {max(marked):.1f}),")
        print(f"  the answer is whole after {median(whole):.1f} s (longest {max(whole):.1f})")
        told = f"{1000 * median(clicks):.0f} ms in the median, 95% within {1000 * ninety_five:.0f} ms"
        print(f"{len(clicks)} clicks meanwhile: {told}")


def _click(page: Any, view: str) -> float:
    """Seconds until a click in the navigation shows the view's own field."""
    began = perf_counter()
    page.locator(f"[data-testid=stSidebarNavLink][href$='/{view}']").click()
    label = "Filter by title or address" if view == "sources" else "Question"
    page.get_by_label(label, exact=view != "sources").wait_for()
    return perf_counter() - began


def _browser(play: Any) -> Any:
    return play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])


def _until_it_can_be_asked(page: Any, url: str) -> None:
    page.goto(url)
    page.wait_for_selector("[data-testid=stChatInputTextArea]:not([disabled])", timeout=300_000)


@contextmanager
def _served() -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The page's server and its address, once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app/main.py", "--server.port", str(port)]
    server = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not _answers(port):
            sleep(0.05)
        yield server, f"http://127.0.0.1:{port}"
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(60)


def _processor(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _answers(port: int) -> bool:
    try:
        with httpx.Client(trust_env=False) as client:
            return client.get(f"http://127.0.0.1:{port}/_stcore/health").status_code == 200
    except httpx.TransportError:
        return False


def rerun(times: int) -> tuple[float, float]:
    """Seconds of one rerun of the Ask page over the demo index, with the local embedder and no language model."""
    from streamlit.testing.v1 import AppTest

    with TemporaryDirectory() as folder:
        script, config = Path(folder) / "script.json", Path(folder) / "vouch.toml"
        script.write_text('{"replies": [], "choices": []}', "utf-8")
        config.write_text(f'[reader]\nkind = "scripted"\nmodel = "{script}"\n', "utf-8")
        os.environ["VOUCH_CONFIG"] = str(config)
        test = AppTest.from_file(str(REPOSITORY / "app" / "main.py"), default_timeout=300.0).run()
        assert not test.exception and not test.chat_input[0].disabled
        clock, processor = [], []
        for _ in range(times):
            began, worked = perf_counter(), process_time()
            test.run()
            clock.append(perf_counter() - began)
            processor.append(process_time() - worked)
    return median(clock), median(processor)


if __name__ == "__main__":
    typer.run(main)
