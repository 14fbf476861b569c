"""What a reward is reckoned from: what the small judge, the embedder and the run itself say of one answer to one
question over its evidence."""

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from rag.checking.encoder import Entailment
from rag.protocols import Embedder
from rag.text.headings import JOIN
from rag.text.sentences import sentences
from rag.text.terms import terms
from rag.types import Quote, Stated

NAMES = ("states", "supported", "weakest", "contradicted", "near question", "near evidence", "certain")
LENGTH = "length"
MOST = 6  # sentences of an answer that are judged
FAR = 6.0  # largest log odds that a probability counts for
_MARK = re.compile(r"\s*\[\d{1,3}\]")


class SmallJudge(Protocol):
    """What the small judge says of many pairs at once. Real: rag.checking.encoder.Encoder."""

    @property
    def name(self) -> str: ...

    def entails_all(self, pairs: Sequence[tuple[str, str]]) -> Sequence[Entailment]:
        """Of (evidence, claim). Raises ModelFault."""
        ...

    def states_all(self, pairs: Sequence[tuple[str, str]]) -> Sequence[Stated]:
        """Of (passage, question). Raises ModelFault."""
        ...


@dataclass(frozen=True, slots=True)
class Candidate:
    """An answer to a question: `text` without marks of citations, `evidence` the texts it was written from, each after
    what it is about; `certain` is the reader's mean probability of what it adds to the question, None where nobody
    knows. `quotes` are the evidence as it was kept, where it was."""

    question: str
    text: str
    evidence: tuple[str, ...] = ()
    certain: float | None = None
    quotes: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True)
class Features:
    """Reckons the features of candidates. Without a `judge` those are left out that need one."""

    embedder: Embedder
    judge: SmallJudge | None = None

    @property
    def made_by(self) -> tuple[str, str]:
        """The names of the models; rewards of other ones' features mean nothing."""
        return self.embedder.name, self.judge.name if self.judge else ""

    def __call__(self, candidates: Sequence[Candidate]) -> list[dict[str, float]]:
        """By name, probabilities as log odds; what cannot be said of one is absent. Raises ModelFault."""
        found: list[dict[str, float]] = [
            {LENGTH: math.log1p(len(terms(one.text)))}
            | ({} if one.certain is None else {"certain": log_odds(one.certain)})
            for one in candidates
        ]
        for about, near in zip(found, self._near(candidates), strict=True):
            about.update(near)
        if self.judge:
            for about, judged in zip(found, _judged(candidates, self.judge), strict=True):
                about.update(judged)
        return found

    def _near(self, candidates: Sequence[Candidate]) -> list[dict[str, float]]:
        """Cosines of an answer with its question, and with the quote nearest to it."""
        texts = list(dict.fromkeys(text for one in candidates for text in (one.text, *one.evidence)))
        asked = list(dict.fromkeys(one.question for one in candidates))
        if not candidates:
            return []
        read = dict(zip(texts, self.embedder.passages(texts), strict=True))
        sought = dict(zip(asked, self.embedder.queries(asked), strict=True))
        near = []
        for one in candidates:
            said = {"near question": float(read[one.text] @ sought[one.question])}
            if one.evidence:
                said["near evidence"] = float(np.max([read[one.text] @ read[text] for text in one.evidence]))
            near.append(said)
        return near


def _judged(candidates: Sequence[Candidate], judge: SmallJudge) -> list[dict[str, float]]:
    """Whether the answer states what is asked; whether its sentences stand in the evidence, in the mean and the weakest
    of them; and how surely the evidence says the contrary of one."""
    stated = judge.states_all([(one.text, one.question) for one in candidates])
    said = [
        [one.text[start:end] for start, end in sentences(one.text)][:MOST] if one.evidence else [] for one in candidates
    ]
    evidence = ["\n".join(one.evidence) for one in candidates]
    asked = [(evidence[at], claim) for at, claims in enumerate(said) for claim in claims]
    found = iter(judge.entails_all(asked))
    judged = []
    for one, claims in zip(stated, said, strict=True):
        about = {"states": log_odds(one.probability)}
        if claims:
            entailed = [next(found) for _ in claims]
            supported = [log_odds(each.supported) for each in entailed]
            about |= {
                "supported": float(np.mean(supported)),
                "weakest": min(supported),
                "contradicted": max(log_odds(each.contradicted) for each in entailed),
            }
        judged.append(about)
    return judged


def candidate(answer: Mapping[str, Any], text: str = "", evidence: Sequence[str] = ()) -> Candidate:
    """Of an answer (of `rag.export.json.as_json`, or as little of it as a comparison that came from elsewhere has);
    with another `text` in place of its own, and more `evidence` after its own."""
    kept = quotes(answer)
    told = [f"{quote.about}{JOIN}{quote.text}" if quote.about else quote.text for quote in kept]
    certain = None if text else answer.get("metrics", {}).get("certain")
    return Candidate(
        str(answer["question"]),
        unmarked(text or str(answer["answer"])),
        tuple(dict.fromkeys((*told, *evidence))),
        certain,
        kept,
    )


def quotes(answer: Mapping[str, Any]) -> tuple[Quote, ...]:
    """What an answer (likewise) was written from, as far as it is read again: ids, texts and what they are about."""
    return tuple(
        Quote(
            id=one.get("id", at),
            text=one["text"],
            uri=one.get("source", ""),
            title=one.get("title", ""),
            page_sha256="",
            start=0,
            end=0,
            date=one.get("date", ""),
            about=one.get("about", ""),
        )
        for at, one in enumerate(answer.get("quotes", ()), start=1)
    )


def unmarked(text: str) -> str:
    """Without the marks of citations."""
    return _MARK.sub("", text).strip()


def normalised(question: str) -> str:
    """Letters and digits alone, in one case and one width: two questions that agree in these are the same."""
    return "".join(one for one in unicodedata.normalize("NFKC", question).casefold() if one.isalnum())


def log_odds(probability: float) -> float:
    """Natural, at most FAR either way."""
    least = 1 / (1 + math.exp(FAR))
    kept = min(max(probability, least), 1 - least)
    return math.log(kept / (1 - kept))


def probability(odds: float) -> float:
    """Of natural log odds."""
    return 1 / (1 + math.exp(-odds))
