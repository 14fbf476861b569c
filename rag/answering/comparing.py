"""Which of two things has more, or came first: by exact reckoning over the sentences that were found for each."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from rag.text.quantities import Date, Quantity, dates, quantities
from rag.types import Direction


def winner(parts: Sequence[str], statements: Sequence[str], towards: Direction) -> int | None:
    """The place (from 0) of the statement that has more, or less: of the two amounts, or else the two dates, that they
    give beyond their questions. None where they give none or several that can be compared, or equal ones."""
    if len(statements) != 2:
        return None
    amounts = [_new_amounts(one, part) for one, part in zip(statements, parts, strict=True)]
    if all(len(held) == 1 for held in amounts) and _comparable(amounts[0][0], amounts[1][0]):
        values: list[tuple[float, ...]] = [(held[0].size,) for held in amounts]
    else:
        times = [_new_dates(one, part) for one, part in zip(statements, parts, strict=True)]
        if any(len(held) != 1 or not held[0].year for held in times):
            return None
        known = min(sum(part is not None for part in held[0].parts) for held in times)
        values = [tuple(float(part or 0) for part in held[0].parts[:known]) for held in times]
    if values[0] == values[1]:
        return None
    first_is_more = values[0] > values[1]
    return 0 if first_is_more == (towards == "more") else 1


def names_apart(parts: Sequence[str]) -> list[str]:
    """What two sub-questions are about that tells them apart: of each the longest run that the other has not. "" where
    there is none."""
    found = []
    for at, mine in enumerate(parts):
        other = parts[1 - at] if len(parts) == 2 else ""
        tokens, others = _tokens(mine), _tokens(other)
        blocks = SequenceMatcher(None, tokens, others, autojunk=False).get_matching_blocks()
        runs, before = [], 0
        for block in blocks:
            runs.append("".join(tokens[before : block.a]).strip(_SPACE))
            before = block.a + block.size
        found.append(max((run for run in runs if not run.isdigit()), key=len, default=""))
    return found


_SPACE = " ,，、。.?？"


def _tokens(text: str) -> list[str]:
    return re.findall(r"[A-Za-z0-9'’&.-]+\s*|.", text)


def _new_amounts(statement: str, part: str) -> list[Quantity]:
    asked = quantities(part)
    return [one for one in quantities(statement) if not any(one.same(old) or one.size == old.size for old in asked)]


def _comparable(one: Quantity, other: Quantity) -> bool:
    return one.units == other.units or bool(one.units & other.units)


def _new_dates(statement: str, part: str) -> list[Date]:
    asked = {told.parts for told in dates(part)}
    return [told for told in dates(statement) if told.parts not in asked]
