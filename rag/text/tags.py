"""Tags: the names by which people put sources together."""

from collections.abc import Iterable

LONGEST = 60  # characters of one


def tags(names: Iterable[str]) -> tuple[str, ...]:
    """Each once, whatever its case, as it was written first: spaces made one, no "#" before it, `LONGEST` characters at
    most. What is empty then is none."""
    tidy = (" ".join(name.split()).lstrip("#").strip()[:LONGEST].strip() for name in names)
    found: dict[str, str] = {}
    for name in tidy:
        if name:
            found.setdefault(name.casefold(), name)
    return tuple(found.values())


def without(names: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    """Those of `names` that are none of `others`, whatever their case."""
    folded = {name.casefold() for name in others}
    return tuple(name for name in names if name.casefold() not in folded)
