"""The HTML strings: what comes from outside stays text, and the mark lies on the quote and on nothing else."""

import html
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import faults, render, render_check, render_source
from app.words import LANGUAGES, say
from rag.browsing.commands import CONTROVERSIAL, NONSENSE
from rag.facts import Change, Check, Checked, Claim
from rag.index.attempts import Attempt
from rag.index.builds import BuildInfo
from rag.messages import english
from rag.types import (
    Answer,
    Answered,
    Chunk,
    Conflict,
    Hit,
    Judged,
    Page,
    PageInfo,
    Quote,
    Rate,
    Sentence,
    Side,
    Step,
    Verdict,
    Wrote,
)

ATTACKS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'; alert(1) //",
    "</mark></div><iframe src='https://example.org'>",
    "&lt;b&gt; stays as written",
]


class Reading(HTMLParser):
    """What a browser makes of it: the tags there are, their attributes, and the text."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.text += data


OWN_TAGS = {"del", "ins", "div", "span", "p", "ol", "ul", "li", "button", "b", "mark", "dl", "dt", "dd", "a"}
OWN_ATTRIBUTES = {
    "class", "lang", "title", "type", "data-cite", "aria-label", "aria-hidden", "aria-level", "role", "id", "href",
    "target", "rel",
}  # fmt: skip


def quote(text: str, number: int = 1, title: str = "A page", uri: str = "/pages/a.txt") -> Quote:
    return Quote(number, text, uri, title, "0" * 64, 0, len(text))


def sentence(text: str, label="supported", probability: float | None = 0.9, citations=(1,), judge="reader") -> Sentence:
    return Sentence(text, citations, Verdict(label, probability, judge))


def answer(**changes) -> Answer:
    values = {
        "question": "Who?",
        "language": "en",
        "status": "answered",
        "text": "",
        "reason": "",
        "sentences": (),
        "quotes": (),
        "steps": (),
        "pages": (),
        "metrics": {},
        "timings": {"total": 3.25},
    }
    return Answer(**(values | changes))


def checked(attack: str) -> Check:
    changes = (Change(0, len(attack), attack), Change(len(attack), len(attack), attack))
    return Check(attack, attack, (), changes, (), (), (), {}, {})


def everything(attack: str) -> list[str]:
    """Every builder, with the attack in each place that outside text can reach."""
    info = PageInfo(attack, attack, attack, attack, attack, attack, attack, attack, 1, 1)
    page = Page(attack, attack, attack, body=((1, len(attack)),))
    piece = Chunk(attack, page.sha256, 0, len(attack), attack)
    given = answer(
        question=attack, language=attack, reason=attack, metrics={"faithfulness": Rate(1, 2)},
        steps=(Step("search", attack, 0.1),),
    )  # fmt: skip
    return [
        render.title(attack, attack),
        render.question(attack),
        render.faint(attack),
        render.notice(attack, fault=True),
        render.steps("en", [Step("keep", attack, 0.1), Step("open", attack, 0.2, setback=True)]),
        render.quotes("en", 0, [quote(attack, title=attack, uri=attack)]),
        render.answer(
            "en", 0, [render.Row(attack, (1, 7), Verdict("unsupported", 0.2, attack))], [quote(attack, title=attack)]
        ),
        render.figures("en", given),
        render.abstained(given),
        render.page("en", f"before {attack} after", (7, 7 + len(attack))),
        render.facts("en", Page(attack, attack, attack, read_at=attack), quote(attack)),
        render.heading(attack, attack),
        render_source.row("en", render_source.shelf([info], {attack: Attempt(attack, attack, "failed", attack)})[0]),
        render_source.extract("en", page, [piece], (0, len(attack))),
        render_source.extract("en", page, [piece], (0, len(attack)), 0),
        render_source.extract("en", page, [], (0, len(attack))),
        render_source.made_of("en", page, [piece]),
        render_source.found("en", 1, [Hit(piece, attack, 0.1, 1, None, 0.2)], "dense", 1),
        render_source.build("en", BuildInfo(attack, "older", attack, 1, 1, attack, 1)),
        render_source.build("en", BuildInfo(attack, "older", problem=attack)),
        faults.outcomes("en", [("failed", attack, attack), ("added", attack, "")]),
        render_check.pasted("en", attack, [Claim(attack, 0, len(attack))], []),
        render_check.findings(
            "en", 0, [Claim(attack, 0, 1)], [Checked(Claim(attack, 0, 1), "refuted", 0.2, attack, (1,), (2,))]
        ),
        render_check.revised("en", checked(attack)),
    ]


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_from_outside_becomes_a_tag_or_an_attribute(attack):
    for source in everything(attack):
        read = Reading(source)
        assert set(read.tags) <= OWN_TAGS
        assert {name for name, _ in read.attributes} <= OWN_ATTRIBUTES
        assert "iframe" not in read.tags and "script" not in read.tags


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_was_written_is_what_is_read(attack):
    assert attack in Reading(render.question(attack)).text
    assert attack in Reading(render.notice(attack)).text
    assert attack in Reading(render.answer("en", 0, [render.Row(attack, (), None)], [])).text
    assert attack in Reading(render.quotes("en", 0, [quote(attack, title=attack)])).text


PAGES = [
    ("The keeper lit the lamp. It burned all night. Nobody slept.", "It burned all night."),
    ("灯塔建于1861年。它由花岗岩砌成。看守人只有一位。", "它由花岗岩砌成。"),
    ("🌊 waves & 🐚 shells <here>. 👩‍🚀 said “yes” & left. 终。", "👩‍🚀 said “yes” & left."),
    ("a\n\n  b\tc < d\n", "b\tc < d"),
]


@pytest.mark.parametrize(("text", "wanted"), PAGES)
def test_the_mark_lies_on_the_quote_and_the_page_is_whole(text, wanted):
    start = text.index(wanted)
    source = render.page("en", text, (start, start + len(wanted)))
    marked = re.findall(r'<mark id="quote">(.*?)</mark>', source, re.DOTALL)
    assert [html.unescape(inside) for inside in marked] == [wanted]
    assert Reading(source).text == text


@settings(deadline=None)
@given(text=st.text(min_size=1), data=st.data())
def test_the_mark_is_the_span_for_any_text(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    source = render.page("en", text, (start, end))
    before, _, rest = source.partition('<mark id="quote">')
    inside, _, after = rest.partition("</mark>")
    assert html.unescape(inside) == text[start:end]
    assert html.unescape(before.split(">", 2)[2]) == text[:start]
    assert html.unescape(after.removesuffix("</div></div>")) == text[end:]


def test_other_quotes_of_the_answer_are_marked_and_lead_to_their_own_place():
    text = "One bridge. Two towers. Three years."
    other = Quote(4, "Three years.", "u", "t", "h", 24, 36)
    source = render.page("en", text, (12, 23), 7, [other, Quote(5, "", "u", "t", "h", 20, 30)])
    assert source.index('<mark id="quote">Two towers.</mark>') < source.index('<mark class="other">Three years.</mark>')
    assert source.count("<mark") == 2 and 'data-cite="7:4"' in source  # one that overlaps the quote is left out


def test_what_is_looked_for_is_marked_and_its_first_place_shown():
    text = "A tower. <b>TOWER</b> and towers."
    source = render.page("en", text, (25, 33), wanted=" tower ")
    assert re.findall("<mark ([^>]+)>([^<]*)</mark>", source) == [
        ('id="quote"', "tower"), ('class="found"', "TOWER"), ('class="found"', "tower"),
    ]  # fmt: skip
    assert Reading(source).text == text
    assert render.places(text, ".") and render.places(text, " ") == []


def test_a_page_without_a_quote_has_no_mark():
    assert "<mark" not in render.page("en", "a < b", None)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("label", ["supported", "unsupported", "contradicted", "unjudged"])
def test_a_verdict_is_an_icon_and_a_word(language, label):
    probability = None if label == "unjudged" else 0.25
    row = render.Row("A sentence.", (1,), Verdict(label, probability, "reader"))
    shown = Reading(render.answer(language, 0, [row], [])).text
    assert render.ICONS[label] in shown
    assert say(language, label) in shown


def test_a_sentence_not_yet_judged_claims_nothing():
    shown = Reading(render.answer("en", 0, [render.Row("A sentence.", (1,), None)], [])).text
    assert say("en", "pending") in shown
    assert say("en", "supported") not in shown


def test_marks_of_known_quotes_can_be_clicked_and_others_cannot():
    source = render.answer(
        "en", 3, [render.Row("A sentence.", (2, 9), None)], [quote("It says this."), quote("It says that.", 2)]
    )
    assert re.findall(r'data-cite="([^"]+)"', source) == ["3:2"]
    assert ">9</span>" in source
    shown = Reading(source).text
    assert "It says that." in shown and "A page" in shown and "It says this." not in shown


def conflict(text: str, title: str = "News") -> Conflict:
    """`text` against another sentence; all of it is in dispute."""
    return Conflict(
        Side(1, text, 0, len(text), "memory:1", title, "2024-06-18T08:20", "2026-01-02"),
        Side(2, "It is 92 m high.", 6, 10, "memory:2", "", "", "2026-01-02T03:04"),
    )


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_sources_say_against_one_another_stays_text(attack):
    shown = Reading(render.conflicts("en", 0, [conflict(attack, attack)]))
    assert set(shown.tags) <= OWN_TAGS | {"section"}
    assert {name for name, _ in shown.attributes} <= OWN_ATTRIBUTES
    assert shown.text.count(attack) == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_conflict_has_two_sides_with_value_date_source_and_a_button_each(language):
    source = render.conflicts(language, 3, [conflict("86 m")])
    shown = Reading(source)
    assert re.findall(r'data-cite="([^"]+)"', source) == ["3:1", "3:2"]
    assert re.findall("<mark>(.*?)</mark>", source) == ["86 m", "92 m"]
    assert say(language, "disagree") in shown.text and "≠" in shown.text
    assert "News" in shown.text and "memory:2" in shown.text
    assert say(language, "written on", date="2024-06-18") in shown.text
    assert say(language, "read on", date="2026-01-02") in shown.text
    assert source.count('class="side"') == 2


def test_where_no_sources_disagree_nothing_is_shown():
    assert render.conflicts("en", 0, []) == ""


def test_rows_keep_their_number_while_verdicts_come_in():
    draft = "First.[1] Second.[2] Third and still writ"
    judged = [sentence("First.")]
    rows = render.rows(draft, judged)
    assert [row.text for row in rows] == ["First.", "Second.", "Third and still writ"]
    assert [row.verdict is None for row in rows] == [False, True, True]


def test_a_rate_of_nothing_is_a_dash_and_others_show_their_n():
    shown = Reading(
        render.figures("en", answer(metrics={"faithfulness": Rate(2, 3), "citation_precision": Rate(0, 0)}))
    )
    assert "supported 2/3 (67%)" in shown.text
    assert "citation precision –" in shown.text
    assert "3.2 s" in shown.text


@pytest.mark.parametrize(
    ("language", "wanted"),
    [("zh", "在你的资料中没有找到答案"), ("en", "Not found in your sources"), ("fr", "Not found")],
)
def test_abstention_speaks_the_language_of_the_question_and_says_what_was_searched(language, wanted):
    given = answer(
        language=language, status="abstained", reason="not found in your sources",
        steps=(Step("search", "the first words", 0.1), Step("search", "other words", 0.1)),
    )  # fmt: skip
    shown = Reading(render.abstained(given)).text
    assert wanted in shown
    assert "the first words" in shown and "other words" in shown


def test_a_refused_draft_is_not_called_absent():
    given = answer(status="abstained", reason="what the reader wrote is not in the passages")
    assert say("en", "abstained refused") in Reading(render.abstained(given)).text


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        (NONSENSE, "nonsense"),
        (CONTROVERSIAL, "controversial"),
        (english("refused.unsure", probability="3%", needed="50%", risk="5%"), "unsure"),
    ],
)
def test_what_ended_the_reading_is_told(reason: str, why: str):
    shown = Reading(render.abstained(answer(status="abstained", reason=reason))).text
    assert say("en", f"abstained {why}") in shown


def test_only_web_addresses_become_links():
    def links(uri: str) -> list[str]:
        return re.findall(r'href="([^"]*)"', render.facts("en", Page(uri, "text"), None))

    assert links("https://example.org/a?b=1&c=2") == ["https://example.org/a?b=1&amp;c=2"]
    assert links("javascript:alert(1)") == []
    assert links("/home/somebody/notes.txt") == []
    assert links("data:text/html,<script>alert(1)</script>") == []


def test_quotes_are_there_before_a_word_is_written():
    kept = quote("Verbatim.")
    seen = render.progress([Step("search", "q", 0.1), Step("keep", kept.text, 0.1, quote=kept)])
    assert seen.quotes == (kept,)
    assert seen.draft == ""
    assert seen.answer is None


def test_the_stage_follows_the_events():
    kept, judged = quote("Verbatim."), sentence("Said.")
    events = [
        Step("search", "q", 0.1),
        Step("keep", kept.text, 0.1, quote=kept),
        Step("finish", "", 0.1),
        Wrote("Said.[1]"),
        Judged(0, judged),
        Answered(answer()),
    ]
    stages = [render.progress(events[:count]).stage for count in range(len(events) + 1)]
    assert stages == ["searching", "reading", "weighing", "writing", "writing", "checking", "checking"]
    assert render.progress(events).answer is not None


def test_failed_sources_come_first_with_their_reason():
    source = faults.outcomes("en", [("added", "/a/b.txt", ""), ("failed", "/a/c.pdf", "The file is encrypted.")])
    shown = Reading(source).text
    assert shown.index("c.pdf") < shown.index("b.txt")
    assert "The file is encrypted." in shown


@settings(deadline=None)
@given(st.text(max_size=80))
def test_a_label_has_no_bare_markdown(text):
    shown = render.label(text)
    assert re.sub(r"\\(.)", r"\1", shown) == " ".join(text.split())
    assert not re.search(r"(?<!\\)[*_`\[\]<>#$:~|]", re.sub(r"\\\\", "", shown))


def test_cards_leave_out_the_signs_of_markdown_and_of_nothing_else():
    text = "## Salt\n\n- The **salt road** was `paved` in *1688*.\n> 3 * 4 = 12 and 2 ** 3 = 8"
    noted = Quote(1, text, "/a/notes.md", "", "", 0, len(text))
    assert render.in_a_line(noted, text) == "Salt The salt road was paved in 1688. 3 * 4 = 12 and 2 ** 3 = 8"
    assert "## Salt" in render.quotes("en", 0, [Quote(1, text, "/a/program.py", "", "", 0, len(text))])
    assert "## Salt" not in render.quotes("en", 0, [noted]) and "## Salt" not in render.mark("en", 0, 1, noted)


def test_commands_in_sentences_are_shown_as_such_and_escaped():
    assert "<code>vouch &lt;x&gt;</code>" in render.notice("Run `vouch <x>`.") and "`" not in render.notice("`a`")
