"""What kind of question it is, and the questions it is looked up by: itself, or the sub-questions that the reader makes
of one that compares things or takes two steps."""

import re
from collections.abc import Sequence

from rag.generation import prompts
from rag.protocols import Prompt, Reader
from rag.text.terms import telling, words
from rag.types import Kind, Plan

MOST_PARTS = 3
MAX_TOKENS = 140
ADDED = 0.35  # share of a sub-question's terms that the question need not have; more is about something else
PLACE = re.compile(r"#(\d)")
_GRAMMAR = 'root ::= "1. " line "\\n2. " line ("\\n3. " line)?\nline ::= [^\\n]{6,200}\n'
_NUMBERED = re.compile(r"^\s*\d\.\s*(.+?)\s*$", re.MULTILINE)


def make_plan(question: str, kind: Kind, language: str, reader: Reader) -> Plan:
    """The plan of a question of this kind. One that the reader cannot take apart is asked as it stands. Raises
    ReaderFault."""
    if kind not in ("compare", "chain"):
        return Plan(kind, (question,))
    said = "".join(reader.write(prompt_of(question, kind, language)))
    parts = tuple(dict.fromkeys(_NUMBERED.findall(said)))[:MOST_PARTS]
    if len(parts) > 2 and _plain(question).endswith(_plain(parts[-1])):
        parts = parts[:-1]  # "… Which is higher?": what the whole is to answer, and nothing to look up
    return Plan(kind, parts) if _hold(parts, kind, question) else Plan("fact", (question,))


def prompt_of(question: str, kind: Kind, language: str) -> Prompt:
    """The prompt by which the reader takes a question of this kind apart."""
    return prompts.prompt("plan", kind, language, MAX_TOKENS, _GRAMMAR, question=prompts.tidy(question))


def _plain(text: str) -> str:
    return "".join(words(text.casefold()))


def _hold(parts: Sequence[str], kind: Kind, question: str) -> bool:
    """Whether they are at least two different questions about what is asked, of which in a chain a later one needs what
    an earlier one finds."""
    leaning = [bool(PLACE.search(part)) for part in parts]
    if len(parts) < 2 or leaning[0] or (kind == "chain") != any(leaning):
        return False
    asked = telling(question)
    return all(len(telling(part) - asked) <= ADDED * len(telling(part)) + 2 for part in parts)


def fill_in(part: str, found: Sequence[str]) -> str:
    """`part` with each "#n" replaced by the n-th of `found`; "" where that was not found."""
    numbers = [int(number) for number in PLACE.findall(part)]
    if any(not 1 <= number <= len(found) or not found[number - 1] for number in numbers):
        return ""
    return PLACE.sub(lambda match: found[int(match.group(1)) - 1], part)
