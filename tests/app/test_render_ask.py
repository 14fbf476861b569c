"""Links into live pages, the trail: what comes from outside stays text and addresses stay whole."""

import re
from urllib.parse import unquote

import pytest

from app import render_ask
from app.words import LANGUAGES, say
from rag.types import Chunk, Hit, Quote, Step
from tests.app.test_render import ATTACKS, OWN_ATTRIBUTES, OWN_TAGS, Reading, quote

WEB = "https://example.org/page?a=1"


def directive(address: str) -> list[str]:
    return [unquote(end) for end in address.partition("text=")[2].split(",")]


def test_a_short_quote_is_named_whole():
    address = render_ask.live(WEB, "Lit in 1861, by A. Kemble — half-way & back.")
    assert address.startswith(f"{WEB}#:~:text=")
    assert directive(address) == ["Lit in 1861, by A. Kemble — half-way & back."]
    assert not set(address.partition("text=")[2]) & set("-,& ")


def test_a_long_quote_is_named_by_both_ends_cut_between_words():
    text = "The lighthouse of Brackwater was first lit " + "in a year that nobody remembers " * 5 + "by the keeper Ada."
    start, end = directive(render_ask.live(WEB, text))
    assert text.startswith(f"{start} ") and text.endswith(f" {end}")


def test_a_quote_over_two_paragraphs_is_named_by_both_ends():
    assert directive(render_ask.live(WEB, "The heading\nIts first sentence.")) == ["The heading", "Its first sentence."]


def test_a_long_chinese_quote_is_cut_at_its_clauses():
    text = "雁枕茶园一共种了四百亩茶树，" + "其余的山地都留作了林地和水源，" * 8 + "茶农在清明前后采茶。"
    start, end = directive(render_ask.live(WEB, text))
    assert start == "雁枕茶园一共种了四百亩茶树"
    assert text.endswith(end) and len(end) > 6


def test_an_address_with_a_fragment_keeps_it():
    assert render_ask.live("https://example.org/#part", "x") == "https://example.org/#part:~:text=x"


@pytest.mark.parametrize("uri", ["/home/me/notes.txt", "javascript:alert(1)", "data:text/html,x", "memory:1"])
def test_what_is_no_web_address_gets_no_link(uri):
    assert render_ask.live(uri, "text") == "" and render_ask.at_the_quote("en", uri, "text") == ""


def hits(attack: str) -> tuple[Hit, ...]:
    return (Hit(Chunk(attack, "0", 0, 1, attack), attack, 0.5, 1, None),)


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_from_outside_becomes_a_tag_or_an_attribute(attack):
    steps = [Step("search", attack, 0.1, hits=hits(attack)), Step("keep", attack, 0.1, quote=quote(attack))]
    for source in (
        render_ask.at_the_quote("en", f"https://example.org/{attack}", attack),
        render_ask.understood("en", attack),
        render_ask.trail("en", steps, 1),
        *(render_ask.moment("en", steps, at) for at in range(2)),
    ):
        read = Reading(source)
        assert set(read.tags) <= OWN_TAGS
        assert {name for name, _ in read.attributes} <= OWN_ATTRIBUTES | {"aria-current"}


STEPS = [
    Step("search", "the lamp", 0.1, hits=(Hit(Chunk("/a", "0", 0, 4, "Text"), "A title", 0.5, 3, None),)),
    Step("open", "A title", 0.2),
    Step("keep", "Kept words.", 0.1, quote=Quote(1, "Kept words.", "/a", "A title", "0", 0, 11)),
    Step("open", "no such result", 0.1, setback=True),
    Step("finish", "", 0.1),
]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_moment_tells_what_was_done_and_what_was_kept_by_then(language):
    shown = [Reading(render_ask.moment(language, STEPS, at)).text for at in range(len(STEPS))]
    assert "A title" in shown[0] and say(language, "ranks", dense=3, text="–") in shown[0]
    assert "Kept words." not in shown[1]
    assert all("Kept words." in later for later in shown[2:])
    assert say(language, "step setback") in shown[3] and say(language, "enough") in shown[4]


def test_a_search_that_found_nothing_says_so():
    assert say("en", "no hits") in render_ask.moment("en", [Step("search", "q", 0.1)], 0)


def test_the_trail_marks_where_it_stands():
    source = render_ask.trail("en", STEPS, 2)
    assert re.findall('<li class="([a-z]+)"', source) == ["past", "past", "now", "ahead", "ahead"]
    assert source.count('aria-current="step"') == 1
