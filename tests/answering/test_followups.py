"""What could be asked next, over the shipped fakes."""

import pytest

from rag.answering.followups import follow_ups
from rag.generation.reader import ScriptedReader
from tests.answering.made import answer, asks, holding, parts

QUESTION = "When was the Orrin bridge opened?"
SAID = [(asks("answer", "fact"), "It opened on 4 May 1931.")]
STATED = holding(**{"three years of work": 0.9})


def offered(*questions: str, states=STATED) -> list[str]:
    written = "".join(f"- {question}\n" for question in questions)
    made = parts(ScriptedReader([*SAID, (asks("answer", "next"), written)]), states=states)
    found, _ = answer(QUESTION, made)
    return follow_ups(found, made)


def test_what_a_passage_answers_is_offered_in_the_order_in_which_it_was_written():
    asked = ["How long did the builders work?", "What did the ferry cost?"]
    assert offered(*asked) == asked


@pytest.mark.parametrize("said", [QUESTION, "Was the Orrin bridge opened on 4 May 1931?", ""])
def test_what_was_asked_or_answered_already_is_not_offered(said):
    assert offered(said) == []


def test_the_same_thing_is_offered_once():
    assert offered("How long did the builders work?", "How long did builders work?") == [
        "How long did the builders work?"
    ]


def test_what_no_passage_answers_is_not_offered():
    assert offered("How long did the builders work?", states=holding(**{"1931": 0.4})) == []


def test_without_the_small_judge_or_an_answer_nothing_is_offered():
    made = parts(ScriptedReader(SAID))
    found, _ = answer(QUESTION, made)
    assert follow_ups(found, made) == []
    cannot = (asks("answer", "fact"), "")
    abstained, _ = answer(
        "Who was the engineer Hale?",
        parts(ScriptedReader([(asks("translate"), "谁是黑尔？"), cannot]), states=holding()),
    )
    assert abstained.status == "abstained" and follow_ups(abstained, made) == []
