"""The loop, over the shipped fakes."""

import json
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering import engine
from rag.answering.answerability import Gate, Level
from rag.answering.policies import ScriptedPolicy
from rag.config import ReadingConfig
from rag.errors import ReaderFault, UsageFault
from rag.export.json import answer_as_markdown, as_json
from rag.generation.reader import ScriptedReader
from rag.history.ledger import Ledger
from rag.protocols import Prompt
from rag.types import (
    Abstain,
    Answered,
    Back,
    Extracted,
    Find,
    Finish,
    Judged,
    Keep,
    Open,
    Page,
    Planned,
    Rate,
    Scroll,
    Search,
    Step,
    Wrote,
)
from rag.web.static import StaticEngine
from tests.answering.made import BRIDGE, LAKE, answer, asks, holding, parts

QUESTION = "When was the Orrin bridge opened?"
OPENED = "It opened on 4 May 1931."
DRAFT = [(asks("answer", "fact"), OPENED)]
REFUSED = [(asks(*task), 0.01) for task in (("verify",), ("answer", "fits"), ("answer", "states"))]


def level(threshold: float) -> Level:
    return Level(0.08, threshold, 0.5, 0.1)


# --- one question ---------------------------------------------------------------------------


def test_a_fact_is_published_in_the_readers_words_with_its_citation_and_its_verdict():
    found, _ = answer(QUESTION, parts(ScriptedReader(DRAFT)))
    assert (found.status, found.text, found.draft) == ("answered", f"{OPENED}[1]", OPENED)
    [sentence] = found.sentences
    assert sentence.citations == (1,) and sentence.verdict.label == "supported"
    assert found.metrics["faithfulness"] == Rate(1, 1)
    assert found.plan.kind == "fact" and found.plan.parts == (QUESTION,)
    pages = {page.sha256: page for page in found.pages}
    assert found.quotes and all(pages[q.page_sha256].text[q.start : q.end] == q.text for q in found.quotes)


def fares(year: str, price: str) -> Page:
    text = (
        f"The ferry to Brackwater sails at nine and at noon. A ticket costs {price} crowns. "
        "Children and dogs travel free. Bicycles are taken on the upper deck."
    )
    return Page(f"memory:fares-{year}", text, title="Ferry fares", date=f"{year}-03-01")


FARE = "What does a ticket to Brackwater cost?"


def test_of_two_versions_of_a_page_the_later_is_read_and_the_earlier_told_to_be_superseded():
    versions = StaticEngine([fares("2021", "four"), fares("2024", "seven"), BRIDGE])
    reader = ScriptedReader([(asks("answer", "fact"), "A ticket costs seven crowns.")])
    found, _ = answer(FARE, parts(reader, engine=versions))
    by_year = {quote.uri[-4:]: quote for quote in found.quotes if "fares" in quote.uri}
    assert by_year["2021"].superseded == "Ferry fares, 2024-03-01" and not by_year["2024"].superseded
    assert not found.conflicts and {by_year["2024"].id} == set(found.sentences[0].citations)
    drafts = [prompt.user for prompt in reader.asked if prompt.max_tokens > 1]
    assert drafts and all("seven" in said and "four crowns" not in said for said in drafts)
    assert [one["superseded"] for one in as_json(found)["quotes"] if one["source"].endswith("2021")] == [
        "Ferry fares, 2024-03-01"
    ]
    assert "superseded by Ferry fares, 2024-03-01" in answer_as_markdown(as_json(found))


def test_without_their_dates_both_are_read():
    versions = StaticEngine([replace(fares("2021", "four"), date=""), fares("2024", "seven")])
    found, _ = answer(FARE, parts(ScriptedReader([(asks("answer", "fact"), "Four crowns.")]), engine=versions))
    assert len(found.quotes) == 2 and not any(quote.superseded for quote in found.quotes)


def test_a_chinese_question_is_asked_and_answered_in_chinese():
    reader = ScriptedReader([(asks("answer", "fact", passages="812米"), "静湖海拔812米。")])
    found, _ = answer("静湖的海拔是多少?", parts(reader))
    assert (found.language, found.text) == ("zh", "静湖海拔812米。[1]")
    written = next(prompt for prompt in reader.asked if prompt.max_tokens > 1)
    assert "静湖的海拔是多少?" in written.user and written.system != ""


def test_events_come_in_order_and_the_return_value_is_the_last_ones_answer():
    made = parts(ScriptedReader(DRAFT), states=holding(opened=0.9))
    events, told = engine.answer(QUESTION, made), []
    try:
        while True:
            told.append(next(events))
    except StopIteration as stop:
        value = stop.value
    assert isinstance(told[-1], Answered) and told[-1].answer is value
    kinds = [type(event) for event in told]
    firsts = [kinds.index(kind) for kind in (Planned, Step, Extracted, Wrote, Judged, Answered)]
    assert firsts == sorted(firsts) and kinds[0] is Planned
    assert value.steps == tuple(event for event in told if isinstance(event, Step))
    assert value.steps[-1].action == "finish"
    assert "".join(event.text for event in told if isinstance(event, Wrote)) == value.draft


def test_the_extractive_answer_is_the_likeliest_sentence_and_stands_in_its_quote():
    found, events = answer("What did it replace?", parts(ScriptedReader(DRAFT), states=holding(ferry=0.8)))
    [told] = [event.extract for event in events if isinstance(event, Extracted)]
    assert told == found.extract and (told.text, told.probability) == ("It replaced a ferry.", 0.8)
    quote = next(quote for quote in found.quotes if quote.id == told.quote)
    assert quote.text[told.start : told.end] == told.text


def test_list_items_stand_on_lines_of_their_own():
    reader = ScriptedReader([(asks("answer", "list"), "- It opened in 1931.\n- It replaced a ferry.")])
    found, _ = answer("What is known of the bridge?", parts(reader, kind=lambda question: "list"))
    assert found.text == "- It opened in 1931.[1]\n- It replaced a ferry.[1]"


REFUSES = [(asks("verify", claim="crowns"), 0.01), (asks("answer", "states", claim="crowns"), 0.01)]


def costly(revised: str) -> ScriptedReader:
    """A reader that drafts a second sentence which is refused, and then writes `revised` in its place."""
    return ScriptedReader(
        [(asks("answer", "fact"), f"{OPENED} It cost many crowns."), (asks("answer", "revise"), revised)], REFUSES
    )


def test_a_sentence_that_is_refused_is_written_once_more_from_the_evidence():
    found, _ = answer(QUESTION, parts(costly("It replaced a ferry.")))
    assert [one.text for one in found.sentences] == [OPENED, "It replaced a ferry."]
    assert found.metrics["faithfulness"] == Rate(2, 2)


@pytest.mark.parametrize("revised", ["It cost so many crowns.", OPENED, ""])
def test_where_that_is_refused_too_or_nothing_new_it_stays_and_counts(revised):
    found, _ = answer(QUESTION, parts(costly(revised)))
    assert [one.verdict.label for one in found.sentences] == ["supported", "unsupported"]
    assert "many crowns" in found.text and found.metrics["faithfulness"] == Rate(1, 2)


def test_a_judge_that_says_nothing_leaves_a_sentence_unjudged_and_in_the_denominator():
    reader = ScriptedReader(DRAFT, [(asks("verify"), None)])
    found, _ = answer(QUESTION, parts(reader))
    assert found.status == "answered" and found.sentences[0].verdict.label == "unjudged"
    assert found.metrics["faithfulness"] == Rate(0, 1) and found.metrics["unjudged"] == 1


def test_sources_that_disagree_are_shown_beside_the_answer():
    other = Page("memory:paper", "The Orrin bridge was opened on 4 May 1933.", title="Paper")
    reader = ScriptedReader(DRAFT, [(asks("verify", quotes="1933", claim="1931"), 0.05)])
    found, _ = answer(QUESTION, parts(reader, engine=StaticEngine([BRIDGE, other])))
    [conflict] = found.conflicts
    assert {conflict.left.value, conflict.right.value} == {"1931", "1933"}
    assert conflict.left.quote in found.sentences[0].citations
    for side in (conflict.left, conflict.right):
        assert side.text in next(quote.text for quote in found.quotes if quote.id == side.quote)


# --- abstention -----------------------------------------------------------------------------


def test_where_nothing_is_found_nothing_is_written():
    found, events = answer("Кто построил мост?", parts(ScriptedReader()))
    assert (found.status, found.text, found.quotes) == ("abstained", "", ())
    assert found.reason == engine.NOT_FOUND and not any(isinstance(event, Wrote) for event in events)
    assert found.metrics["faithfulness"] == Rate(0, 0)


@pytest.mark.parametrize(("sure", "status"), [(0.44, "abstained"), (0.91, "answered")])
def test_a_run_that_is_not_sure_enough_abstains_and_names_both_figures(sure: float, status: str):
    gate = Gate(lambda signals: sure if signals.fits != 1.0 else 0.99, level(0.83))
    reader = ScriptedReader(DRAFT, [(asks("answer", "fits"), 0.6)])
    found, _ = answer(QUESTION, parts(reader, gate=gate))
    assert found.status == status
    assert (found.metrics["answerable"], found.metrics["answerable_needed"]) == (sure, 0.83)
    assert ("44%" in found.reason and "83%" in found.reason) == (status == "abstained")
    assert (found.text == "") == (status == "abstained") and found.draft == OPENED


def test_the_gate_is_told_what_the_run_knows():
    told = []
    gate = Gate(lambda signals: told.append(signals) or 0.9, level(0.1))
    choices = [(asks("answer", "fits"), 0.6), (asks("verify"), 0.95)]
    made = parts(ScriptedReader(DRAFT, choices, logprob=-0.5), gate=gate)
    answer(QUESTION, replace(made, states=holding(opened=0.8), auditor=made.judge))
    *_, last = told
    assert (last.language, last.fits) == ("en", 0.6)
    assert (last.supported, last.agrees) == (pytest.approx(0.95), pytest.approx(0.95))
    assert last.certain == pytest.approx(math.exp(-0.5))


def test_without_small_judges_nobody_says_whether_the_likeliest_sentence_agrees():
    told = []
    gate = Gate(lambda signals: told.append(signals) or 0.9, level(0.1))
    answer(QUESTION, parts(ScriptedReader(DRAFT), gate=gate))
    assert told[-1].agrees is None and told[-1].certain is None


def test_of_a_bare_name_the_small_judge_is_not_asked_whether_it_agrees():
    told = []
    gate = Gate(lambda signals: told.append(signals) or 0.9, level(0.1))
    made = parts(ScriptedReader([(asks("answer", "fact"), "In 1931.")]), gate=gate)
    answer(QUESTION, replace(made, states=holding(opened=0.8), auditor=made.judge))
    assert told[-1].agrees is None


def test_an_answer_of_which_every_sentence_is_refused_is_not_published():
    found, events = answer(QUESTION, parts(ScriptedReader(DRAFT, REFUSED)))
    assert found.status == "abstained" and found.text == "" and found.draft == OPENED and found.reason
    assert [event.sentence.verdict.label for event in events if isinstance(event, Judged)] == ["unsupported"]
    assert found.metrics["faithfulness"] == Rate(0, 0)


def test_a_draft_that_says_nothing_is_no_answer():
    found, _ = answer(QUESTION, parts(ScriptedReader([(asks("answer", "fact"), " … ")])))
    assert found.status == "abstained" and found.sentences == ()


def test_a_policy_that_abstains_is_obeyed():
    found, _ = answer("When?", parts(ScriptedReader(), ScriptedPolicy([Abstain("nothing to read")])))
    assert (found.status, found.reason) == ("abstained", "nothing to read")


# --- the reading ----------------------------------------------------------------------------


def test_setbacks_are_steps_and_the_run_goes_round_them():
    script = [
        Keep("too early"), Back(), Search("bridge"), Open(9), Open(1), Find("ferry"), Scroll(1), Keep("made up"),
        Keep("OPENED on 4 May 1931"), Keep("opened on 4 May 1931"), Finish(),
    ]  # fmt: skip
    found, _ = answer(QUESTION, parts(ScriptedReader(DRAFT), ScriptedPolicy(script)))
    assert [(step.action, step.setback) for step in found.steps] == [
        ("setback", True), ("setback", True), ("search", False), ("setback", True), ("open", False), ("find", False),
        ("scroll", False), ("setback", True), ("keep", False), ("keep", True), ("finish", False),
    ]  # fmt: skip
    assert found.status == "answered" and [quote.text for quote in found.quotes] == ["opened on 4 May 1931"]


def test_an_engine_that_is_down_ends_in_an_abstention():
    found, _ = answer("When?", parts(ScriptedReader(), engine=StaticEngine([BRIDGE], down=True)))
    assert found.status == "abstained" and found.steps[0].setback


@pytest.mark.parametrize(("steps", "status"), [(3, "answered"), (2, "abstained")])
def test_the_budget_of_steps_ends_the_reading_and_what_was_kept_till_then_is_answered_from(steps: int, status: str):
    script = [Search("bridge"), Open(1), Keep("opened on 4 May 1931"), *[Find("ferry")] * 40]
    limits = ReadingConfig(steps=steps)
    found, _ = answer(QUESTION, parts(ScriptedReader(DRAFT), ScriptedPolicy(script), limits=limits))
    assert (found.status, found.stopped) == (status, f"{steps} actions")
    assert sum(step.action != "finish" and step.action != "abstain" for step in found.steps) == steps


def test_a_reader_that_fails_is_a_fault():
    def fails(prompt: Prompt) -> str:
        raise ReaderFault("down")

    with pytest.raises(ReaderFault):
        answer(QUESTION, parts(ScriptedReader(fails)))


@pytest.mark.parametrize("question", ["", " \n "])
def test_an_empty_question_is_wrong_use(question: str):
    with pytest.raises(UsageFault):
        next(engine.answer(question, parts(ScriptedReader())))


@pytest.mark.parametrize("question", ["116*114 + 178*157", "116×114+178×157等于多少?"])
def test_an_arithmetic_question_is_worked_out_without_page_or_reader(question: str):
    reader = ScriptedReader()
    found, _ = answer(question, parts(reader, engine=StaticEngine([], down=True)))
    assert found.status == "answered" and found.text.endswith("41170") and reader.asked == []
    assert found.sentences[0].computation.value == "41170"


# --- several questions ----------------------------------------------------------------------

TOWERS = StaticEngine(
    [
        Page("memory:hale", "The Hale tower is 86 metres high.", title="Hale tower"),
        Page("memory:orrin", "The Orrin tower is 1.2 km high.", title="Orrin tower"),
    ]
)
HIGHER = "Which is higher, the Hale tower or the Orrin tower?"
PLAN = "1. How high is the Hale tower?\n2. How high is the Orrin tower?"
HALE, ORRIN = "The Hale tower is 86 metres high.", "The Orrin tower is 1.2 km high."


def comparing(towards: str, *replies, **changes):
    """A run of the comparison, taken for one of more or of less."""
    script = [
        *replies,
        (asks("plan", "compare"), PLAN),
        (asks("answer", "part", question="Hale"), HALE),
        (asks("answer", "part", question="Orrin"), ORRIN),
    ]
    others = [
        (asks("verify", quotes="Hale", claim="Orrin"), 0.05),
        (asks("verify", quotes="Orrin", claim="Hale"), 0.05),
    ]
    made = parts(ScriptedReader(script, others), engine=TOWERS, kind=lambda question: "compare", **changes)
    return answer(HIGHER, replace(made, direction=lambda question: towards))


def test_a_comparison_is_looked_up_for_both_and_begins_with_the_winner_reckoned_exactly():
    found, events = comparing("more")
    assert found.plan.kind == "compare" and len(found.plan.parts) == 2
    assert events[0] == Planned(found.plan)
    lead, *own = found.sentences
    assert "Orrin: 1.2 km, against 86 metres for Hale" in lead.text and [one.text for one in own] == [HALE, ORRIN]
    uris = {quote.id: quote.uri for quote in found.quotes}
    assert [uris[one.citations[0]] for one in own] == ["memory:hale", "memory:orrin"]
    assert {uris[number] for number in lead.citations} == {"memory:hale", "memory:orrin"}
    assert found.text.startswith(lead.text) and found.metrics["faithfulness"] == Rate(3, 3)


def test_where_the_other_way_is_asked_the_other_one_wins():
    found, _ = comparing("less")
    assert "Hale: 86 metres, against 1.2 km for Orrin" in found.sentences[0].text


def test_where_no_winner_can_be_reckoned_none_is_named():
    found, _ = comparing("more", (asks("answer", "part", question="Hale"), "The Hale tower is high."))
    assert [one.text for one in found.sentences] == ["The Hale tower is high.", ORRIN]


def test_a_comparison_of_which_one_side_is_not_found_says_which():
    made = parts(ScriptedReader([(asks("plan", "compare"), PLAN)]), engine=StaticEngine([LAKE]))
    found, _ = answer(HIGHER, replace(made, kind=lambda question: "compare"))
    assert found.status == "abstained" and "How high is the Hale tower?" in found.reason
    assert sum(step.action == "search" for step in found.steps) == 1


def test_a_question_that_the_reader_cannot_take_apart_is_asked_as_it_stands():
    made = parts(
        ScriptedReader([(asks("plan", "compare"), "1. Who?"), (asks("answer", "explain"), HALE)]), engine=TOWERS
    )
    found, _ = answer(HIGHER, replace(made, kind=lambda question: "compare"))
    assert (found.plan.kind, found.plan.parts) == ("explain", (HIGHER,)) and found.status == "answered"


def test_a_chain_asks_the_second_question_with_what_the_first_found():
    pages = [
        Page("memory:wirth", "The painter Aldo Wirth was born in Lund.", title="Wirth"),
        Page("memory:lund", "The river at Lund is 40 km long.", title="Lund"),
    ]
    replies = [
        (asks("plan", "chain"), "1. In which town was the painter Aldo Wirth born?\n2. How long is the river at #1?"),
        (asks("answer", "name", question="Wirth"), "Lund"),
        (asks("answer", "part", question="river at Lund"), "The river at Lund is 40 km long."),
        (asks("answer", "part", question="Wirth born"), "Aldo Wirth was born in Lund."),
    ]
    question = "How long is the river at the town where the painter Aldo Wirth was born?"
    reader = ScriptedReader(replies, [(asks("verify", quotes="Wirth", claim="river"), 0.05)])
    found, _ = answer(question, parts(reader, engine=StaticEngine(pages), kind=lambda question: "chain"))
    assert [step.detail for step in found.steps if step.action == "search"][-1] == "How long is the river at Lund?"
    assert [one.text for one in found.sentences] == ["Aldo Wirth was born in Lund.", "The river at Lund is 40 km long."]
    uris = {quote.id: quote.uri for quote in found.quotes}
    assert uris[found.sentences[-1].citations[0]] == "memory:lund"


def test_a_chain_whose_first_question_finds_nothing_asks_no_second():
    replies = [(asks("plan", "chain"), "1. In which town was the painter Aldo Wirth born?\n2. How long is #1?")]
    question = "How long is the town where the painter Aldo Wirth was born?"
    made = parts(ScriptedReader(replies), engine=StaticEngine([LAKE]), kind=lambda question: "chain")
    found, _ = answer(question, made)
    assert found.status == "abstained" and "Aldo Wirth" in found.reason
    assert sum(step.action == "search" for step in found.steps) == 1


# --- what is published is what was drafted --------------------------------------------------

KNOWN = st.sampled_from(
    [
        "The town spent $3.5 million on it.", "The night fell to -7.25 degrees at 0.5 m.", "全年共有12.4万人到访。",
        "3.1 The tenant pays for the lamp.", "Where x < 5 and y > 2 the gate holds.", "It opened at 8:30 a.m. daily.",
        "Mr. Hale paid 1,250.75 crowns (about 12%) for it.", "票价为3.50元,儿童<1.2米免票。", "湖面海拔812米。",
        "1. Open the box & read <the note>.", "Version 2.0.1 of e.g. the ‘map’ came out.", "- Lamps cost 4 crowns.",
    ]
)  # fmt: skip
NUMBERS = st.one_of(
    st.integers(-(10**7), 10**7).map(str),
    st.integers(1000, 10**9).map("{:,}".format),
    st.decimals(-1000, 1000, places=2).map(str),
    st.builds("{}.{}万".format, st.integers(1, 999), st.integers(0, 9)),
    st.builds("{} {}".format, st.integers(1, 99), st.sampled_from(["million", "per cent", "May 1931", "°C", "km/h"])),
    st.sampled_from(["<5", "±0.3", "１２.４", "½", "1/3", "10^6", "~40", "86米", "三成", "$1.2bn", "£4–5", "x > 2"]),
)
ENGLISH = st.builds("{} {} {}.".format, st.sampled_from(["It has", "Hale & Co. paid", "(A) About"]), NUMBERS,
                    st.sampled_from(["lamps", "<of the sum>", "“at most”", "crowns [sic]", "per head"]))  # fmt: skip
CHINESE = st.builds("{}{}{}。".format, st.sampled_from(["全年有", "《湖志》说:", "气温为"]), NUMBERS,
                    st.sampled_from(["人到访", "的“灯”", "(约数)", "，另有税费"]))  # fmt: skip
SENTENCES = KNOWN | ENGLISH | CHINESE
BETWEEN = st.sampled_from(["\n", "\n\n", "\n  "])


@given(wanted=SENTENCES, others=st.lists(SENTENCES, max_size=4), between=BETWEEN, at=st.integers(0, 4))
def test_what_the_reader_drafts_verbatim_is_published_letter_by_letter(wanted, others, between, at):
    rows = [*others[:at], wanted, *others[at:]]
    page = Page("memory:any", f"About the ferry.{between}{between.join(rows)}", title="Any")
    reader = ScriptedReader([(asks("answer", "fact"), wanted)])
    found, _ = answer("What is known about the ferry?", parts(reader, engine=StaticEngine([page])))
    assert found.status == "answered"
    said = found.text
    for sentence in found.sentences:
        marks = "".join(f"[{number}]" for number in sentence.citations)
        assert marks and f"{sentence.text}{marks}" in said
        said = said.replace(f"{sentence.text}{marks}", sentence.text, 1)
    assert said == wanted and said in page.text
    pages = {kept.sha256: kept.text for kept in found.pages}
    assert all(pages[quote.page_sha256][quote.start : quote.end] == quote.text for quote in found.quotes)


@pytest.mark.parametrize(
    ("question", "page", "drafted", "said"),
    [
        ("静湖是哪位皇帝命名的?", "静湖由乾隆命名。", "静湖由乾隆命名。", "静湖由乾隆命名。"),
        ("静湖是哪位皇帝命名的?", "静湖由康熙命名。", "靜湖由康熙命名。", "静湖由康熙命名。"),
        ("靜湖是哪位皇帝命名的?", "静湖由康熙命名。", "靜湖由康熙命名。", "靜湖由康熙命名。"),
        ("Who named it 静湖?", "静湖由康熙命名。", "Kangxi named it 靜湖.", "Kangxi named it 靜湖."),
        ("静湖の名前は?", "静湖の名は東京にちなむ。", "東京にちなむ静湖。", "東京にちなむ静湖。"),
    ],
)
def test_only_what_a_reader_mixes_into_simplified_chinese_is_put_right(question, page, drafted, said):
    reader = ScriptedReader([(asks("answer", "fact"), drafted)])
    found, _ = answer(question, parts(reader, engine=StaticEngine([Page("memory:湖", page)])))
    assert [one.text for one in found.sentences] == [said]


# --- what is kept ---------------------------------------------------------------------------


def test_every_answer_is_in_the_ledger_with_the_text_it_quotes(tmp_path):
    ledger = Ledger(tmp_path / "ledger.sqlite")
    found, _ = answer(QUESTION, parts(ScriptedReader(DRAFT), ledger=ledger))
    answer("Кто построил мост?", parts(ScriptedReader(), ledger=ledger))
    kept = ledger.answers()[1]
    assert {**kept, "at": None} == {**json.loads(json.dumps(as_json(found))), "at": None}
    for quote in found.quotes:
        assert ledger.text(quote.page_sha256)[quote.start : quote.end] == quote.text
    assert ledger.text("0" * 64) is None
    [sums] = ledger.sums()
    assert (sums["answers"], sums["abstained"]) == (2, 1)


def test_what_is_not_published_counts_for_no_rate(tmp_path):
    ledger = Ledger(tmp_path / "ledger.sqlite")
    answer(QUESTION, parts(ScriptedReader(DRAFT, REFUSED), ledger=ledger))
    assert ledger.sums()[0]["sentences"] == 0


def test_the_object_of_ask_has_every_key_that_is_promised():
    shown = as_json(answer(QUESTION, parts(ScriptedReader(DRAFT)))[0])
    assert {
        "question", "status", "answer", "sentences", "quotes", "steps", "metrics", "timings", "index", "config_sha256",
    } <= shown.keys()  # fmt: skip
    assert shown["sentences"][0].keys() >= {"text", "citations", "verdict", "probability"}
    assert shown["quotes"][0].keys() >= {"id", "text", "source", "title", "page_sha256", "start", "end"}
    assert shown["steps"][0].keys() >= {"action", "detail", "seconds"}
    assert shown["index"] == {"name": "t", "build": "b"}
