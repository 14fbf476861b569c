import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.browsing.browser import Browser
from rag.errors import NoSuchHit, NothingOpen, Setback
from rag.types import Abstain, Chunk, Finish, Hit, Page

PAGES = [
    Page("memory:a", "甲市的大桥于1931年通车。\n它取代了渡船。" * 40, title="桥"),
    Page("memory:b", "The ferry sank in 1907.\nNobody was hurt." * 90, title="Ferry"),
]
HITS = tuple(Hit(Chunk(p.uri, p.sha256, 0, 20, p.text[:20]), p.title, 1.0, 1, 1) for p in PAGES)

actions = st.one_of(
    st.tuples(st.just("show"), st.text(max_size=8)),
    st.tuples(st.just("read"), st.integers(-1, 4)),
    st.tuples(st.just("find"), st.sampled_from(["1931年", "sank", "nothing like it", ""])),
    st.tuples(st.just("scroll"), st.integers(-3, 3)),
    st.tuples(st.just("back"), st.none()),
    st.tuples(st.just("keep"), st.sampled_from(["它取代了渡船。", "NOBODY was hurt.", "1931年━渡船", "absent", " "])),
)


def act(browser: Browser, name: str, value: object) -> None:
    try:
        match name:
            case "show":
                browser.show(str(value), HITS)
            case "read":
                browser.read(PAGES[[p.uri for p in PAGES].index(browser.hit(value).chunk.uri)])
            case "back":
                browser.back()
            case _:
                getattr(browser, name)(value)
    except Setback as setback:
        browser.note(setback)


@settings(max_examples=100)
@given(st.lists(actions, max_size=30))
def test_whatever_is_done_every_action_is_one_step_and_every_quote_is_verbatim(script: list):
    browser = Browser("why?")
    for count, (name, value) in enumerate(script, start=1):
        act(browser, name, value)
        assert len(browser.steps) == count
    for number, kept in enumerate(browser.quotes, start=1):
        assert kept.id == number
        assert browser.pages[kept.page_sha256].text[kept.start : kept.end] == kept.text
    assert len({(q.page_sha256, q.start, q.end) for q in browser.quotes}) == len(browser.quotes)
    if browser.page:
        assert 0 <= browser.position <= len(browser.page.text)


def test_a_rank_that_is_not_there_and_a_page_that_is_not_open_are_setbacks():
    browser = Browser("why?")
    with pytest.raises(NoSuchHit):
        browser.hit(1)
    for call in (lambda: browser.keep("x"), lambda: browser.find("x"), lambda: browser.scroll(1), browser.back):
        with pytest.raises(NothingOpen):
            call()


@pytest.mark.parametrize("end", [Finish(0.8), Abstain("nothing there")])
def test_an_end_closes_the_browser(end: Finish | Abstain):
    browser = Browser("why?")
    browser.close(end)
    assert not browser.is_open and browser.ended is end
