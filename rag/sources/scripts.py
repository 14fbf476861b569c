"""Raised and lowered figures as plain text, so that no figure runs into another: 10⁶ is "10^6" and never 106.

A mark of a footnote that is only raised cannot be told from a power: "42^3 million" is what the page shows.
"""

import re

_FIGURES = re.compile(r"[-+−–]?\d[\d.,−–-]*")
_UNIT = re.compile(r"(?<![^\W\d_])[^\W\d_]{1,3}$")  # "m", "km", "Mio": what is squared or cubed
_POWERS = {"2": "²", "3": "³"}


def raised(before: str, mark: str) -> str:
    """How `mark` is written where it stands raised behind `before`; what are no figures ("th", "[4]") stay."""
    bare = mark.strip()
    if not _FIGURES.fullmatch(bare) or not before[-1:].strip():
        return mark
    return _POWERS[bare] if bare in _POWERS and _UNIT.search(before) else f"^{bare}"


def lowered(before: str, mark: str) -> str:
    """The same for one that stands lower: H₂O is "H2O", a base is "10_2"."""
    return f"_{mark.strip()}" if before[-1:].isdigit() and _FIGURES.fullmatch(mark.strip()) else mark
