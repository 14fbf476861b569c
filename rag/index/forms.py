"""Which form the vectors take, by how many there are.

Flat        exact: every vector is compared. Up to about 10 ms a query on two cores at 50,000 (384 dimensions).
SQ8         every vector, in 8 bits a number: a quarter of the memory, half the time, .995 of exact search or better.
IVF<n>,SQ8  in n lists by the nearest of n centres, of which a query looks at some (`probes`); how many is measured
            when it is built, until at least AIM of what exact search finds is found.

On a GPU exact search goes ten times further (in half precision), and SQ8 without lists cannot be copied to one.
"""

import math
from dataclasses import dataclass

EXACT_BELOW = 50_000
LISTS_FROM = 500_000
LISTS_FROM_ON_GPU = 10_000_000
MANY = 4_000_000

AIM = 0.98
"""Recall@10 that `probes` is chosen for: .97 is wanted, and 200 sampled queries are off by up to .01."""

_SAMPLE = 20_000
_SAMPLE_A_LIST = 64


@dataclass(frozen=True, slots=True)
class Form:
    """`name` is FAISS's word for it; `sample` vectors are what it is fitted to (0: nothing to fit)."""

    name: str
    lists: int = 0
    sample: int = 0

    @property
    def rank(self) -> int:
        """Forms for more vectors have higher ones."""
        return 2 if self.lists else int(self.sample > 0)


@dataclass(frozen=True, slots=True)
class Policy:
    exact_below: int = EXACT_BELOW
    lists_from: int = LISTS_FROM
    lists_from_on_gpu: int = LISTS_FROM_ON_GPU

    def form(self, count: int, devices: int) -> Form:
        """For `count` vectors on a machine with so many GPUs."""
        if count >= (self.lists_from_on_gpu if devices else self.lists_from):
            lists = _lists(count)
            return Form(f"IVF{lists},SQ8", lists, max(_SAMPLE, _SAMPLE_A_LIST * lists))
        if count < self.exact_below or devices:
            return Form("Flat")
        return Form("SQ8", sample=_SAMPLE)


def named(name: str) -> Form:
    """The form a file says it has."""
    if name.startswith("IVF"):
        lists = int(name[3:].partition(",")[0])
        return Form(name, lists, max(_SAMPLE, _SAMPLE_A_LIST * lists))
    return Form(name, sample=0 if name == "Flat" else _SAMPLE)


def _lists(count: int) -> int:
    """The power of two nearest to twice the square root, to four times of it from MANY on."""
    share = 4 if count >= MANY else 2
    return 1 << max(0, round(math.log2(share * math.sqrt(max(1, count)))))
