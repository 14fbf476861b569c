"""A question that describes a thing by a clause, taken apart by the clause: which thing it is, and the rest."""

import re

_AUXILIARY = "do|does|did|is|are|was|were|can|could|will|would|has|have|had"
_CLAUSE = re.compile(
    r"\bthe (?P<noun>(?:[\w'’-]+ ){0,3}[\w'’-]+(?: \([^()]*\))?)"
    r" (?P<clause>(?:(?:for|on|in|at|of|to|by|from|with|over|under) )?(?:whose|which|that|where|who|whom) .+)$"
)
_BARE = re.compile(r"(?:who|what|which) (?:is|was|are|were) (?:the name of )?", re.IGNORECASE)
_ASKING = re.compile(r"(?:[A-Z]\w* )?(?:what|which|whose|who|whom|when|where|why|how)\b", re.IGNORECASE)
_UNASKED = re.compile(
    rf"(?:in|at|on|under|from|to|by|for|with) (?:what|which)\b(?!.*\b(?:{_AUXILIARY})\b)", re.IGNORECASE
)
_UNDONE = re.compile(rf"(?!how \w+ ).*\b(?:{_AUXILIARY}) |(?:which|what|how many|how much) of ", re.IGNORECASE)
_TAIL = re.compile(rf" (?=(?:{_AUXILIARY}) (?:the|a|an|its?|they|he|she|[A-Z]))")
_AHEAD = re.compile(
    r"(?P<place>(?:(?:At|In|On|For|Of|From|To|By) )?)[Tt]he (?P<thing>[^,:]+)(?P<mark>[,:]) (?P<rest>.+)"
)
_PRONOUN = re.compile(r"\b(?:it|he|she|they)\b")

_MEASURES = "个家座条位艘片所种部本款只名间次"
_CLAUSE_ZH = re.compile(
    rf"(?P<said>.{{4,}}的)那(?P<measure>[{_MEASURES}])(?P<noun>[^，,？?。的是有在叫]{{1,8}})"
    r"(?:[，,]\s*(?P<pronoun>[它他她]的|那里的|[它他她])?|(?=[是有在叫的]|一共))(?P<rest>.+)"
)
_TWO_ZH = re.compile(
    rf"(?P<first>.*哪(?P<thing>[{_MEASURES}]\w{{1,6}})[^？?]*[？?])\s*(?P<then>.*那(?P=thing).*)", re.DOTALL
)


def apart(question: str, place: str) -> tuple[str, str] | None:
    """(which thing it is, the rest with `place` for it), or None where the clause is not plain."""
    said = question.strip()
    return _apart_zh(said, place) or _apart_en(said, place)


def only_describes(question: str) -> bool:
    """Whether nothing is asked but who or what it is that a clause describes: "Who was the man that …?"."""
    found = _last_the(question.strip())
    return bool(found and _BARE.fullmatch(question.strip()[: found.start()]) and not _CLAUSE.search(found["clause"]))


def _apart_en(question: str, place: str) -> tuple[str, str] | None:
    if ahead := _AHEAD.fullmatch(question):
        found = _last_the(f"the {ahead['thing']}")
        if not found or found.start() or not _ASKING.search(ahead["rest"]):
            return None
        rest = ahead["rest"]
        then = _PRONOUN.sub(place, rest, count=1) if ahead["mark"] == ":" else f"{ahead['place']}{place}, {rest}"
        return (f"What is the name of the {ahead['thing']}?", then) if place in then else None
    found = _last_the(question)
    if not found or not _ASKING.match(question) or ". " in question:
        return None
    head, clause, tail = question[: found.start()], found["clause"].rstrip("?？. "), ""
    if _UNASKED.match(head):  # what is asked comes after the clause: "At what height over the reef that … do …?"
        ends = [cut.start() for cut in _TAIL.finditer(clause)]
        if not ends:
            return None
        clause, tail = clause[: ends[-1]], clause[ends[-1] :]
    elif _UNDONE.fullmatch(head):  # "When was the bridge that …": where its verb comes, only grammar could tell
        return None
    return f"What is the name of the {found['noun']} {clause}?", f"{head}{place}{tail}?"


def _last_the(question: str) -> re.Match[str] | None:
    """The thing that the first clause describes: what follows the last "the" before it."""
    found, at = None, 0
    while match := _CLAUSE.search(question, at):
        if found and match.start("clause") > found.start("clause"):
            break
        found, at = match, match.start() + 1
    return found


def _apart_zh(question: str, place: str) -> tuple[str, str] | None:
    if two := _TWO_ZH.fullmatch(question):
        return two["first"], two["then"].replace(f"那{two['thing']}", place, 1)
    if found := _CLAUSE_ZH.fullmatch(question):
        link = "的" if (found["pronoun"] or "").endswith("的") else ""
        gap = " " if found["rest"][0].isdigit() else link
        return f"{found['said']}是哪{found['measure']}{found['noun']}？", f"{place}{gap}{found['rest']}"
    return None
