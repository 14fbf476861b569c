"""A follow-up question -> one that can be asked on its own. Rules say whether it needs what was said before, and put a
name in place of its pronoun where that makes it stand alone; else the reader writes it anew, and rules hold the result
against both.

A question that stands alone is never touched. What is asked is shown, and may be edited, before it is.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rag.reading import prompts
from rag.reading.depends import (
    EN_FUNCTION,
    EN_PERSONAL,
    ZH_ASKS,
    ZH_BARE,
    ZH_EMPTY,
    ZH_NAMES,
    ZH_WHAT_OF,
    Exchange,
    both,
    depends,
    english_names,
    tagged,
)
from rag.seams import Reader
from rag.text import HAN, question_language, simplified, terms, words

REMEMBERED = 3  # exchanges that a follow-up may refer to
LONGEST_ANSWER = 160  # characters of an answer that are shown to the reader
MAX_TOKENS = 80

How = Literal["as asked", "reader", "rule"]


@dataclass(frozen=True, slots=True)
class Standalone:
    """What will be asked for what was `asked`. `how`: "as asked" where it stood alone, else who put in what it left
    out."""

    question: str
    asked: str
    how: How = "as asked"

    @property
    def rewritten(self) -> bool:
        return self.question != self.asked


def standalone(asked: str, history: Sequence[Exchange], reader: Reader | None) -> Standalone:
    """`asked` with what it leaves to the conversation put in, in its own language. `history` is oldest first; without a
    `reader` rules alone put it in. Takes a few seconds of a local reader where it is a follow-up, nothing where it is
    not. Raises ReaderFault."""
    question, recent = " ".join(asked.split()), list(history)[-REMEMBERED:]
    need = depends(question, recent) if recent else "no"
    if need == "no":
        return Standalone(question, question)
    sure = put_in(question, recent) if need == "yes" else ""
    if sure and depends(sure) == "no":
        return Standalone(sure, question, "rule")
    if reader is not None:
        said = _written(question, recent, reader)
        if acceptable(said, question, recent):
            return Standalone(said, question, "reader")
        if need == "perhaps":
            return Standalone(question, question)
    return Standalone(by_rule(question, recent), question, "rule")


# --- writing it anew ----------------------------------------------------------------------------------


def _written(question: str, history: Sequence[Exchange], reader: Reader) -> str:
    """What the reader makes of it: its first line."""
    turns = "\n".join(
        f"<turn><question>{prompts.tidy(one.question)}</question>"
        f"<answer>{prompts.tidy(one.answer)[:LONGEST_ANSWER] or '–'}</answer></turn>"
        for one in history
    )
    filled = prompts.prompt(
        "standalone",
        "standalone",
        question_language(question),
        MAX_TOKENS,
        history=turns,
        question=prompts.tidy(question),
    )
    said = "".join(reader.write(filled)).strip().split("\n")[0]
    return said.strip("\"' “”").removeprefix("问题:").removeprefix("问题：").removeprefix("Question:").strip()


def acceptable(said: str, question: str, history: Sequence[Exchange]) -> bool:
    """Whether `said` is `question` with something of the history put in: it stands alone, in the same language, keeps
    the question's figures and most of its words, and adds none that nobody has said."""
    if not said or question_language(said) != question_language(question) or depends(said) == "yes":
        return False
    ours, theirs = _telling(question), _telling(said)
    known = {term for one in history for term in _telling(f"{one.question} {one.answer}")}
    figures = set(re.findall(r"\d+", question))
    added = theirs - ours
    return (
        asks(said)
        and figures <= set(re.findall(r"\d+", said))
        and set(re.findall(r"\d+", said)) - figures <= set(re.findall(r"\d+", " ".join(map(both, history))))
        and len(theirs & ours) >= 0.6 * len(ours)
        and bool(added & known)
        and len(added - known) <= max(1, len(theirs) // 4)
        and len(said) <= 3 * len(question) + 60
    )


def asks(said: str) -> bool:
    """Whether it is a question: small readers sometimes give the answer instead."""
    if question_language(said) == "zh":
        return bool(ZH_ASKS.search(said) or re.search("多[长高大久深远重宽少]|是不是|有没有", said))
    return said.endswith("?") or bool(re.match(r"(?:who|what|when|where|which|why|how)\b", said, re.I))


def _telling(text: str) -> set[str]:
    """Content words, folded; of Chinese its characters, since a name put in shifts every pair beside it."""
    bare = ZH_EMPTY.sub("", re.sub("[它他她其这那此该]们?|那么|还有|然后", "", simplified(text)))
    han = re.findall(f"[{HAN}]", bare)
    latin = [term for term in terms(text) if re.match(r"[^\W\d]", term) and not re.match(f"[{HAN}]", term)]
    return {*han, *(term[:5] for term in latin if term not in EN_FUNCTION and not EN_PERSONAL.fullmatch(term))}


def by_rule(question: str, history: Sequence[Exchange]) -> str:
    """The question with what was spoken of last in it, one way or another: where `put_in` finds no place for it, it
    stands before."""
    if sure := put_in(question, history):
        return sure
    named = _chinese_named(history) if question_language(question) == "zh" else _english_named(question, history)
    if not named:
        return f"{history[-1].question} {question}"
    bare = _EN_CONNECTIVE.sub("", question)
    return f"{named}{bare}" if question_language(question) == "zh" else f"About {named}: {bare}"


def put_in(question: str, history: Sequence[Exchange]) -> str:
    """The question with a name in place of its pronoun, or the question before with another figure or thing; "" where
    neither can be done."""
    if swapped := _swapped(question, history[-1].question):
        return swapped
    return _chinese_rule(question, history) if question_language(question) == "zh" else _english_rule(question, history)


def _swapped(question: str, before: str) -> str:
    """The question before with another figure, for "And in 1931?" and "那1931年呢?"; "" for any other follow-up."""
    ours, theirs = re.findall(r"\d+", question), re.findall(r"\d+", before)
    bare = [word for word in words(question) if word.casefold() not in {*EN_FUNCTION, "about"} and not word.isdecimal()]
    if len(ours) != 1 or len(theirs) != 1 or len(ours[0]) != len(theirs[0]) or set(bare) - {"那", "年呢", "呢", "那么"}:
        return ""
    return before.replace(theirs[0], ours[0])


def _english_rule(question: str, history: Sequence[Exchange]) -> str:
    name = _english_named(question, history)
    if not name:
        return ""
    bare = _EN_CONNECTIVE.sub("", question)
    several = next((found for one in reversed(history) if (found := _EN_SEVERAL.search(one.question))), None)
    if several and re.search(r"\b(?:they|them|these|those)\b", bare, re.I):
        return re.sub(r"\b(?:they|them|these|those)\b", several.group(), bare, count=1, flags=re.I)
    for pattern, put in ((r"\bits\b", f"{name}'s"), (r"\b(?:his|her|their)\b(?=\s+\w)", f"{name}'s"),
                         (r"\b(?:it|he|she|they|him|her|them)\b", name)):  # fmt: skip
        changed, count = re.subn(pattern, put, bare, count=1, flags=re.I)
        if count:
            return changed[0].upper() + changed[1:]
    return ""


_EN_KINDS = (
    "bridge|dam|river|lake|tower|museum|company|school|university|lighthouse|island|ferry|library|railway|station"
    "|festival|war|treaty|law|prize|church|castle"
)
_EN_SEVERAL = re.compile(r"\bthe [a-z]+s\b(?: of (?:the )?[A-Z]\w+(?: [A-Z]\w+)*)?")


_EN_CONNECTIVE = re.compile(r"^(?:and|but|so|then|also)\b[\s,]*", re.I)


def _english_named(question: str, history: Sequence[Exchange]) -> str:
    person = bool(re.search(r"\b(?:he|she|him|his|hers?|they|them|their)\b", question, re.I))
    return next((found for one in reversed(history) if (found := _english_name(one, person))), "")


def _english_name(one: Exchange, person: bool) -> str:
    """What an exchange spoke of: the name that was asked for and given, where a person is meant or a thing's name was
    asked for; else the one in the question."""
    asked, given = english_names(one.question), english_names(one.answer)
    new = [name for name in given if name not in asked]
    asks = r"^(?:and |but |so )?who\b" if person else r"\bcalled\b|^(?:and |but |so )?which\b"
    if new and re.search(asks, one.question, re.I):
        return new[0]
    if not asked:
        return (given or [""])[0]
    whole = re.search(rf"\b(?:the )?{re.escape(asked[0])}(?: (?:{_EN_KINDS})\b)?", one.question)
    return whole.group() if whole else asked[0]


def _chinese_rule(question: str, history: Sequence[Exchange]) -> str:
    name = _chinese_named(history)
    bare = re.sub(r"^(?:那么?|而|然后|还有|另外|所以|但是?|不过|后来)[,，\s]*", "", question)
    if ZH_WHAT_OF.search(bare) and not ZH_ASKS.search(bare):
        return _what_of(ZH_WHAT_OF.sub("", bare), history[-1].question, name)
    changed, count = re.subn(_ZH_PRONOUN, name, bare, count=1)
    return (changed if count else f"{name}{bare}") if name else ""


def _chinese_named(history: Sequence[Exchange]) -> str:
    named = [found for one in reversed(history) if (found := _chinese_name(one))]
    return next((other for other in named[1:] if named[0].startswith(other)), named[0] if named else "")


def _what_of(thing: str, before: str, name: str) -> str:
    """The question before about another `thing`: in place of one written much like it, of what was counted, or of its
    subject; else what is asked of `name` is that thing."""
    alike = next((part for part in _parts_of(before, len(thing)) if part != thing and _alike(part, thing)), "")
    if alike:
        return before.replace(alike, thing)
    counted = re.match(rf"(.*(?:多少|几)[个座条名位家艘台项种次]?)[{HAN}]+[?？]?$", before)
    if counted and len(thing) <= ZH_BARE:
        return f"{counted.group(1)}{thing}?"
    asked = re.search("(?:是谁|叫什么|是什么|在哪|是?什么时候|是?何时|是?哪[一年天]|有多|多少钱).*$", before)
    if asked and len(thing) > 3:
        return f"{thing}{asked.group()}"
    return f"{name}的{thing}{'是多少' if thing[-1] in _ZH_MEASURES else '是什么'}?" if name else f"{before}{thing}呢?"


def _parts_of(text: str, length: int) -> list[str]:
    return [text[at : at + length] for at in range(len(text) - length + 1)]


def _alike(one: str, other: str) -> bool:
    """Whether two of three characters are the same, the last among them: 男子组 and 女子组."""
    same = sum(a == b for a, b in zip(one, other, strict=True))
    return len(other) > 2 and one[-1] == other[-1] and 3 * same >= 2 * len(other)


_ZH_PRONOUN = re.compile(rf"[它他她]们?|(?<![尤极])其(?![他它她中实余])|^[这那该][个座条位家]?[{HAN}]?(?=[的有是])")
_ZH_ASKS_NAME = re.compile("谁|叫什么|什么名字|是什么[?？]|哪一?[个座位家条部本]")
_ZH_MEASURES = "资量价数率额长高宽深度重费速龄积期款"
_ZH_ATTRIBUTES = ("全长", "现任", "门票", "总", "坝")


def _chinese_name(one: Exchange) -> str:
    """As `_english_name`: where a name was asked for, what the answer has in quotation marks, or its first name that
    the question does not have."""
    if _ZH_ASKS_NAME.search(one.question):
        quoted = re.search("[“「《]([^”」》]{2,12})[”」》]", one.answer)
        names = [word for word, tag in tagged(one.answer) if tag in ZH_NAMES and len(word) > 1]
        given = [quoted.group(1)] if quoted else [name for name in names if name not in one.question]
        if given:
            return given[0]
    return chinese_subject(one.question)


def chinese_subject(question: str) -> str:
    """What a Chinese question is about: what stands before its first verb, question word or attribute."""
    if title := re.match("《[^》]+》", question):
        return title.group()
    subject = ""
    for word, tag in tagged(question):
        if (
            tag[0] in "vrmpdcy"
            or (subject and word in _ZH_ATTRIBUTES)
            or word in "的是了?？"
            or (subject and tag in ("a", "q", "b"))
        ):
            break
        subject += word
    return subject if len(subject) > 1 else ""
