"""RTF -> its text, with what its head says of it."""

import re

from striprtf.striprtf import rtf_to_text

from rag.types import Page

_FACT = re.compile(r"\{\\(title|author) ((?:[^{}\\]|\\[^{}])*)\}")


def read_rtf(content: bytes, uri: str) -> Page:
    source = content.decode("latin-1")
    facts = {name: _text(f"{{\\rtf1\\ansi {said}}}").strip() for name, said in reversed(_FACT.findall(source))}
    return Page(uri, _text(source), title=facts.get("title", ""), author=facts.get("author", ""))


def _text(source: str) -> str:
    told: str = rtf_to_text(source, errors="replace")  # type: ignore[no-untyped-call]
    return told
