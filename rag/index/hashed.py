"""What can be done with text alone: an embedder without a model, for tests, and token counts without a tokenizer."""

import hashlib
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

import numpy as np

from rag.protocols import Vectors
from rag.text.scripts import CJK
from rag.text.terms import terms

_PIECE = re.compile(rf"[{CJK}]|[A-Za-z0-9]{{1,3}}|\S")
_LONE = re.compile("[\ud800-\udfff]")


def encodable(text: str) -> str:
    """`text` with each lone surrogate, which UTF-8 cannot carry, replaced by U+FFFD. No offset changes."""
    return _LONE.sub("\ufffd", text)


class HashEmbedder:
    """No model: signed feature hashing (Weinberger et al. 2009) of words and of pairs of Chinese, Japanese or Korean
    characters. Texts that share words are near one another; the same in every process. For tests."""

    max_tokens = 512

    def __init__(self, dimension: int = 256) -> None:
        self.name, self.dimension = f"hash-{dimension}", dimension

    def passages(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            for feature, count in Counter(terms(unicodedata.normalize("NFKC", text))).items():
                number = int.from_bytes(
                    hashlib.blake2b(feature.encode("utf-8", "surrogatepass"), digest_size=8).digest()
                )
                vector[(number >> 1) % self.dimension] += (1 if number & 1 else -1) * (1 + math.log(count))
            length = np.linalg.norm(vector)
            if length:
                vector /= length
            else:
                vector[0] = 1.0  # a text without words still needs a direction
        return vectors

    def queries(self, texts: Sequence[str]) -> Vectors:
        return self.passages(texts)

    def token_ends(self, text: str) -> Sequence[int]:
        return estimated_ends(text)


def estimated_ends(text: str) -> list[int]:
    """Token ends where no tokenizer is known: one token a CJK character, up to three Latin letters or digits, or any
    other character. More tokens than real tokenizers make, so that what is cut by it is never too long."""
    return [match.end() for match in _PIECE.finditer(text)]
