"""An index tested on itself: only sound questions are asked, and what comes of them is told as it is."""

import random
from dataclasses import replace

import pytest

from rag.generation.reader import ScriptedReader
from rag.setup.self_test import MOST, Asked, figures, graded, passage_of, probes, written
from rag.text.tokens import tokens
from rag.types import Page
from tests.answering.made import asks
from tests.history.test_conversations import ANSWER

TEXT = (
    "The Orrin bridge was opened on 4 May 1931 after three years of work. It replaced a ferry that had run since 1820. "
    "Two towers of granite carry its chains. On the day of the opening nobody was allowed to cross."
)
BRIDGE = Page("memory:bridge", TEXT, title="Bridge")
SOUND = "Question: When was the Orrin bridge opened?\nAnswer: 4 May 1931\n"


def reader(said: str, again: str = "4 May 1931") -> ScriptedReader:
    return ScriptedReader([(asks("probe"), said), (asks("answer", "name"), again)])


def quoted():
    passage = passage_of(BRIDGE, random.Random(1))
    assert passage is not None
    return replace(passage, text=TEXT, start=0, end=len(TEXT))


def test_a_passage_is_whole_sentences_of_the_page():
    drawn = random.Random(0)
    texts = {(one := passage_of(BRIDGE, drawn)).text for _ in range(20)}
    assert len(texts) > 1 and all(text in TEXT and text.endswith(".") for text in texts)
    long = Page("memory:long", "A sentence of some length stands here. " * 200)
    assert 0 < tokens(passage_of(long, drawn).text) <= MOST
    assert one.text == TEXT[one.start : one.end]


def test_only_the_body_is_asked_about():
    menu = "Home. About us. Accept all cookies. Subscribe to our letter of news every week. "
    page = Page("memory:menu", menu * 9 + TEXT, body=((len(menu) * 9, len(menu) * 9 + len(TEXT)),))
    assert all(passage_of(page, random.Random(seed)).text in TEXT for seed in range(20))


@pytest.mark.parametrize("text", ["", "Too short.", "..."])
def test_a_page_with_nothing_to_ask_about_has_no_passage(text):
    assert passage_of(Page("memory:none", text), random.Random(0)) is None


@pytest.mark.parametrize(
    "said",
    [SOUND, f"Here it is.\n\n{SOUND.strip()}", SOUND.replace(": ", "： "), SOUND.replace("Answer: ", "Answer: On ")],
)
def test_a_sound_question_is_kept(said):
    probe = written(quoted(), reader(said))
    assert (probe.question, probe.expected) == ("When was the Orrin bridge opened?", "4 May 1931")


@pytest.mark.parametrize(
    ("said", "again"),
    [
        (SOUND.replace("1931", "1932"), "4 May 1932"),  # stands nowhere
        ("Question: Was the Orrin bridge opened on 4 May 1931?\nAnswer: 4 May 1931\n", "4 May 1931"),  # tells it
        (SOUND, "1820"),  # the reader itself answers otherwise
        ("no question at all", "4 May 1931"),
    ],
)
def test_an_unsound_question_is_not_asked(said, again):
    assert written(quoted(), reader(said, again)) is None


def test_every_page_is_asked_about_before_one_is_again_and_it_ends():
    pages = {
        f"memory:{n}": replace(BRIDGE, uri=f"memory:{n}", text=f"{TEXT} It has {n} lamps in all.") for n in range(3)
    }
    looked = list[str]()

    def opened(uri: str) -> Page:
        looked.append(uri)
        return pages[uri]

    assert list(probes(list(pages), opened, reader("nothing"), 2)) == []
    assert sorted(looked[:3]) == sorted(pages) and len(looked) == 8
    assert len(list(probes(list(pages), opened, reader(SOUND), 3))) == 1  # the same question is asked once


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("It opened on May 4, 1931.", "right"), ("It opened on 5 May 1931.", "wrong"), ("It is old.", "wrong"),
        ("It opened on 14 May 1931.", "wrong"),
    ],
)  # fmt: skip
def test_an_answer_is_graded_by_its_value_however_it_is_written(text, outcome):
    assert graded(replace(ANSWER, text=text), "4 May 1931") == outcome


def test_shares_have_their_intervals_and_a_declined_question_is_no_wrong_one():
    probe = written(quoted(), reader(SOUND))
    declined = replace(ANSWER, status="abstained")
    assert graded(declined, "x") == "declined"
    told = figures([Asked(probe, ANSWER, "right", True), Asked(probe, declined, "declined", False)])
    assert (told["right"].value, told["wrong"].value, told["declined"].value, told["found"].value) == (0.5, 0, 0.5, 0.5)
    assert told["wrong"].low == 0 and told["wrong"].high > 0.5
