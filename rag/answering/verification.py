"""From a draft to checked sentences: each gets the quotes that carry it, and a verdict on whether they state it."""

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rag.answering import drafting
from rag.answering.drafting import told
from rag.generation import prompts
from rag.protocols import Judge, Prompt
from rag.text.figures import missing_values
from rag.text.language import language
from rag.text.sentences import sentences
from rag.text.terms import terms
from rag.types import Quote, Sentence, Verdict

SURE = 0.9  # P(supported) from which the small verifier's word is enough; below it the reader is asked too
LEAST = 1e-3  # probability; nearer 0 or 1 than this a judge says no more
MISSING = 0.2  # what is left of P(supported) where a figure of the sentence is in no quote it cites
ITEM = "- "
SENTENCE = 12  # characters; what is shorter is a fragment
_MARKS = re.compile(r"\s*(?:\[\d{1,3}\]\s*)+(?=[。！？]|[.!?](?:\s|$)|$)|(?<=[。！？.!?])\s*(?:\[\d{1,3}\])+")
# What a page may have forged of the product's own signs: a quote's fence, a mark before a sentence, a verdict.
_FORGED = re.compile(
    r"[‹<]/?(?:quote|passage)s?\b[^›>\n]{0,100}[›>]\s*|(?<!\S)(?:\[\d{1,3}\]\s*)+(?=\S)"
    r"|[✓✗≠?]\s*(?:not )?(?:supported|unsupported|contradicted|unjudged|有依据|无依据|与资料相悖)(?:\s+[01]\.\d\d)?\s*"
)
_LINK = re.compile(
    r"!?\[([^\[\]\n]{0,200})\]\([^()\n]{0,2000}(?:\([^()\n]{0,500}\)[^()\n]{0,500})?\)"
    r"|!?\[(?!\d{1,3}\])([^\[\]\n]{0,200})\]\[[^\[\]\n]{1,80}\]"  # by reference; "[1][2]" are marks
)
_ADDRESS = re.compile(r"(?:\b[a-z][a-z0-9+.-]{1,15}:)?//[^\s<>‹›\"'”’)）】\]，。；]+", re.IGNORECASE)
# Tags that fetch, lead or run where an answer is shown as mark-up: those that do so by themselves, others by what they
# are given. A bare <img> in a text about HTML stays, and so does what is less than something.
_TAG = re.compile(
    r"<(?=(?:script|style|iframe|frame|object|embed|svg|math|link|meta|base|form)\b|[a-z][\w-]{0,20}[\s/][^<>]{0,500}=)",
    re.IGNORECASE,
)
_WRAPPED = re.compile(r"\s*(?:```(?:json)?\s*)?(?P<json>[{\[].*[}\]])\s*(?:```)?\s*", re.DOTALL | re.IGNORECASE)
Asked = Callable[[Sequence[Quote], str], float | None]
"""(evidence, claim) -> the reader's P(the evidence states the claim); None where it cannot say."""


@dataclass(frozen=True, slots=True)
class Verification:
    """How sentences are verified against `evidence`: by `judge`, and by `asked` where that is not sure. `question` is
    what the draft answers: what a sentence repeats of it need not stand in the evidence."""

    question: str
    spoken: str
    evidence: Sequence[Quote]
    judge: Judge
    asked: Asked
    threshold: float

    def verify(self, text: str) -> Sentence:
        """The sentence with its citations and its verdict. It cites the quote that supports it best, and a second one
        where that holds figures of it that the first does not."""
        claim = text.removeprefix(ITEM)
        spoken = language(claim) or self.spoken
        fragment = len(claim) < SENTENCE
        if fragment:  # "1931." says nothing without its question
            claim = f"{self.question} {claim}"
        alone = [self.judge.judge([quote], claim, spoken) for quote in self.evidence]
        if not alone:
            return Sentence(text, (), Verdict("unsupported", 0.0, "no citation"))
        best = max(range(len(alone)), key=lambda at: alone[at].probability or 0.0)
        cited, verdict = [self.evidence[best]], alone[best]
        if (missing := self._missing(claim, cited)) and len(self.evidence) > 1:
            others = [quote for quote in self.evidence if quote is not cited[0]]
            second = min(others, key=lambda quote: self._missing(claim, [*cited, quote]))
            if self._missing(claim, [*cited, second]) < missing:
                cited.append(second)
                verdict = self.judge.judge(cited, claim, spoken)
        probability, judges = verdict.probability, verdict.judge
        if probability is not None and probability < SURE and verdict.label != "contradicted":
            said = self.asked(self.evidence, claim)
            if said is not None:
                probability = said if fragment else both(probability, said)  # the judge was trained on sentences
                judges = "reader" if fragment else f"{judges} + reader"
        if probability is None:
            return Sentence(text, _ids(cited), verdict)
        if self._missing(claim, cited):
            probability *= MISSING
        if verdict.label == "contradicted":
            return Sentence(text, _ids(cited), Verdict("contradicted", probability, judges))
        supported = probability >= self.threshold
        return Sentence(text, _ids(cited), Verdict("supported" if supported else "unsupported", probability, judges))

    def _missing(self, claim: str, quotes: Sequence[Quote]) -> int:
        """How many figures of `claim` stand neither in the quotes, nor in what these are about, nor in the question."""
        return len(missing_values(claim, " ".join([self.question, *(told(quote) for quote in quotes)])))


def both(one: float, other: float) -> float:
    """The probability whose log odds are the mean of those of two judges."""
    odds = [min(max(value, LEAST), 1 - LEAST) for value in (one, other)]
    mean = sum(math.log(value / (1 - value)) for value in odds) / len(odds)
    return 1 / (1 + math.exp(-mean))


def verify_prompt(quotes: Sequence[Quote], claim: str, language: str) -> Prompt:
    """The prompt that asks a reader whether the quotes state a claim that answers no question."""
    return prompts.prompt("verify", "verify", language, 1, quotes=drafting.fence(quotes), claim=prompts.tidy(claim))


def drafted(text: str) -> list[str]:
    """The sentences of a draft; a line that begins as a list item is one item, whatever it holds. Marks that the reader
    writes of its own accord cite nothing and are left out: only what a verifier accepts is cited."""
    found: list[str] = []
    for line in text.splitlines():
        stripped = _MARKS.sub("", line).strip()
        if stripped.startswith((ITEM, "* ", "• ")):
            found.append(ITEM + stripped[2:].strip())
        else:
            found += [stripped[start:end] for start, end in sentences(stripped)]
    return [one for one in found if any(letter.isalnum() for letter in one)]


def new_to_say(texts: Sequence[str]) -> list[str]:
    """The sentences of a draft, each once, without the items of a list that hold no word that an item before them does
    not hold: a small reader that has no more to say says it again in another order."""
    kept, said = list[str](), set[str]()
    for text in dict.fromkeys(texts):
        if text.startswith(ITEM):
            held = set(terms(text))
            if held <= said:
                continue
            said |= held
        kept.append(text)
    return kept


def until_it_repeats(pieces: Iterable[str]) -> Iterator[str]:
    """The pieces of a draft up to the first item of a list that says nothing new; the reader is then not asked on."""
    written = ""
    for piece in pieces:
        written += piece
        yield piece
        if "\n" in piece:
            whole = [line for line in drafted(written.rsplit("\n", 1)[0]) if line.startswith(ITEM)]
            if len(new_to_say(whole)) < len(whole):
                return


def plain(text: str, evidence: Sequence[Quote]) -> str:
    """A draft without what a reader of the answer could take for the product's own signs, and without what would be
    fetched by being shown: links lose their addresses, tags are text, and an address that the evidence does not name
    is left out, since it may carry away what else the reader has read."""
    text = _TAG.sub("‹", _LINK.sub(r"\1\2", _FORGED.sub("", text)))
    known = "\n".join(quote.text for quote in evidence)
    return _ADDRESS.sub(lambda found: found[0] if found[0].rstrip(".,;:!?") in known else "⋯", text)


def unwrapped(text: str, question: str) -> str:
    """A draft that is a JSON object or array although the question names no JSON, as the texts and numbers in it: a
    page that orders this form does not get it. Any other draft as it is."""
    found = _WRAPPED.fullmatch(text)
    if found is None or "json" in question.casefold():
        return text
    try:
        return "\n".join(_leaves(json.loads(found["json"])))
    except (ValueError, RecursionError):
        return text


def _leaves(value: Any) -> Iterator[str]:
    match value:
        case dict() | list():
            for one in value.values() if isinstance(value, dict) else value:
                yield from _leaves(one)
        case None | bool():
            return
        case _:
            yield str(value)


def _ids(quotes: Sequence[Quote]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(quote.id for quote in quotes))
