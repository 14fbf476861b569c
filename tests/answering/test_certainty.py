import math

import pytest

from rag.answering.certainty import certainty
from rag.protocols import Piece

ASKED = "How much did the Hale tower cost in 1931?"


def pieces(*told):
    return [Piece(text, logprob) for text, logprob in told]


def test_the_figures_and_names_that_the_question_has_not_count():
    sure = pieces(("The Hale", -2.0), (" tower", -3.0), (" cost", 0.0), (" Orrin", -0.2), (" all", -4.0), ("50", -0.1))
    assert certainty(sure, ASKED) == pytest.approx(math.exp(-0.15))


def test_a_digit_of_another_number_is_no_repetition():
    sure = pieces(("In 1931", -5.0), (" it cost ", 0.0), ("3", -1.0), ("1", -1.0), ("0", -1.0))
    assert certainty(sure, "How much do they say that it cost in 1931?") == pytest.approx(math.exp(-1))


def test_of_a_draft_without_figures_and_names_the_words_that_it_adds_count():
    assert certainty(pieces(("The Hale", -1.0), (" leant", -0.4), (".", -2.0)), ASKED) == pytest.approx(math.exp(-0.4))
    assert certainty(pieces(("因为", -0.2), ("地基不断下沉和开裂", -0.4), ("。", -3.0)), "为何斜?") == pytest.approx(
        math.exp(-0.3)
    )


def test_of_a_bare_name_the_first_piece_does_not_count():
    assert certainty(pieces(("韦", -2.0), ("小满", -0.1)), "是谁?") == pytest.approx(math.exp(-0.1))


def test_nothing_is_said_of_a_reader_without_probabilities_nor_of_a_draft_that_adds_nothing():
    assert certainty(["It cost 50."], ASKED) is None
    assert certainty(pieces(("The Hale tower", -1.0), (".", -1.0)), ASKED) is None
    assert certainty([], ASKED) is None
