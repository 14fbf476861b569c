from collections import Counter

import pytest

from eval.metrics.extraction import Match, extraction, match, shingles


def test_shingles_are_runs_of_four_and_short_texts_have_one():
    assert shingles("a, b c. d e") == Counter({("a", "b", "c", "d"): 1, ("b", "c", "d", "e"): 1})
    assert shingles("a b") == Counter({("a", "b"): 1})
    assert shingles("") == shingles("...") == Counter()
    assert len(shingles("大坝建成于GPU")) == 3  # six tokens: each character, and the Latin word


def test_precision_and_recall_by_hand():
    assert match("a b c d e", "a b c d") == Match(1.0, 0.5)  # 1 of 1 found is true, 1 of 2 true is found
    # tokens, repeats counted: truth a a b, found a b b: a once and b once in common
    assert match("a a b", "a b b", size=1) == Match(pytest.approx(2 / 3), pytest.approx(2 / 3))
    assert match("a b", "") == Match(None, 0.0)
    assert match("", "a b") == Match(0.0, None)


def test_the_f1_is_of_the_two_means():
    # Precision mean over the one page with text: 1; recall (.5 + 0) / 2 = .25; 2 * .25 / 1.25 = .4
    found = extraction([Match(1.0, 0.5), Match(None, 0.0)])
    assert (found.precision.value, found.precision.n) == (1.0, 1)
    assert (found.recall.value, found.recall.n) == (0.25, 2)
    assert (found.f1.value, found.f1.n) == (pytest.approx(0.4), 2)
    # Means first: pages (1, .2) and (.2, 1) give .6, where the mean of their F1 is 1/3.
    assert extraction([Match(1.0, 0.2), Match(0.2, 1.0)]).f1.value == pytest.approx(0.6)
    assert extraction([]).f1.value is None
    assert extraction([Match(0.0, 0.0)]).f1.value == 0.0
