"""Conversations on the page: kept, opened again, renamed, deleted; asking again, stopping, following up."""

import threading

import pytest
from streamlit.testing.v1 import AppTest

from app import resources
from app.ask import examples
from app.history import PARAMETER
from app.options import places
from app.runs import Run
from app.session import CORRECTED, TITLE, WANTED, Asking, Session
from app.settings import BUDGETS, Settings, applied, readers
from indexes import demo
from rag.config import REPOSITORY, Config
from rag.history.conversations import Kept
from rag.text.language import language as language_of
from tests.app.conftest import SOON, settle, shown, state
from tests.app.test_page import ask, button

LIT = "When was the lighthouse lit?"
TEA = "首届雁枕春茶节是哪一年举办的？"


def labels(test: AppTest) -> list[str]:
    """The titles in the list of conversations."""
    return [found.label.replace("\\", "") for found in test.button if (found.key or "").startswith("open-")]


def more(test: AppTest, what: str) -> AppTest:
    """Choose `what` for the first conversation of the list."""
    return next(found for found in test.menu_button if found.key.startswith("do-")).click(what).run()


def of_browser(site, secret: str, conversation: str = "") -> AppTest:
    """A visitor whose browser has been here before."""
    test = AppTest.from_file(str(REPOSITORY / "app" / "main.py"), default_timeout=SOON)
    test.session_state["vouch"] = Session(secret=secret)
    if conversation:
        test.query_params[PARAMETER] = conversation
    return test.run()


def test_a_conversation_is_listed_and_opens_again_with_answer_quotes_and_pages(site):
    test = ask(of_browser(site, "one"), LIT)
    first = state(test).turns[0].answer
    test = next(found for found in test.button if found.label == "New conversation").click().run()
    assert state(test).turns == [] and labels(test) == [LIT]
    test = ask(test, TEA)
    assert labels(test) == [TEA, LIT]
    test = next(found for found in test.button if found.label.startswith("When was")).click().run()
    assert not test.exception
    [turn] = state(test).turns
    assert turn.answer == first
    state(test).cite("0:1")
    assert '<mark id="quote">' in shown(test.run())


def test_the_address_brings_a_browser_back_to_its_conversation_and_nobody_else(site):
    test = ask(of_browser(site, "one"), LIT)
    named = state(test).conversation
    assert test.query_params[PARAMETER] in (named, [named])
    back = of_browser(site, "one", named)
    assert [turn.question for turn in state(back).turns] == [LIT]
    other = of_browser(site, "two", named)
    assert state(other).turns == [] and labels(other) == []
    assert "Ask your sources" in shown(other)


def test_a_conversation_is_found_renamed_and_deleted(site):
    test = ask(ask(of_browser(site, "one"), LIT), TEA)
    field = next(found for found in test.text_input if found.key == WANTED)
    test = field.set_value("kemble").run()
    assert labels(test) == [LIT]
    test = next(found for found in test.text_input if found.key == WANTED).set_value("nothing such").run()
    assert labels(test) == [] and "No conversation holds this." in shown(test)
    test = next(found for found in test.text_input if found.key == WANTED).set_value("").run()
    test = more(test, "rename")
    next(found for found in test.text_input if found.key == TITLE).set_value("<b>Light</b> & tea")
    test = next(found for found in test.button if found.label == "Rename").click().run()
    assert labels(test) == ["<b>Light</b> & tea"]
    test = more(test, "delete")
    test = button(test, "delete-no").click().run()
    assert labels(test) == ["<b>Light</b> & tea"]
    test = button(more(test, "delete"), "delete-yes").click().run()
    assert labels(test) == [] and state(test).turns == []
    assert not test.exception


def test_asking_again_makes_a_second_version_and_the_first_stays(site):
    test = ask(of_browser(site, "one"), LIT)
    first = state(test).turns[0].answer
    test = settle(button(test, "again-0").click().run())
    [turn] = state(test).turns
    assert [version.answer.id for version in turn.versions] == [first.id, turn.answer.id]
    assert turn.answer.id != first.id
    state(test).looked_at[0] = 0
    assert state(test).turn(0).answer == first
    opened = of_browser(site, "one", state(test).conversation)
    assert [len(turn.versions) for turn in state(opened).turns] == [2]


def test_a_thumb_is_kept_changed_and_taken_back(site):
    test = ask(of_browser(site, "one"), LIT)
    kept, given = resources.feedback(site.config), state(test).turns[0].answer
    test = test.feedback[0].set_value(1).run()
    assert [(one.answer["id"], one.good) for one in kept.opinions()] == [(given.id, True)]
    test = test.feedback[0].set_value(0).run()
    assert [one.good for one in kept.opinions()] == [False]
    opened = of_browser(site, "one", state(test).conversation)
    assert opened.feedback[0].value == 0
    opened.feedback[0].set_value(None).run()
    assert kept.opinions() == []


def test_a_word_on_a_sentence_is_kept_changed_and_taken_back(site):
    test = ask(of_browser(site, "one"), LIT)
    kept, given = resources.feedback(site.config), state(test).turns[0].answer
    first, *_ = pills = [group for group in test.button_group if (group.key or "").startswith("remarked")]
    assert len(pills) == len(given.sentences)
    test = first.set_value("beside the point").run()
    assert [(one.answer["id"], one.sentence, one.word) for one in kept.remarks()] == [(given.id, 0, "beside the point")]
    opened = of_browser(site, "one", state(test).conversation)
    first = next(group for group in opened.button_group if (group.key or "").startswith("remarked"))
    assert first.value == "beside the point"
    opened = first.set_value(None).run()
    assert not opened.exception and kept.remarks() == []


def test_what_a_visitor_puts_right_is_a_source_and_can_be_cited(site):
    test = ask(of_browser(site, "one"), LIT)
    given = state(test).turns[0].answer
    next(area for area in test.text_area if area.key == f"{CORRECTED}-{given.id}").set_value("It was lit in 1862.")
    test = next(found for found in test.button if found.label == "Keep it as a source").click().run()
    assert not test.exception
    [opinion] = resources.feedback(site.config).opinions()
    assert not opinion.good and opinion.correction == "It was lit in 1862."
    index = resources.index(site.config, "books")
    [made] = [page for page in index.pages() if "correction" in page.tags]
    assert LIT in made.title and index.open(made.uri).text.strip().endswith("It was lit in 1862.")
    assert made.uri in [hit.chunk.uri for hit in index.search(LIT, 5)]


def test_the_answer_is_kept_where_nobody_waits_for_it(site):
    test = of_browser(site, "one")
    test = test.chat_input[0].set_value(LIT).run()
    run, named = state(test).asking.run, state(test).conversation
    state(test).leave()
    assert run.wait(SOON)
    opened = of_browser(site, "one", named)
    assert [turn.answer.status for turn in state(opened).turns] == ["answered"]


def test_a_fault_is_kept_with_its_question(make_site):
    site = make_site([["never", "never"]], [])
    test = ask(of_browser(site, "one"), LIT)
    opened = of_browser(site, "one", state(test).conversation)
    assert "The script has no reply" in shown(opened)
    assert not opened.exception


def test_a_question_whose_end_was_never_seen_can_be_asked_again(site):
    kept = resources.conversations(site.config)
    test = ask(of_browser(site, "one"), LIT)
    owner = next(iter(kept_owners(kept)))
    kept.keep(owner, state(test).conversation, Kept("t1", "v1", TEA, "", None, ""))
    test = of_browser(site, "one", state(test).conversation)
    assert "The answer did not come to its end" in shown(test)
    test = settle(button(test, "again-1").click().run())
    assert state(test).turns[-1].answer.status == "answered"


def kept_owners(kept) -> set[str]:
    with kept._open() as database:
        return {owner for (owner,) in database.execute("SELECT owner FROM conversations")}


def test_no_secret_is_written_down(site):
    ask(of_browser(site, "a secret of the browser"), LIT)
    [owner] = kept_owners(resources.conversations(site.config))
    assert "secret" not in owner and owner.startswith("browser:")


def test_stopping_keeps_what_was_found(site):
    answered = ask(of_browser(site, "one"), LIT)
    steps = state(answered).turns[0].answer.steps
    test = ask(of_browser(site, "two"), TEA)
    go_on, told = threading.Event(), threading.Event()

    def work(tell):
        for step in steps:
            tell(step)
        told.set()
        go_on.wait(SOON)
        tell(steps[0])

    run = Run(work)
    assert told.wait(SOON)
    state(test).asking = Asking("Mine?", run, lambda: False)
    test = button(test.run(), "stop").click().run()
    go_on.set()
    assert run.wait(SOON) and len(run.told) == len(steps)  # nothing came after the stop
    turn = state(test).turns[-1]
    assert turn.answer.status == "abstained" and turn.answer.quotes
    assert "Stopped before the answer was finished." in shown(test)
    opened = of_browser(site, "two", state(test).conversation)
    assert "Stopped before the answer was finished." in shown(opened)
    assert state(opened).turns[-1].answer.quotes == turn.answer.quotes


def test_the_next_questions_can_be_asked_of_the_open_document_alone(site):
    test = ask(of_browser(site, "one"), LIT)
    state(test).cite("0:1")
    test = button(test.run(), "ask-about").click().run()
    uri = state(test).turns[0].answer.quotes[0].uri
    assert state(test).settings.uris == (uri,) == tuple(chosen(test).value) and state(test).reading is None
    test = ask(test, TEA)
    assert {quote.uri for quote in state(test).turns[1].answer.quotes} == {uri}
    assert state(of_browser(site, "one", state(test).conversation)).settings.uris == (uri,)
    assert state(chosen(test).set_value([]).run()).settings.only is None


def test_effort_is_chosen_for_a_conversation_and_kept_with_it(site):
    test = of_browser(site, "one")
    test = effort(test).set_value("thorough").run()
    test = ask(test, LIT)
    assert state(test).settings == Settings("books", "", "thorough")
    assert state(test).turns[0].answer.config_sha256 == applied(site.config, Settings(budget="thorough")).fingerprint()
    opened = of_browser(site, "one", state(test).conversation)
    assert state(opened).settings.budget == "thorough" == effort(opened).value
    fresh = of_browser(site, "one")
    assert effort(fresh).value == "quick"


def effort(test: AppTest):
    return next(found for found in test.segmented_control if (found.key or "").startswith("budget"))


def test_only_the_chosen_sources_are_asked_until_others_are(site):
    test = of_browser(site, "one")
    test = chosen(test).set_value(["*lighthouse*"]).run()
    test = ask(test, TEA)
    assert {quote.title for quote in state(test).turns[0].answer.quotes} == {"lighthouse"}
    opened = of_browser(site, "one", state(test).conversation)
    assert state(opened).settings.sources == ("*lighthouse*",) == tuple(chosen(opened).value)
    test = ask(chosen(opened).set_value([]).run(), TEA)
    assert "茶" in {quote.title for quote in state(test).turns[1].answer.quotes}


def test_only_sources_with_a_chosen_tag_are_asked(site):
    index = resources.index(site.config, "books")
    assert not [found for found in of_browser(site, "one").multiselect if (found.key or "").startswith("tagged")]
    index.tag([next(page.uri for page in index.pages() if page.title == "lighthouse")], give=["harbour"])
    test = of_browser(site, "one")
    tagged = next(found for found in test.multiselect if (found.key or "").startswith("tagged"))
    test = ask(tagged.set_value(["harbour"]).run(), TEA)
    assert {quote.title for quote in state(test).turns[0].answer.quotes} == {"lighthouse"}
    assert state(of_browser(site, "one", state(test).conversation)).settings.tags == ("harbour",)


def test_sources_that_are_gone_are_told(site):
    test = ask(chosen(of_browser(site, "one")).set_value(["file:///gone/"]).run(), LIT)
    assert "None of the 2 sources" in state(test).turns[0].fault


def chosen(test: AppTest):
    return next(found for found in test.multiselect if (found.key or "").startswith("only"))


def test_folders_and_sites_of_several_sources_can_be_chosen():
    uris = ["file:///a/1", "file:///a/2", "https://x.org/1", "file:///b/3"]
    assert places(uris) == ["file:///a/"]
    assert places(uris[:2]) == []


def test_less_and_more_effort_are_less_and_more():
    quick, thorough = (applied(Config(), Settings(budget=budget)).reading for budget in BUDGETS)
    assert quick.passages < thorough.passages and quick.passage_tokens < thorough.passage_tokens
    assert applied(Config(), Settings()) == Config()


def test_a_reader_that_is_not_local_stands_alone(site):
    assert readers(site.config) == [""]
    assert readers(Config())[0] == ""


def test_settings_of_another_version_are_read_as_far_as_they_are_known():
    assert Settings.of({"index": "books", "mood": "gone"}) == Settings("books")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_examples_come_in_the_language_of_the_page_first(language):
    offered = examples(demo.EXAMPLES, language)
    assert language_of(offered[0]) == language
    assert {language_of(question) for question in offered} == {"zh", "en"}
