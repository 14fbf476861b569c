"""Reciprocal rank fusion against its formula."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.index.rerank import RERANKED, rerank
from rag.index.search import fuse
from rag.types import Chunk, Hit

ranking = st.lists(st.integers(1, 30), unique=True, max_size=15)


@given(ranking, ranking, st.floats(0, 1))
def test_scores_are_the_formula(dense: list[int], text: list[int], weight: float) -> None:
    fused = fuse(dense, text, 60, weight)
    assert {id for id, _ in fused} == set(dense) | set(text)
    for id, score in fused:
        one = 1 / (60 + dense.index(id) + 1) if id in dense else 0
        other = weight / (60 + text.index(id) + 1) if id in text else 0
        assert score == pytest.approx(one + other)
    assert [score for _, score in fused] == sorted((score for _, score in fused), reverse=True)


@given(ranking)
def test_one_leg_alone_keeps_its_order(leg: list[int]) -> None:
    assert [id for id, _ in fuse(leg, [], 60, 1)] == leg
    assert [id for id, _ in fuse([], leg, 60, 0.5)] == leg
    assert [id for id, _ in fuse(leg, leg, 60, 0.5)] == leg


def test_ties_keep_the_dense_leg_first() -> None:
    assert [id for id, _ in fuse([1, 2], [2, 1], 60, 1)] == [1, 2]
    assert [id for id, _ in fuse([1], [2], 60, 1)] == [1, 2]


def test_agreement_beats_one_good_rank() -> None:
    assert fuse([1, 2, 3], [4, 2, 5], 60, 1)[0][0] == 2


def test_a_text_leg_without_weight_changes_nothing_above_it() -> None:
    assert [id for id, _ in fuse([1, 2, 3], [3, 9], 60, 0)] == [1, 2, 3, 9]


def test_a_reranker_decides_the_order() -> None:
    found = [Hit(Chunk("a", "", at, at + 1, str(at)), "", 1 / (at + 1)) for at in range(RERANKED + 5)]
    ranked = rerank("?", found, lambda query, passages: [float(passage) for passage in passages])
    assert [hit.chunk.text for hit in ranked] == [str(at) for at in reversed(range(RERANKED))]
    assert ranked[0].score == RERANKED - 1
