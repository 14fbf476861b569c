"""One reader in place of another, wherever it stands in the parts of a run."""

from dataclasses import fields, is_dataclass, replace
from typing import TypeVar

from rag.protocols import Reader

T = TypeVar("T")


def with_reader(part: T, old: Reader, new: Reader) -> T:
    """`part` with `new` wherever `old` stands in it, for parts that are dataclasses."""
    if not is_dataclass(part) or isinstance(part, type):
        return part
    inside = {each.name: getattr(part, each.name) for each in fields(part) if each.init}
    changed = {name: new if value is old else with_reader(value, old, new) for name, value in inside.items()}
    changed = {name: value for name, value in changed.items() if value is not inside[name]}
    return replace(part, **changed) if changed else part
