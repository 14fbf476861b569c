"""An action as a line of text, and back: the commands of WebGPT (Nakano et al. 2021, table 1), to the letter.

Beyond them there are ``End: Abstain`` and ``Opened result 3``, which goes to a result whatever is on the screen.
"""

import re
from collections.abc import Callable, Sequence

from rag.messages import english
from rag.types import (
    Abstain,
    Action,
    Back,
    Click,
    Find,
    Finish,
    Invalid,
    Keep,
    Open,
    Scroll,
    Search,
    Top,
)

NONSENSE = english("refused.nonsense")
CONTROVERSIAL = english("refused.controversial")
UNTOLD = english("refused.untold")
_ENDS: dict[str, Finish | Abstain] = {
    "answer": Finish(),
    "nonsense": Abstain(NONSENSE),
    "controversial": Abstain(CONTROVERSIAL),
    "abstain": Abstain(UNTOLD),
}
_UNANSWERED = {NONSENSE: "Nonsense", CONTROVERSIAL: "Controversial", UNTOLD: "Abstain"}
_VERBS: dict[type[Action], str] = {
    Search: "Search",
    Find: "Find in page:",
    Keep: "Quote:",
    Click: "Clicked on link",
    Open: "Opened result",
}
_FORMS: tuple[tuple[str, Callable[[str], Action]], ...] = (
    (r"Search[: ]\s*(.+)", Search),
    (r"Clicked on link\s+(\d{1,6})", lambda said: Click(int(said))),
    (r"Opened result\s+(\d{1,6})", lambda said: Open(int(said))),
    (r"Find in page:\s*(.+)", Find),
    (r"Quote:\s*(.+)", Keep),
    (r"Scrolled down\s+([123])", lambda said: Scroll(int(said))),
    (r"Scrolled up\s+([123])", lambda said: Scroll(-int(said))),
    (r"(Top)", lambda said: Top()),
    (r"(Back)", lambda said: Back()),
    (r"End:\s*(Answer|Nonsense|Controversial|Abstain)", lambda said: _ENDS[said.casefold()]),
    (r"End:\s*Abstain:\s*(.+)", Abstain),
)


def command(action: Action) -> str:
    """The line that says `action`, on one line whatever it holds."""
    return _line(_said(action))


def _said(action: Action) -> str:
    match action:
        case Search(text) | Find(text) | Keep(text):
            return f"{_VERBS[type(action)]} {text}"
        case Click(number) | Open(number):
            return f"{_VERBS[type(action)]} {number}"
        case Scroll(windows):
            return f"Scrolled {'up' if windows < 0 else 'down'} {abs(windows)}"
        case Top() | Back():
            return type(action).__name__
        case Finish():
            return "End: Answer"
        case Abstain(reason):
            return f"End: {_UNANSWERED.get(reason) or f'Abstain: {reason}'}"
        case Invalid(said):
            return said.strip() or "(nothing)"


def parse(line: str) -> Action:
    """The action that `line` says; Invalid where it says none."""
    said = line.strip()
    for form, make in _FORMS:
        found = re.fullmatch(form, said, re.IGNORECASE)
        if found:
            return make(found.group(1).strip())
    return Invalid(line)


def grammar(page: bool, links: Sequence[int], quotes: bool, back: bool) -> str:
    """GBNF of the commands that can be carried out as things are: `page` whether one is open, `links` the numbers in
    view, `quotes` whether there are any, `back` whether there is anything to go back to."""
    rules = ['"Search " text']
    if links:
        rules.append(f'"Clicked on link " ({" | ".join(f"{chr(34)}{number}{chr(34)}" for number in links)})')
    if page:
        rules += ['"Find in page: " text', '"Quote: " text', '"Scrolled " ("down" | "up") " " [1-3]', '"Top"']
    if back:
        rules.append('"Back"')
    ends = ['"Answer"'] * quotes + ['"Nonsense"', '"Controversial"', '"Abstain"']
    rules.append(f'"End: " ({" | ".join(ends)})')
    return f"root ::= {' | '.join(rules)}\ntext ::= [^\\n ] [^\\n]*\n"


def _line(text: str) -> str:
    return " ".join(text.split())
