import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.checking.consistency import clusters, entropy, says_the_same
from rag.types import Verdict


class Entailing:
    """Says that a text supports another where it holds all its words."""

    name = "entailing"

    def judge(self, quotes, claim, language) -> Verdict:
        holds = set(claim.casefold().split()) <= set(quotes[0].text.casefold().split())
        return Verdict("supported" if holds else "unsupported", 0.9, self.name)


class Silent:
    name = "silent"

    def judge(self, quotes, claim, language) -> Verdict:
        return Verdict("unjudged", None, self.name)


def test_texts_that_entail_one_another_are_one_cluster_and_a_longer_one_is_not():
    same = says_the_same("Who built it?", "en", Entailing())
    texts = ["Hale built it", "it Hale built", "Hale built it with Orrin", "Orrin built it", "built it Hale"]
    assert clusters(texts, same) == [[0, 1, 4], [2], [3]]


@pytest.mark.parametrize(
    ("question", "language", "one", "other", "alike"),
    [
        ("When was it opened?", "en", "It was opened in 1931.", "The opening was in 1931.", True),
        ("When was it opened?", "en", "It was opened in 1931.", "The opening was in 1932.", False),
        ("How many people live there?", "en", "1,870 people.", "About 1870 live there.", True),
        ("1931年建成的大坝有多高?", "zh", "大坝高86米。", "1931年建成的坝高为86米。", True),
        ("大坝投资多少?", "zh", "总投资148万元。", "总投资1480000元。", True),
        ("大坝是哪一年建成的?", "zh", "1998年。", "1989年。", False),
        ("How many live there?", "en", "Nobody knows.", "Many people.", False),
    ],
)
def test_short_answers_are_compared_by_value(question, language, one, other, alike):
    assert says_the_same(question, language, Silent())(one, other) is alike


def test_what_cannot_be_judged_says_nothing_that_another_does():
    same = says_the_same("Who built it?", "en", Silent())
    assert clusters(["Hale", "Orrin", "Hale"], same) == [[0, 2], [1]]


def test_entropy_is_that_of_the_shares():
    assert entropy([5]) == 0.0 and entropy([1, 1]) == pytest.approx(math.log(2))
    assert entropy([3, 1, 1]) == pytest.approx(-(0.6 * math.log(0.6) + 2 * 0.2 * math.log(0.2)))


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=12))
def test_every_text_is_in_one_cluster_and_entropy_lies_between_none_and_all(texts):
    found = clusters(texts, str.__eq__)
    assert sorted(at for cluster in found for at in cluster) == list(range(len(texts)))
    assert len(found) == len(set(texts)) and len(found[0]) == max(map(len, found))
    assert 0.0 <= entropy([len(cluster) for cluster in found]) <= math.log(len(texts)) + 1e-9
