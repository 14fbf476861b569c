"""The prompts, one Markdown file each, hashed into every result.

A file is a run of parts: ``## system``, ``## example user`` and ``## example reader`` (constant, so that a local model
evaluates them once), ``## user`` with ``{name}`` marks to fill in, and ``## task NAME``, of which one ends the user's
part. Two tasks over the same quotes share all that stands before the task.
"""

import hashlib
import re
from collections.abc import Sequence
from functools import cache
from importlib import resources

from rag.protocols import Prompt
from rag.types import Quote

_PART = re.compile(r"^## (.+)\n", re.MULTILINE)
_FENCE = str.maketrans({"<": "‹", ">": "›"})
# Blog platforms save a formula three times over: "GPT \text{GPT} GPT". The reader needs it once.
_TRIPLED = re.compile(r"(\S[^\\\n]{0,80}?) ?\\(?:text|begin)\{.{1,400}?\} ?\1", re.DOTALL)


def prompt(
    name: str,
    task: str,
    language: str,
    max_tokens: int = 256,
    grammar: str = "",
    package: str = __name__,
    before: str = "",
    **values: str,
) -> Prompt:
    """The prompt `name` of `package` with `task` at its end, after the task `before` where there is one, in Chinese for
    Chinese questions and in English for all others."""
    parts = _parts(package, f"{name}.{'zh' if language == 'zh' else 'en'}.md")
    tasks = [parts[f"task {each}"][0] for each in (before, task) if each]
    whole = "\n\n".join([parts["user"][0], *tasks])
    user = re.sub(r"\{(\w+)\}", lambda match: values[match.group(1)], whole)
    turns = tuple(zip(parts.get("example user", []), parts.get("example reader", []), strict=True))
    return Prompt(parts["system"][0], user, turns, grammar, max_tokens)


def fence(quotes: Sequence[Quote]) -> str:
    """The quotes as data: one element each, which nothing inside a quote can close."""
    return "\n".join(f"<quote {kept.id}>{tidy(kept.text)}</quote {kept.id}>" for kept in quotes)


def one_line(text: str) -> str:
    """`text` with formulas once and every run of white space as one blank: how a quote's words are published."""
    return " ".join(_TRIPLED.sub(r"\1", text).split())


def tidy(text: str) -> str:
    """How a quote is shown to the reader: one line, no angle brackets, formulas once. The citation stays verbatim."""
    return one_line(text).translate(_FENCE)


@cache
def fingerprint(package: str = __name__) -> str:
    """Hex SHA-256 over all prompt files of `package`."""
    digest = hashlib.sha256()
    for file in sorted(resources.files(package).iterdir(), key=lambda file: file.name):
        if file.name.endswith(".md"):
            digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


@cache
def _parts(package: str, name: str) -> dict[str, list[str]]:
    text = resources.files(package).joinpath(name).read_text("utf-8")
    pieces = _PART.split(text)
    parts: dict[str, list[str]] = {}
    for head, body in zip(pieces[1::2], pieces[2::2], strict=True):
        parts.setdefault(head, []).append(body.strip())
    return parts
