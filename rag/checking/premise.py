"""What a question takes for granted, against the quotes: "Why was it opened in 2012?" where they say 2014.

A question is read as the claims inside it, without its question words, and those are held against the quotes by figures
alone (`rivals`). On the 66 questions of the fixture that rest on nothing false it speaks up at none (quotes chosen by
words); of ten with a wrong figure or name it finds the eight whose quotes hold the right figure.
"""

import re
from collections.abc import Mapping, Sequence

from rag.checking.figures import figures
from rag.checking.rivals import Rival, rival
from rag.types import Page, Quote

OVERLAP = 0.75  # share of the claim's other words that a sentence must hold

_LEAD = re.compile(
    r"^(?:and |but |so )?(?:why|what|when|where|who|whom|whose|which|how(?: (?:many|much|long|far|high|old))?)\b"
    r"(?:\s+\w+)?\s+(?:was|were|is|are|did|does|do|has|have|had|could|would)\b|^(?:why|how|who|what)\b",
    re.I,
)
_PARTS = re.compile(r"[,，;；?？](?!\d)|\b(?:when|after|before|because|although|since|which|who)\b(?=\s)", re.I)
_WHEN = re.compile(r"(?:in )?(?:1\d|20)\d\d(?=年|\b)", re.I)
_OFFERED = re.compile(r"\bor\b|还是|還是|或者", re.I)
_ASKING = re.compile("为什么|為什麼|为何|如何|怎么|怎样|是谁|什么|多少|做了|时|后|呢|吗|嗎")


def refuted(question: str, quotes: Sequence[Quote], pages: Mapping[str, Page]) -> Rival | None:
    """The first figure of `question` that a quote puts otherwise; None where there is none, or where a page that was
    read (`pages`, by SHA-256) knows that figure too. A year that opens a claim ("2023年五一旅游人次") says which one is
    asked about, and is taken for granted of nothing."""
    if _OFFERED.search(question):  # "in 1958 or in 1960?" takes neither for granted
        return None
    for claim in _claims(question):
        found = rival(claim, quotes, OVERLAP)
        opening = _WHEN.match(claim)
        if not found or not figures(found.ours) or (opening and found.ours in opening.group()):
            continue
        if not any(found.ours in page.text for page in pages.values()):
            return found
    return None


def _claims(question: str) -> list[str]:
    parts = (_ASKING.sub("", _LEAD.sub("", part.strip())).strip() for part in _PARTS.split(question))
    whole = _LEAD.sub("", question).strip(" ?？")
    return [*(part for part in parts if part and figures(part)), *([whole] if figures(whole) else [])]
