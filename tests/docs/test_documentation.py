"""The documentation against the code: what is made from it is as new, and every command that it shows can be given."""

import re
import shlex
from importlib.util import find_spec
from pathlib import Path

import pytest
import typer

from indexes import build, migrate
from rag.__main__ import app
from rag.cli.reference import PAGES, page
from rag.config import REPOSITORY
from rag.models import __main__ as models

PAGES_SHOWN = sorted([*(REPOSITORY / "docs").glob("*.md"), *REPOSITORY.glob("*.md")])
MODELS = typer.Typer()
MODELS.command()(models.main)
# Programs that `vouch` starts, and python -m: their own command lines.
PROGRAMS = {"indexes.build": build.app, "indexes.migrate": migrate.app, "rag.models": MODELS}
STARTED = {"vouch build": "indexes.build", "vouch migrate": "indexes.migrate", "vouch models": "rag.models"}
# What a command needs that tests/cli does not give it; tests/docs/test_commands.py runs what the documentation shows.
NEED = {
    "a model": {"ask", "chat", "check", "recheck", "table", "test", "demo", "setup", "reader start"},
    "the network": {"models", "build", "migrate"},
    "to be stopped": {"app", "serve", "mcp", "watch"},
    "a terminal": {"password"},
}
RUN = {"add", "remove", "tag", "sources", "search", "stats", "replay", "export", "forget", "risks", "doctor"}
RUN |= {"reader status", "reader stop", "backup", "restore", "learn", "feedback import", "feedback export"}
RUN |= {"note list", "note show", "note export"}


def blocks(path: Path) -> list[str]:
    """The lines of the fenced blocks that show commands: those without a language, or of a shell or a unit."""
    found, language = list[str](), None
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("```"):
            language = line[3:].strip() if language is None else None
        elif language in ("", "sh", "bash", "ini"):
            found.append(line)
    return found


def commands(path: Path) -> list[list[str]]:
    """The words of each command of `path`, up to where a shell takes over."""
    found = []
    for line in blocks(path):
        start = re.search(r"(?:^|\s|/)(vouch|python) (?=[a-z-])", line.split(" # ")[0])
        if not start or line.startswith("#"):
            continue
        lexer = shlex.shlex(line[start.start(1) :], posix=True, punctuation_chars="|&;><")
        lexer.whitespace_split, lexer.commenters = True, "#"
        words = []
        for word in lexer:
            if set(word) <= set("|&;><") or (word == "2" and words):
                break
            words.append(word)
        found.append(words)
    return found


SHOWN = [
    pytest.param(words, id=f"{path.name}: {' '.join(words)[:60]}")
    for path in PAGES_SHOWN
    if path.name not in ("CHANGELOG.md", "commands.md")
    for words in commands(path)
]


@pytest.mark.parametrize("words", SHOWN)
def test_a_command_that_is_shown_can_be_given(words):
    if words[:2] == ["python", "-m"]:
        assert find_spec(words[2]), words
        if words[2] in PROGRAMS:
            parse(PROGRAMS[words[2]], words[2], words[3:])
        return
    if words[0] != "vouch":
        return  # python -c and python -m venv
    group = typer.main.get_command(app)
    command = named = group.commands[words[1]]
    rest = words[2:]
    if hasattr(command, "commands"):
        named, rest = command.commands[words[2]], words[3:]
    if (started := STARTED.get(f"vouch {words[1]}")) is not None:
        parse(PROGRAMS[started], started, rest)
    elif "--help" not in rest:
        named.make_context(words[1], rest)


def parse(program: typer.Typer, name: str, words: list[str]) -> None:
    command = typer.main.get_command(program)
    if hasattr(command, "commands"):
        first = words[0] if words and words[0] in command.commands else "build"
        command, words = command.commands[first], words[1:] if first in words[:1] else words
    command.make_context(name, list(words))


def test_each_command_is_run_by_a_test_or_says_what_it_needs():
    group = typer.main.get_command(app)
    names = set()
    for name, command in group.commands.items():
        if command.hidden:
            continue
        names |= {f"{name} {below}" for below in command.commands} if hasattr(command, "commands") else {name}
    assert names == RUN | set().union(*NEED.values())


@pytest.mark.parametrize("name", PAGES)
def test_what_is_made_from_the_code_is_as_new(name):
    kept = (REPOSITORY / "docs" / f"{name}.md").read_text("utf-8")
    assert page(name, typer.main.get_command(app)) == kept, f"make it anew: vouch reference {name} > docs/{name}.md"


@pytest.mark.parametrize("path", PAGES_SHOWN, ids=lambda path: path.name)
def test_every_link_leads_to_a_file(path):
    for target in re.findall(r"\]\((?!https?://|#|mailto:)([^)#\s]+)", path.read_text("utf-8")):
        found = (path.parent / target).exists() or (REPOSITORY / target.upper().replace(".MD", ".md")).exists()
        assert found, target


def test_the_tests_that_security_names_are_there():
    named = re.findall(r"`((?:tests/\w+/)?test_\w+\.py)`", (REPOSITORY / "docs" / "security.md").read_text("utf-8"))
    assert named
    for name in named:
        assert (REPOSITORY / name).exists() if "/" in name else list((REPOSITORY / "tests").glob(f"*/{name}")), name
