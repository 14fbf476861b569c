"""What votes are made of, and a small judge that goes by the words in common."""

from rag.checking.encoder import Entailment
from rag.learning.features import log_odds
from rag.text.terms import terms
from rag.types import Stated


class WordJudge:
    """Supported is what share of the claim's words stand in the evidence; the answer is stated by words in common."""

    name = "words"

    def entails_all(self, pairs):
        return [Entailment(share, 0.5 * (1 - share), 0.5 * (1 - share)) for share in (common(*pair) for pair in pairs)]

    def states_all(self, pairs):
        return [Stated(common(passage, question)) for passage, question in pairs]


def common(whole: str, part: str) -> float:
    wanted = set(terms(part))
    return len(wanted & set(terms(whole))) / max(1, len(wanted))


def odds_of(share: float) -> float:
    return log_odds(share)


def answer(number: str, question: str, text: str, *quotes: str, **more):
    """As little of `as_json` as a vote needs."""
    told = [{"id": at, "text": quote, "about": "", "title": "T"} for at, quote in enumerate(quotes, start=1)]
    told_sentences = [{"text": one.strip() + "."} for one in text.split(".") if one.strip()]
    return {
        "id": number, "question": question, "status": "answered", "answer": text, "language": "en",
        "sentences": told_sentences, "quotes": told, "metrics": {}, **more,
    }  # fmt: skip
