"""Does a question leave something to what was said before? By its words alone, in Chinese and in English."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from rag.text import HAN, question_language, words

_EN_OPENING = re.compile(r"^(?:and|but|so|or|then|also|ok(?:ay)?|what about|how about|what else|why not)\b", re.I)
EN_PERSONAL = re.compile(
    r"\b(?:he|she|him|her|hers|his|they|them|their|theirs|its|(?:him|her|it)self|themselves)\b", re.I
)
_EN_POSSESSIVE = re.compile(r"his|her|their|its", re.I)
_EN_POINTED_AT = "one year time day date place man woman person people company event bridge dam building ship boat"
_EN_POINTING = re.compile(
    r"\b(?:this|these|those|that)\b(?=\s*[?.,]|\s+(?:\w+\s+)?(?:"
    + "|".join(_EN_POINTED_AT.split())
    + r"|island|town|city|version|number|figure|work|reason|name)s?\b)"
    r"|\b(?:before|after|since|besides|than|like|about|with) (?:that|this|then)\b"
    r"|\b(?:the (?:same|others?|former|latter|first one|second one|last one)|which ones?|back then|at that time"
    r"|instead(?! of)|afterwards|there)\b",
    re.I,
)
_EN_EXISTS = re.compile(
    r"\bthere(?:\s+(?:is|are|was|were|will|have|has)\b|'s\b)|\b(?:is|are|was|were|be|been)\s+there\b", re.I
)
_EN_IT = re.compile(r"\bit\b", re.I)
_EN_IMPERSONAL = re.compile(
    r"\b(?:does|did|do|would|will|can)\s+it\s+(?:take|cost to|rain|snow|matter|mean)\b"
    r"|\bis it (?:true|possible|safe|worth)\b|\bit (?:takes?|took)\b|\bthese days\b",
    re.I,
)
_EN_CLAUSE = re.compile(r",|\b(?:and|who|which|that|when|because|while|if|before|after|since|until)\b", re.I)
EN_FUNCTION = frozenset(
    re.findall(
        r"\w+",
        "a an the and but so or then also of in on at to by for from with as is was are were be been do does did has"
        " have had what when where which who whom whose why how many much long far old often not about else ok okay it"
        " he she they can could will would more most there",
    )
)
_EN_DEFINITE = re.compile(r"\bthe ((?:[a-z]+ )?[a-z]{3,})\b")
_EN_NAME = re.compile(r"[A-Z][\w'’-]*(?:\s+(?:(?:of|the|and|de|&)\s+)?[A-Z0-9][\w'’-]*)*")
_NO_NAMES = frozenset(
    re.findall(
        r"\w+",
        "About Who What When Where Which Whose Whom Why How Is Was Were Are Did Does Do Has Have Had Can Could Will"
        " Would In On At The A An Of By And But So Or Then For From To It He She They There If Name Tell List Ok Okay I"
        " January February March April May June July August September October November December",
    )
)

_ZH_START = r"(?:^|[,，。;；:：、]|在|从|对|把|被|由|于|到|跟|和|比|为什么|为何|是|给)"
_ZH_OPENING = re.compile(r"^(?:那么?|而|然后|还有|另外|所以|可是|但是?|不过|后来|接着|此外|除此之外|具体|其中)")
_ZH_POINTING = re.compile(
    rf"它们?|(?<!其)[他她]们?|(?<![尤极])其(?![他它她中实余])"
    rf"|{_ZH_START}(?:[这那此该](?=[{HAN}])|当年|当时|同年|那时|那里|那儿|这里|这儿)|前者|后者|上述"
)
_ZH_OTHERS = re.compile("其他|其它|其她|其中|其实|其余|这么|那么多|这样的话")
ZH_WHAT_OF = re.compile(r"呢[?？!！。]*$")
ZH_ASKS = re.compile("为什么|怎么|如何|谁|什么|哪|多少|几|吗|何")
ZH_EMPTY = re.compile(
    "什么时候|为什么|多少|什么|怎么样|怎样|怎么|如何|哪一|哪些|哪里|哪儿|哪|何时|何地|为何|谁|几|吗|呢|了|的|是|有没有|有"
    "|在|由|被|一共|总共|共|分别|各|多久|多(?=[长高大深远重宽少])|又|还|也|都|会|能|可以|要|用|最|一?个|一?座|条|年|月|天"
    "|日|人|一?次|种|位|米|公里|元|钱|现任|具体|[?？!！,，。]"
)
_ZH_SUPERLATIVE = re.compile("哪.{0,8}最")
ZH_NAMES = ("nr", "ns", "nt", "nz")
ZH_BARE = 5  # characters that are left of a question without a subject, at most
_ZH_LONG = 22  # characters of a question that describes what it points at

Need = Literal["no", "perhaps", "yes"]


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question as it was asked (standing alone) and what was answered, "" where nothing was."""

    question: str
    answer: str = ""


def both(one: Exchange) -> str:
    return f"{one.question} {one.answer}"


def depends(question: str, history: Sequence[Exchange] = ()) -> Need:
    """Whether the question leaves something to what was said before: a pronoun, a beginning such as "And in 1931?" or
    "那…呢". "perhaps" where a subject may be missing, or "the library" be one with a name that was spoken of."""
    return _chinese(question) if question_language(question) == "zh" else _english(question, history)


def _english(question: str, history: Sequence[Exchange]) -> Need:
    if _EN_OPENING.match(question):
        return "yes"
    plain = _EN_IMPERSONAL.sub(" ", _EN_EXISTS.sub(" ", question))
    needs: set[Need] = set()
    for pattern in (EN_PERSONAL, _EN_POINTING, _EN_IT):
        if found := pattern.search(plain):
            needs.add(_unexplained(found.group(), plain[: found.start()]))
    told = [word.casefold() for word in words(question)]
    if "yes" in needs or all(word in EN_FUNCTION or word.isdecimal() for word in told):
        return "yes"
    if "perhaps" in needs:
        return "perhaps"
    if english_names(question) or re.search(r"\d", question) or len(told) > 10:
        return "no"
    before = {word.casefold() for one in history for word in words(both(one))}
    spoken_of = {word for found in _EN_DEFINITE.findall(question) for word in found.split() if not word.endswith("ed")}
    return "perhaps" if (spoken_of - EN_FUNCTION) & before else "no"


def _unexplained(pronoun: str, before: str) -> Need:
    """Whether what stands before a pronoun in its question does not say what it means: a clause of its own with some
    noun in it does, or a name before a possessive; many words may."""
    ends = [match.start() for match in _EN_CLAUSE.finditer(before)]
    earlier = before[: ends[-1]] if ends else ""
    if len(_content(earlier)) >= 2 or english_names(earlier):
        return "no"
    if _EN_POSSESSIVE.fullmatch(pronoun) and english_names(before):
        return "no"
    return "perhaps" if len(_content(before)) >= 3 else "yes"


def _content(text: str) -> list[str]:
    return [word for word in words(text) if word.casefold() not in EN_FUNCTION]


def english_names(text: str) -> list[str]:
    """Names in Latin letters in the order they stand, without the words that merely begin a sentence."""
    found = []
    for match in _EN_NAME.finditer(text):
        parts = match.group().split()
        while parts and parts[0] in _NO_NAMES:
            parts = parts[1:]
        if parts and not (len(parts) == 1 and parts[0].isdecimal()):
            found.append(" ".join(parts).removesuffix("'s").removesuffix("’s"))
    return found


def _chinese(question: str) -> Need:
    plain = question if question.startswith("其中") else _ZH_OTHERS.sub("", question)
    if ZH_WHAT_OF.search(plain) and not ZH_ASKS.search(plain) and len(plain) <= 16:
        return "yes"
    if _ZH_OPENING.match(plain) or _ZH_POINTING.search(plain):
        return "perhaps" if len(plain) > _ZH_LONG else "yes"
    if _ZH_SUPERLATIVE.search(plain) or english_names(plain) or re.search(r"[“”「」《》\d]", plain):
        return "no"
    bare = len(ZH_EMPTY.sub("", plain)) <= ZH_BARE and not any(tag in ZH_NAMES for _, tag in tagged(plain))
    return "perhaps" if bare else "no"


@cache
def tagged(text: str) -> tuple[tuple[str, str], ...]:
    """Words with jieba's part of speech."""
    import rjieba  # 0.2 s at the first call, and only Chinese needs it

    return tuple((word, tag) for word, tag in rjieba.tag(text))
