"""The words of faults and refusals: one catalogue, `messages.toml`, of codes in English and Chinese.

A message is kept, logged and told to machines as its English sentence. The catalogue's own templates tell which message
such a sentence is, so what was kept long ago is said in either language too.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter

CATALOGUE = Path(__file__).with_name("messages.toml")


@dataclass(frozen=True, slots=True)
class Message:
    """`code` is one of the catalogue's; `parameters` are the words for its ``{marks}``."""

    code: str
    parameters: Mapping[str, str]


def say(language: str, code: str, **parameters: object) -> str:
    """The words in `language` ("zh", else English); in Chinese, parameters that are messages are said in it too. Raises
    KeyError for a code or a mark that is not there."""
    if language != "zh":
        return catalogue()[code]["en"].format(**parameters)
    told = {name: translate(language, str(value)) or value for name, value in parameters.items()}
    return catalogue()[code]["zh"].format(**told)


def english(code: str, **parameters: object) -> str:
    return say("en", code, **parameters)


def find(text: str) -> Message | None:
    """The message that `english` made `text` of; None for any other text. Of several that fit, the one with the most
    words of its own."""
    for code, pattern in _patterns():
        if found := pattern.fullmatch(text):
            return Message(code, found.groupdict())
    return None


def translate(language: str, text: str) -> str:
    """The words of the message `text` in `language`; "" where it is none."""
    message = find(text)
    return say(language, message.code, **message.parameters) if message else ""


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """{"en", "zh"} by code."""
    rooms = tomllib.loads(CATALOGUE.read_text("utf-8"))
    return {f"{room}.{name}": words for room, codes in rooms.items() for name, words in codes.items()}


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    parts = {code: list(Formatter().parse(words["en"])) for code, words in catalogue().items()}
    own = {code: sum(len(text) for text, *_ in found) for code, found in parts.items()}
    return [(code, re.compile(_pattern(parts[code]), re.DOTALL)) for code in sorted(parts, key=lambda code: -own[code])]


def _pattern(parts: list[tuple[str, str | None, str | None, str | None]]) -> str:
    pattern, known = "", set[str]()
    for text, name, *_ in parts:
        pattern += re.escape(text)
        if name in known:
            pattern += f"(?P={name})"
        elif name:
            pattern += f"(?P<{name}>.*?)"
            known.add(name)
    return pattern
