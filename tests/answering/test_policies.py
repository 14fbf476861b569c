"""The guided policy over a real small index; which passages of those found are kept."""

import pytest

from rag.answering.policies import GuidedPolicy, chosen
from rag.answering.ranking import Ranked, rank
from rag.browsing.browser import Browser
from rag.generation.reader import ScriptedReader
from rag.index.embed import HashEmbedder
from rag.index.index import Index
from rag.sources.chunk import chunk
from rag.text.tokens import tokens
from rag.types import Chunk, Hit, Keep, Open, Page, Search, Stated
from tests.answering.made import answer, asks, holding, parts

LAMPS = [f"The lamp of harbour number {at} burned whale oil in the year {1800 + at}." for at in range(12)]
BOOK = Page("memory:book", "\n\n".join(LAMPS), title="Lamps of the harbours", language="en")
BIRDS = Page("memory:birds", "Herons and terns nest on the island.\n\nThe terns leave in autumn.", title="Birds")
DAM = Page("memory:坝", "石榧大坝高86米。\n\n大坝由谭维生设计。", title="石榧大坝", language="zh")


@pytest.fixture
def index(tmp_path):
    embedder = HashEmbedder()
    with Index.at(tmp_path / "t", embedder, create=True) as opened:
        pairs = [(page, chunk(page, embedder.token_ends, 30, embedder.max_tokens)) for page in (BOOK, BIRDS, DAM)]
        assert len(pairs[0][1]) > 6
        list(opened.put(pairs))
        yield opened


def gathered(index, question: str, states, kind="fact", passages=3, room=500, reader=None):
    """(the quotes kept, the steps)."""
    policy = GuidedPolicy(reader or ScriptedReader(), passages, room, states)
    draft = [(asks("answer", task), "It burned oil.") for task in ("fact", "list", "explain", "summary")]
    made = parts(reader or ScriptedReader(draft), policy, index, states, kind=lambda asked: kind)
    found, _ = answer(question, made)
    assert not any(step.setback for step in found.steps), [step.detail for step in found.steps]
    pages = {page.sha256: page.text for page in found.pages}
    assert all(pages[quote.page_sha256][quote.start : quote.end] == quote.text for quote in found.quotes)
    return found.quotes, found.steps


@pytest.mark.parametrize(("kind", "most"), [("fact", 2), ("explain", 3), ("list", 4)])
def test_as_many_passages_are_kept_as_the_kind_may_have(index, kind, most):
    quotes, _ = gathered(index, "Which lamp burned whale oil?", holding(lamp=0.6), kind, 2)
    assert len(quotes) == most


def test_the_best_passages_are_kept_and_the_best_comes_first(index):
    quotes, _ = gathered(index, "Which lamp burned whale oil?", holding(lamp=0.3, **{"number 7": 0.99}), "explain", 2)
    assert "number 7" in quotes[0].text and len(quotes) == 3


def test_what_hardly_answers_is_not_shown(index):
    quotes, _ = gathered(index, "Which lamp burned whale oil?", holding(**{"number 3": 0.4, "lamp": 0.04}))
    assert len(quotes) == 1 and "number 3" in quotes[0].text


@pytest.mark.parametrize(("kind", "more"), [("fact", False), ("explain", True)])
def test_the_best_is_shown_however_unlikely_and_an_explanation_has_more(index, kind, more):
    said = [(asks("translate"), "哪盏灯烧鲸油？"), (asks("answer", kind), "It burned oil.")]
    quotes, _ = gathered(index, "Which lamp burned whale oil?", holding(lamp=0.04), kind, reader=ScriptedReader(said))
    assert (len(quotes) > 1) is more


def test_what_is_kept_is_no_more_than_the_room_but_for_one(index):
    quotes, _ = gathered(index, "Which lamp burned whale oil?", holding(lamp=0.6), passages=9, room=90)
    assert len(quotes) > 1 and sum(tokens(quote.text) for quote in quotes) <= 90
    assert len(gathered(index, "Which lamp burned whale oil?", holding(lamp=0.6), room=1)[0]) == 1


def test_a_summary_keeps_one_pages_passages_in_their_order(index):
    states = holding(lamp=0.5, terns=0.4, **{"number 7": 0.9})
    quotes, _ = gathered(index, "What is said of the lamps and the terns?", states, "summary", 2)
    mine = [quote for quote in quotes if quote.uri == BOOK.uri]
    assert len(mine) > 1 and [quote.start for quote in mine] == sorted(quote.start for quote in mine)
    assert {quote.uri for quote in quotes} == {BOOK.uri}


def test_where_nothing_is_relevant_the_other_language_is_searched(index):
    reader = ScriptedReader(
        [(asks("translate"), "石榧大坝是谁设计的?"), (asks("answer", "fact"), "谭维生 designed it.")]
    )

    def states(passages, question):
        return [Stated(0.9 if "谭维生" in passage and "设计" in question else 0.01) for passage in passages]

    quotes, steps = gathered(index, "Who designed the Shifei dam?", states, reader=reader, passages=1)
    searches = [step.detail for step in steps if step.action == "search"]
    assert len(searches) == 2 and "石榧大坝是谁设计的?" in searches[1]
    assert "谭维生" in quotes[0].text


def test_an_explanation_is_looked_up_in_both_languages_and_the_best_comes_first(index):
    reader = ScriptedReader([(asks("translate"), "石榧大坝是怎么设计的?"), (asks("answer", "explain"), "In stone.")])

    def states(passages, question):
        sure = {"谭维生": 0.9, "lamp": 0.2} if "设计" in question else {"lamp": 0.2}
        return [Stated(max([p for word, p in sure.items() if word in text], default=0.01)) for text in passages]

    quotes, steps = gathered(index, "How was the lamp of the dam designed?", states, "explain", 2, reader=reader)
    assert "谭维生" in quotes[0].text
    assert {quote.uri for quote in quotes} == {DAM.uri, BOOK.uri}
    assert [step.detail for step in steps if step.action == "search"].count(
        "How was the lamp of the dam designed?"
    ) == 2


def test_where_the_other_language_has_nothing_either_the_first_results_stand(index):
    reader = ScriptedReader([(asks("translate"), "灯塔烧什么油?"), (asks("answer", "fact"), "It burned oil.")])
    quotes, steps = gathered(index, "Which lamp burned whale oil?", holding(lamp=0.05), reader=reader)
    searches = [step.detail for step in steps if step.action == "search"]
    assert searches[0] == searches[-1] and quotes and all(quote.uri == BOOK.uri for quote in quotes)


def test_what_is_relevant_is_not_searched_again_and_without_a_judge_nothing_is(index):
    for states in (holding(lamp=0.6), None):
        _, steps = gathered(index, "Which lamp burned whale oil?", states)
        assert sum(step.action == "search" for step in steps) == 1


def test_actions_are_those_of_a_reader_with_a_browser(index):
    browser = Browser("Which lamp burned whale oil?")
    actions = GuidedPolicy(ScriptedReader(), 1, 500, holding(lamp=0.6)).actions(browser, browser.question, "fact")
    first = next(actions)
    assert first == Search(browser.question)
    browser.show(first.query, tuple(index.search(first.query, 5)))
    opening = next(actions)
    assert isinstance(opening, Open) and browser.target(opening)[0] == BOOK.uri
    browser.read(index.open(BOOK.uri))
    kept = next(actions)
    assert isinstance(kept, Keep) and kept.text in BOOK.text
    assert list(actions) == []


def ranked(*texts: str, uris: str = "") -> list[Ranked]:
    hits = [
        Hit(Chunk(uris[at] if uris else "a", "h", 100 - at, 100 - at + len(text), text), "", 1.0)
        for at, text in enumerate(texts)
    ]
    return rank("q", hits, None)


def test_a_passage_too_long_for_the_room_left_makes_way_for_a_shorter_one():
    kept = chosen(ranked("a short one", "a long one " * 40, "the last"), 3, 20, False)
    assert [one.hit.chunk.text for one in kept] == ["a short one", "the last"]


def test_other_pages_follow_the_best_pages_passages_where_there_is_room():
    kept = chosen(ranked("one", "two", "three", uris="aba"), 3, 100, True)
    assert [one.hit.chunk.text for one in kept] == ["three", "one", "two"]


def test_nothing_found_is_nothing_kept():
    assert chosen([], 3, 100, True) == []
