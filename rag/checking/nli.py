"""Any inference model of the Hugging Face kind as a judge: NLI cross-encoders, MiniCheck, HHEM and their like.

Needs the full set of requirements (sentence-transformers with torch). What such a model's outputs mean is read from its
own configuration; one that does not say is refused, since a guess would turn verdicts round.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.checking.encoder import Entailment
from rag.errors import ModelFault
from rag.text.sentences import sentences

# What model cards call the three; of a yes-or-no model "no" is everything but supported.
_SUPPORTED = re.compile(r"^(?:entail(?:ment|s|ed)?|supports?|supported|consistent|attributable|factual|faithful|yes)$")
_CONTRADICTED = re.compile(r"^(?:contradict(?:ion|s|ed)?|refutes?|refuted)$")
_NOT = re.compile(
    r"^(?:neutral|not[ _-]?(?:enough(?:[ _-]?info(?:rmation)?)?|entail(?:ment|ed)?|supported|attributable)"
    r"|unsupported|inconsistent|hallucinat(?:ed|ion)|nei|no)$"
)
OVERLAP = 1  # sentences that a window of long evidence shares with the one before


class InferenceModel:
    """A sequence classifier over (evidence, claim), read through sentence-transformers' CrossEncoder."""

    def __init__(self, name: str, device: str = "auto") -> None:
        """By its name on the hub or its folder. Raises ModelFault: not there, no such packages, labels unknown."""
        try:
            from sentence_transformers import CrossEncoder
        except ImportError as error:
            raise ModelFault("judge.needs_torch") from error
        try:
            self._model = CrossEncoder(name, device=None if device == "auto" else device, activation_fn=_as_it_is())
        except (OSError, ValueError) as error:
            raise ModelFault("judge.not_loading", name=name, error=error) from error
        self.name = name
        self._columns = columns(name, dict(self._model.model.config.id2label), int(self._model.config.num_labels))

    def entails(self, quotes: Sequence[str], claim: str) -> Entailment:
        """What the quotes, read together, say of the claim: of several windows the most decided. Raises ModelFault."""
        logits = self._logits([(window, claim) for window in self._windows("\n".join(quotes), claim)])
        shares = [self._columns(row) for row in logits]
        return max(shares, key=lambda found: max(found.supported, found.contradicted))

    def _logits(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
        try:
            found = self._model.predict(list(pairs), convert_to_numpy=True, show_progress_bar=False)
        except (RuntimeError, ValueError, IndexError) as error:
            raise ModelFault("judge.failed", name=self.name, error=error) from error
        return np.asarray(found, np.float64).reshape(len(pairs), -1)

    def _windows(self, evidence: str, claim: str) -> list[str]:
        """Runs of whole sentences that fit beside the claim; a single sentence that does not is cut by the model."""
        tokenizer: Any = self._model.tokenizer
        room = int(self._model.max_seq_length or 512) - len(tokenizer(claim, add_special_tokens=False)["input_ids"]) - 4
        spans = sentences(evidence)
        lengths = [
            len(tokenizer(evidence[start:end], add_special_tokens=False, truncation=False)["input_ids"])
            for start, end in spans
        ]
        made: list[str] = []
        first = 0
        while first < len(spans):
            last = first
            while last + 1 < len(spans) and sum(lengths[first : last + 2]) <= room:
                last += 1
            made.append(evidence[spans[first][0] : spans[last][1]])
            if last + 1 == len(spans):
                break
            first = max(first + 1, last + 1 - OVERLAP)
        return made or [evidence]


def columns(name: str, labels: dict[int, str], count: int) -> Callable[[NDArray[np.float64]], Entailment]:
    """How one row of logits becomes three shares, by the model's own labels. One logit is log odds of supported, as
    HHEM's; two are supported and not, as MiniCheck's. Raises ModelFault where the labels do not say which is which."""
    if count == 1:
        return lambda row: _two(1 / (1 + float(np.exp(-row[0]))))
    told = {int(at): str(label).strip().casefold() for at, label in labels.items()}
    yes = [at for at, label in told.items() if _SUPPORTED.match(label)]
    against = [at for at, label in told.items() if _CONTRADICTED.match(label)]
    rest = [at for at, label in told.items() if _NOT.match(label)]
    if count == 2 and set(told.values()) == {"label_0", "label_1"}:
        yes, rest = [1], [0]  # MiniCheck's, which has no names: 1 is supported
    if len(yes) != 1 or len(yes) + len(against) + len(rest) != count:
        raise ModelFault("judge.labels", name=name, labels=", ".join(told.values()))

    def read(row: NDArray[np.float64]) -> Entailment:
        powers = np.exp(row - row.max())
        shares = powers / powers.sum()
        return Entailment(
            float(shares[yes[0]]), float(sum(shares[at] for at in against)), float(sum(shares[at] for at in rest))
        )

    return read


def _two(supported: float) -> Entailment:
    return Entailment(supported, 0.0, 1.0 - supported)


def _as_it_is() -> Any:
    """No activation: logits come out, whatever the model's own configuration names."""
    from torch.nn import Identity

    return Identity()
