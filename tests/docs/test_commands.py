"""Every command of the documentation is run, in a home of its own with a scripted reader, or says what it would need.

What stands for something of the reader's is replaced: ~ by that home, example.org by a server of ours, and the ports of
servers by ones that are free.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from contextlib import chdir
from pathlib import Path

import pytest
from typer.testing import CliRunner

from eval import data, gate
from eval import run as measure
from indexes import build, migrate
from rag.__main__ import app
from rag.errors import Fault
from rag.generation.fake_server import served
from tests.docs.test_documentation import PAGES_SHOWN, commands
from tests.sources.local_site import send, serve
from tests.sources.made_sources import pdf

PROGRAMS = {
    "indexes.build": build.app,
    "indexes.migrate": migrate.app,
    "eval.run": measure.app,
    "eval.data": data.app,
    "eval.gate": gate.app,
}
# Why a command is not run here. What each does is tested elsewhere, with what it needs or with a stand-in.
NOT_RUN = {
    "vouch test -n 20 --index work": "a reader that makes questions",
    "vouch reader start": "the language model",
    "vouch models": "1.3 GB from the network",
    "vouch serve --host 0.0.0.0 --port 8600": "listens on all addresses of the machine",
    "python -m indexes.migrate work --to http://milvus:19530 --key-env MILVUS_TOKEN": "a Milvus server",
    "python -m indexes.build work --ray auto --workers 16": "a Ray cluster",
    "python -m eval.run xquad-en --limit 30": "a public set",
    "python -m eval.run seeds --variant loop": "a private index",
    "python -m eval.run bipia --variant loop": "a public set",
    "python -m eval.run purplellama-en purplellama-zh --variant loop": "a public set",
    "python -m eval.gate --tier check": "results of all sets of the tier",
}
STAY = {"vouch app": "http", "vouch serve": "OpenAPI", "vouch watch": "watching"}  # until stopped, once this was said
PATIENCE = 120.0  # seconds
GIVEN = {  # on standard input
    "vouch chat": "When did the Quill Bridge open?\nAnd who drew it up?\n\n",
    "vouch setup": "n\n0\n",
    "vouch password": "a long password\na long password\n",
}
BEFORE = {  # what a reader of the documentation has done by then
    "vouch risks": (["judge", "encoder"],),
    "vouch ask ... --tag": (["vouch", "tag", "*annual report*", "finance", "--index", "work"],),
    "vouch table": (["vouch", "tag", "*annual report*", "finance", "--index", "work"],),
    "vouch learn --back": (["vouch", "feedback", "import", "~/comparisons.jsonl"], ["vouch", "learn", "--use"]),
    "vouch restore": (["vouch", "backup", "~/vouch.tar"], ["rm", "~/built"]),
    "python -m indexes.build rollback": (
        ["vouch", "build", "~/recipes/work.toml"],
        ["cp", "~/report.pdf", "~/papers/later.pdf"],
        ["vouch", "build", "~/recipes/work.toml"],
    ),
}
SHOWN = {
    tuple(words): path.name
    for path in PAGES_SHOWN
    if path.name not in ("CHANGELOG.md", "commands.md")
    for words in commands(path)
}
RUN = [words for words in SHOWN if " ".join(words) not in NOT_RUN]
CONFIG = """
indexes = "HOME/built"
[embedder]
kind = "hash"
[reader]
kind = "scripted"
model = "HOME/script.json"
[checking]
judge = "reader"
auditor = ""
[fetch]
allow_hosts = ["127.0.0.1"]
[web]
engine = "searxng"
address = "SITE"
"""
DATED = "/CreationDate (D:20240301120000Z)"
QUESTION = {
    "question": "When did the Quill Bridge open?",
    "answers": [["2 May 2014"]],
    "sources": ["papers/contract.txt"],
}
PAGE = b"<h1>The dam</h1><p>The dam of Fenside was finished in 1931, and is 86 metres high. A ferry crossed before.</p>"


def comparison(number: int) -> str:
    """A line of WebGPT's form."""
    told = {"question": {"dataset": "d", "id": str(number), "full_text": f"When was mill {number} built?"}}
    for side, said in enumerate((f"Mill {number} was built in {1800 + number}.", "Nobody knows.")):
        quotes = {"title": ["Mills"], "extract": [f"Mill {number} was built in {1800 + number}."]}
        told |= {f"quotes_{side}": quotes, f"answer_{side}": said, f"score_{side}": 1 - 2 * side}
    return json.dumps(told) + "\n"


@pytest.fixture(scope="module")
def site():
    with serve() as running, served() as readers:
        for path in ("/page.html", "/faq.html"):
            running.pages[path] = send(PAGE)
        found = {"results": [{"url": running.url("/page.html"), "title": "The dam", "content": "finished in 1931"}]}
        running.pages["/search"] = send(json.dumps(found).encode(), "application/json")
        running.readers = readers.address("good")
        yield running


@pytest.fixture(scope="module")
def kept(tmp_path_factory, site):
    """A home as its owner has it: papers, an index "work" of them and of a web page, an answer given."""
    home = tmp_path_factory.mktemp("home") / "me"
    for folder in ("papers/2024", "recipes"):
        (home / folder).mkdir(parents=True)
    (home / "papers" / "contract.txt").write_text("Notice is given three months before the end of a year.\n", "utf-8")
    (home / "papers" / "2024" / "annual report.md").write_text(
        "---\ndate: 2024-03-01\n---\n# The dam\n\n86 m.", "utf-8"
    )
    (home / "report.pdf").write_bytes(pdf([[(72, 700, "The dam of Fenside is 86 metres high.")]], facts=DATED))
    shutil.copy(home / "report.pdf", home / "papers" / "fenside annual report.pdf")
    (home / "answer.txt").write_text("The dam was finished in 1931. It is 86 metres high.\n", "utf-8")
    (home / "my-questions.jsonl").write_text(json.dumps(QUESTION) + "\n", "utf-8")
    (home / "comparisons.jsonl").write_text("".join(map(comparison, range(20))), "utf-8")
    recipe = '[index]\nname = "work"\n[[sources]]\nkind = "folder"\npath = "~/papers"\n[checks]\nfree_megabytes = 0\n'
    (home / "recipes" / "work.toml").write_text(recipe, "utf-8")
    (home / "script.json").write_text(json.dumps({"replies": [["", "The dam was finished in 1931."]]}), "utf-8")
    filled = CONFIG.replace("HOME", str(home)).replace("SITE", site.url(""))
    (home / "vouch.toml").write_text(filled, "utf-8")
    for words in (
        ["vouch", "build", "~/recipes/work.toml"],
        ["vouch", "add", "https://example.org/page.html", "https://example.org/faq.html", "--index", "work"],
        ["vouch", "add", "~/papers", "--index", "demo"],
        ["vouch", "ask", "When was the dam finished?", "--index", "work"],
    ):
        assert given(words, home, site) == 0
    yield home, shutil.copytree(home, home.with_name("as it was"))


@pytest.fixture
def home(kept):
    """The same home for each command, whatever those before it did."""
    mine, before = kept
    shutil.rmtree(mine)
    return shutil.copytree(before, mine)


def environment(home: Path) -> dict[str, str]:
    return {"HOME": str(home), "VOUCH_HOME": str(home), "VOUCH_CONFIG": str(home / "vouch.toml"), "COLUMNS": "200"}


def replaced(words, home: Path, site) -> list[str]:
    """As a shell and a reader of the documentation would write them."""
    made = [re.sub(r"^~(?=/|$)", str(home), word) for word in words]
    made = [word.replace("https://example.org", site.url("")) for word in made]
    return [re.sub(r"http://127\.0\.0\.1:800[12]/v1", site.readers, word) for word in made]


def starts(words, table: dict):
    return next((value for start, value in table.items() if " ".join(words).startswith(start)), None)


def given(words, home: Path, site) -> int:
    """Run one in this process; its exit code."""
    typed, words = words, replaced(words, home, site)
    match words:
        case ["rm", folder]:
            return shutil.rmtree(folder) or 0
        case ["cp", file, to]:
            return 0 if shutil.copy(file, to) else 1
        case ["judge", name]:
            settings = home / "vouch.toml"
            return (
                0 if settings.write_text(settings.read_text("utf-8").replace('"reader"', f'"{name}"'), "utf-8") else 1
            )
    if words[0] == "python":
        program, rest = PROGRAMS[words[2]], words[3:]
    elif words[:2] == ["vouch", "build"]:
        program, rest = build.app, words[2:]
    else:
        program, rest = app, words[1:]
    if program is build.app and rest[0] not in ("rollback", "prune"):
        rest = ["build", *rest]
    if program is measure.app:
        rest += ["--out", str(home / "results")]
    with chdir(home):
        ended = CliRunner().invoke(program, rest, input=starts(typed, GIVEN), env=environment(home))
    if ended.exception and not isinstance(ended.exception, SystemExit | Fault):
        raise ended.exception
    assert not isinstance(ended.exception, Fault), ended.exception
    return ended.exit_code


def stays(words, home: Path, site, said: str) -> bool:
    """Whether its process says that it is there, and ends well when it is told to."""
    words = replaced([word for word in words if word not in ("--port", "8600")], home, site)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = [] if words[1] == "watch" else ["--port", str(free.getsockname()[1])]
    command = [sys.executable, "-m", "rag", *words[1:], *port]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, env={**os.environ, **environment(home)}, cwd=home, **streams) as process:
        patience = threading.Timer(PATIENCE, process.kill)  # one that does not end fails, and hangs nothing
        patience.start()
        heard = any(said in line for line in process.stdout)
        process.send_signal(signal.SIGTERM)
        process.stdout.read()
        patience.cancel()
    return heard and process.wait() in (0, -signal.SIGTERM)


@pytest.mark.parametrize("words", RUN, ids=lambda words: f"{SHOWN[words]}: {' '.join(words)[:60]}")
def test_a_command_of_the_documentation_works(words, home, site):
    for before in starts(words, BEFORE) or ():
        assert given(before, home, site) == 0
    if said := starts(words, STAY):
        assert stays(words, home, site, said)
    elif words[1] == "demo":
        command = [sys.executable, "-m", "rag", "demo"]
        assert subprocess.run(command, env={**os.environ, **environment(home)}, cwd=home, check=False).returncode == 0
    else:
        assert given(words, home, site) == 0


def test_what_is_not_run_is_shown():
    assert set(NOT_RUN) <= {" ".join(words) for words in SHOWN}
