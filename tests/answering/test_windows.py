from hypothesis import given
from hypothesis import strategies as st

from rag.answering.windows import likeliest, narrowed, remembered
from rag.text.tokens import tokens
from rag.types import Quote, Stated
from tests.answering.made import holding

SAID = [f"The lamp of harbour number {at} burned whale oil in the year 18{at:02}." for at in range(12)]
TEXT = " ".join(SAID)
WHOLE = Quote(3, TEXT, "memory:book", "Lamps", "sha", 100, 100 + len(TEXT))


def test_what_is_read_is_verbatim_and_holds_the_likeliest_sentence():
    found = narrowed(WHOLE, "q", holding(**{"number 7": 0.9}), 60)
    assert SAID[7] in found.text and found.id == WHOLE.id
    assert TEXT[found.start - 100 : found.end - 100] == found.text
    assert 60 <= tokens(found.text) < tokens(TEXT)


def test_it_grows_on_both_sides():
    found = narrowed(WHOLE, "q", holding(**{"number 7": 0.9}), 60)
    assert SAID[6] in found.text and SAID[8] in found.text


def test_at_an_edge_it_grows_on_the_other_side():
    found = narrowed(WHOLE, "q", holding(**{"number 11": 0.9}), 60)
    assert SAID[9] in found.text and found.text.endswith(SAID[11])


def test_a_short_quote_is_read_whole():
    assert narrowed(WHOLE, "q", holding(lamp=0.5), 5000) == WHOLE


@given(st.integers(0, 11), st.integers(1, 400))
def test_it_is_a_run_of_whole_sentences(at, room):
    found = narrowed(WHOLE, "q", holding(**{f"number {at} ": 0.9}), room)
    assert found.text in TEXT and found.text.startswith("The lamp") and found.text.endswith(".")
    assert SAID[at] in found.text


def test_each_passage_is_asked_about_once():
    asked = []

    def states(passages, question):
        asked.append((tuple(passages), question))
        return [Stated(0.5, 0, len(passage)) for passage in passages]

    told = remembered(states)
    assert [one.end for one in told(["a", "bb", "a"], "q")] == [1, 2, 1]
    assert [one.end for one in told(["bb", "ccc"], "q")] == [2, 3] and [one.end for one in told(["bb"], "other")] == [2]
    assert asked == [(("a", "bb"), "q"), (("ccc",), "q"), (("bb",), "other")]


def test_the_likeliest_sentence_is_a_part_of_its_quote():
    found, stated = likeliest([WHOLE], "q", holding(**{"number 7": 0.9}))
    assert (found.text, found.id, stated) == (SAID[7], WHOLE.id, 0.9)
    assert TEXT[found.start - 100 : found.end - 100] == found.text
