"""What kind of question wants a number worked out, and the program a reader writes for it from quotes."""

import re
import unicodedata
from collections.abc import Sequence

from rag.reading import programs, prompts
from rag.seams import Reader
from rag.text import sentences
from rag.types import Quote

MAX_TOKENS = 160
NONE = "NONE"
SAID = 0.6  # P(the quotes state the answer) from which a total, a mean or a share is quoted and not worked out
_MEASURE = (
    r"(?:ages?|altitudes?|amounts?|areas?|capacit(?:y|ies)|costs?|counts?|dates?|depths?|distances?|elevations?|figures?"
    r"|heights?|lengths?|levels?|numbers?|percentages?|populations?|prices?|profits?|rates?|revenues?|salar(?:y|ies)"
    r"|scores?|sizes?|speeds?|temperatures?|times?|totals?|values?|volumes?|weights?|widths?|years?)\b"
)
# Differences, ages, times between: hardly ever stated.
_DERIVED = re.compile(
    r"\bhow (?:many|much)(?: \w+){0,3} (?:more|fewer|less|longer|higher|taller|older|younger|later|earlier|larger"
    r"|bigger|smaller|further|heavier|lighter|wider|deeper|faster|cheaper|shorter)\b"
    r"|\bhow many (?:years|months|weeks|days|hours|minutes)\b.* (?:between|after|before|apart|passed|elapsed|from|when)"
    r"\b"
    r"|\bhow long (?:after|before|between)\b"
    r"|\bhow old (?:was|were|is|would)\b.* (?:when|(?:in|at) (?:the (?:year|time) |\w+ )?\d+"
    r"|at the (?:time|opening|death))\b"
    rf"|\bdifference (?:between|in)\b.*(?:\b{_MEASURE}|\d)|\b{_MEASURE} difference\b"
    r"|\b(?:put together|sum of)\b|\bratio (?:of|between)\b|\bhow many times (?:as|more|larger|the)\b"
    r"|相差|[差隔](?:了)?(?:多少|几)|(?<![同环])比.{1,30}?[多少高低长短大小早晚重轻深宽快慢贵老](?:了|出)?(?:多少|几)|[多少](?:了)?多少"
    r"|之和|加起来|是.{1,30}?(?:几|多少)倍|相隔|间隔|之间.{0,4}(?:多少|几)|时.{0,12}?(?:多少|几)[岁年]",
    re.IGNORECASE,
)
_COMPARED_ZH = re.compile(
    r"(?:^|[,:;。?!])(?:请问|到底)?(?P<one>[^,:;。?!]*?)(?:一共|总共|大约|究竟|到底|又|要|会)*(?<![同环])比(?P<other>.{1,30}?)"
    r"[还要]?(?P<how>[多少高低长短大小早晚重轻深宽快慢贵老])(?:了|出)?(?:多少|几)"
)
_COMPARED_EN = re.compile(
    r"\bhow (?:many|much)(?: \w+){0,3} (?P<how>more|fewer|less|\w+er)\b(?P<one>.*?) than\b(?P<other>[^?]*)",
    re.IGNORECASE,
)
_NO_NAMES = frozenset(
    re.findall(
        r"\w+", "a an the is are was were do does did has have had be been can could will would that it in of to"
    )
)
_NO_NOUNS = frozenset(re.findall(r"\w+", "cost costs weigh weighs live lives last lasts take takes get people years"))
# Totals, means, shares, prices a piece: stated as often as not.
_OFTEN_SAID = re.compile(
    r"\b(?:in total|altogether|combined|total)\b|\b(?:average|the mean)\b|\b(?:what|which) (?:per ?cent(?:age)?|share"
    r"|fraction|proportion)\b|\bby (?:how (?:much|many)|what percentage)\b|\b(?:price|cost|paid?) per \w+"
    r"|\bper (?:unit|head)\b"
    r"|一共|总共|合计|共计|总计|总和|总数|平均|比例|比率|百分之几|百分比|占.{0,12}?(?:多少|几)|过了(?:多少|几)|单价|(?:几|多少)倍"
    r"|(?:增长|增加|提高|上升|减少|下降|降低)了?(?:多少|几|百分)|每[^,,。?？]{1,4}?(?:多少|几)(?:钱|元|块)?",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^(?:please |can you )?(?:what(?:'s| is)|calculate|compute|evaluate|work out|how much is|how many is)\b"
    r"|^(?:请问?)?(?:帮我)?(?:计算一?下?|算一?下|算算|求)?[::]?",
    re.IGNORECASE,
)
_CLOSING = re.compile(r"(?:等于|是|得|=|equals?)?\s*(?:多少|几|what)?\s*[?？。.=]*\s*$", re.IGNORECASE)
# "9/11", "24/7", "7-11", "2020-2021" are names, unless somebody says that they are to be worked out.
_NAMED = re.compile(r"\D*\d+(?:[-–/]\d+)+\D*")
_TO_WORK_OUT = re.compile(
    r"calculat|comput|evaluat|work out|\bhow (?:much|many)\b|equals?\b|[=算求得]|等于|多少|几", re.IGNORECASE
)
_SPELLED = (
    (r"(?<=[\d)])\s*[x×✕·](?=\s*[\d(])|乘以?|\btimes\b|\bmultiplied by\b", " * "),
    (r"÷|除以|\bdivided by\b|\bover\b", " / "),
    (r"[−–—]|减去?|\bminus\b", " - "),
    (r"加上?|\bplus\b", " + "),
    (r"\^", "**"),
    (r"(\d),(?=\d{3}(?!\d))", r"\1"),
    (r"(\d+(?:\.\d+)?)\s?%(?!\s*[\d(])", r"(\1 / 100)"),
    (r"(?<=[\d)])\s*(?:的|of)\s*(?=[\d(])", " * "),
)
_PLAIN = re.compile(r"[\d\s.+*/()%-]+")
_TWO = re.compile(r"\d[\s)]*(?:\*\*|[-+*/%])[\s(-]*\d")


def stated(question: str, quotes: Sequence[Quote]) -> bool:
    """Whether a quote gives the difference between two things that is asked for: "30 cm lower than", in a sentence in
    which both stand."""
    plain = unicodedata.normalize("NFKC", question)
    if zh := _COMPARED_ZH.search(plain):
        pattern = rf"比[^。!?\n]{{1,20}}?{zh['how']}(?:了|出)?\s*[\d一二两三四五六七八九十半]"
        names = [[name] for side in ("one", "other") if (name := zh[side].strip().partition("的")[0])]
    elif en := _COMPARED_EN.search(plain):
        pattern = rf"\d(?:[\d.,]*\d)?(?: (?!(?:is|are|was|were)\b)[\w%]+){{0,2}} {en['how']}(?: [\w-]+){{0,3}} than\b"
        names = _told_apart(en["one"], en["other"])
    else:
        return False
    texts = [unicodedata.normalize("NFKC", quote.text) for quote in quotes]
    said = (text[start:end] for text in texts for start, end in sentences(text))
    return any(
        re.search(pattern, one, re.IGNORECASE)
        and all(
            any(re.search(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])", one, re.I) for word in name) for name in names
        )
        for one in said
    )


def _told_apart(one: str, other: str) -> list[list[str]]:
    """For each of two English names the words that it is told from the other by: those with a capital or a digit, or
    else its last."""
    sides = [[word for word in re.findall(r"[\w-]+", side) if word not in _NO_NAMES] for side in (one, other)]
    found = []
    for words, others in (sides, sides[::-1]):
        own = [word for word in words if word not in others and word not in _NO_NOUNS]
        found.append([word for word in own if not word.islower()] or own[-1:])
    return [words for words in found if words]


def asked(question: str, said: float | None = None) -> bool:
    """Whether it asks for a number that is to be worked out: a difference, an age, a time between, a ratio; or a total,
    a mean, a share, a price a piece, unless the sources state it, `said` being the probability of that."""
    plain = unicodedata.normalize("NFKC", question)
    return bool(_DERIVED.search(plain) or (_OFTEN_SAID.search(plain) and (said is None or said < SAID)))


def arithmetic(question: str) -> str:
    """The expression of a question that is nothing else, as Python writes it; "" where there is more to it."""
    said = unicodedata.normalize("NFKC", question).strip()
    if _NAMED.fullmatch(said) and not _TO_WORK_OUT.search(said):
        return ""
    said = _CLOSING.sub("", _OPENING.sub("", said, count=1).strip(), count=1)
    for pattern, sign in _SPELLED:
        said = re.sub(pattern, sign, said, flags=re.IGNORECASE)
    said = re.sub(r"\s+", " ", said).strip()
    return said if _PLAIN.fullmatch(said) and _TWO.search(said) else ""


def written(question: str, language: str, quotes: Sequence[Quote], reader: Reader) -> str:
    """The program that works out the answer from the quotes' numbers; "" where the reader says that they do not give
    it. Raises ReaderFault."""
    grammar = programs.grammar([kept.id for kept in quotes])
    filled = prompts.prompt(
        "calculate", "program", language, MAX_TOKENS, grammar, quotes=prompts.fence(quotes), question=question
    )
    said = "".join(reader.write(filled)).strip()
    return "" if said.startswith(NONE) else said
