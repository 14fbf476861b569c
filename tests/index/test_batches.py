"""Batches by tokens: everything once, none above the limit, like lengths together."""

from hypothesis import given
from hypothesis import strategies as st

from rag.index.batches import batches


@given(st.lists(st.integers(0, 600), max_size=80), st.integers(1, 4000))
def test_every_text_is_in_one_batch_and_no_batch_is_too_large(lengths, tokens) -> None:
    made = batches(lengths, tokens)
    assert sorted(at for batch in made for at in batch) == list(range(len(lengths)))
    for batch in made:
        assert len(batch) == 1 or len(batch) * max(lengths[at] for at in batch) <= tokens


def test_short_ones_go_together() -> None:
    assert batches([5, 100, 5, 90], 200) == [[1, 3], [0, 2]]
