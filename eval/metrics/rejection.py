"""Saying that one does not know: the one rule for what a refusal is, and the figures of NoMIRACL, RGB and SimpleQA."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from eval.metrics.stats import mean_of_rates, share
from rag.errors import UsageFault
from rag.history.statistics import Figure, rate

Reply = Literal["answered", "refused"]
Grade = Literal["correct", "incorrect", "not attempted"]


# --- the rule -------------------------------------------------------------------------------

# Forms are tied to a speaker or a source: "the wreck was not found until 1985" and "scientists cannot say" are answers.
_SOURCE_EN = (
    r"(?:the|these|this|those|your|any|provided|given|retrieved|cited|available)\s(?:\w+\s){0,2}?"
    r"(?:passage|context|document|source|text|quote|article|page|information|excerpt|snippet|material)s?"
)
_SAY_EN = (
    "(?:say|state|mention|contain|provide|include|specify|give|answer|address|indicate|tell|discuss|have|reveal|offer)"
)
_CANNOT = r"(?:cannot|can't|can\snot|could\snot|couldn't)"
_ENGLISH = re.compile(
    rf"""
      \bi\s(?:\w+ly\s|just\s)?(?:do\snot|don't|dont)\s(?:\w+ly\s)?
      (?:know|have\s(?:enough|sufficient|any|the|that|this|access))\b
    | \b(?:i|we)(?:\s(?:am|are)|'m|'re)\s(?:not\s(?:sure|certain|able\sto)|unable\sto|unsure)\b
    | \b(?:i|we)\s{_CANNOT}\s(?:answer|find|determine|say|tell|provide|confirm|verify|locate|identify)\b
    | \b{_CANNOT}\sbe\s(?:answered|determined|inferred)\b
    | \b(?:no|not\senough|insufficient|not\ssufficient)\s(?:relevant\s|specific\s|direct\s)?
      (?:information|answer|details?|mention)\b
    | \b(?:not\senough|insufficient|not\ssufficient)\s(?:evidence|data)\b
    | \b{_SOURCE_EN}\b.{{0,60}}?\b(?:do|does|did)(?:\snot|n't)\s(?:\w+ly\s)?{_SAY_EN}\b
    | \bnone\sof\s{_SOURCE_EN}\b.{{0,30}}?\b{_SAY_EN}s?\b
    | \bnothing\b.{{0,40}}\bin\s{_SOURCE_EN}\b
    | \b(?:is|are)(?:\snot|n't)\s(?:\w+ly\s)?
      (?:mentioned|stated|specified|provided|given|available|answered|known|disclosed)\b
    | \b(?:(?:is|are|was|were)(?:\snot|n't)|{_CANNOT}\sbe)\s(?:\w+ly\s)?
      (?:mentioned|stated|provided|given|found|included)\s(?:in|by)\s{_SOURCE_EN}\b
    | ^(?:the\sanswer\sis\s)?(?:unknown|unanswerable|n/a)\b
    | ^(?:the\sanswer\sis\s)?not\s(?:found|known|mentioned|stated|given|available|provided|answerable)\b
    """,
    re.VERBOSE,
)
_SOURCE_ZH = r"(?:文档|资料|来源|文章|文本|段落|上文|文中|原文|材料|信息|网页|引文|内容|上下文|片段)"
_SAY_ZH = r"(?:提及|提到|提供|说明|给出|涉及|包含|回答|写明|指出|说|找到|记载|显示|透露|交代)"
_CHINESE = re.compile(
    rf"""
      (?:^|[,:]|我|我们)(?:也|还|并|对此|暂时|目前|实在|真的)?
      (?:不知道|不清楚|不确定|不了解|不能确定|不得而知|不太清楚)
    | (?:^|[,:我们中并还仍也此以]|暂时|目前)无法(?:准确|直接|明确|从\w{{0,12}})?
      (?:回答|作答|确定|判断|得知|知道|找到|提供|给出|确认|获知|获取|推断|得出)
    | (?:^|[,:我们中并还仍也此以])不能(?:准确|直接|明确)?(?:回答|作答|判断|提供|给出|得知)
    | (?:信息|资料|证据|内容)(?:不足|不够|有限(?!公司))
    | (?:没有|缺乏|缺少)(?:足够|充分|相关|有关)的?(?:信息|资料|内容|证据|答案|记录)
    | {_SOURCE_ZH}.{{0,20}}?(?:没有|未|没|不曾)(?:明确|具体|直接|详细|曾)?地?{_SAY_ZH}
    | ^并?(?:没有|未|未能)(?:明确|具体|直接)?{_SAY_ZH}
    | (?:没有|未|没|未能|没能)(?:找到|查到|检索到|搜到|关于|相关|明确|提供|给出).{{0,12}}(?:答案|信息|内容|资料)
    | (?:尚无|暂无|并无)(?:相关|有关|此类)?的?(?:信息|资料|内容|记载|答案)
    | 找不到.{{0,12}}(?:答案|信息|内容|资料)
    """,
    re.VERBOSE,
)
_GOES_ON = re.compile(rf"(?:they\s|it\s)?(?:do|does|did)(?:\snot|n't)\s(?:\w+ly\s)?{_SAY_EN}\b|none\sof\sthem\b")
_YET = re.compile(r"[,;:\s—-](?:but|however|though|although|yet)\b|(?:但是|但|不过|然而|可是)")
_OF_SOURCES = re.compile(rf"\bquestion\b|{_SOURCE_EN}|问题|{_SOURCE_ZH}")
_ASIDE = re.compile(r"\([^)]*\)?|\"[^\"]*\"|“[^”]*”|《[^》]*》|「[^」]*」")
_END = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])|\n+")
_PREAMBLE = re.compile(
    r"(?:i'm |i am |we're |we are )?(?:very )?sorry[.,!]?|(?:很|非常)?(?:抱歉|对不起|遗憾)[,.。!]?"
    r"|(?:the|this|your) question (?:asks|is|refers)\b.*|(?:这个|该|此|您的|你的)?问题(?:是|问|询问).*"
)


def refused(text: str, language: str) -> bool:
    """Whether a reply declines to answer; the one rule that every set uses.

    An empty reply declines. Otherwise its first sentence must say that the reader does not know or that the sources do
    not say; an apology or the question told again before it are passed over, and what stands in quotation marks or
    brackets (a film's title) is not the reader's word. "I am not sure, but it was 1994" and "It was 1994, but the pages
    do not say the month" answer; "The pages speak of the dam, but do not say who built it" declines. Later sentences
    change nothing. Both rules are tried whatever the question's language, since readers slip into the other.
    UsageFault: a language other than zh and en; no rule is kept for it.
    """
    if language not in ("zh", "en"):
        raise UsageFault(f"There is no refusal rule for '{language}'; rates over it would be wrong. Use zh or en.")
    plain = unicodedata.normalize("NFKC", re.sub(r"\[\d+\]", "", text)).replace("’", "'").casefold()
    said = [one.strip() for one in _END.split(plain)]
    first = next((one for one in said if re.search(r"\w", one) and not _PREAMBLE.fullmatch(one)), "")
    own = _ASIDE.sub("", first)
    parts = [part.strip(" \t\"'*#>,") for part in _YET.split(own if re.search(r"\w", own) else first)]
    if not first:
        return True
    declines = [bool(_ENGLISH.search(one) or _CHINESE.search(one)) for one in parts]
    last = declines[-1] or (len(parts) > 1 and _GOES_ON.match(parts[-1]) is not None)
    return last and all(one or _OF_SOURCES.search(part) for one, part in zip(declines[:-1], parts, strict=False))


# --- NoMIRACL -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NoMiracl:
    hallucination: Figure  # answered where no passage holds the answer
    error: Figure  # refused where one does
    balanced: Figure  # mean of right refusals and right answers


def nomiracl_reply(text: str) -> Reply | None:
    """What a reply to NoMIRACL's prompt says: "Yes, answer is present" or "I don't know"; None for neither or both."""
    plain = text.replace("’", "'").casefold()
    yes, no = "yes, answer is present" in plain, "i don't know" in plain
    return None if yes == no else "answered" if yes else "refused"


def nomiracl(relevant: Sequence[Reply | None], non_relevant: Sequence[Reply | None]) -> NoMiracl:
    """NoMIRACL's figures (Thakur et al. 2024): replies where the answer is in the passages, and where it is not.

    Hallucination = "answered" over the non-relevant, error = "refused" over the relevant, balanced = (share refused of
    the non-relevant + share answered of the relevant) / 2. None, neither phrase, is right nowhere: it is in no rate's
    count of faults, but costs the balanced figure.
    """
    return NoMiracl(
        hallucination=share(one == "answered" for one in non_relevant),
        error=share(one == "refused" for one in relevant),
        balanced=mean_of_rates(
            [share(one == "refused" for one in non_relevant), share(one == "answered" for one in relevant)]
        ),
    )


# --- RGB ------------------------------------------------------------------------------------

Parts = Sequence[str | Sequence[str]]  # what an answer must hold: each part, or one of its alternatives


@dataclass(frozen=True, slots=True)
class RgbReply:
    """What RGB's script sees in a reply."""

    rejected: bool  # its phrase for insufficient information
    detected: bool  # its phrase for factual errors
    right: bool  # every part is in the text


def rgb_reply(text: str, parts: Parts, language: str) -> RgbReply:
    """Look for RGB's phrases and for the answer's parts (Chen et al. 2023, evalue.py).

    Parts are substrings, lower case; in Chinese, spaces do not count (the reference takes them out of the reply only,
    so a part with a space could never be found). The phrases are exact, as there.
    """
    said = text.replace(" ", "") if language == "zh" else text
    wanted = [[part] if isinstance(part, str) else list(part) for part in parts]
    folded = said.lower()
    held = [any(_part(one, language) in folded for one in alternatives) for alternatives in wanted]
    return RgbReply(
        rejected="信息不足" in said or "insufficient information" in said,
        detected="事实性错误" in said or "factual errors" in said,
        right=bool(held) and all(held),
    )


def rgb_accuracy(replies: Sequence[RgbReply], noise: float) -> Figure:
    """Right and not rejected; at noise 1.0, where no passage helps, rejected *or* right, as the reference counts."""
    if noise == 1:
        return share(one.rejected or one.right for one in replies)
    return share(one.right and not one.rejected for one in replies)


def rgb_rejection(replies: Sequence[RgbReply]) -> Figure:
    """The share with the rejection phrase; meant for noise 1.0. Report the share `refused` beside it."""
    return share(one.rejected for one in replies)


def rgb_detection(replies: Sequence[RgbReply]) -> Figure:
    """The share of replies to false passages that say there are factual errors."""
    return share(one.detected for one in replies)


def rgb_correction(replies: Sequence[RgbReply]) -> Figure:
    """Of the detected, those with the right answer. The reference also counts one that rejects; this does not."""
    return share(one.right and not one.rejected for one in replies if one.detected)


def _part(text: str, language: str) -> str:
    return (text.replace(" ", "") if language == "zh" else text).lower()


# --- SimpleQA -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SimpleQa:
    correct: Figure
    incorrect: Figure
    not_attempted: Figure
    correct_given_attempted: Figure
    f: float | None  # harmonic mean of correct and correct_given_attempted


def simpleqa_grade(right: bool, reply_refused: bool) -> Grade:
    """A refusal is not an attempt, even one that happens to hold the answer."""
    return "not attempted" if reply_refused else "correct" if right else "incorrect"


def simpleqa(grades: Sequence[Grade]) -> SimpleQa:
    """SimpleQA's shares and F (Wei et al. 2024, simple-evals): F is 0 where nothing is correct."""
    n, correct, incorrect = len(grades), grades.count("correct"), grades.count("incorrect")
    attempted = correct + incorrect
    return SimpleQa(
        correct=rate(correct, n),
        incorrect=rate(incorrect, n),
        not_attempted=rate(n - attempted, n),
        correct_given_attempted=rate(correct, attempted),
        f=2 * correct / (n + attempted) if n else None,  # the harmonic mean of c/n and c/a is 2c/(n + a)
    )
