"""The minimal pairs in fixtures are what their script writes, and what they are said to be."""

from collections import Counter
from pathlib import Path

from benchmarks import minimal_pairs
from rag.text.language import language

PAIRS = list(minimal_pairs.pairs())


def test_the_fixture_is_what_the_script_writes():
    assert Path(minimal_pairs.FIXTURE).read_text("utf-8") == minimal_pairs.lines()


def test_two_hundred_in_each_language_half_of_them_false():
    assert Counter(one["language"] for one in PAIRS) == {"en": 210, "zh": 210}
    for kind in minimal_pairs.KINDS:
        labels = Counter((one["language"], one["label"]) for one in PAIRS if one["kind"] == kind)
        assert set(labels.values()) == {15} and len(labels) == 4


def test_everything_is_filled_in_and_in_its_language():
    for one in PAIRS:
        assert "{" not in one["quote"] + one["claim"]
        assert language(one["quote"]) == language(one["claim"]) == one["language"], one["claim"]


def test_true_and_false_claims_differ():
    assert len({(one["quote"], one["claim"]) for one in PAIRS}) == len(PAIRS)
