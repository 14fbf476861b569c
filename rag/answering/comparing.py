"""Which of two things has more, or came first: by exact reckoning over the sentences that were found for each."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from rag.text.quantities import Date, Quantity, dates, quantities
from rag.types import Direction

_WHEN = re.compile(
    r"\bwhen\b|\b(?:what|which) (?:year|month|day|date)\b|什么时候|何时|哪一?[年月天日]|几[月号]|日期", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Winner:
    """`at`: the place (from 0) of the statement that wins. `values`: what each gives, as it writes it."""

    at: int
    values: tuple[str, str]


def lead(parts: Sequence[str], statements: Sequence[str], towards: Direction, language: str) -> str:
    """The sentence that answers a comparison: which it is, and both values, as they stand in the statements. "" where
    nothing can be reckoned or the two cannot be named apart."""
    found, names = winner(parts, statements, towards), names_apart(parts)
    if found is None or not all(names):
        return ""
    one, other = found.at, 1 - found.at
    if language == "zh":
        return f"是{names[one]}：{found.values[one]}，{names[other]}为{found.values[other]}。"
    return f"It is {names[one]}: {found.values[one]}, against {found.values[other]} for {names[other]}."


def winner(parts: Sequence[str], statements: Sequence[str], towards: Direction) -> Winner | None:
    """The statement that has more, or less: of the two dates that they give beyond their questions, where both of these
    ask when, or else of the two amounts. None where they give none or several that can be compared, or equal ones."""
    if len(statements) != 2:
        return None
    told = list(zip(statements, parts, strict=True))
    spans: list[tuple[int, int]]
    values: list[tuple[float, ...]]
    if all(_WHEN.search(part) for part in parts):
        times = [_new_dates(one, part) for one, part in told]
        if any(len(held) != 1 or not held[0].year for held in times):
            return None
        known = min(sum(part is not None for part in held[0].parts) for held in times)
        values = [tuple(float(part or 0) for part in held[0].parts[:known]) for held in times]
        spans = [(held[0].start, held[0].end) for held in times]
    else:
        amounts = [_new_amounts(one, part) for one, part in told]
        if any(len(held) != 1 for held in amounts) or not _comparable(amounts[0][0], amounts[1][0]):
            return None
        values = [(held[0].size,) for held in amounts]
        spans = [(held[0].start, held[0].end) for held in amounts]
    if values[0] == values[1]:
        return None
    first_is_more = values[0] > values[1]
    first, second = (text[start:end] for text, (start, end) in zip(statements, spans, strict=True))
    return Winner(0 if first_is_more == (towards == "more") else 1, (first, second))


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
