"""RTF -> its text, with what its head says of it."""

import itertools
import re

from striprtf.striprtf import rtf_to_text

from rag.sources import tables
from rag.types import Page

_UNSEEN = re.compile(r"\{(?:\\[a-z]+-?\d* ?)*?\\(?:v|deleted)(?![a-z0-9])[^{}]*\}")
_RAISED = re.compile(r"\{(?:\\[a-z]+\d* ?)*?\\super(?![a-z])(?:\\[a-z]+\d*)* ?(-?\d+)\}")
_NOTE = re.compile(r"\{\\footnote(?:\\[a-z]+-?\d* ?)* ?([^{}]*)\}")
_FACT = re.compile(r"\{\\(title|author) ((?:[^{}\\]|\\[^{}])*)\}")


def read_rtf(content: bytes, uri: str) -> Page:
    source = content.decode("latin-1")
    facts = {name: _text(f"{{\\rtf1\\ansi {said}}}").strip() for name, said in reversed(_FACT.findall(source))}
    return Page(uri, _text(source), title=facts.get("title", ""), author=facts.get("author", ""))


def _text(source: str) -> str:
    """Without hidden and deleted runs, raised figures apart, footnotes behind their mark, rows of tables as such."""
    shown = _UNSEEN.sub("", source)
    shown = _RAISED.sub(r"^\1", _NOTE.sub(r" [\1]", shown))
    told: str = rtf_to_text(shown, errors="replace")  # type: ignore[no-untyped-call]
    parts = (list(lines) for _, lines in itertools.groupby(told.split("\n"), key=lambda line: line.endswith("|")))
    written = (tables.lines(line[:-1].split("|") for line in part) if part[0].endswith("|") else part for part in parts)
    return "\n".join(itertools.chain.from_iterable(written))
