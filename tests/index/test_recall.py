"""Recall against exact search: whole where all is there, less where the cache lacks or blurs something."""

import random
from pathlib import Path

from rag.index.exact import recall
from rag.index.forms import Policy
from rag.index.hashed import HashEmbedder
from rag.index.index import Index
from rag.index.vectors import VectorCache
from rag.types import Rate

WORDS = [
    f"{first}{last}" for first in ("ba", "ke", "li", "mo", "nu", "ra", "sy") for last in ("dor", "fen", "gat", "hil")
]


def filled(folder: Path, pair, count: int) -> Index:
    index = Index.at(folder, HashEmbedder(), create=True)
    chance = random.Random(1)
    list(index.put(pair(f"page {n}", " ".join(chance.choices(WORDS, k=9)), size=200) for n in range(count)))
    return index


def cache(index: Index, path: Path, exact_below: int = 50_000) -> VectorCache:
    made = VectorCache(path, "build", 256, Policy(exact_below))
    made.follow(index.store)
    return made


def test_an_exact_cache_has_all_and_one_that_lacks_half_does_not(tmp_path: Path, pair) -> None:
    with filled(tmp_path / "whole", pair, 300) as whole, filled(tmp_path / "half", pair, 150) as half:
        assert (
            recall(whole.store, cache(whole, tmp_path / "a").search_many, 50, 10)
            == whole.recall(50, 10)
            == Rate(500, 500)
        )
        lacking = recall(whole.store, cache(half, tmp_path / "b").search_many, 50, 10).value
        assert lacking is not None
        assert 0.3 < lacking < 0.7


def test_a_quantised_cache_is_near_exact(tmp_path: Path, pair) -> None:
    with filled(tmp_path / "whole", pair, 300) as whole:
        quantised = cache(whole, tmp_path / "c", exact_below=0)
        assert quantised.form == "SQ8"
        found = recall(whole.store, quantised.search_many, 50, 10).value
        assert found is not None
        assert found > 0.94


def test_few_chunks_and_none(tmp_path: Path, pair) -> None:
    with filled(tmp_path / "few", pair, 3) as few, filled(tmp_path / "none", pair, 0) as none:
        assert few.recall(50, 10) == Rate(9, 9)
        assert none.recall(50, 10) == Rate(0, 0)
