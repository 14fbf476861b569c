import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.ranking import hit, mrr, ndcg, overlap, touches
from rag.errors import UsageFault


def test_rank_figures_by_hand():
    golds, found = [{"b"}, {"x"}], [["a", "b", "c"], ["y"]]
    assert hit(golds, found, 1) == [0.0, 0.0]
    assert hit(golds, found, 2) == [1.0, 0.0]
    assert mrr(golds, found, 10) == [0.5, 0.0]
    assert mrr(golds, found, 1) == [0.0, 0.0]
    assert ndcg(golds, found, 10) == pytest.approx([1 / math.log2(3), 0.0])


def test_a_question_with_nothing_found_is_a_zero_and_not_gone():
    assert hit([{"a"}, {"b"}, {"c"}], [["a"], [], ["c"]], 5) == [1.0, 0.0, 1.0]
    assert ndcg([{"b"}], [[]], 5) == [0.0]


def test_a_second_chunk_of_a_page_takes_no_rank():
    assert mrr([{"b"}, {"a"}], [["a", "a", "a", "b"], ["a", "b", "a"]], 10) == [0.5, 1.0]


def test_the_order_given_is_the_order_scored():
    # trec_eval breaks ties of score by name; names that fall and names that rise must both keep their places.
    names = [f"{number:03}" for number in range(100)]
    assert mrr([{"041"}, {"041"}], [names, names[::-1]], 100) == pytest.approx([1 / 42, 1 / 59])


def test_grades_are_gains():
    # found a (1), b (2): 1 + 2/log2(3) = 2.2619; best order 2 + 1/log2(3) = 2.6309
    assert ndcg([{"a": 1, "b": 2}], [["a", "b"]], 10) == pytest.approx([2.26186 / 2.63093], abs=1e-5)


def test_questions_that_cannot_be_scored_are_refused():
    with pytest.raises(UsageFault, match="without a gold name"):
        hit([set()], [["a"]], 1)
    with pytest.raises(UsageFault, match="1 and 2"):
        hit([{"a"}], [["a"], ["b"]], 1)
    with pytest.raises(UsageFault, match="without a gold span"):
        overlap([("p", 3, 3)], [])


@given(st.lists(st.sampled_from("abcdef"), unique=True), st.sets(st.sampled_from("abcdef"), min_size=1))
def test_rank_figures_are_bounded_and_grow_with_k(found: list[str], gold: set[str]):
    for measure in (hit, mrr):
        small, large = measure([gold], [found], 2)[0], measure([gold], [found], 6)[0]
        assert 0 <= small <= large <= 1
    assert (ndcg([gold], [found], 6)[0] > 0) == (hit([gold], [found], 6)[0] == 1) == bool(gold & set(found))


def test_chunk_overlap_by_hand():
    # gold 0..10; two chunks over 5..15 and one of another page: 5 positions shared, 30 retrieved, 5 of gold missed
    found = overlap([("p", 0, 10)], [("p", 5, 15), ("p", 5, 15), ("q", 0, 10)])
    assert (found.recall, found.precision, found.iou) == pytest.approx((5 / 10, 5 / 30, 5 / 35))
    nothing = overlap([("p", 0, 10)], [])
    assert (nothing.recall, nothing.precision, nothing.iou) == (0.0, 0.0, 0.0)


def test_spans_are_half_open():
    assert not touches(("p", 0, 5), [("p", 5, 9)])
    assert touches(("p", 0, 6), [("p", 5, 9)])
    assert not touches(("q", 0, 6), [("p", 5, 9)])
