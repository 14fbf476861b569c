from hypothesis import given
from hypothesis import strategies as st

from rag.answering.ranking import believed, rank
from rag.types import Chunk, Hit, Stated
from tests.answering.made import holding


def hits(*texts: str, about: str = "") -> list[Hit]:
    return [Hit(Chunk("memory:a", "h", 0, len(text), text), "A", 1.0, about=about) for text in texts]


def texts(ranked) -> list[str]:
    return [one.hit.chunk.text for one in ranked]


def test_without_a_judge_the_order_of_the_search_stands():
    assert texts(rank("q", hits("c", "a", "b"), None)) == ["c", "a", "b"]


def test_what_surely_states_the_answer_comes_before_what_the_search_found_first():
    assert texts(rank("q", hits("bird", "boat", "lamp"), holding(bird=0.1, boat=0.3, lamp=0.99))) == [
        "lamp", "boat", "bird",
    ]  # fmt: skip


def test_a_judge_that_hardly_prefers_one_does_not_overturn_the_search():
    ranked = rank("q", hits("bird", "boat", "lamp"), holding(bird=0.5, boat=0.5, lamp=0.55))
    assert texts(ranked) == ["bird", "boat", "lamp"]
    assert [one.rank for one in ranked] == [1, 2, 3]


def test_the_judge_reads_what_a_passage_is_about():
    [one] = rank("q", hits("in 1931", about="Orrin bridge"), holding(Orrin=0.9))
    assert one.stated == 0.9


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_no_hit_is_lost_and_every_rank_is_its_place_in_the_search(stated):
    found = hits(*map(str, range(len(stated))))
    ranked = rank("q", found, lambda passages, question: [Stated(one) for one in stated])
    assert sorted(one.rank for one in ranked) == list(range(1, len(stated) + 1))
    assert all(one.hit is found[one.rank - 1] and one.stated == stated[one.rank - 1] for one in ranked)
    assert [one.score for one in ranked] == sorted((one.score for one in ranked), reverse=True)


def test_nothing_found_is_nothing_ranked():
    assert rank("q", [], holding(a=1.0)) == []


def test_what_is_believed_ends_where_nearly_all_belief_is_held():
    sure = rank("q", hits("bird", "boat", "lamp"), holding(bird=0.01, boat=0.01, lamp=0.999))
    assert texts(believed(sure)) == ["lamp"]
    unsure = rank("q", hits("bird", "boat", "lamp"), holding(bird=0.5, boat=0.5, lamp=0.5))
    assert len(believed(unsure)) == 3
    assert believed([]) == []


def test_what_is_about_another_than_the_named_one_is_left_out():
    found = [
        Hit(Chunk("a", "h", 0, 1, "It costs 30 crowns."), "A", 1.0, about="Harrow Ferry"),
        Hit(Chunk("b", "h", 0, 1, "It costs 40 crowns."), "B", 1.0, about="Lund Ferry"),
    ]
    assert texts(rank("What does the Lund Ferry cost?", found, holding(crowns=0.6))) == ["It costs 40 crowns."]
    assert len(rank("What does the ferry cost?", found, holding(crowns=0.6))) == 2
