"""Suggestions come from what a search found and nobody read."""

import pytest

from app.suggest import suggestions, unread
from app.words import say
from rag.types import Answer, Chunk, Hit, Page, Quote, Step


def hit(uri: str, title: str, text: str, score: float) -> Hit:
    return Hit(Chunk(uri, "0" * 64, 0, len(text), text), title, score)


def answer(*steps: Step, question="Who built the lighthouse?", language="en", uri="/a") -> Answer:
    quote = Quote(1, "x", uri, "A", "0" * 64, 0, 1)
    page = Page("/opened", "text", "Opened")
    return Answer(question, language, "answered", "Ada Kemble.", "", (), (quote,), steps, (page,), {}, {})


HITS = (
    hit("/a", "A", "quoted already", 0.9),
    hit("/opened", "Opened", "opened already", 0.8),
    hit("/b", "The harbour log", "In 1904 the keeper met Ines Tolland, who met Ines Tolland again.", 0.5),
    hit("/c", "Whales", "Nothing but water in October.", 0.7),
    hit("/b", "The harbour log", "a worse passage about Someone Else", 0.1),
    hit("/d", "", "a page without a title", 0.6),
)


def test_what_was_read_is_not_suggested_and_the_best_comes_first():
    given = answer(Step("search", "q", 0.1, hits=HITS))
    assert [found.chunk.uri for found in unread(given)] == ["/c", "/b"]
    assert suggestions(given) == [
        say("en", "suggest page", title="Whales"),
        say("en", "suggest about", title="The harbour log", name="Ines Tolland"),
    ]


def test_a_name_that_was_asked_for_or_answered_is_not_new():
    given = answer(Step("search", "q", 0.1, hits=(hit("/b", "Log", "It was Kemble who left in 1910.", 0.5),)))
    assert suggestions(given) == [say("en", "suggest about", title="Log", name="1910")]


def test_they_speak_the_language_of_the_question():
    found = hit("/b", "港务日志", "1904年，守灯人在「望潮亭」记下了这件事。", 0.5)
    given = answer(Step("search", "q", 0.1, hits=(found,)), question="灯塔是谁建的？", language="zh")
    assert suggestions(given) == ["《港务日志》里怎么说望潮亭？"]


@pytest.mark.parametrize("steps", [(), (Step("search", "q", 0.1),), (Step("open", "The harbour log", 0.1),)])
def test_where_nothing_is_unread_nothing_is_suggested(steps):
    assert suggestions(answer(*steps)) == []


def test_at_most_three_and_titles_of_a_bearable_length():
    hits = tuple(hit(f"/{number}", f"{number} " + "long " * 40, "words", 0.5) for number in range(9))
    asked = suggestions(answer(Step("search", "q", 0.1, hits=hits)))
    assert len(asked) == 3 and all(len(question) < 110 for question in asked)
