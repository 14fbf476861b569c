"""The places where one implementation can stand in for another. Nothing else lives here.

`Policy` is in `rag.answering.policies`, since it cannot be said without the browser it drives.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from rag.types import Hit, Page, Quote, Verdict

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Turns text into unit vectors. Real: onnxruntime, sentence-transformers, HTTP. Shipped fake: HashEmbedder."""

    @property
    def name(self) -> str:
        """Model and weights hash: part of every stored vector's key."""
        ...

    @property
    def dimension(self) -> int: ...

    @property
    def max_tokens(self) -> int:
        """The longest passage, special tokens and prefix included."""
        ...

    def passages(self, texts: Sequence[str]) -> Vectors:
        """(n, dimension) float32, L2-normalised, in the order given."""
        ...

    def queries(self, texts: Sequence[str]) -> Vectors:
        """As `passages`, with the query prefix where the model has one."""
        ...

    def token_ends(self, text: str) -> Sequence[int]:
        """Character offset at which each token of `text` ends, ascending; no special tokens."""
        ...


class SearchEngine(Protocol):
    """Finds and opens pages. Real: the local index, web engines. Shipped fake: StaticEngine."""

    def search(self, query: str, k: int) -> Sequence[Hit]:
        """At most `k` hits, best first. Raises Unreachable."""
        ...

    def open(self, uri: str) -> Page:
        """The page a hit lies in. Raises Unreachable."""
        ...


@dataclass(frozen=True, slots=True)
class Prompt:
    """Chat turns. `system` and `turns` are constant for a task, so a local model keeps them cached; what changes comes
    in `user`, what changes last at its end. `grammar` (GBNF) binds readers that know it. At a `temperature` of 0 the
    reply is the likeliest; above it one of many, which `seed` chooses where the reader takes one."""

    system: str
    user: str
    turns: tuple[tuple[str, str], ...] = ()
    grammar: str = ""
    max_tokens: int = 256
    temperature: float = 0.0
    seed: int = 0


class Piece(str):
    """What a reader writes at once, as text. `logprob`: natural log of its probability; None where none is told."""

    __slots__ = ("logprob",)
    logprob: float | None

    def __new__(cls, text: str, logprob: float | None = None) -> "Piece":
        made = super().__new__(cls, text)
        made.logprob = logprob
        return made

    @classmethod
    def plain(cls, pieces: Sequence[str]) -> list[str | tuple[str, float]]:
        """Pieces as JSON values: text alone where its probability is not known."""
        known = ((str(one), getattr(one, "logprob", None)) for one in pieces)
        return [text if logprob is None else (text, logprob) for text, logprob in known]

    @classmethod
    def read(cls, kept: Sequence[str | Sequence[Any]]) -> "list[Piece]":
        """The pieces of `plain`."""
        return [cls(one) if isinstance(one, str) else cls(*one) for one in kept]


class Reader(Protocol):
    """The language model. Real: any chat model langchain knows, the local one too. Shipped fake: ScriptedReader."""

    @property
    def name(self) -> str: ...

    def write(self, prompt: Prompt) -> Iterator[str]:
        """Pieces of the reply as they come, each a Piece where its probability is known. Raises ReaderFault."""
        ...

    def choose(self, prompt: Prompt, choices: Sequence[str]) -> dict[str, float] | None:
        """P(first token starts this choice), normalised over `choices`, which differ in their first letter.

        None where the reader gives no probability to any of them: the caller records `unjudged`.
        Raises ReaderFault.
        """
        ...

    def tokens(self) -> tuple[int, int]:
        """(prompt, output) tokens used since this was last called."""
        ...


class Judge(Protocol):
    """Says whether quotes state a claim. Real: the reader asked for Yes or No, an encoder."""

    @property
    def name(self) -> str: ...

    def judge(self, quotes: Sequence[Quote], claim: str, language: str) -> Verdict:
        """A failure is the verdict `unjudged`, not an exception."""
        ...
