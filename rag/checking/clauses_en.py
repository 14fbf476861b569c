"""An English sentence -> its independent clauses, each with a subject of its own. Rules over the words."""

import re
from collections.abc import Iterator

from rag.types import Span

Cut = tuple[Span, str, str]  # (span in the sentence, the clause with its subject, that subject or "")
SHORTEST = 12  # letters of a clause that may stand for itself
_FINITE = (
    r"(?:is|are|was|were|has|have|had|does|did|will|would|can|could|may|must|[a-z]{2,}ed|won|took|made|led|began|became"
    r"|wrote|held|ran|lost|gave|left|went|came|built|sold|set|put|fell|rose|met|drew|said|says|found|kept|cost|costs|got"
    r"|grew|knew|saw|sent|sold|spent|spoke|stood|taught|thought|told|understood|wore|brought|bought|caught|chose|drove"
    r"|fought|flew|hit|hurt|laid|lay|lies|paid|read|sang|sank|shot|slept|swam|threw|woke|contains|includes|consists"
    r"|holds|takes|makes|works|serves|runs|sells|plays|lives|produces|provides|publishes|uses|carries|stores|needs"
    r"|belongs|comes|remains|stands|bears|causes|refers|focuses|plans|hopes|wants|thinks|keeps|still|also|now"
    r"|means|allows|follows|offers|explores|describes|tells|becomes|occurs|happens|exists|appears|seems|represents"
    r"|requires|involves|operates|specializes|specialises|varies|enables|creates|weighs|employs|receives|reaches|begins"
    r"|connects|attracts|earns|owns|teaches|writes|believes|argues|suggests|expects|grows|feeds|gives|goes|gets|helps)"
)
_VERB = re.compile(rf"\b{_FINITE}\b")
_ADVERB = r"(?:(?:also|then|now|later|still|since|soon|not|never|[a-z]+ly)\s+)?"
_JOINT = re.compile(r";\s+|,?\s+(?:and|but)\s+|,\s+(?:while|whereas|so)\s+")
_VERB_NEXT = re.compile(rf"{_ADVERB}(?!(?:still|also|now)\b){_FINITE}\b")
_NEW_SUBJECT = re.compile(
    rf"(?:the|a|an|this|that|these|those|it|he|she|they|its|his|her|their|[A-Z])[^,;]*?\b{_FINITE}\b"
)
_AFTER_WHO = rf"{_ADVERB}(?:{_FINITE}|[a-z]{{3,}}s)\b"  # there, a word in -s is a verb
_RELATIVE = re.compile(rf",\s+(?:who|which)\s+({_AFTER_WHO}[^,;]*)(,\s*|[.!]?$)")
# "X is a yard that builds boats" says what X is and what it does
_DEFINED = re.compile(
    rf"\b(?:is|are|was|were)\s+(?:also\s+)?an?\s+[\w’'-]+(?:\s+[\w’'-]+){{0,5}}?\s+(?:that|who|which)\s+({_AFTER_WHO}.*)"
)
# "It is likely that" points at nothing
_EMPTY_IT = (
    r"(?!it\s+(?:is|was|has been|seems|appears)\s+(?:not\s+|also\s+)?(?:difficult|easy|hard|important|possible"
    r"|impossible|likely|unlikely|necessary|clear|unclear|true|worth|believed|said|estimated|known|thought|reported"
    r"|that)\b)"
)
_PRONOUN = re.compile(_EMPTY_IT + r"(?:(he|she|it|they|this|these)|(his|her|its|their))\b(?=\s)", re.IGNORECASE)
_CAPITALS = re.compile(r"(?:(?:the|The)\s+)?[A-Z][\w’'.-]*(?:\s+(?:of|the|and|&|de|van|von|[A-Z0-9][\w’'.-]*))*$")
_OPENER = re.compile(
    r"(?:However|Moreover|Furthermore|In addition|Additionally|Also|Then|Therefore|Thus|Similarly|Finally|For example"
    r"|For instance|As a result|Meanwhile),\s+"
    r"|(?:And|But|So)\s+"
    r"|((?:Today|(?:In|On|At|By|Since|Between|During|After|Before|As of)\s[^,]+),\s+)",
)
_DETERMINED = re.compile(
    r"(?:the|a|an|this|that|these|those|it|he|she|they|his|her|its|their|some|many|most|all)\b", re.I
)


def english(sentence: str, known: str) -> Iterator[Cut]:
    """The clauses of a sentence; `known` is what a pronoun means that comes first."""
    opener = _OPENER.match(sentence)
    at = opener.end() if opener else 0
    lead = opener.group() if opener and opener.group(1) else ""  # "However," claims nothing
    subject = _subject(sentence[at:], known)
    (start, end), aside = _without_aside(sentence, at, subject)
    if not aside:
        (start, end), aside = _without_definition(sentence, at, subject)
    for number, (a, b) in enumerate(_clauses(sentence, start, end)):
        piece = sentence[a:b]
        if number == 0 and start == at:
            resolved, about = _resolved(piece, known)
            said, subject, span = _after(lead, resolved), about or subject, (0, b)
        elif number == 0 or _VERB_NEXT.match(piece):
            said, about, span = f"{subject} {piece}", subject, (a, b)
        else:
            (said, about), span = _resolved(piece, subject), (a, b)
        yield span, _closed(said.rstrip(" ,;")), about
    yield from aside


def _without_aside(sentence: str, at: int, subject: str) -> tuple[Span, list[Cut]]:
    """The span without its first ", who …" or ", which …", and that as a clause of its own, where it is clear whom it
    is about: it follows the subject itself, or it ends the sentence after a name."""
    whole: Span = (at, len(sentence))
    relative = _RELATIVE.search(sentence, at)
    if not relative or len(relative.group(1)) < SHORTEST:
        return whole, []
    before, after = sentence[at : relative.start()], sentence[relative.end() :]
    inner = not _VERB.search(before)
    about = subject if inner else _last_noun(before)
    if not about or bool(after) != inner:
        return whole, []
    said = _closed(f"{about} {relative.group(1)}".rstrip(" .!"))
    span = (relative.start(), relative.end(1))
    rest = (relative.end(), len(sentence)) if inner else (at, relative.start())
    return rest, [(span, said, about if inner else "")]


def _without_definition(sentence: str, at: int, subject: str) -> tuple[Span, list[Cut]]:
    """The span without what a definition goes on to say of its subject, and that as a clause of its own."""
    defined = _DEFINED.search(sentence, at)
    whole: Span = (at, len(sentence))
    if not defined or not subject or _VERB.search(sentence[at : defined.start()]) or len(defined.group(1)) < SHORTEST:
        return whole, []
    said = _closed(f"{subject} {defined.group(1)}".rstrip(" .!"))
    cut = sentence.rindex(" ", at, defined.start(1) - 1)  # before "that"
    return (at, cut), [((cut + 1, len(sentence)), said, subject)]


def _closed(said: str) -> str:
    """With a capital and a full stop."""
    return said[:1].upper() + said[1:] + ("" if said[-1:] in '.!"”)' else ".")


def _after(lead: str, said: str) -> str:
    """Behind a date or a place, an article has no capital."""
    return lead + (said[:1].lower() + said[1:] if lead and _DETERMINED.match(said) else said)


def _clauses(sentence: str, left: int, right: int) -> list[Span]:
    cuts = [left]
    starts = [left]
    for match in _JOINT.finditer(sentence, left, right):
        before, after = sentence[starts[-1] : match.start()], sentence[match.end() : right]
        parted = match.group().lstrip()[0] in ",;"
        joins = _VERB_NEXT.match(after) or (parted and _NEW_SUBJECT.match(after))
        whole = _VERB.search(before) and len(before) >= SHORTEST and len(after) >= SHORTEST
        if joins and whole and sentence.count('"', left, match.start()) % 2 == 0:
            cuts.append(match.start())
            starts.append(match.end())
    return list(zip(starts, [*cuts[1:], right], strict=True))


def _subject(sentence: str, known: str) -> str:
    """What stands before the first verb; `known` for a pronoun; "" where that is long or nothing."""
    verb = _VERB.search(sentence)
    before = sentence[: verb.start()].strip(" ,") if verb else ""
    before = before.split(",")[0].strip()
    pronoun = _PRONOUN.match(f"{before} ")
    if pronoun and (pronoun.group(1) is None or len(before.split()) == 1):
        return (
            known
            if pronoun.group(1)
            else f"{_possessive(known)} {before[pronoun.end() :].strip()}"
            if known
            else before
        )
    return before if 0 < len(before) <= 80 and before.casefold() not in ("there", "it") else ""


def _resolved(sentence: str, known: str) -> tuple[str, str]:
    """(the sentence with a pronoun at its start replaced by `known`, its subject)."""
    subject = _subject(sentence, known)
    pronoun = _PRONOUN.match(sentence)
    if not pronoun or not known:
        return sentence, subject
    rest = sentence[pronoun.end() :]
    if pronoun.group(2):
        return f"{_possessive(known)}{rest}", known
    demonstrative = pronoun.group(1).casefold() in ("this", "these")
    if demonstrative and not _VERB.match(rest.strip()):  # "This bridge …": says itself what it means
        return sentence, subject
    return f"{known}{rest}", known


def _possessive(name: str) -> str:
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def _last_noun(text: str) -> str:
    """The name, or the noun with its article, that `text` ends in."""
    name = _CAPITALS.search(text)
    if name:
        return name.group()
    noun = re.search(r"\b(?:the|a|an|its|their|his|her)\s+(?:[\w’'-]+\s+){0,2}[\w’'-]+$", text)
    return noun.group() if noun and not _VERB.search(noun.group()) else ""


def subject_of(sentence: str) -> str:
    return _subject(sentence, "")


def has_verb(text: str) -> bool:
    return bool(_VERB.search(text))
