"""A Chinese sentence -> its independent clauses, each with its topic in front. Rules over jieba's parts of speech."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

from rag.checking.clauses_en import Cut
from rag.text import HAN
from rag.types import Span

_PRONOUN = re.compile(
    r"(?:他们|她们|它们|他|她|它|该([\u4e00-\u9fff]{1,4}?)(?=[于在是为有由共已的从])|此人|其(?![他它中余实次间]))"
)
_JOINT = re.compile(r"[，,；;]")
_CONJUNCTION = re.compile(r"(?:并且|而且|同时|此外|另外|随后|后来|之后|此后|但是|不过|并|且|但|而(?!是)|又|还|也)")
_DATE = re.compile(r"\d+年(?:\d+月)?(?:\d+日)?")
_TELLS = re.compile("[是有为了被由]")
_PERSON = re.compile(r"[师长员人者家授任手民工士生]$")
_LEADS = re.compile(
    r"^\d+年(?:\d+月)?(?:\d+日)?$"
    r"|^(?:据|根据|按照|如果|若|虽然|尽管|由于|因为|为了|当|随着|除了|关于|对于|自|自从|从|至|到|截至|直到)"
    r"|^在.{0,16}$"
    r"|(?:时|后|前|之前|之后|以来|期间|以前|以后|说|表示|指出|认为|介绍|称|公布|解释)$"
)
_SAYS = re.compile(r"(?:说|表示|指出|认为|介绍|称|公布|解释)$")
_FOLLOWS = re.compile(
    r"^(?:因此|所以|因而|于是|从而|以便|以致|导致|使得|使|让|其中|可见|否则|那么|就|才|即|也就是|包括|例如|比如|如|而是"
    r"|不是|尤其)"
)
_VERBAL = ("v", "vn", "vd", "vg")


def chinese(sentence: str, known: str) -> Iterator[Cut]:
    """The clauses of a sentence; `known` is what a pronoun means that comes first."""
    groups = _groups(sentence)
    topic = year = ""
    for number, (left, right) in enumerate(groups):
        piece = sentence[left:right]
        plain = _CONJUNCTION.sub("", piece, count=1) if number and _CONJUNCTION.match(piece) else piece
        about = topic or known
        said, named = _resolved(plain, about)
        if number and said == plain and topic and _wants_topic(plain):
            said, named = topic + plain, topic
        if not number:
            topic = named or known
        if year:
            said = said.replace("同年", year)
        year = next(iter(re.findall(r"\d{4}年", said)), year)
        yield (left, right), said.rstrip("，,；;。！!") + "。", named


def _groups(sentence: str) -> list[Span]:
    """Runs of comma pieces: each a fact of its own; what leads up to a fact or follows from one stays with it."""
    bounds = [0, *(match.end() for match in _JOINT.finditer(sentence) if not _inside(sentence, match.start()))]
    pieces = [(a, b) for a, b in pairwise([*bounds, len(sentence)]) if b > a]
    groups: list[Span] = []
    open_group = False
    for left, right in pieces:
        piece = sentence[left:right].rstrip("，,；;。！!")
        own = _is_fact(piece) and not _FOLLOWS.match(piece)
        if groups and (open_group or not own):
            groups[-1] = (groups[-1][0], right)
        else:
            groups.append((left, right))
        last = sentence[groups[-1][0] : right].rstrip("，,；;。！!")
        leads = _LEADS.search(piece) or (len(groups) == 1 and _DATE.match(piece) and not _TELLS.search(piece))
        open_group = not _is_fact(last) or bool(leads and piece == last)
    return groups


def _inside(sentence: str, at: int) -> bool:
    """Whether the comma stands inside quotation marks or brackets, or inside a number."""
    before = sentence[:at]
    opened = sum(before.count(mark) for mark in "“「『（(《") - sum(before.count(mark) for mark in "”」』）)》")
    return opened > 0 or (before[-1:].isdigit() and sentence[at + 1 : at + 2].isdigit() and sentence[at] == ",")


def _is_fact(piece: str) -> bool:
    """Long enough, and with a verb or a figure."""
    plain = _CONJUNCTION.sub("", piece, count=1) if _CONJUNCTION.match(piece) else piece
    if _DATE.fullmatch(plain):
        return False
    verbal = has_verb(plain) or any(letter.isdigit() for letter in plain)
    return len(plain) >= 5 and verbal


def _wants_topic(piece: str) -> bool:
    """Whether the piece lacks a subject of its own: next to nothing stands before its verb, figure or preposition."""
    before = ""
    for word, tag in _tagged(piece):
        if tag in _VERBAL or tag[0] in "mpdt":
            break
        before += word
    return len(before) <= 3


def _resolved(piece: str, known: str) -> tuple[str, str]:
    """(the piece with a pronoun at its start, or after a date, replaced by `known`, its subject)."""
    at = 0
    lead = re.match(r"[^，,]{0,24}[，,]", piece)
    if lead and not _SAYS.search(lead.group()[:-1]) and _LEADS.search(lead.group()[:-1]):
        at = lead.end()
    pronoun = _PRONOUN.match(piece, at)
    if pronoun and pronoun.group(1) and not known.endswith(pronoun.group(1)):
        return piece, ""  # 该工程 means what is called so; whether that is `known` nobody says
    if pronoun and known:
        owner, owns, owned = known.partition("的")
        if pronoun.group() == "其":  # after "the institute's forerunner", "its" is the institute's; a person's is his
            known = known if not owns or _PERSON.search(owned) else owner
            return piece[:at] + known + "的" + piece[pronoun.end() :], known
        return piece[:at] + known + piece[pronoun.end() :], known
    return piece, subject_of(piece[at:])


def subject_of(piece: str) -> str:
    """What stands before the first verb, preposition or adverb; "" where that is long, or nothing but a date."""
    found: list[tuple[str, str]] = []
    for word, tag in _tagged(re.sub(rf"^{_DATE.pattern}", "", piece)):
        if found and found[-1][1] == "nr" and len(found) > 1 and tag in ("v", "d"):
            found.append((word, "nr"))  # a given name that is a verb elsewhere
            continue
        if tag == "m" and found and found[-1][0] in "高长宽深厚重":
            found = found[:-2]  # of 大坝坝高86米 the subject is 大坝
        ends = tag in ("v", "vd", "d", "p", "x") and sum(len(one) for one, _ in found) >= 2
        if (tag == "m" and found) or word in "是为有在由于共已位也都曾将被把从" or ends:
            break
        found.append((word, tag))
    before = "".join(word for word, _ in found)
    before = re.sub(r"（[^）]*）|\([^)]*\)", "", before)
    if before.startswith(("之所以", "因为", "如果", "虽然", "由于", "其")):
        return ""
    return before if 2 <= len(before) <= 16 and re.search(f"[{HAN}A-Za-z]", before) else ""


def words(text: str) -> list[str]:
    """Dictionary words and whatever stands between them."""
    return [word for word, _ in _tagged(text)]


def has_verb(text: str) -> bool:
    return any(tag in _VERBAL for _, tag in _tagged(text))


@cache
def _tagged(text: str) -> list[tuple[str, str]]:
    """Words with jieba's part of speech."""
    import rjieba  # 0.2 s at the first call, and only Chinese needs it

    return [(word, tag) for word, tag in rjieba.tag(text)]
