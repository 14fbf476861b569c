"""What could be asked next, over the shipped fakes."""

import pytest

from rag.answering.followups import follow_ups
from rag.generation.reader import ScriptedReader
from rag.types import Stated
from tests.answering.made import answer, asks, holding, parts

QUESTION = "When was the Orrin bridge opened?"
SAID = [(asks("answer", "fact"), "It opened on 4 May 1931.")]
FERRY, WORK = "What did it replace?", "For how long had people worked?"


def answers(passages, question):
    """A small judge: what was replaced stands in the second sentence of the page, all else in its first."""
    word, sure = ("ferry", 0.9) if "replace" in question else ("1931", 0.9) if "When" in question else ("work", 0.8)
    return [Stated(sure * (word in text), text.find(word), text.find(word) + len(word)) for text in passages]


def offered(*questions: str, states=answers) -> list[str]:
    written = "".join(f"- {question}\n" for question in questions)
    made = parts(ScriptedReader([*SAID, (asks("answer", "next"), written)]), states=states)
    found, _ = answer(QUESTION, made)
    return follow_ups(found, made)


def test_what_another_sentence_answers_is_offered():
    assert offered(FERRY) == [FERRY]


def test_what_the_sentence_that_answered_answers_too_is_not_offered():
    assert offered(WORK, FERRY) == [FERRY]


def test_the_same_thing_is_offered_once():
    assert offered(FERRY, "Which other thing did the bridge replace at that place?") == [FERRY]


@pytest.mark.parametrize("said", [QUESTION, "Was the Orrin bridge opened on 4 May 1931?", ""])
def test_what_was_asked_or_answered_already_is_not_offered(said):
    assert offered(said) == []


def test_what_no_passage_answers_is_not_offered():
    assert offered(FERRY, states=holding(**{"1931": 0.4})) == []


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
