"""How soon the page can be used, and how long a click takes: from a cold process to a field that takes a question, with
models and demo index in place; and the script's own time for a rerun of the Ask page, without the model.

    python -m benchmarks.page                # needs Chromium, the local models and `python -m indexes.demo`
    python -m benchmarks.page --reruns 50
"""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time, sleep
from typing import Annotated

import httpx
import typer

from rag.config import REPOSITORY

CHROMIUM = "/usr/bin/chromium"
KINDS = ("by the clock", "on a processor")


def main(
    rounds: Annotated[int, typer.Option(help="Cold starts; the median counts.")] = 3,
    reruns: Annotated[int, typer.Option(help="Reruns of the Ask page; the median counts.")] = 30,
) -> None:
    load = os.getloadavg()[0]
    starts = [start() for _ in range(rounds)]
    healthy, usable, processor = (median(column) for column in zip(*starts, strict=True))
    print(f"cold start, median of {rounds}, load {load:.1f}: the server answers after {healthy:.1f} s,")
    print(f"  the field takes a question after {usable:.1f} s, {processor:.1f} s of them the server's on a processor")
    told = " and ".join(f"{1000 * seconds:.0f} ms {kind}" for kind, seconds in zip(KINDS, rerun(reruns), strict=True))
    print(f"rerun of Ask, median of {reruns}: {told}")


def start() -> tuple[float, float, float]:
    """Seconds until the server answers, until a browser that was open already shows a field to ask in, and what the
    server (and the reader that it has begun to load) had of a processor until then."""
    from playwright.sync_api import sync_playwright

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with sync_playwright() as play:
        page = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]).new_page()
        began = perf_counter()
        command = [sys.executable, "-m", "streamlit", "run", "app/main.py", "--server.port", str(port)]
        server = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while not _answers(port):
                sleep(0.05)
            healthy = perf_counter() - began
            page.goto(f"http://127.0.0.1:{port}")
            page.wait_for_selector("[data-testid=stChatInputTextArea]:not([disabled])", timeout=300_000)
            return healthy, perf_counter() - began, _processor(server.pid)
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
