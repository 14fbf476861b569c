"""The frozen nouns as plain JSON types, and back by their type hints. What was written and read again is equal."""

import dataclasses
from collections.abc import Mapping
from functools import cache
from types import UnionType
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

    Of a union it is the first kind that it can be. Raises TypeError, ValueError or AttributeError where it is not of
    that form.
    """
    inside = get_args(hint)
    if dataclasses.is_dataclass(hint):
        hints: dict[str, Any] = _hints(hint)  # type: ignore[arg-type]
        return hint(**{name: as_typed(hints[name], kept) for name, kept in value.items() if name in hints})  # type: ignore[operator]
    if get_origin(hint) in (Union, UnionType):
        return _one_of(inside, value)
    if get_origin(hint) is tuple:
        if inside[-1] is Ellipsis:
            return tuple(as_typed(inside[0], kept) for kept in value)
        return tuple(as_typed(kind, kept) for kind, kept in zip(inside, value, strict=True))
    if isinstance(value, dict) and len(inside) == 2:
        return {name: as_typed(inside[1], kept) for name, kept in value.items()}
    return value


def _one_of(kinds: tuple[Any, ...], value: Any) -> Any:
    """A dict is a class that has all of its fields (of one class alone some may be gone), a list a tuple; anything else
    is as it is."""
    if isinstance(value, dict):
        classes: list[Any] = [kind for kind in kinds if dataclasses.is_dataclass(kind)]
        made = [kind for kind in classes if len(classes) == 1 or set(_hints(kind)) >= set(value)]
        if classes and not made:
            raise TypeError(f"none of {[kind.__name__ for kind in classes]} has the fields {sorted(value)}")
        return as_typed(made[0], value) if made else value
    if isinstance(value, list):
        listed = [kind for kind in kinds if get_origin(kind) is tuple]
        return as_typed(listed[0], value) if listed else value
    return value
