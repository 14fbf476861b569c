"""What kind of question it is, and the questions it is looked up by: itself, or the sub-questions that the reader makes
of one that compares things or takes two steps."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from rag.answering.comparing import names_apart
from rag.answering.samples import TEMPERATURE
from rag.generation import prompts
from rag.protocols import Prompt, Reader
from rag.text.figures import missing_values
from rag.text.terms import telling, words
from rag.types import Kind, Plan

MOST_PARTS = 3
MAX_TOKENS = 140
DRAWN = 2  # plans more where the likeliest one loses a figure or a name
ADDED = 0.35  # share of a sub-question's terms that the question need not have; more is about something else
PLACE = re.compile(r"#(\d)")
_GRAMMAR = 'root ::= "1. " line "\\n2. " line ("\\n3. " line)?\nline ::= [^\\n]{6,200}\n'
_NUMBERED = re.compile(r"^\s*\d\.\s*(.+?)\s*$", re.MULTILINE)


def make_plan(question: str, kind: Kind, language: str, reader: Reader) -> Plan:
    """The plan of a question of this kind. One that the reader cannot take apart is asked as it stands; one that loses
    a figure of the question or changes a name is drawn again. Raises ReaderFault."""
    if kind not in ("compare", "chain"):
        return Plan(kind, (question,))
    asked = prompt_of(question, kind, language)
    best = _written(question, kind, asked, reader)
    if not _hold(best, kind, question):  # more often no such question than a reader that cannot take it apart
        return Plan("explain" if kind == "compare" else "fact", (question,))
    fewest = _lost(best, question)
    for seed in range(1, DRAWN + 1):
        if not fewest:
            break
        parts = _written(question, kind, replace(asked, temperature=TEMPERATURE, seed=seed), reader)
        lost = _lost(parts, question)
        if _hold(parts, kind, question) and lost < fewest:
            best, fewest = parts, lost
    return Plan(kind, best)


def _written(question: str, kind: Kind, prompt: Prompt, reader: Reader) -> tuple[str, ...]:
    parts = tuple(dict.fromkeys(_NUMBERED.findall("".join(reader.write(prompt)))))[:MOST_PARTS]
    if kind == "compare" and len(parts) > 2 and PLACE.search(parts[-1]):
        return parts[:-1]  # "Is #1 higher?": what the whole is to answer, and nothing to look up
    if len(parts) > 2 and _plain(question).endswith(_plain(parts[-1])):
        return parts[:-1]  # "… Which is higher?", likewise
    return parts


def prompt_of(question: str, kind: Kind, language: str) -> Prompt:
    """The prompt by which the reader takes a question of this kind apart."""
    return prompts.prompt("plan", kind, language, MAX_TOKENS, _GRAMMAR, question=prompts.tidy(question))


def _plain(text: str) -> str:
    return "".join(words(text.casefold()))


def _lost(parts: Sequence[str], question: str) -> int:
    """How many figures of the question no part has, figures of theirs the question has not, and names by which two
    parts differ it has not."""
    names = names_apart(parts) if len(parts) == 2 and not any(PLACE.search(part) for part in parts) else []
    plain, said = _plain(question), "\n".join(PLACE.sub("", part) for part in parts)
    changed = len(missing_values(question, said)) + len(missing_values(said, question))
    return changed + sum(_plain(name) not in plain for name in names)


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


def undivided(kind: Callable[[str], Kind]) -> Callable[[str], Kind]:
    """`kind` for a policy that takes a question as one task: none has sub-questions then."""
    whole: dict[Kind, Kind] = {"compare": "explain", "chain": "fact"}

    def of(question: str) -> Kind:
        found = kind(question)
        return whole.get(found, found)

    return of
