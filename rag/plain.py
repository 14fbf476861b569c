"""The frozen nouns as plain JSON types, and back by their type hints. What was written and read again is equal."""

import dataclasses
from collections.abc import Mapping
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints


def as_plain(value: Any) -> Any:
    """Dataclasses and mappings as dicts, tuples as lists; the rest as it is."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(name): as_plain(inside) for name, inside in value.items()}
    return [as_plain(inside) for inside in value] if isinstance(value, list | tuple) else value


_hints = cache(get_type_hints)


def as_typed(hint: Any, value: Any) -> Any:
    """`value`, of `as_plain`, as `hint` says. A field that came later has its default, one that is gone is left out.

    Of a union only "X or None" is understood. Raises TypeError or ValueError where it is not of that form.
    """
    inside = get_args(hint)
    if dataclasses.is_dataclass(hint):
        hints: dict[str, Any] = _hints(hint)  # type: ignore[arg-type]
        return hint(**{name: as_typed(hints[name], kept) for name, kept in value.items() if name in hints})  # type: ignore[operator]
    if get_origin(hint) in (Union, UnionType):
        return None if value is None else as_typed(next(kind for kind in inside if kind is not NoneType), value)
    if get_origin(hint) is tuple:
        if inside[-1] is Ellipsis:
            return tuple(as_typed(inside[0], kept) for kept in value)
        return tuple(as_typed(kind, kept) for kind, kept in zip(inside, value, strict=True))
    if isinstance(value, dict) and len(inside) == 2:
        return {name: as_typed(inside[1], kept) for name, kept in value.items()}
    return value
