"""The real page with the real models in a real browser: ask, follow a citation, add an address and ask about it, check
a text, look at the figures; on a telephone and in Chinese; two visitors at once. Screenshots go to ./shots/.

    pytest tests/app/test_browser.py -m browser
"""

import json

import pytest

from tests.app.browsing import (
    SHOTS,
    STEADY,
    WRITING,
    ask,
    choose,
    fits,
    go,
    open_page,
    ready,
    settled,
    shut,
    wait_for_mark,
    wait_in_view,
    written,
)
from tests.sources.local_site import send

pytestmark = [pytest.mark.browser, pytest.mark.model]

pytest.importorskip("playwright.sync_api")

QUESTION = "西堤合作社的牡蛎上市之前，要在净化池里养多久？"
COMET = (
    "The Brackwater comet of 1744 had six tails. The first to see it was the ropemaker Ines Tolland, on 3 March. "
    "She drew it every evening for three weeks, and the drawings hang in the harbour office to this day.\n"
)
ATTACK = "<img src=x onerror=alert(1)>"
CLAIMS = "The Water Group of Halvery Polytechnic sampled 1,142 private wells in the lower Tiaolan Delta. Is that many?"


def test_from_first_visit_to_a_checked_answer(browser, vouch):
    page, wrong = open_page(browser, vouch.url, 1280, 900, locale="en-GB")
    ready(page)
    page.get_by_text("Try one of these").wait_for()
    assert page.title() == "Vouch"
    page.screenshot(path=SHOTS / "ask-1280.png")

    # The quotes come first, and the field waits. What is read already does not jump while more is written.
    page.get_by_test_id("stChatInputTextArea").fill(QUESTION)
    page.keyboard.press("Enter")
    page.wait_for_selector(".question")
    page.get_by_text("Try one of these").wait_for(state="detached")
    page.evaluate("window.shifted = 0")
    written(page, "button.quote")
    assert page.locator(".figures").count() == 0
    page.screenshot(path=SHOTS / "reading-1280.png")
    written(page, ".figures")
    assert page.evaluate("window.shifted") < STEADY
    assert "48" in page.inner_text("ol.answer")
    verdicts = page.locator("ol.answer .verdict").all_inner_texts()
    assert verdicts and all(any(icon in verdict for icon in "✓✗≠?") for verdict in verdicts)
    page.screenshot(path=SHOTS / "answer-1280.png")

    # A citation leads to its place; Escape leads back.
    page.locator("ol.answer button[data-cite]").first.click()
    wait_for_mark(page)
    page.screenshot(path=SHOTS / "citation-1280.png")
    shut(page)

    # Another visitor sees nothing of it.
    other, wrong_there = open_page(browser, vouch.url, 1280, 900, locale="en-GB")
    other.get_by_text("Try one of these").wait_for()
    assert other.locator("ol.answer, .question").count() == 0

    # The answer is a row of the ledger, drawn and listed, and its quote can still be opened.
    go(page, "Quality")
    page.wait_for_selector(".card")
    page.wait_for_selector("[data-testid=stVegaLiteChart] canvas, [data-testid=stVegaLiteChart] svg")
    settled(page)
    page.get_by_test_id("stMain").get_by_test_id("stExpander").get_by_text(QUESTION).first.click()
    page.locator("ol.answer button[data-cite]").first.click()
    wait_for_mark(page)
    page.screenshot(path=SHOTS / "quality-1280.png")
    shut(page)
    choose(page, "Evaluations")
    page.get_by_text("Headline figures").wait_for()
    page.wait_for_selector("[data-testid=stDataFrame] canvas")
    page.screenshot(path=SHOTS / "evaluations-1280.png")
    assert wrong == [] and wrong_there == []


def test_an_answer_is_stopped_with_what_it_had_found(browser, vouch):
    page, wrong = open_page(browser, vouch.url, 1280, 900, locale="en-GB")
    ready(page)
    page.get_by_test_id("stChatInputTextArea").fill(QUESTION)
    page.keyboard.press("Enter")
    written(page, "button.quote")
    page.locator(".st-key-stop button").click()  # Streamlit may show a button of its own with this name
    page.get_by_text("Stopped before the answer was finished.").wait_for()
    assert page.locator("ol.answer").count() == 0
    page.get_by_text("最接近的引文").click()  # in the language of the question
    wait_in_view(page, "button.quote")
    page.screenshot(path=SHOTS / "stopped-1280.png")
    page.wait_for_selector("[data-testid=stChatInputTextArea]:not([disabled])")
    assert wrong == []


def test_two_samples_are_compared_and_one_is_preferred(browser, vouch):
    page, wrong = open_page(browser, vouch.url, 1280, 900, locale="en-GB")
    ready(page)
    go(page, "Compare")
    for _ in range(3):  # drawn at random, both may abstain: then there is no sentence to mark
        page.get_by_label("Question", exact=True).fill(QUESTION)
        page.get_by_test_id("stSelectbox").filter(has_text="Settings 2").locator("input").click()
        page.get_by_role("option", name="Quick", exact=True).click()
        page.get_by_test_id("stFormSubmitButton").get_by_role("button", name="Compare").click()
        page.get_by_text("B is better").wait_for(timeout=2 * WRITING * 1000)
        settled(page)
        if page.locator("ol.answer").count():
            break
        page.get_by_text("Another comparison").click()
    assert page.locator(".figures").count() == 0 and page.get_by_text("Quick · drawn at random").count() == 0
    page.locator("ol.answer button[data-cite]").first.click()
    wait_for_mark(page)
    shut(page)
    thumbs = page.get_by_test_id("stFeedback").first
    thumbs.get_by_role("radio").first.click()
    thumbs.get_by_role("radio", checked=True).wait_for()
    page.get_by_text("B is better").click()
    page.get_by_text("You chose B.").wait_for()
    settled(page)
    assert page.get_by_text("Quick · drawn at random").count() == 2
    page.screenshot(path=SHOTS / "samples-1280.png")
    with page.expect_download() as started:
        page.get_by_text("Export the pairs (JSONL)").click()
    kept = json.loads(started.value.path().read_text("utf-8"))
    assert kept["choice"] == "right" and kept["left_name"] == kept["right_name"] and kept["marks"]
    assert wrong == []


def test_an_address_is_added_looked_into_asked_about_and_removed(browser, vouch, tmp_path):
    body = f"<article><h1>The comet {{}}</h1><p>{COMET}</p><p>{COMET.replace('six', 'some say seven')}</p></article>"
    title = ATTACK.replace("<", "&lt;")
    menu = "<nav><a href=/>Home</a> <a href=/about>About</a> <a href=/shop>Shop</a></nav>"
    vouch.site.pages["/comet"] = send(
        f"<html><head><title>Comet {title}</title></head><body>{menu}{body.format(title)}</body></html>".encode()
    )
    url = vouch.site.url("/comet")
    page, wrong = open_page(browser, vouch.url, 1280, 900, locale="en-GB")
    ready(page)
    go(page, "Sources")
    page.wait_for_selector(".source")
    choose(page, "Web addresses")
    page.get_by_label("Web addresses, and paths of this machine").fill(f"{url}\n{vouch.site.url('/nothing')}")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_text("1 added · 1 not added").wait_for()
    page.wait_for_selector(".source.failed")
    settled(page)
    assert "404" in page.locator(".source.failed .wrong").inner_text()
    page.screenshot(path=SHOTS / "sources-1280.png")

    # What was extracted, then a file whose name is an attack.
    page.get_by_role("button", name="View").first.click()
    page.wait_for_selector(".extract .chip")
    assert "ropemaker" in page.inner_text(".extract")
    page.screenshot(path=SHOTS / "preview-1280.png")
    shut(page)
    choose(page, "Files")
    file = tmp_path / f"salt {ATTACK}.txt"
    file.write_text("The salt road from Brackwater was paved in 1688. It took the masons nine summers.")
    page.locator("input[type=file]").set_input_files(str(file))
    page.get_by_test_id("stFileChip").wait_for()
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_text("1 added", exact=True).wait_for()
    settled(page)
    assert page.locator(".source img").count() == 0 and "onerror=alert(1)" in page.inner_text(".source >> nth=1")

    # A search finds it by words and by meaning, without the reader.
    choose(page, "Try a search")
    page.get_by_label("Search the index").fill("Who first saw the comet of 1744?")
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelectorAll('ol.hits').length === 3")
    settled(page)
    assert "comet" in page.locator("ol.hits .name").first.inner_text().lower()
    page.screenshot(path=SHOTS / "search-1280.png")
    page.locator("ol.hits button").first.click()
    wait_for_mark(page)
    shut(page)

    go(page, "Ask")
    ask(page, "Who first saw the comet of 1744?", 1)
    assert "Tolland" in str(page.locator(".quotes").first.text_content())
    assert page.locator(".quotes img, .answer img").count() == 0

    go(page, "Sources")
    choose(page, "Sources")
    page.get_by_label("Filter by title or address").fill("comet")
    page.keyboard.press("Enter")
    page.get_by_text("1 of 30 sources").wait_for()
    settled(page)
    page.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    page.get_by_text("0 of 29 sources").wait_for()
    choose(page, "Try a search")
    page.get_by_label("Search the index").fill("comet of 1744 Tolland")
    page.keyboard.press("Enter")
    page.wait_for_selector("ol.hits")
    assert "Tolland" not in "".join(page.locator("ol.hits").all_inner_texts())
    choose(page, "Builds")
    page.get_by_text("in use").wait_for()
    assert wrong == []


def test_a_text_is_checked_claim_by_claim(browser, vouch):
    page, wrong = open_page(browser, vouch.url, 1280, 900, locale="en-GB")
    ready(page)
    go(page, "Check")
    page.get_by_label("Paste a text, in English or Chinese").fill(f"{CLAIMS} {ATTACK}")
    page.get_by_role("button", name="Check", exact=True).click()
    written(page, ".claim")
    page.screenshot(path=SHOTS / "checking-1280.png")
    page.get_by_text("Report (Markdown)").wait_for(timeout=WRITING * 1000)
    settled(page)
    assert page.locator(".pasted").count() == 2 and page.locator(".pasted img").count() == 0
    assert "✓" in page.inner_text("ol.answer")
    page.screenshot(path=SHOTS / "check-1280.png")
    with page.expect_download() as started:
        page.get_by_text("Report (Markdown)").click()
    assert "1,142" in started.value.path().read_text("utf-8")
    assert wrong == []


def test_a_telephone_and_the_chinese_interface(browser, vouch):
    page, wrong = open_page(browser, vouch.url, 390, 844, locale="zh-CN", color_scheme="dark")
    ready(page)
    page.get_by_text("向你的资料提问").wait_for()
    page.screenshot(path=SHOTS / "ask-390.png")
    ask(page, QUESTION, 1)
    assert fits(page)
    page.screenshot(path=SHOTS / "answer-390.png")
    page.locator("ol.answer button[data-cite]").first.click()
    wait_for_mark(page)
    page.screenshot(path=SHOTS / "citation-390.png")
    shut(page)
    for name, wanted in (("核查", "核查一段文字"), ("资料", "按标题或地址筛选"), ("质量", "有引文支持的句子")):
        page.get_by_test_id("stExpandSidebarButton").click()
        go(page, name)
        page.get_by_text(wanted).first.wait_for()
        assert fits(page), name
        page.screenshot(path=SHOTS / f"{name}-390.png")
    wait_in_view(page, ".card")  # the sidebar is not over it
    assert wrong == []
