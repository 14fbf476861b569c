"""Run the four clients against one Vouch, and print what each said as Markdown.

    python -m examples --scripted > docs/clients.md     with the shipped fakes, in seconds, without a model
    python -m examples "How long is the Quill Bridge?"  with your configuration: its reader, its index

The code in the transcript is the file that was run.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

HERE = Path(__file__).parent
CLIENTS = {"curl.sh": "sh", "openai_client.py": "python", "mcp_client.py": "python", "langchain_client.py": "python"}
QUESTION, SAID = "When did the Quill Bridge open?", "The Quill Bridge opened on 2 May 2014."
BRIDGE = HERE.parent / "indexes" / "demo_corpus" / "quill-bridge.html"
SETTINGS = """
indexes = {indexes}
index = "bridges"
[embedder]
kind = "hash"
[reader]
kind = "scripted"
model = {script}
[checking]
judge = "reader"
auditor = ""
"""
LOADING = 300.0  # seconds that a server has to start


def main() -> None:
    words = sys.argv[1:]
    scripted = "--scripted" in words
    question = " ".join(word for word in words if word != "--scripted") or QUESTION
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "PYTHONPATH": str(HERE.parent)}  # of this clone, whatever else is installed
        if scripted:
            environment |= _scripted(Path(folder), environment)
        with _served(environment) as address:
            sys.stdout.write(transcript(question, scripted, {**environment, "VOUCH_URL": address}))


def transcript(question: str, scripted: bool, environment: Mapping[str, str]) -> str:
    """What the four said. Raises CalledProcessError where one fails, after what it said."""
    who = "the shipped fake for a reader, over one page of the demo" if scripted else "the configured reader and index"
    told = [f"# Four clients\n\nMade by `python -m examples`, with {who}. {question}\n"]
    for name, language in CLIENTS.items():
        file, began = HERE / name, time.perf_counter()
        command = ["sh" if language == "sh" else sys.executable, str(file), question]
        said = subprocess.run(command, env=dict(environment), stdout=subprocess.PIPE, text=True, check=True).stdout
        took = "" if scripted else f" ({time.perf_counter() - began:.1f} s, its start and what it loads included)"
        told.append(f"## {name}\n\n```{language}\n{file.read_text('utf-8').strip()}\n```\n\nIt says{took}:\n")
        told.append(f"```\n{said.strip().replace(f'{HERE.parent}/', '')}\n```\n")
    return "\n".join(told)


def _scripted(folder: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """What makes the `environment` that of a Vouch in `folder` that knows one page and says one thing."""
    script, file = folder / "script.json", folder / "vouch.toml"
    script.write_text(json.dumps({"replies": [["", SAID]], "choices": [["", 0.98]]}), "utf-8")
    settings = SETTINGS.format(indexes=json.dumps(str(folder / "built")), script=json.dumps(str(script)))
    file.write_text(settings, "utf-8")
    named = {"VOUCH_CONFIG": str(file), "VOUCH_HOME": str(folder)}
    command = [sys.executable, "-m", "rag", "add", str(BRIDGE)]
    subprocess.run(command, env={**environment, **named}, check=True, stdout=sys.stderr)
    return named


@contextmanager
def _served(environment: Mapping[str, str]) -> Iterator[str]:
    """`vouch serve` on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address, deadline = f"http://127.0.0.1:{port}", time.monotonic() + LOADING
    server = subprocess.Popen([sys.executable, "-m", "rag", "serve", "--port", str(port)], env=dict(environment))
    try:
        while not _answers(address):
            if server.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"`vouch serve` did not start: exit {server.poll()}")
            time.sleep(0.2)
        yield address
    finally:
        server.terminate()
        server.wait()


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthz", trust_env=False).is_success
    except httpx.TransportError:
        return False


if __name__ == "__main__":
    main()
