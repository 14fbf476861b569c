"""The small judge: one encoder pass tells whether quotes support a claim, or whether and where a passage answers a
question."""

import json
import math
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelFault
from rag.models.onnx import physical_cores, session, tokenizer
from rag.text.figures import missing_values
from rag.text.language import language as language_of
from rag.text.sentences import sentences
from rag.types import Quote, Stated, Verdict

BOS, EOS = 0, 2
FIGURE_MISSING = 0.5  # what is left of P(supported) where a figure of the claim stands in no quote; set by hand
# Of a claim and quotes in two languages the small judge, which learned of none, says far too little: scale and shift of
# its log odds of support, fitted by `python -m training.crossing`.
ACROSS = (1.85, 6.49)
Task = Literal["entails", "answers"]
LONGEST_ANSWER = 60  # tokens of what is pointed at
Logits = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Window:
    """What the graph says of one window: `logits` (4,), `spans` (tokens of the window, 2); `start` is its first token
    in the passage."""

    logits: Logits
    spans: Logits
    start: int


@dataclass(frozen=True, slots=True)
class Entailment:
    """P(supported), P(contradicted), P(not enough): they add up to 1."""

    supported: float
    contradicted: float
    not_enough: float


class Entailing(Protocol):
    """What judges by three shares. Real: Encoder, InferenceModel (rag/checking/nli.py)."""

    @property
    def name(self) -> str: ...

    def entails(self, quotes: Sequence[str], claim: str) -> Entailment:
        """What the quotes, read together, say of the claim. Raises ModelFault."""
        ...


class Encoder:
    """A cross-encoder and its tokenizer: `input_ids` -> `logits` (supported, contradicted, not enough, answers) and
    `spans` (of each token: the answer begins here, ends here).

    A pair is `<s> prefix left </s></s> right </s>`. A right side that is too long is read in windows of whole
    sentences, one sentence of overlap. Pairs run side by side, one a core; safe to share between threads.
    """

    def __init__(self, folder: Path, threads: int | None = None) -> None:
        """Of a folder with `model.onnx`, `tokenizer.json` and `judge.json`. Raises ModelFault."""
        sheet = folder / "judge.json"
        try:
            facts = json.loads(sheet.read_text("utf-8"))
            self.name = f"{facts['name']}@{facts['model_sha256'][:12]}"
            self._prefixes: Mapping[str, str] = facts["prefixes"]
            self._temperature: Mapping[str, float] = facts["temperature"]
            self._longest = int(facts["max_tokens"])
        except (OSError, ValueError, KeyError) as error:
            raise ModelFault("model.sheet_unreadable", path=sheet, error=repr(error), folder=folder) from error
        self._session = session(folder / "model.onnx")
        self._tokenizer = tokenizer(folder / "tokenizer.json")
        self._workers = ThreadPoolExecutor(threads or physical_cores(), "judge")

    def entails(self, quotes: Sequence[str], claim: str) -> Entailment:
        """What the quotes, read together, say of the claim: of several windows the most decided. Raises ModelFault."""
        return self.entails_all([("\n".join(quotes), claim)])[0]

    def entails_all(self, pairs: Sequence[tuple[str, str]]) -> list[Entailment]:
        """`entails` of many (evidence, claim). Raises ModelFault."""
        found = []
        for read, _ in self._read("entails", [(claim, evidence) for evidence, claim in pairs]):
            logits = np.stack([window.logits for window in read])
            powers = np.exp((logits[:, :3] - logits[:, :3].max(axis=1, keepdims=True)) / self._temperature["entails"])
            shares = powers / powers.sum(axis=1, keepdims=True)
            decided = shares[int(shares[:, :2].max(axis=1).argmax())]
            found.append(Entailment(*(float(share) for share in decided)))
        return found

    def states(self, passages: Sequence[str], question: str) -> list[Stated]:
        """Whether each passage states the answer to the question, as surely as its best window does, and where.

        Raises ModelFault.
        """
        return self.states_all([(passage, question) for passage in passages])

    def states_all(self, pairs: Sequence[tuple[str, str]]) -> list[Stated]:
        """`states` of many (passage, question). Raises ModelFault."""
        found = []
        asked = self._read("answers", [(question, passage) for passage, question in pairs])
        for (passage, _), (windows, offsets) in zip(pairs, asked, strict=True):
            best = max(windows, key=lambda one: float(one.logits[3]))
            probability = float(1 / (1 + np.exp(-best.logits[3] / self._temperature["answers"])))
            first, last = (best.start + at for at in pointed(best.spans))
            start, end = (offsets[first][0], offsets[last][1]) if offsets else (0, 0)
            said = passage[start:end].lstrip()  # a token holds the line break before its word
            found.append(Stated(probability, end - len(said), end))
        return found

    def _read(self, task: Task, pairs: Sequence[tuple[str, str]]) -> list[tuple[list[_Window], list[tuple[int, int]]]]:
        """Of each (left, right) its windows, and where in `right` its tokens stand."""
        lefts = self._ids([self._prefixes[task] + left for left, _ in pairs])
        # Not encode_batch_fast: that one tells no offsets, and sentences are found by them.
        rights = self._tokenizer.encode_batch([_encodable(right) for _, right in pairs], add_special_tokens=False)
        inputs: list[tuple[int, int, int, list[int]]] = []
        for at, (left, (_, right), encoded) in enumerate(zip(lefts, pairs, rights, strict=True)):
            head = [BOS, *left[: self._longest // 2], EOS, EOS]
            room = self._longest - len(head) - 1
            for start, end in windows(_breaks(right, encoded), len(encoded.ids), room):
                inputs.append((at, start, len(head), [*head, *encoded.ids[start:end], EOS]))
        inputs.sort(key=lambda one: -len(one[3]))  # no worker is left with a long one when the others are done
        found: list[list[_Window]] = [[] for _ in pairs]
        ran = self._workers.map(self._run, [ids for *_, ids in inputs])
        for (at, start, head_tokens, _), (logits, spans) in zip(inputs, ran, strict=True):
            found[at].append(_Window(logits, spans[head_tokens:-1], start))
        return [(each, encoded.offsets) for each, encoded in zip(found, rights, strict=True)]

    def _ids(self, texts: Sequence[str]) -> list[list[int]]:
        encoded = self._tokenizer.encode_batch_fast([_encodable(text) for text in texts], add_special_tokens=False)
        return [one.ids for one in encoded]

    def _run(self, ids: list[int]) -> tuple[Logits, Logits]:
        from onnxruntime.capi import onnxruntime_pybind11_state as faults

        try:
            logits, spans = self._session.run(None, {"input_ids": np.array([ids], np.int64)})
        except (faults.RuntimeException, faults.Fail, faults.InvalidArgument) as error:
            raise ModelFault("judge.broken", name=self.name, error=error) from error
        return logits[0], spans[0]


def pointed(spans: Logits) -> tuple[int, int]:
    """First and last token of the likeliest answer, at most LONGEST_ANSWER tokens: `spans` (tokens, 2) are the scores
    of each token to be the first and the last. (0, 0) of no tokens."""
    together = [
        (float(spans[first, 0] + spans[first : first + LONGEST_ANSWER, 1].max()), first) for first in range(len(spans))
    ]
    if not together:
        return 0, 0
    first = max(together)[1]
    return first, first + int(spans[first : first + LONGEST_ANSWER, 1].argmax())


def windows(breaks: Sequence[int], length: int, room: int) -> list[tuple[int, int]]:
    """Spans of at most `room` tokens that cover `length` tokens, cut at `breaks` (where sentences begin, ascending)
    where that is possible; the last sentence of a window begins the next one."""
    made, start = [], 0
    while length - start > room:
        reach = [one for one in breaks[bisect_right(breaks, start) : bisect_right(breaks, start + room)]]
        end = reach[-1] if reach else start + room
        made.append((start, end))
        # Back by one sentence, if the next window then gets further than this one did.
        back = reach[-2] if len(reach) > 1 else end
        after = [one for one in breaks if one > end] or [length]
        start = back if after[0] - back <= room else end
    return [*made, (start, length)]


def _breaks(text: str, encoded: Any) -> list[int]:
    """The tokens at which the sentences of `text` begin."""
    ends = [end for _, end in encoded.offsets]
    starts = [start for start, _ in sentences(text)]
    return sorted({bisect_right(ends, start) for start in starts})


def _encodable(text: str) -> str:
    """Without lone surrogates, which no tokenizer takes; as long as before."""
    return text.encode("utf-8", "replace").decode("utf-8")


@dataclass(frozen=True, slots=True)
class EncoderJudge:
    """Judges by the small encoder, or another model like it, discounted for figures that no quote holds.

    A claim is contradicted where that is the likeliest of the three and at least `contradicted`. `encoder` is called at
    the first verdict and may take seconds: no search waits for it. `across`: scale and shift of the log odds of support
    where claim and quotes are in two languages.
    """

    encoder: Callable[[], Entailing]
    threshold: float
    contradicted: float = 0.5
    across: tuple[float, float] = (1.0, 0.0)

    @property
    def name(self) -> str:
        return self.encoder().name

    def judge(self, quotes: Sequence[Quote], claim: str, language: str) -> Verdict:
        """A claim without quotes is unsupported; one the model fails on is unjudged, never supported. Raises ModelFault
        where there is no model."""
        if not quotes:
            return Verdict("unsupported", 0.0, "no citation")
        encoder = self.encoder()
        try:
            found = encoder.entails(_told(quotes), claim)
        except ModelFault:
            return Verdict("unjudged", None, encoder.name)
        supported = found.supported
        if {language_of(quote.text) for quote in quotes} - {language_of(claim) or language, ""}:
            supported = _scaled(supported, *self.across)
        probability = supported * (FIGURE_MISSING if missing_values(claim, " ".join(_told(quotes))) else 1.0)
        if found.contradicted >= max(self.contradicted, supported, found.not_enough):
            return Verdict("contradicted", probability, encoder.name)
        return Verdict("supported" if probability >= self.threshold else "unsupported", probability, encoder.name)


def _scaled(probability: float, scale: float, shift: float) -> float:
    kept = min(max(probability, 1e-6), 1 - 1e-6)
    return 1 / (1 + math.exp(-(scale * math.log(kept / (1 - kept)) + shift)))


def _told(quotes: Sequence[Quote]) -> list[str]:
    """The quotes' texts, what they are about before the first quote of each page."""
    before = [None, *quotes]
    return [
        f"{quote.about or quote.title}: {quote.text}" if new and (quote.about or quote.title) else quote.text
        for quote, new in ((quote, last is None or last.uri != quote.uri) for last, quote in pairwise(before) if quote)
    ]
