"""Answers as JSON and back, so that a conversation can be opened again.

Written by the fields of the frozen dataclasses and read by their types: a field that came later has its default when an
older row is read, and one that is gone is left out.
"""

import dataclasses
import json
from collections.abc import Callable, Mapping
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from rag.types import Answer, Page


class Unreadable(ValueError):
    """What was kept is not of this form any more."""


def pack(answer: Answer) -> str:
    """`answer` as JSON. The texts of its pages are left out: the ledger keeps them, by their hashes."""
    pages = {page.sha256: _plain(dataclasses.replace(page, text="")) for page in answer.pages}
    body = _plain(dataclasses.replace(answer, pages=()))
    return json.dumps({"answer": body, "pages": pages}, ensure_ascii=False)


def unpack(packed: str, text: Callable[[str], str | None]) -> Answer:
    """The answer; `text` gives a page's text by its hash, and a page whose text is gone is left out. Raises
    Unreadable."""
    try:
        kept = json.loads(packed)
        answer: Answer = _read(Answer, kept["answer"])
        found = ((_read(Page, page), text(sha256)) for sha256, page in kept["pages"].items())
        pages = tuple(dataclasses.replace(page, text=whole) for page, whole in found if whole is not None)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Unreadable(str(error)) from error
    return dataclasses.replace(answer, pages=pages)


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {name: _plain(inside) for name, inside in value.items()}
    return [_plain(inside) for inside in value] if isinstance(value, tuple | list) else value


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _read(hint: Any, value: Any) -> Any:
    """`value`, which came from JSON, as `hint` says it is."""
    origin, inside = get_origin(hint), get_args(hint)
    if dataclasses.is_dataclass(hint):
        kind: Any = hint
        hints = _hints(kind)
        return kind(**{name: _read(hints[name], kept) for name, kept in value.items() if name in hints})
    if origin in (Union, UnionType):
        return _one_of(inside, value)
    if origin is tuple:
        every = inside[0] if len(inside) == 2 and inside[1] is Ellipsis else None
        return tuple(_read(every if every is not None else inside[at], kept) for at, kept in enumerate(value))
    if isinstance(value, dict) and len(inside) == 2:
        return {name: _read(inside[1], kept) for name, kept in value.items()}
    return value


def _one_of(kinds: tuple[Any, ...], value: Any) -> Any:
    """`value` as the first of `kinds` that it can be."""
    if isinstance(value, dict):
        classes: list[Any] = [kind for kind in kinds if dataclasses.is_dataclass(kind)]
        made = [kind for kind in classes if set(_hints(kind)) >= set(value)]
        return _read(made[0], value) if made else value
    if isinstance(value, list):
        listed = [kind for kind in kinds if get_origin(kind) is tuple]
        return _read(listed[0], value) if listed else value
    return value
