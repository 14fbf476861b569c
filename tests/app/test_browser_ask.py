"""Conversations and comparing in a real browser, with the shipped fakes for models: follow-up, citation, versions, a
reload, a second browser, compare and vote, a telephone in Chinese. The real models answer in test_browser.py.

    pytest tests/app/test_browser_ask.py -m browser
"""

import json

import pytest

from rag import wiring
from rag.config import CheckingConfig, load
from rag.sources.ingest import ingest
from tests.answering.made import asks
from tests.app.browsing import (
    SHOTS,
    WRITING,
    ask,
    barriers,
    choose,
    fits,
    go,
    open_page,
    ready,
    served,
    settled,
    shut,
    wait_for_mark,
    wait_in_view,
    written,
)
from tests.app.conftest import PAGES

pytestmark = pytest.mark.browser

LIT = "When was the lighthouse of Brackwater lit?"
VIEWS = {  # what stands on each view that can be visited by its address
    "check": "text=Check a text",
    "sources": "text=Filter by title or address",
    "table": "text=The same questions to many sources",
    "notebook": "text=Notes of what was answered",
    "quality": ".card",
    "compare": "text=One question, several answers",
    "settings": "text=The reader is the language model that writes",
}
LAST_QUESTION_IN_VIEW = """() => {
    const box = [...document.querySelectorAll(".question")].at(-1).getBoundingClientRect();
    return box.top >= 0 && box.bottom <= innerHeight;
}"""
ATTACK = "<img src=x onerror=alert(1)> lighthouse?"
NOWHERE = "Which whale was the largest of all?"
REPLIES = [
    [asks("translate"), "哪头鲸最大？"],
    ["largest|鲸", ""],
    ["lighthouse", "The lighthouse was first lit in 1861.[1]"],
    ["茶", "首届雁枕春茶节于1987年举办。[1]"],
]
CHOICES = [[asks("verify", claim="1904"), 0.05]]  # the lamp's year is not the lighthouse's


@pytest.fixture(scope="module")
def books(tmp_path_factory):
    """The page over two short texts, with a scripted reader."""
    folder = tmp_path_factory.mktemp("books")
    (folder / "script.json").write_text(json.dumps({"replies": REPLIES, "choices": CHOICES}), "utf-8")
    settings = (
        f'index = "books"\n[embedder]\nkind = "hash"\n[reader]\nkind = "scripted"\nmodel = "{folder / "script.json"}"\n'
        '[checking]\njudge = "reader"\nauditor = ""\n'
    )
    (folder / "vouch.toml").write_text(f'indexes = "{folder / "built"}"\n{settings}', "utf-8")
    config = load(folder / "vouch.toml")
    for name, text in PAGES.items():
        (folder / name).write_text(text, "utf-8")
    with wiring.index(config, "books", wiring.embedder(config), create=True) as index:
        names = [str(folder / name) for name in PAGES]
        list(ingest(names, index.put, index.embedder.token_ends, 200, index.embedder.max_tokens, config.fetch))
    with served(folder, settings) as made:
        yield made


def test_a_conversation_from_question_to_reload(browser, books):
    page, wrong = open_page(browser, books.url, 1280, 900, locale="en-GB")
    ready(page)
    ask(page, LIT, 1)
    page.get_by_test_id("stBottom").get_by_test_id("stPopover").get_by_role("button").click()
    settings = page.get_by_test_id("stPopoverBody")
    # What it was asked with, though it was closed when it was asked.
    settings.get_by_test_id("stSliderThumbValue").get_by_text(f"{CheckingConfig().risk:.0%}").wait_for()
    assert settings.get_by_role("radio", checked=True).inner_text() == "Quick"
    page.keyboard.press("Escape")
    settings.wait_for(state="detached")
    page.locator("ol.answer button[data-cite]").first.click()
    wait_for_mark(page)
    shut(page)
    ask(page, "Who designed it?", 2)
    page.wait_for_function(LAST_QUESTION_IN_VIEW)
    page.get_by_text("Understood as:").wait_for()
    page.get_by_role("button", name="Regenerate").click()
    page.get_by_test_id("stButtonGroup").get_by_text("2", exact=True).wait_for()
    page.screenshot(path=SHOTS / "conversation-1280.png")
    page.reload()
    written(page, ".figures", 2)
    page.get_by_text("Understood as:").wait_for()
    other, also_wrong = open_page(browser, books.url, 1280, 900, locale="en-GB")
    other.goto(page.url)
    other.get_by_text("Ask your sources").wait_for()
    assert other.get_by_text("Who designed it?").count() == 0
    assert wrong == [] and also_wrong == []


def test_comparing_and_voting(browser, books):
    page, wrong = open_page(browser, books.url, 1280, 900, locale="en-GB")
    ready(page)
    go(page, "Compare")
    page.get_by_label("Question", exact=True).fill(ATTACK)
    page.get_by_test_id("stFormSubmitButton").get_by_role("button", name="Compare").click()
    page.get_by_text("A is better").wait_for()
    settled(page)
    assert page.locator(".figures").count() == 0
    assert page.locator(".vouch img").count() == 0
    page.screenshot(path=SHOTS / "compare-1280.png")
    page.get_by_text("A is better").click()
    page.get_by_text("You chose A.").wait_for()
    settled(page)
    assert page.get_by_text("was preferred to").count() == 1
    page.screenshot(path=SHOTS / "compared-1280.png")
    assert wrong == []


def test_what_is_open_closes_with_its_page(browser, books):
    page, wrong = open_page(browser, books.url, 1280, 900, locale="en-GB")
    ready(page)
    go(page, "Sources")
    choose(page, "Try a search")
    page.get_by_label("Search the index").fill("lighthouse")
    page.keyboard.press("Enter")
    page.locator("ol.hits button").first.click()
    wait_for_mark(page)

    # The browser's Back passes by the dialog, which must not lie over the page come to.
    page.go_back()
    ask(page, LIT, 1)
    assert page.get_by_role("dialog").count() == 0

    # Nor where somebody is quicker than the closing, of which the page's server was not told yet.
    page.locator("ol.answer button[data-cite]").first.click()
    wait_for_mark(page)
    page.keyboard.press("Escape")
    page.evaluate("[...document.querySelectorAll('[data-testid=stSidebarNavLink]')].at(-1).click()")
    go(page, "Compare")  # a click so early may come to nothing; this one waits until nothing lies over it
    page.get_by_label("Question", exact=True).wait_for()
    go(page, "Ask")
    ask(page, "Who designed it?", 2)
    assert page.get_by_role("dialog").count() == 0

    # A conversation that is opened or begun from another page is come to.
    go(page, "Quality")
    page.wait_for_selector(".card")
    page.locator("[class*='st-key-open-'] button").first.click()
    written(page, ".figures", 2)
    go(page, "Sources")
    page.get_by_label("Filter by title or address").wait_for()
    page.get_by_role("button", name="New conversation").click()
    page.get_by_text("Ask your sources").wait_for()
    page.wait_for_selector(".figures", state="detached")
    assert wrong == []


def test_the_address_of_a_page_opens_it(browser, books):
    page, wrong = open_page(browser, books.url, 1280, 900, locale="en-GB")
    ready(page)
    ask(page, LIT, 1)
    for view, there in VIEWS.items():
        page.goto(f"{books.url}/{view}")
        page.locator(there).first.wait_for()
        page.reload()
        page.locator(there).first.wait_for()
        settled(page)
    page.goto(books.url)
    ready(page)
    views = list(VIEWS.items())
    for view, there in reversed(views):
        page.go_back()
        page.locator(there).first.wait_for()
        assert page.url.endswith(f"/{view}")
    for view, there in views[1:]:
        page.go_forward()
        page.locator(there).first.wait_for()
        assert page.url.endswith(f"/{view}")

    # The same by clicks, in one visit.
    page.goto(books.url)
    ready(page)
    for name in ("Check", "Sources", "Notebook"):
        go(page, name)
        page.locator(VIEWS[name.lower()]).first.wait_for()
        settled(page)
    for view in ("sources", "check"):
        page.go_back()
        page.locator(VIEWS[view]).first.wait_for()
        settled(page)
    page.go_forward()
    page.locator(VIEWS["sources"]).first.wait_for()
    assert wrong == []
    page.context.close()


def test_a_telephone_in_chinese_and_in_the_dark(browser, books):
    page, wrong = open_page(browser, books.url, 390, 844, locale="zh-CN", color_scheme="dark")
    ready(page)
    ask(page, "首届雁枕春茶节于哪一年举办？", 1)
    page.get_by_text("重新回答").wait_for()
    assert fits(page)
    page.screenshot(path=SHOTS / "conversation-390.png")
    page.locator("ol.answer button[data-cite]").first.click()
    wait_for_mark(page)
    page.screenshot(path=SHOTS / "sheet-390.png")
    shut(page)
    page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_role("button", name="新对话").click()
    wait_in_view(page, ".title")  # the sidebar is not over it
    page.get_by_test_id("stExpandSidebarButton").click()
    page.locator("[class*='st-key-open-'] button").first.click()
    wait_in_view(page, ".figures")
    assert fits(page) and wrong == []


def test_a_quote_is_previewed_the_document_searched_and_asked_about(browser, books):
    page, wrong = open_page(browser, books.url, 1280, 900, locale="en-GB", color_scheme="dark")
    ready(page)
    ask(page, LIT, 1)
    number = page.locator("ol.answer button[data-cite='0:1']").first
    number.hover()
    number.locator(".preview").wait_for(state="visible")
    assert fits(page)
    page.screenshot(path=SHOTS / "preview-1280.png")
    number.click()
    wait_for_mark(page)
    panel = page.get_by_role("dialog")
    panel.get_by_role("textbox").fill("whale")
    panel.get_by_role("textbox").press("Enter")
    panel.get_by_text("Matches: 1").wait_for()
    assert panel.locator("mark#quote").inner_text() == "whale"
    page.screenshot(path=SHOTS / "find-1280.png")
    panel.get_by_role("button", name="Ask about this document").click()
    panel.wait_for(state="detached")
    page.get_by_test_id("stBottom").get_by_text("only ").wait_for()
    assert wrong == []
    page.context.close()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_a_table_is_filled_from_many_sources(browser, books, width, scheme):
    page, wrong = open_page(browser, books.url, width, 900, locale="en-GB", color_scheme=scheme)
    ready(page)
    if width < 768:
        page.get_by_test_id("stExpandSidebarButton").click()
    go(page, "Table")
    page.get_by_role("textbox", name="Columns, one a line").fill("What was lit?\nWhich year?")
    page.get_by_role("button", name="Fill the table").click()
    page.get_by_role("button", name="Excel").wait_for()
    assert page.locator(".grid tbody tr").count() == 2 and page.locator(".grid td").count() == 4
    assert fits(page)
    page.screenshot(path=SHOTS / f"table-{width}.png")
    page.locator(".grid button[data-cite]").first.click()
    wait_for_mark(page)
    shut(page)
    assert wrong == []
    page.context.close()


def link_of(page) -> str:
    """The link to the last answer, made by its button."""
    page.get_by_role("button", name="Share").last.click()
    page.get_by_role("button", name="Make a link").click()
    link = page.get_by_test_id("stCode")
    link.wait_for()
    address = link.inner_text().strip()
    page.keyboard.press("Escape")
    link.wait_for(state="detached")
    return address


def test_a_shared_link_opens_one_answer_read_only_for_anybody(browser, books):
    page, wrong = open_page(browser, books.url, 1280, 900, locale="en-GB")
    ready(page)
    ask(page, LIT, 1)
    address = link_of(page)
    other, also_wrong = open_page(browser, books.url, 390, 844, locale="zh-CN", color_scheme="dark")
    ready(other)
    other.goto(address)
    written(other, ".figures")
    other.get_by_text("只读").wait_for()
    assert other.locator("textarea, .stFeedback, [data-testid=stSidebarNav], [data-testid=stChatInput]").count() == 0
    other.locator("ol.answer button[data-cite]").first.click()
    wait_for_mark(other)
    assert other.get_by_role("dialog").get_by_role("button", name="存入笔记").count() == 0
    shut(other)
    other.reload()
    written(other, ".figures")

    # The conversation goes, and the link with it.
    page.locator("[class*='st-key-do-'] button").first.click()
    page.get_by_text("Delete", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.get_by_text("Ask your sources").wait_for()
    other.reload()
    other.get_by_text("这个链接没有对应的回答").wait_for()
    assert barriers(other) == [] and wrong == [] and also_wrong == []
    page.context.close()
    other.context.close()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")])
def test_no_view_has_a_serious_barrier(browser, books, width, scheme):
    """With entries, results and answers in it, as who uses it meets it; and nothing is wider than the screen."""
    page, wrong = open_page(browser, books.url, width, 900, locale="en-GB", color_scheme=scheme)

    def look(name: str) -> None:
        settled(page)
        page.screenshot(path=SHOTS / f"{name}-{width}-{scheme}.png")
        assert barriers(page) == [], name
        assert fits(page), name

    def turn_to(name: str, there: str) -> None:
        if width < 768:
            page.get_by_test_id("stExpandSidebarButton").click()
        go(page, name)
        page.locator(there).first.wait_for()

    ready(page)
    look("begin")
    ask(page, LIT, 1)
    look("answered")
    address = link_of(page)
    page.get_by_role("button", name="Save to note").click()
    page.get_by_test_id("stToast").wait_for()
    look("saved")
    page.locator("ol.answer button[data-cite]").first.click()
    wait_for_mark(page)
    look("document")
    shut(page)
    ask(page, NOWHERE, 2)
    page.get_by_text("Not found in your sources.").wait_for()
    look("declined")
    turn_to("Notebook", ".answer")
    look("notebook")
    turn_to("Table", "text=The same questions to many sources")
    page.get_by_role("textbox", name="Columns, one a line").fill("What was lit?")
    page.get_by_role("button", name="Fill the table").click()
    page.get_by_role("button", name="Excel").wait_for(timeout=WRITING * 1000)
    look("table-made")
    turn_to("Check", "text=Check a text")
    page.get_by_label("Paste a text, in English or Chinese").fill("The lighthouse of Brackwater was first lit in 1904.")
    page.get_by_role("button", name="Check", exact=True).click()
    page.get_by_text("Report (Markdown)").wait_for(timeout=WRITING * 1000)
    look("checked")
    for name, there in (("Sources", ".source"), ("Quality", ".card"), ("Compare", VIEWS["compare"])):
        turn_to(name, there)
        look(name.lower())
    turn_to("Settings", VIEWS["settings"])
    look("settings")
    page.goto(address)
    written(page, ".figures")
    page.get_by_text("read-only").wait_for()
    look("shared")
    assert wrong == []
    page.context.close()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_a_check_and_a_table_are_there_after_a_reload_and_back(browser, books, width, scheme):
    page, wrong = open_page(browser, books.url, width, 900, locale="en-GB", color_scheme=scheme)
    page.goto(f"{books.url}/check")
    page.get_by_label("Paste a text").fill("The lighthouse of Brackwater was first lit in 1904.")
    page.get_by_role("button", name="Check", exact=True).click()
    page.locator(".figures").wait_for()
    page.wait_for_url("**/check?check=*")
    first = page.url
    page.reload()
    page.locator(".figures").wait_for()
    settled(page)
    assert page.url == first and barriers(page) == [] and fits(page)
    page.get_by_text("Earlier checks").click()
    page.screenshot(path=SHOTS / f"check-kept-{width}-{scheme}.png", full_page=True)
    page.goto(f"{books.url}/table")
    page.get_by_role("textbox", name="Columns, one a line").fill("When was it lit?")
    page.get_by_role("button", name="Fill the table").click()
    page.get_by_role("button", name="CSV").wait_for()
    page.wait_for_url("**/table?table=*")
    page.reload()
    page.get_by_role("button", name="CSV").wait_for()
    settled(page)
    page.screenshot(path=SHOTS / f"table-kept-{width}-{scheme}.png", full_page=True)
    page.goto(first)
    page.locator(".figures").wait_for()
    page.go_back()
    page.locator(".grid").wait_for()
    assert wrong == []
