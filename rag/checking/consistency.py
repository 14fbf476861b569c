"""Whether several answers to one question say the same: clusters of meaning, and how much they scatter.

Semantic entropy in its discrete form (Farquhar et al. 2024, Nature 630): answers belong together where each entails the
other, and the entropy is that of the shares of the clusters, in nats: 0 where all agree, ln n where no two do.
"""

import math
from collections.abc import Callable, Sequence
from fractions import Fraction

from rag.protocols import Judge
from rag.text.figures import figures
from rag.types import Quote

Same = Callable[[str, str], bool]


def clusters(texts: Sequence[str], same: Same) -> list[list[int]]:
    """The positions of the texts that say the same, the largest cluster first; of equals the one begun first.

    Each text is held against the first of every cluster, as in the paper.
    """
    found: list[list[int]] = []
    for at, text in enumerate(texts):
        home = next((cluster for cluster in found if same(texts[cluster[0]], text)), None)
        if home is None:
            found.append([at])
        else:
            home.append(at)
    return sorted(found, key=len, reverse=True)


def entropy(sizes: Sequence[int]) -> float:
    """-Σ p ln p over the shares of `sizes`, in nats."""
    total = sum(sizes)
    return max(0.0, -sum(size / total * math.log(size / total) for size in sizes if size))


def says_the_same(question: str, language: str, judge: Judge) -> Same:
    """Two texts that both give figures beside those of the question say the same if these are the same. All others must
    entail one another by `judge`; a text that it cannot judge says nothing that another does."""
    known = _values(question)

    def same(one: str, other: str) -> bool:
        if one == other:
            return True
        mine, theirs = _values(one) - known, _values(other) - known
        if mine and theirs:
            return mine == theirs
        return all(_entails(judge, *pair, language) for pair in ((one, other), (other, one)))

    return same


def _values(text: str) -> set[Fraction]:
    return {figure.value for figure in figures(text)}


def _entails(judge: Judge, one: str, other: str, language: str) -> bool:
    said = Quote(1, one, "", "", "", 0, len(one))
    return judge.judge([said], other, language).label == "supported"
