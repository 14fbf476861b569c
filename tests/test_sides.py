import json

import pytest
from rag.checking.contradict import RULES_ALONE
from rag.reading.policy import ScriptedPolicy
from rag.research import research
from rag.sides import two_sides

from rag.export.json import as_json
from rag.generation.reader import ScriptedReader
from rag.types import Answered, Finish, Judged, Keep, Open, Page, Quote, Rate, Search, Sentence, Verdict
from rag.web.static import StaticEngine
from tests.test_research import parts

NEWS = Page(
    "memory:news", "The Orrin dam is 86 m high, says the paper.", title="News", date="2024-06-18", read_at="2026-01-02"
)
TALK = Page("memory:talk", "The Orrin dam is 92 m high. I signed for it.", title="Talk", read_at="2026-01-02")
AGREED = Page("memory:agreed", "The Orrin dam is 86 m high and carries a road.", title="Guide")
QUESTION = "How high is the Orrin dam?"


def run(*pages: Page, reply: str, question: str = QUESTION):
    script = [Search("Orrin dam")]
    for rank, page in enumerate(pages, 1):
        script += [Open(rank), Keep(page.text)]
    reader = ScriptedReader([("Answer from", reply)])
    *events, last = research(question, parts(reader, ScriptedPolicy([*script, Finish()]), StaticEngine(pages)))
    assert isinstance(last, Answered)
    return last.answer, events


def test_the_other_side_is_in_the_answer_in_its_own_words_and_cited():
    found, events = run(NEWS, TALK, reply="The Orrin dam is 86 m high. [1]")
    assert [s.text for s in found.sentences] == [NEWS.text, "The Orrin dam is 92 m high."]
    assert found.text == f"{NEWS.text}[1] The Orrin dam is 92 m high.[2]"
    assert found.sentences[1].verdict == Verdict("supported", 1.0, "verbatim")
    assert [event.index for event in events if isinstance(event, Judged)] == [0, 1]
    assert found.metrics["faithfulness"] == Rate(2, 2)


def test_a_conflict_has_both_sides_with_title_and_date_and_the_answers_own_comes_first():
    found, _ = run(NEWS, TALK, reply="The Orrin dam is 92 m high. [2]")
    [shown] = json.loads(json.dumps(as_json(found)))["conflicts"]
    assert (shown["differs"], shown["probability"]) == ("92 m / 86 m", None)
    assert [
        (side["quote"], side["source"], side["title"], side["date"], side["read_at"]) for side in shown["sides"]
    ] == [
        (2, "memory:talk", "Talk", "", "2026-01-02"),
        (1, "memory:news", "News", "2024-06-18", "2026-01-02"),
    ]
    texts = {quote.id: quote.text for quote in found.quotes}
    assert all(side["text"] in texts[side["quote"]] for side in shown["sides"])


def test_sources_that_agree_add_nothing():
    found, _ = run(NEWS, AGREED, reply="The Orrin dam is 86 m high. [1]")
    assert found.conflicts == () and len(found.sentences) == 1
    assert as_json(found)["conflicts"] == []


def test_an_answer_that_gives_both_sides_is_not_made_longer():
    found, _ = run(NEWS, TALK, reply="The Orrin dam is 86 m high, says the paper. [1] The Orrin dam is 92 m high. [2]")
    assert len(found.sentences) == 2 and len(found.conflicts) == 1


def test_where_nothing_is_answered_no_conflict_is_shown():
    found, _ = run(NEWS, TALK, reply="")
    assert (found.status, found.conflicts, found.sentences) == ("abstained", (), ())


@pytest.mark.parametrize(
    ("question", "added"), [("石榧大坝坝高多少米？", 1), ("How high is 石榧大坝 (坝高), would you say, in 米?", 0)]
)
def test_a_side_in_another_language_than_the_question_is_shown_beside_the_answer_only(question, added):
    texts = ("石榧大坝坝高86米。", "石榧大坝坝高92米。")
    quotes = [Quote(n, text, f"memory:{n}", "", str(n), 0, len(text)) for n, text in enumerate(texts, 1)]
    told = [Sentence("86米。", (1,), Verdict("supported", 0.9, "scripted"))]
    found, sentences = two_sides(question, told, quotes, {}, RULES_ALONE)
    assert ([c.differs for c in found], len(sentences)) == (["86米 / 92米"], added)
