"""The page itself, run without a browser: asking, abstaining, adding, removing, and two visitors at once."""

import re
import threading

from streamlit.testing.v1 import AppTest

from app.runs import Run
from app.session import LANGUAGE, WAY, Asking
from rag import wiring
from rag.sources.ingest import ingest
from rag.types import Step
from tests.answering.made import asks
from tests.app.conftest import PAGES, SOON, settle, shown, state

LIT = "The lighthouse of Brackwater was first lit in 1861."


def ask(test: AppTest, question: str) -> AppTest:
    return settle(test.chat_input[0].set_value(question).run())


def sources_page(config: str) -> None:
    """What main.py does for the Sources page; AppTest cannot follow a link to a page that is a function."""
    from app import sources
    from rag.config import load

    sources.page(load())


def visit_sources() -> AppTest:
    return AppTest.from_function(sources_page, args=("",), default_timeout=SOON).run()


def button(test: AppTest, key: str):
    return next(found for found in test.button if found.key == key)


def test_the_first_page_can_be_used(site):
    test = site.visit()
    assert not test.exception
    assert "books: 2 pages" in shown(test)
    assert not test.chat_input[0].disabled


def test_an_answer_has_its_quotes_verdicts_and_figures(site):
    test = ask(site.visit(), "When was the lighthouse lit?")
    html = shown(test)
    assert not test.exception
    assert LIT in html
    assert html.count('<li class="supported">') == 2
    assert 'data-cite="0:1"' in html
    assert "supported <b>2/2 (100%)</b>" in html
    [turn] = state(test).turns
    assert turn.answer.quotes
    for quote in turn.answer.quotes:
        [page] = [page for page in turn.answer.pages if page.sha256 == quote.page_sha256]
        assert page.text[quote.start : quote.end] == quote.text


def test_a_sentence_that_does_not_hold_says_so(make_site):
    replies = [["lighthouse", f"{LIT}[1] A comet passed over the keeper's garden.[1]"]]
    test = ask(make_site(replies, [["comet", 0.05]]).visit(), "When was the lighthouse lit?")
    html = shown(test)
    assert html.count('<li class="unsupported">') == 1
    assert "✗" in html and "not supported" in html
    assert "supported <b>1/2 (50%)</b>" in html


def test_abstention_is_said_in_the_language_of_the_question(make_site):
    site = make_site([["", "…"]], [["", 0.0]])
    html = shown(ask(site.visit(), "Who built the aqueduct?"))
    assert "Not found in your sources." in html
    assert "Who built the aqueduct?" in html.split("Searched for")[1]
    test = ask(site.visit(), "谁修了水渠？")
    assert "在你的资料中没有找到答案" in shown(test)
    assert "最接近的引文（2 条）" in [expander.label for expander in test.expander]


def test_a_reader_that_fails_is_a_sentence_and_the_next_question_works(make_site):
    site = make_site([["哪一年", "首届雁枕春茶节于1987年举办，当时只有11个摊位。[1]"]], [])
    test = ask(site.visit(), "When was the lighthouse lit?")
    assert 'role="alert"' in shown(test)
    assert "The script has no reply" in shown(test)
    assert not test.exception
    test = ask(test, "首届雁枕春茶节是哪一年举办的？")
    assert state(test).turns[-1].answer.status == "answered"


def test_two_sources_that_disagree_are_two_sides_whose_marks_open_them(make_site):
    site = make_site([["tower", "The tower is 41 m high."]], [[asks("verify", quotes="38 m", claim="41 m"), 0.05]])
    for name, height in (("survey.txt", 41), ("guide.txt", 38)):
        (site.folder / name).write_text(f"The tower of Brackwater is {height} m high.", "utf-8")
    with wiring.index(site.config, "books", wiring.embedder(site.config)) as index:
        sizes = site.config.chunk.tokens, index.embedder.max_tokens
        names = [str(site.folder / name) for name in ("survey.txt", "guide.txt")]
        list(ingest(names, index.put, index.embedder.token_ends, *sizes, site.config.fetch))
    test = ask(site.visit(), "How high is the tower of Brackwater?")
    html = shown(test)
    assert "Your sources disagree" in html and html.count('class="side"') == 2
    assert sorted(re.findall("<mark>(.*?)</mark>", html)) == ["38 m", "41 m"]
    given = state(test).turns[-1].answer
    assert len(given.sentences) == 1 and len(given.conflicts) == 1
    for side in (given.conflicts[0].left, given.conflicts[0].right):
        assert f'data-cite="0:{side.quote}"' in html


def test_what_the_reader_writes_is_shown_as_text(make_site):
    site = make_site([["lighthouse", "<img src=x onerror=alert(1)> **bold** $x$.[1]"]], [])
    html = shown(ask(site.visit(), "When was the <script>lighthouse</script> lit?"))
    assert "‹img src=x onerror=alert(1)&gt; **bold** $x$." in html
    assert "<img" not in html and "<script" not in html


def test_two_visitors_see_their_own_questions_only(site):
    one, two = site.visit(), site.visit()
    one = ask(one, "When was the lighthouse lit?")
    two = ask(two.run(), "首届雁枕春茶节是哪一年举办的？")
    one = one.run()
    assert [turn.question for turn in state(one).turns] == ["When was the lighthouse lit?"]
    assert [turn.question for turn in state(two).turns] == ["首届雁枕春茶节是哪一年举办的？"]
    assert "哪一年" not in shown(one)
    assert "lighthouse lit" not in shown(two)


def test_a_second_question_waits_its_turn_and_is_told_so(site):
    test = site.visit()
    turn = threading.Lock()
    with turn:
        state(test).asking = Asking("Mine?", Run(lambda tell: tell(Step("search", "Mine?", 0.1)), turn), lambda: False)
        test = test.run()
        assert [status.label for status in test.status] == [
            "Another question is being answered. Yours is next; nothing needs to be done."
        ]
        assert test.chat_input[0].disabled


def test_steps_and_quotes_are_there_while_the_answer_is_being_made(site):
    test = site.visit()
    answered = ask(site.visit(), "When was the lighthouse lit?")
    steps = state(answered).turns[0].answer.steps
    go_on = threading.Event()

    def work(tell):
        for step in steps:
            tell(step)
        go_on.wait(SOON)

    state(test).asking = Asking("Mine?", Run(work), lambda: False)
    while len(state(test).asking.run.told) < len(steps):
        go_on.wait(0.01)
    html = shown(test.run())
    go_on.set()
    assert "step" in html and 'class="quotes"' in html and 'data-cite="0:1"' in html
    assert 'class="answer"' not in html


def test_stopping_gives_the_field_back(site):
    test = site.visit()
    go_on = threading.Event()
    state(test).asking = Asking("Mine?", Run(lambda tell: go_on.wait(SOON)), lambda: False)
    test = button(test.run(), "stop").click().run()
    go_on.set()
    assert state(test).asking is None
    assert "Stopped" in shown(test)
    assert not test.chat_input[0].disabled


def test_a_citation_opens_the_page_at_the_quote(site):
    test = ask(site.visit(), "When was the lighthouse lit?")
    state(test).cite("0:1")
    html = shown(test.run())
    quote = state(test).turns[0].answer.quotes[0]
    assert f'<mark id="quote">{quote.text}</mark>' in html
    assert not test.exception


def test_the_interface_speaks_chinese_when_asked_to(site):
    test = site.visit()
    test.session_state[LANGUAGE] = "zh"
    test = test.run()
    assert "向你的资料提问" in shown(test)
    assert test.chat_input[0].placeholder == "请输入问题，中英文均可"


def test_an_unusable_configuration_is_a_sentence(site, monkeypatch):
    (site.folder / "vouch.toml").write_text("inddex = 'books'\n")
    test = site.visit()
    assert not test.exception
    assert "unknown key" in shown(test) and "inddex" in shown(test)


def test_a_new_index_can_be_made_and_a_bad_name_is_refused(site):
    test = site.visit()
    field = next(found for found in test.text_input if found.key == "new-index")
    field.set_value("notes")
    test = next(found for found in test.button if found.label == "Make it").click().run()
    assert not test.exception
    assert test.selectbox[0].value == "notes"
    assert test.chat_input[0].disabled
    assert "This index has no sources yet" in shown(test)


def test_sources_are_listed_added_asked_about_and_removed(site, tmp_path):
    extra = tmp_path / "comet.txt"
    extra.write_text("The comet of 1744 had six tails. It was seen from Brackwater for three weeks in March.")
    broken = tmp_path / "empty.txt"
    broken.write_text("")
    test = visit_sources()
    assert f"{len(PAGES)} of {len(PAGES)} sources" in shown(test)
    test.session_state[WAY] = "addresses"
    test = test.run()
    test.text_area[0].set_value(f"{extra}\n{broken}\n{tmp_path / 'nowhere'}\n")
    test = settle(next(found for found in test.button if found.label == "Add").click().run())
    html = shown(test)
    assert f"{len(PAGES) + 3} of {len(PAGES) + 3} sources" in html
    assert html.count('<li class="failed">') == 2 and html.count('class="source failed"') == 2
    assert "does not exist" in html
    assert not test.exception

    page = ask(site.visit(), "How many tails had the comet, lighthouse aside?")
    assert any(quote.uri == str(extra) for quote in state(page).turns[0].answer.quotes)

    test = button(test, f"remove {extra}").click().run()
    assert state(test).removing == str(extra)
    test = button(test, "remove-yes").click().run()
    assert f"{len(PAGES) + 2} of {len(PAGES) + 2} sources" in shown(test)
    page = ask(page, "How many tails had the comet, lighthouse aside?")
    assert all(quote.uri != str(extra) for quote in state(page).turns[1].answer.quotes)
    assert extra.exists()


def test_nothing_to_add_is_said(site):
    test = visit_sources()
    test = next(found for found in test.button if found.label == "Add").click().run()
    assert "Nothing to add" in shown(test)


def test_a_filter_narrows_the_list(site):
    test = visit_sources()
    test = next(found for found in test.text_input if found.key == "filter").set_value("LIGHTHOUSE").run()
    assert f"1 of {len(PAGES)} sources" in shown(test)
    test = next(found for found in test.text_input if found.key == "filter").set_value("nothing such").run()
    assert "No source matches this." in shown(test)
