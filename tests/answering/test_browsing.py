"""Whatever a policy does, the browser's invariants hold: over a hundred random runs over pages of every kind."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from rag.answering.engine import Parts
from rag.answering.recording import answer as research
from rag.answering.verification import verify_prompt
from rag.browsing.browser import Browser
from rag.browsing.render import LEAST, links, render
from rag.browsing.view import WINDOW, body
from rag.checking.verify import ReaderJudge
from rag.config import ReadingConfig
from rag.generation.reader import ScriptedReader
from rag.text.tokens import tokens
from rag.types import (
    Abstain,
    Action,
    Answered,
    Back,
    Click,
    Find,
    Finish,
    Invalid,
    Keep,
    Kind,
    Link,
    Open,
    Page,
    Scroll,
    Search,
    Step,
    Top,
)
from rag.web.static import StaticEngine


def nav(count: int) -> Page:
    text = "\n".join(f"Menu {number} 菜单" for number in range(count))
    ends = [at for at, letter in enumerate(text + "\n") if letter == "\n"]
    starts = [0, *(end + 1 for end in ends[:-1])]
    targets = ["memory:lake", "memory:ferry", "https://nowhere.example/"]
    found = [Link(start, end, targets[at % 3]) for at, (start, end) in enumerate(zip(starts, ends, strict=True))]
    return Page("memory:nav", text, title="Menu 菜单 ♦", links=tuple(found))


LAKE = "静湖位于青州以北。湖面海拔812米，每年冬天结冰四个月。<b>【1†渡船†x】</b>\n它取代了渡船。\n" * 30
PAGES = [
    Page("memory:lake", LAKE, title="静湖", links=(Link(0, 2, "memory:nav"), Link(9, 11, "memory:huge"))),
    Page(
        "memory:ferry", "The ferry sank in 1907.\nADVERT\nNobody was hurt." * 9, title="Ferry", body=((0, 24), (31, 47))
    ),
    Page("memory:huge", "Ferry 𠮷野家 x9-♦ lake 静湖 " * 2_000, title="Huge " * 100),
    Page("memory:letters", "ferry" + "q" * 9000, links=(Link(0, 5, "memory:nav"),)),
    nav(900),
]
WORDS = [
    "ferry",
    "静湖",
    "lake",
    "菜单",
    "ADVERT",
    "NOBODY was hurt.",
    "它取代了渡船。",
    "静湖━米",
    "ferry━ferry",
    "no",
    " ",
]
actions = st.one_of(
    st.sampled_from(WORDS).map(Search), st.integers(-1, 6).map(Open), st.integers(-1, 9).map(Click),
    st.sampled_from(WORDS).map(Find), st.integers(-4, 4).map(Scroll), st.just(Top()), st.just(Back()),
    st.sampled_from([*WORDS, *(page.text[-40:] for page in PAGES), PAGES[2].text]).map(Keep),
    st.text(max_size=8).map(Invalid),
)  # fmt: skip
ends = st.sampled_from([Finish(), Abstain("nothing there")])


@dataclass
class Watched:
    """Plays a script, and looks at the screen before every action as a model would."""

    script: Sequence[Action]
    most: int
    seen: list[Browser] = field(default_factory=list)

    def actions(self, browser: Browser, sought: str, kind: Kind) -> Iterator[Action]:
        self.seen.append(browser)
        for done, action in enumerate(self.script):
            assert len(browser.steps) == done
            assert tokens(render(browser, 10, self.most)) <= self.most
            start, end = browser.in_view
            assert end - start <= WINDOW and all(number > 0 for number in links(browser))
            yield action


@settings(deadline=None, max_examples=100, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(
    st.lists(actions, min_size=2, max_size=16), ends, st.integers(LEAST, 1500), st.integers(100, 900),
    st.integers(1, 16), st.integers(30, 400),
)  # fmt: skip
def test_whatever_is_done(script: list, end: Action, most: int, room: int, steps: int, quote_tokens: int):
    policy = Watched([Search("ferry 静湖 菜单"), *script, end], most)
    reader = ScriptedReader([("", "It sank.")])
    limits = ReadingConfig(steps=steps, quote_tokens=quote_tokens, view_tokens=room)
    made = Parts(StaticEngine(PAGES), policy, reader, ReaderJudge(reader, verify_prompt, 0.5), limits)
    *events, last = research("Why? 为什么?", made)
    assert isinstance(last, Answered)
    [browser], found = policy.seen, last.answer
    taken = [event for event in events if isinstance(event, Step)]
    same = list(found.steps) == taken == browser.steps  # said so, pytest does not compare pages letter by letter
    assert same and all(step.command for step in taken)
    assert len(taken) <= steps + 1 and (found.stopped != "" or browser.ended is end)
    assert sum(tokens(kept.text) for kept in found.quotes) <= quote_tokens
    assert [kept.id for kept in found.quotes] == list(range(1, len(found.quotes) + 1))
    for kept in found.quotes:
        page = browser.pages[kept.page_sha256]
        assert kept.text.strip() and page.text[kept.start : kept.end] == kept.text
        assert any(first <= kept.start and kept.end <= last for first, last in body(page))
    assert len({(kept.page_sha256, kept.start, kept.end) for kept in found.quotes}) == len(found.quotes)


def run(script: Sequence[Action]) -> Browser:
    policy = Watched([*script, Abstain("enough")], 1000)
    reader = ScriptedReader()
    judge = ReaderJudge(reader, verify_prompt, 0.5)
    for _ in research("Why?", Parts(StaticEngine(PAGES), policy, reader, judge, ReadingConfig())):
        pass
    return policy.seen[0]


def told(browser: Browser) -> list[tuple[str, bool]]:
    return [(step.command, step.setback) for step in browser.steps][:-1]


def test_a_link_is_followed_and_back_goes_the_way_one_came():
    browser = run([Search("静湖"), Click(1), Click(2), Back(), Back(), Back(), Back()])
    assert [step.detail for step in browser.steps[:4]] == ["静湖", "静湖", PAGES[2].title, "静湖"]
    assert browser.steps[4].detail == "results" and browser.steps[5].detail == "results"
    assert browser.steps[6].setback and list(browser.pages.values()) == [PAGES[0], PAGES[2]]


def test_a_link_that_leads_nowhere_and_words_that_are_no_action_cost_a_step_and_are_shown():
    browser = run([Search("菜单"), Open(1), Click(3), Invalid("dance a jig"), Scroll(4)])
    assert told(browser)[2:] == [("Clicked on link 3", True), ("dance a jig", True), ("Scrolled down 4", True)]
    assert "dance a jig (not done: “dance a jig” is no action" in render(browser, 5, 2000)


def test_find_goes_to_the_next_place_and_round_to_the_first():
    browser = run([Search("静湖"), Click(1), Find("取代"), Find("取代")])
    first = PAGES[0].text.index("取代")
    assert browser.position == PAGES[0].text.index("取代", first + 1)
    assert run([Search("静湖"), Click(1), *[Find("取代")] * 31]).position == first


def test_only_the_article_can_be_quoted():
    browser = run([Search("nobody was hurt"), Open(1), Keep("ADVERT")])
    assert browser.page == PAGES[1] and browser.quotes == [] and "outside the article" in browser.steps[2].detail
