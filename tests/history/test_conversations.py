"""Conversations outlive the page, belong to one owner, and give back the very answers that were kept."""

import sqlite3
from dataclasses import replace

import pytest

from rag.errors import IndexFault
from rag.history import conversations as kept
from rag.history.conversations import Conversations, Kept
from rag.types import (
    Answer,
    Chunk,
    Conflict,
    Hit,
    Page,
    Quote,
    Rate,
    Sentence,
    Side,
    Step,
    Verdict,
)  # fmt: skip

TEXT = "灯塔建于1861年。The lamp is lit at dusk."
PAGE = Page("https://example.org/a", TEXT, "灯塔", date="2024-01-02", read_at="2026-11-24T10:00", body=((0, 5), (6, 9)))
QUOTE = Quote(1, TEXT[:10], PAGE.uri, PAGE.title, PAGE.sha256, 0, 10)
SIDE = Side(1, TEXT, 3, 8, PAGE.uri)
ANSWER = Answer(
    question="灯塔哪年建成？",
    language="zh",
    status="answered",
    text="灯塔建于1861年。[1]",
    reason="",
    sentences=(Sentence("灯塔建于1861年。", (1,), Verdict("supported", None, "verbatim"), "先前的话"),),
    quotes=(QUOTE,),
    steps=(
        Step(
            "search", "q", 0.5, hits=(Hit(Chunk(PAGE.uri, PAGE.sha256, 0, 10, TEXT[:10]), "灯塔", 0.5, 1, None, 0.25),)
        ),
        Step("keep", "k", 0.1, quote=QUOTE),
    ),
    pages=(PAGE,),
    metrics={"faithfulness": Rate(1, 1), "sufficient": 0.75, "prompt_tokens": 12, "unjudged": None},
    timings={"total": 1.5},
    index={"name": "books", "build": "b1"},
    conflicts=(Conflict(SIDE, SIDE, 0.5), Conflict(SIDE, SIDE)),
)


@pytest.fixture
def store(tmp_path) -> Conversations:
    return Conversations(tmp_path / "deeper" / "conversations.sqlite")


def texts(sha256: str) -> str | None:
    return TEXT if sha256 == PAGE.sha256 else None


def turn(number: int, question: str, answer: Answer | None = None, version: int = 0, fault: str = "") -> Kept:
    return Kept(f"turn {number}", f"version {version}", question, "", answer, fault)


def answered(number: str, text: str = "灯塔建于1861年。[1]") -> Answer:
    return replace(ANSWER, id=number, text=text)


def test_an_answer_comes_back_as_it_was():
    assert kept.unpack(kept.pack(ANSWER), texts, Answer) == ANSWER


def test_the_text_of_a_page_is_the_ledgers_and_one_that_is_gone_is_left_out():
    packed = kept.pack(replace(ANSWER, conflicts=()))
    assert "at dusk" not in packed
    assert kept.unpack(packed, lambda sha256: None, Answer) == replace(ANSWER, pages=(), conflicts=())


def test_what_came_later_and_what_went_again_do_not_matter():
    older = kept.pack(ANSWER).replace('"conflicts"', '"something that went"')
    assert kept.unpack(older, texts, Answer) == replace(ANSWER, conflicts=())


@pytest.mark.parametrize("packed", ["", "[]", '{"answer": {}, "pages": {}}', '{"answer": 3, "pages": {}}', "{"])
def test_what_is_no_answer_is_said_to_be_none(packed):
    with pytest.raises(kept.Unreadable):
        kept.unpack(packed, texts, Answer)


def test_a_conversation_is_called_by_its_first_question_and_opens_with_its_turns(store):
    settings = {"index": "books", "budget": "quick"}
    made = store.begin("me", "灯塔  哪年\n建成？", settings)
    store.keep("me", made, turn(0, "灯塔哪年建成？"))
    store.keep("me", made, turn(0, "灯塔哪年建成？", ANSWER))
    store.keep("me", made, turn(1, "And then?", fault="The reader did not answer."))
    opened = store.open("me", made, texts)
    assert opened is not None
    assert (opened.title, opened.settings) == ("灯塔 哪年 建成？", settings)
    assert opened.turns == (
        turn(0, "灯塔哪年建成？", ANSWER), turn(1, "And then?", fault="The reader did not answer."),
    )  # fmt: skip


def test_versions_of_a_turn_come_in_order(store):
    made = store.begin("me", "Q?", {})
    for one in (turn(0, "Q?"), turn(1, "R?"), turn(0, "Q?", ANSWER, version=1), turn(0, "Q?", fault="no")):
        store.keep("me", made, one)
    opened = store.open("me", made, texts)
    assert opened is not None
    assert opened.turns == (turn(0, "Q?", fault="no"), turn(0, "Q?", ANSWER, version=1), turn(1, "R?"))


def test_nobody_reaches_what_is_anothers(store):
    made = store.begin("me", "My secret?", {})
    store.keep("me", made, turn(0, "My secret?", ANSWER))
    assert store.of("you") == []
    assert store.of("you", "secret") == []
    assert store.open("you", made, texts) is None
    store.keep("you", made, turn(0, "Yours?"))
    store.rename("you", made, "Yours")
    store.settle("you", made, {"index": "yours"})
    store.delete("you", made)
    opened = store.open("me", made, texts)
    assert opened is not None
    assert (opened.title, opened.settings, opened.turns) == ("My secret?", {}, (turn(0, "My secret?", ANSWER),))


def test_the_last_used_comes_first(store):
    first, second = store.begin("me", "First?", {}), store.begin("me", "Second?", {})
    assert [one.id for one in store.of("me")] == [second, first]
    store.keep("me", first, turn(0, "First?"))
    assert [one.id for one in store.of("me")] == [first, second]


@pytest.mark.parametrize("wanted", ["LAMP", "1861", "建于", "when", "  lamp "])
def test_searching_looks_at_titles_questions_and_answers(store, wanted):
    made = store.begin("me", "The lamp", {})
    store.begin("me", "Something else", {})
    store.keep("me", made, turn(0, "And when was that?", ANSWER))
    assert [one.id for one in store.of("me", wanted)] == [made]


@pytest.mark.parametrize("wanted", ["100%", "a_b", "\\", "'; DROP TABLE turns; --"])
def test_signs_that_mean_something_to_sql_are_only_signs(store, wanted):
    made = store.begin("me", f"Is it {wanted} then?", {})
    store.begin("me", "Is it 100x or axb then?", {})
    assert [one.id for one in store.of("me", wanted)] == [made]


def test_renaming_and_deleting(store):
    made = store.begin("me", "Q?", {})
    store.keep("me", made, turn(0, "Q?", ANSWER))
    store.rename("me", made, "  The lighthouse ")
    assert [one.title for one in store.of("me")] == ["The lighthouse"]
    store.rename("me", made, "   ")
    assert [one.title for one in store.of("me")] == ["The lighthouse"]
    store.delete("me", made)
    assert store.of("me") == [] and store.of("me", "1861") == []
    store.keep("me", made, turn(1, "Late?"))  # an answer that comes after the deleting is not kept
    assert store.open("me", made, texts) is None
    with sqlite3.connect(store.path) as database:
        assert database.execute("SELECT count(*) FROM turns").fetchone() == (0,)


def test_a_long_title_is_cut(store):
    store.begin("me", "word " * 100, {})
    [one] = store.of("me")
    assert len(one.title) == 80 and one.title.endswith("…")


def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path):
    (tmp_path / "c.sqlite").write_text("not a database, and long enough to be looked at as one" * 50)
    with pytest.raises(IndexFault, match="Move the file away"):
        Conversations(tmp_path / "c.sqlite")


# --- links --------------------------------------------------------------------------------------


def test_a_link_opens_one_answer_to_whoever_has_it_until_its_owner_ends_it(store):
    made = store.begin("me", "Q?", {})
    store.keep("me", made, turn(0, "Q?", answered("a1")))
    store.keep("me", made, turn(0, "Q?", answered("a2"), version=1))
    assert store.links("me", made) == {}
    token = store.share("me", made, "a1")
    assert len(token) >= 22 and store.share("me", made, "a1") == token and store.links("me", made) == {"a1": token}
    shared = store.shared(token, texts)
    assert shared is not None and shared.answer == answered("a1") and shared.at
    assert store.shared("a1", texts) is None and store.shared("", texts) is None  # the answer's id is no secret
    store.unshare("me", made, "a1")
    assert store.shared(token, texts) is None
    assert store.share("me", made, "a1") != token


def test_nobody_shares_or_unshares_what_is_anothers(store):
    made = store.begin("me", "Q?", {})
    store.keep("me", made, turn(0, "Q?", answered("a1")))
    assert store.share("you", made, "a1") == "" and store.share("me", "another", "a1") == ""
    token = store.share("me", made, "a1")
    store.unshare("you", made, "a1")
    assert store.links("you", made) == {} and store.shared(token, texts) is not None


def test_a_link_goes_with_its_answer_and_with_its_conversation(store):
    first, second = store.begin("me", "Q?", {}), store.begin("me", "R?", {})
    store.keep("me", first, turn(0, "Q?", answered("a1")))
    store.keep("me", second, turn(0, "R?", answered("a2")))
    tokens = store.share("me", first, "a1"), store.share("me", second, "a2")
    store.forget(["a1"])
    store.delete("me", second)
    assert [store.shared(token, texts) for token in tokens] == [None, None]


def test_a_file_from_before_there_were_links_takes_them(store):
    made = store.begin("me", "Q?", {})
    store.keep("me", made, turn(0, "Q?", answered("a1")))
    with sqlite3.connect(store.path) as database:
        database.execute("DROP TABLE links")
        database.execute("PRAGMA user_version=1")
    assert store.shared(store.share("me", made, "a1"), texts) is not None


# --- forgetting ---------------------------------------------------------------------------------


def test_a_forgotten_answer_leaves_its_conversation_in_order_and_under_another_name(store):
    made = store.begin("me", "Where does Ada Kemble live?", {})
    store.keep("me", made, turn(0, "Where does Ada Kemble live?", answered("a1", "Ada Kemble lives here.")))
    store.keep("me", made, turn(1, "When was it lit?", answered("a2")))
    store.keep("me", made, turn(1, "When was it lit?", answered("a3"), version=1))
    assert store.forget(["a1", "a2", "unknown"]) == 2
    opened = store.open("me", made, texts)
    assert opened is not None and opened.title == "When was it lit?"
    assert opened.turns == (turn(1, "When was it lit?", answered("a3"), version=1),)
    assert b"Kemble" not in store.path.read_bytes()
    assert not store.path.with_name(f"{store.path.name}-wal").exists()
    assert store.forget(["a3"]) == 1 and store.of("me") == []


def test_a_title_of_ones_own_stays_and_so_does_what_others_asked(store):
    mine, yours = store.begin("me", "Q?", {}), store.begin("you", "Q?", {})
    store.rename("me", mine, "Harbour")
    for owner, made, number in (("me", mine, "a1"), ("me", mine, "a2"), ("you", yours, "a3")):
        store.keep(owner, made, turn(int(number == "a2"), "Q?", answered(number)))
    store.forget(["a1"])
    assert [one.title for one in store.of("me")] == ["Harbour"] and [one.title for one in store.of("you")] == ["Q?"]


def test_turns_without_an_answer_are_forgotten_by_their_age(store):
    old, new = store.begin("me", "Old?", {}), store.begin("me", "New?", {})
    for made, question in ((old, "Old?"), (new, "New?")):
        store.keep("me", made, turn(0, question, fault="The reader did not answer."))
    with sqlite3.connect(store.path) as database:
        database.execute("UPDATE turns SET at = '2020-01-01' WHERE conversation = ?", (old,))
    assert store.forget_older(30) == 1
    assert [one.title for one in store.of("me")] == ["New?"]
    assert Conversations(store.path, days=30).begin("me", "Again?", {})
    assert len(store.of("me")) == 2


def test_what_two_tabs_ask_is_kept_though_something_is_forgotten_meanwhile(store):
    made = store.begin("me", "Zero?", {})
    for number, question in enumerate(("Zero?", "一？", "Tab A?")):
        store.keep("me", made, turn(number, question))
    with sqlite3.connect(store.path) as database:
        database.execute("UPDATE turns SET at = '2020-01-01' WHERE question = 'Zero?'")
    assert store.forget_older(30) == 1
    store.open("me", made, texts)
    store.keep("me", made, turn(3, "乙页？", answered("b")))
    store.keep("me", made, turn(2, "Tab A?", answered("a")))
    store.keep("me", made, turn(2, "Tab A?", answered("a again"), version=1))
    opened = store.open("me", made, texts)
    assert opened is not None and opened.turns == (
        turn(1, "一？"),
        turn(2, "Tab A?", answered("a")),
        turn(2, "Tab A?", answered("a again"), version=1),
        turn(3, "乙页？", answered("b")),
    )


def test_any_number_of_answers_can_be_forgotten_at_once(store):
    made = store.begin("me", "Q?", {})
    store.keep("me", made, turn(0, "Q?", answered("5")))
    assert store.forget([str(number) for number in range(300_000)]) == 1 and store.of("me") == []
