"""Every fault a visitor can meet is said in the interface's language, with its remedy; the original stands beneath."""

import pytest
from streamlit.testing.v1 import AppTest

from app import faults, render, render_ask
from rag.config import REPOSITORY
from rag.types import Step
from tests.app.conftest import SOON, shown
from tests.app.test_page import ask


def test_a_setback_is_told_in_the_language_of_the_page_and_escaped():
    step = Step("setback", "“<b>” does not stand in Salt.", 0.1, setback=True)
    for shown_as in (render.steps, lambda language, taken: render_ask.trail(language, taken, 0)):
        assert "页面 Salt 里没有这段原话：“&lt;b&gt;”" in shown_as("zh", [step])
        assert "页面" not in shown_as("en", [step]) and "does not stand in Salt" in shown_as("en", [step])


def test_english_is_said_as_it_is_and_what_the_catalogue_does_not_know_stands_beneath_in_chinese():
    fault = "https://a.example/<b> answers 404 Not Found. Check the address: the page is not there."
    assert faults.explained("en", fault) == (fault, "")
    said, original = faults.explained("zh", fault)
    assert said == "https://a.example/<b> 返回 404 Not Found。这个网址上没有这一页。请检查网址。" and original == ""
    assert "&lt;b&gt;" in faults.notice("zh", fault) and "<b>" not in faults.notice("zh", fault)
    assert faults.explained("zh", "Nobody foresaw this.") == ("出错了，原因如下：", "Nobody foresaw this.")
    assert "刷新页面" in faults.explained("zh", "")[0]


def in_chinese(site, page: str = "app/main.py") -> AppTest:
    test = AppTest.from_file(str(REPOSITORY / page), default_timeout=SOON)
    test.session_state["language"] = "zh"
    return test.run()


def test_a_reader_that_fails_is_told_in_chinese_in_the_conversation(make_site):
    site = make_site([["never", "never"]], [])
    html = shown(ask(in_chinese(site), "When was the lighthouse lit?"))
    assert "脚本里没有对应的回复" in html and "The script has no reply" not in html


@pytest.mark.parametrize(
    ("settings", "told"),
    [("fetch = 3", "类型不对"), ('moon = "full"', "有不认识的项"), ("index = ", "格式不对")],
)
def test_a_wrong_configuration_is_told_in_chinese(site, settings, told):
    file = site.folder / "vouch.toml"
    file.write_text(f"{settings}\n{file.read_text('utf-8')}", "utf-8")
    test = in_chinese(site)
    assert told in shown(test) and "vouch.toml" in shown(test) and not test.exception


def test_a_source_that_cannot_be_read_is_told_in_chinese(site, tmp_path):
    from rag import wiring
    from rag.answering.adding import add

    locked = tmp_path / "broken.pdf"
    locked.write_bytes(b"%PDF-1.4 and nothing else")
    with wiring.index(site.config, "books", wiring.embedder(site.config)) as index:
        list(add([str(locked)], index, site.config))
    test = AppTest.from_function(sources_page, default_timeout=SOON)
    test.session_state["language"] = "zh"
    html = shown(test.run())
    assert "请换一份完好的副本。" in html and "Get a fresh copy." not in html


def sources_page() -> None:
    from app import sources
    from rag.config import load

    sources.page(load())
