"""A question that is an arithmetic expression, and the program a reader writes for one whose answer is worked out."""

import re
import unicodedata
from collections.abc import Sequence

from rag.generation import programs, prompts
from rag.protocols import Reader
from rag.types import Quote

MAX_TOKENS = 160
NONE = "NONE"
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
