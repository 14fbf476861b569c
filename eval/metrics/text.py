"""Short answers against short gold answers: SQuAD's figures for English, CMRC 2018's for Chinese."""

import re
import string
from collections import Counter
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_ASCII_MARKS = str.maketrans("", "", string.punctuation)
# What cmrc2018_evaluate.py drops, the ellipsis it means to drop, and the ASCII and full-width marks it forgets.
_MARKS = "-:_*^/\\~`+=，。：？！“”；’《》…·、「」（）－～『』" + ",.!?;()[]\"'‘【】．"
_DROPPED = re.compile(rf"(?!(?<=\d)\.\d)[{re.escape(_MARKS)}]")
_TOKEN = re.compile(r"[\u4e00-\u9fff]|\d+(?:\.\d+)*|[^\W\d_\u4e00-\u9fff]+|\S")


def squad_normalise(text: str) -> str:
    """Lower case, no ASCII punctuation, no a/an/the, single spaces, in that order (SQuAD evaluate-v2.0.py)."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_ASCII_MARKS)).split())


def squad_em(answer: str, golds: Sequence[str]) -> float:
    """1.0 if the answer equals a gold one after normalising, else 0.0 (SQuAD evaluate-v2.0.py).

    No gold answer left after normalising means that nothing should be said: "" is then right.
    """
    said = squad_normalise(answer)
    return float(any(said == gold for gold in _golds(golds, squad_normalise)))


def squad_f1(answer: str, golds: Sequence[str]) -> float:
    """F1 of the two bags of tokens, the best over the golds (SQuAD evaluate-v2.0.py); 1.0 where both are empty."""
    said = squad_normalise(answer).split()
    return max(_f1((Counter(said) & Counter(gold.split())).total(), said, gold.split())
               for gold in _golds(golds, squad_normalise))  # fmt: skip


def cmrc_tokens(text: str) -> list[str]:
    """Each Chinese character, each Latin word and each number; punctuation dropped (cmrc2018_evaluate.py).

    The reference cuts Latin text with nltk; here a regular expression does. It forgets ASCII commas and stops, here
    they go as well, save the point inside a number: 3.5 is not 35.
    """
    return _TOKEN.findall(_unmarked(text))


def cmrc_em(answer: str, golds: Sequence[str]) -> float:
    """1.0 if the answer is a gold one but for case and punctuation, else 0.0 (cmrc2018_evaluate.py).

    As there, a space inside counts.
    """
    said = _unmarked(answer)
    return float(any(said == gold for gold in _golds(golds, _unmarked)))


def cmrc_f1(answer: str, golds: Sequence[str]) -> float:
    """F1 from the longest common *run* of tokens, not their bag; the best over the golds (cmrc2018_evaluate.py)."""
    said = cmrc_tokens(answer)
    return max(_f1(_longest_run(said, gold), said, gold)
               for gold in (cmrc_tokens(one) for one in _golds(golds, _unmarked)))  # fmt: skip


def em(answer: str, golds: Sequence[str], language: str) -> float:
    """CMRC's exact match for Chinese, SQuAD's for every other language."""
    return (cmrc_em if language == "zh" else squad_em)(answer, golds)


def f1(answer: str, golds: Sequence[str], language: str) -> float:
    """CMRC's F1 for Chinese, SQuAD's for every other language."""
    return (cmrc_f1 if language == "zh" else squad_f1)(answer, golds)


def _golds(golds: Sequence[str], normalise: Callable[[str], str]) -> list[str]:
    return [gold for gold in map(normalise, golds) if gold] or [""]


def _unmarked(text: str) -> str:
    return _DROPPED.sub("", text.lower()).strip()


def _longest_run(one: list[str], other: list[str]) -> int:
    return SequenceMatcher(None, one, other, autojunk=False).find_longest_match().size


def _f1(common: int, said: list[str], gold: list[str]) -> float:
    if not said or not gold:
        return float(said == gold)
    return 2 * common / (len(said) + len(gold))
