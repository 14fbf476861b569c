import json
from dataclasses import dataclass, replace

import pytest
from rag.checking.answerable import UNSURE, Fit, Gate, weighing
from rag.reading.policy import GuidedPolicy, ScriptedPolicy
from rag.research import Parts, research

from rag.checking.verify import ReaderJudge
from rag.config import ReadingConfig
from rag.errors import ReaderFault, UsageFault
from rag.export.json import as_json
from rag.generation import translation as compose
from rag.generation.reader import ScriptedReader
from rag.history.ledger import Ledger
from rag.index.embed import HashEmbedder
from rag.protocols import Prompt
from rag.types import (
    Abstain,
    Answered,
    Back,
    Find,
    Finish,
    Judged,
    Keep,
    Open,
    Page,
    Quote,
    Rate,
    Scroll,
    Search,
    Step,
    Verdict,
    Wrote,
)
from rag.web.static import StaticEngine

BRIDGE = Page(
    "memory:bridge",
    "The Orrin bridge was opened on 4 May 1931 after three years of work.\nIt replaced a ferry.",
    title="Bridge",
)
LAKE = Page("memory:lake", "静湖位于青州以北。湖面海拔812米。每年冬天结冰四个月。", title="静湖")
ENGINE = StaticEngine([BRIDGE, LAKE])
TWO = StaticEngine([BRIDGE, Page("memory:known", "The songs of the town fill a shelf.")])


def parts(reader, policy=None, engine=ENGINE, ledger=None, **limits) -> Parts:
    reading = ReadingConfig(**limits)
    guided = GuidedPolicy(HashEmbedder(), reader, reading.searches, reading.quotes, reading.quote_characters, 0.5)
    judge = ReaderJudge(reader, compose.verification, 0.5)
    return Parts(engine, policy or guided, reader, judge, reading, ledger=ledger, index={"name": "t", "build": "b"})


def answer(question: str, made: Parts):
    *events, last = research(question, made)
    assert isinstance(last, Answered) and not any(isinstance(event, Answered) for event in events)
    return last.answer, events


def test_a_question_becomes_an_answer_whose_quotes_stand_in_the_page():
    reader = ScriptedReader([("Answer from", "It was opened on 4 May 1931. [1]")])
    found, events = answer("When was the Orrin bridge opened?", parts(reader))
    assert found.status == "answered"
    assert found.text == "The Orrin bridge was opened on 4 May 1931 after three years of work.[1]"
    assert [s.verdict.label for s in found.sentences] == ["supported"]
    assert found.metrics["faithfulness"] == Rate(1, 1)
    pages = {page.sha256: page for page in found.pages}
    assert found.quotes and all(pages[q.page_sha256].text[q.start : q.end] == q.text for q in found.quotes)
    kinds = [type(event) for event in events]
    last_quote = max(at for at, event in enumerate(events) if isinstance(event, Step) and event.quote)
    assert last_quote < kinds.index(Wrote) < kinds.index(Judged)


def test_the_prompt_holds_the_quotes_and_the_question_in_its_language():
    reader = ScriptedReader([("根据引文", "湖面海拔812米。[1]")])
    found, _ = answer("静湖的海拔是多少?", parts(reader))
    assert found.language == "zh" and found.status == "answered"
    asked = reader.asked[-2].user
    assert "<quote 1>" in asked and "812米" in asked and "问题:静湖的海拔是多少?" in asked


def test_quotes_that_do_not_suffice_end_in_an_abstention_that_says_so():
    reader = ScriptedReader([("译成", "谁出钱造了奥林大桥?")], choices=[("exact fact", 0.1)])
    found, events = answer("Who paid for the Orrin bridge?", parts(reader))
    assert (found.status, found.text, found.reason) == ("abstained", "", "not found in your sources")
    assert found.metrics["sufficient"] == 0.1 and found.metrics["faithfulness"] == Rate(0, 0)
    assert not any(isinstance(event, Wrote) for event in events)


def test_a_run_that_is_not_sure_enough_for_the_risk_abstains_before_it_writes_and_says_so():
    fit = Fit(("sufficient",), (0.0,), (1.0,), (1.0,), 0.0, ((0.8, 0.3, 0.05, 0.17), (0.0, 1.0, 0.5, 0.5)))

    def undecided(passages, question):
        return [0.5 for _ in passages]

    reader = ScriptedReader(
        [("译成", "奥林大桥何时通车?"), ("Answer from", "It was opened on 4 May 1931. [1]")], [("exact fact", 0.6)]
    )
    careful = replace(parts(reader), gate=Gate(weighing(fit, undecided), fit.level(0.05)))
    found, events = answer("When was the Orrin bridge opened?", careful)
    assert found.status == "abstained" and found.reason.startswith(UNSURE) and "80%" in found.reason
    assert found.metrics["answerable"] == pytest.approx(0.6) and found.metrics["answerable_needed"] == 0.8
    assert found.quotes and not any(isinstance(event, Wrote) for event in events)
    bold = replace(careful, gate=Gate(weighing(fit, undecided), fit.level(0.5)))
    assert answer("When was the Orrin bridge opened?", bold)[0].status == "answered"


@pytest.mark.parametrize(
    ("question", "reply", "asks"),
    [
        ("When was the Orrin bridge opened?", "It was opened on 4 May 1931. [1]", "A proposed answer"),
        ("静湖的海拔是多少?", "静湖的海拔是812米。[1]", "建议的回答"),
    ],
)
def test_a_run_whose_draft_does_not_fit_the_question_takes_it_back(question: str, reply: str, asks: str):
    fit = Fit(("fits",), (0.0,), (1.0,), (1.0,), 0.0, ((0.8, 0.3, 0.05, 0.17), (0.0, 1.0, 0.5, 0.5)))
    for said, status in ((0.6, "abstained"), (0.9, "answered")):
        reader = ScriptedReader([("Answer from|根据引文用完整的句子回答", reply)], [(asks, said)])
        gate = Gate(weighing(fit, lambda passages, question: [0.5 for _ in passages]), fit.level(0.05))
        found, events = answer(question, replace(parts(reader), gate=gate))
        assert found.status == status and found.metrics["fits"] == said, found.reason
        assert found.metrics["answerable"] == pytest.approx(said) and any(isinstance(one, Wrote) for one in events)
        asked = next(prompt.user for prompt in reader.asked if asks in prompt.user)
        assert reply.split("[")[0].strip(" .。") in asked and "[1]" not in asked
        if status == "abstained":
            assert found.text == "" and found.reason.startswith(UNSURE) and found.draft
            assert not any(isinstance(one, Judged) for one in events)  # what is taken back needs no verdict


def test_no_hits_at_all_is_an_abstention():
    found, _ = answer("Кто построил мост?", parts(ScriptedReader()))
    assert found.status == "abstained" and found.quotes == ()


def test_an_answer_of_which_nothing_holds_is_not_published():
    reader = ScriptedReader([("Answer from", "It cost 9 crowns. [1]")], [("Claim:", 0.1)])
    found, _ = answer("When was the Orrin bridge opened?", parts(reader))
    assert found.status == "abstained" and found.text == "" and "9 crowns" in found.draft
    assert found.sentences[0].verdict.label == "unsupported"


def test_what_the_reader_copied_wrongly_is_put_right_by_the_quotes_own_words():
    reader = ScriptedReader([("Answer from", "The Orrin bridge was opened on 4 May 1913 after three years. [1]")])
    found, _ = answer("When was the Orrin bridge opened?", parts(reader))
    assert found.sentences[0].text == "The Orrin bridge was opened on 4 May 1931 after three years of work."
    assert found.sentences[0].verdict == Verdict("supported", 1.0, "verbatim")


@pytest.mark.parametrize(
    ("wrote", "status"),
    [
        ("The Orrin bridge was opened by Hale on 4 May 1931 after three years of work.", "answered"),
        ("The Orrin bridge over the Hale was paid for by the Duke and opened in May.", "abstained"),
    ],
)
def test_a_slip_in_copying_is_put_right_and_counts_but_a_sentence_of_its_own_does_not(wrote: str, status: str):
    reader = ScriptedReader([("Answer from", f"{wrote} [1]")], [("Claim:", 0.1)])
    found, _ = answer("When was the Orrin bridge opened?", parts(reader))
    assert found.status == status
    if status == "answered":
        assert found.text == "The Orrin bridge was opened on 4 May 1931 after three years of work.[1]"


@pytest.mark.parametrize(
    ("question", "page", "wrote"),
    [
        ("How many bridges has Paris?", "London has 37 bridges over its river.", "Paris has 37 bridges over a river."),
        ("Who founded Corvane Cells?", "Corvane Cells was visited by Lena.", "Corvane Cells was founded by Lena."),
        ("Did the bridge survive?", "The bridge did survive the flood.", "The bridge did not survive the flood."),
        ("张伟出生于哪一年？", "李伟出生于1951年5月。", "张伟出生于1950年5月。"),
        ("该药对孕妇安全吗？", "该药对孕妇是不安全的。", "该药对孕妇是安全的。"),
    ],
)  # fmt: skip
def test_a_sentence_of_another_thing_is_no_slip(question: str, page: str, wrote: str):
    reader = ScriptedReader(
        [
            ("Answer from|根据引文用完整的句子回答", f"{wrote}[1]"),
            ("Translate|译成", "x"),
        ],
        [("Claim:|论断|说法|陈述", 0.05)],
    )
    found, _ = answer(question, parts(reader, engine=StaticEngine([Page("memory:p", page, title="P")])))
    assert found.status == "abstained" and found.sentences[0].verdict.refused, found


def test_what_was_put_right_says_what_it_was():
    wrote = "The Orrin bridge was opened by Hale on 4 May 1931 after three years of work."
    reader = ScriptedReader([("Answer from", f"{wrote} [1]")], [("Claim:", 0.1)])
    found, _ = answer("When was the Orrin bridge opened?", parts(reader))
    assert found.sentences[0].revised_from == wrote


def test_an_unsupported_sentence_is_flagged_and_not_cut():
    reader = ScriptedReader(
        [("Answer from", "It was opened on 4 May 1931. [1] It cost 9 crowns. [1]")],
        [("Claim: It cost", 0.1)],
    )
    found, _ = answer("When was the Orrin bridge opened?", parts(reader))
    assert [s.verdict.label for s in found.sentences] == ["supported", "unsupported"]
    assert "9 crowns" in found.text and found.metrics["faithfulness"] == Rate(1, 2)


def test_an_answer_that_only_says_the_question_again_is_none():
    reader = ScriptedReader([("Answer from", "The Orrin bridge was opened. [1]")])
    found, _ = answer("When was the Orrin bridge opened?", parts(reader))
    assert found.status == "abstained" and "do not say" in found.reason


def test_an_english_question_over_chinese_pages_is_searched_in_chinese_and_answered_in_english():
    reader = ScriptedReader(
        [("Translate|译成", "静湖的海拔是多少?"), ("Answer from", "It lies 812 m above the sea. [1]")]
    )
    found, _ = answer("How high is Lake Jinghu (静湖)?", parts(reader))
    assert [s.detail for s in found.steps if s.action == "search"] == [found.question, "静湖的海拔是多少? Lake Jinghu"]
    assert found.text == "It lies 812 m above the sea.[1]" and found.sentences[0].verdict.judge == "scripted"


def test_a_citation_that_does_not_exist_is_dropped_and_its_sentence_is_not_supported():
    reader = ScriptedReader([("Answer", "In 1931. [7] On 4 May. [1]")])
    found, _ = answer("When was the Orrin bridge opened?", parts(reader))
    assert found.sentences[0].citations == () and found.sentences[0].verdict.label == "unsupported"


def test_a_judge_that_gives_neither_yes_nor_no_leaves_the_sentence_unjudged():
    reader = ScriptedReader([("Answer from", "Sie wurde am 4. Mai eingeweiht. [1]")], [("Claim:", None)])
    found, _ = answer("When was the Orrin bridge opened?", parts(reader))
    assert found.sentences[0].verdict.label == "unjudged" and found.status == "answered"
    assert found.metrics["faithfulness"] == Rate(0, 1) and found.metrics["unjudged"] == 1


def test_setbacks_are_steps_and_the_run_goes_round_them():
    script = [
        Keep("too early"), Back(), Search("bridge"), Open(9), Open(1), Find("ferry"), Scroll(1), Keep("made up"),
        Keep("OPENED on 4 May 1931"), Keep("opened on 4 May 1931"), Finish(),
    ]  # fmt: skip
    reader = ScriptedReader([("Answer", "It was opened on 4 May 1931. [1]")])
    found, _ = answer("When?", parts(reader, ScriptedPolicy(script)))
    assert [(s.action, s.setback) for s in found.steps] == [
        ("setback", True), ("setback", True), ("search", False), ("setback", True), ("open", False), ("find", False),
        ("scroll", False), ("setback", True), ("keep", False), ("keep", True), ("finish", False),
    ]  # fmt: skip
    assert [q.text for q in found.quotes] == ["opened on 4 May 1931"]


def test_an_engine_that_is_down_ends_in_an_abstention_not_in_a_crash():
    found, _ = answer("When?", parts(ScriptedReader(), engine=StaticEngine([BRIDGE], down=True)))
    assert found.status == "abstained" and found.steps[0].setback


def test_the_budget_of_steps_holds():
    script = [Search("bridge")] * 50
    found, _ = answer("When?", parts(ScriptedReader(), ScriptedPolicy(script), steps=5))
    assert len(found.steps) == 5 and found.status == "abstained"


def test_a_policy_that_abstains_is_obeyed():
    found, _ = answer("When?", parts(ScriptedReader(), ScriptedPolicy([Abstain("nothing to read")])))
    assert found.reason == "nothing to read"


def test_a_reader_that_fails_is_a_fault():
    def fails(prompt: Prompt) -> str:
        raise ReaderFault("down")

    with pytest.raises(ReaderFault):
        answer("When was the Orrin bridge opened?", parts(ScriptedReader(fails)))


def test_an_empty_question_is_wrong_use():
    with pytest.raises(UsageFault):
        next(research("  ", parts(ScriptedReader())))


def test_every_answer_is_in_the_ledger_with_the_text_it_quotes(tmp_path):
    ledger = Ledger(tmp_path / "ledger.sqlite")
    reader = ScriptedReader([("Answer from", "It was opened on 4 May 1931. [1]")])
    found, _ = answer("When was the Orrin bridge opened?", parts(reader, ledger=ledger))
    answer("Кто построил мост?", parts(ScriptedReader(), ledger=ledger))
    kept, asked = ledger.answers()[1], as_json(found)
    assert {**kept, "at": None} == {**json.loads(json.dumps(asked)), "at": None}
    for q in found.quotes:
        assert ledger.text(q.page_sha256)[q.start : q.end] == q.text
    assert ledger.text("0" * 64) is None
    rows = ledger.by_day()
    assert sum(row["answers"] for row in rows) == 2 and sum(row["abstained"] for row in rows) == 1


def test_the_object_of_ask_has_every_key_that_is_promised():
    found, _ = answer("When was the Orrin bridge opened?", parts(ScriptedReader([("Answer", "On 4 May 1931. [1]")])))
    shown = as_json(found)
    assert {
        "question", "status", "answer", "sentences", "quotes", "steps", "metrics", "timings", "index", "config_sha256",
    } <= shown.keys()  # fmt: skip
    assert shown["sentences"][0].keys() >= {"text", "citations", "verdict", "probability"}
    assert shown["quotes"][0].keys() >= {"id", "text", "source", "title", "page_sha256", "start", "end"}
    assert shown["steps"][0].keys() >= {"action", "detail", "seconds"}
    assert shown["index"] == {"name": "t", "build": "b"}
    assert isinstance(found.quotes[0], Quote)


def test_a_wrong_citation_is_moved_only_by_the_judges_word():
    pages = [Page("memory:one", "The bridge of Orrin was widened in 1958."), BRIDGE]
    script = [Search("bridge"), Open(2), Keep("was opened on 4 May 1931"), Open(1), Keep("widened in 1958"), Finish()]
    replies = [("Answer from", "The bridge was widened in 1958. [1]")]
    for answers, cited, label in [
        ([("1931[\\s\\S]*Claim:", 0.1)], (2,), "supported"),
        ([("Claim:", 0.1)], (1,), "unsupported"),
    ]:
        made = parts(ScriptedReader(replies, answers), ScriptedPolicy(script), StaticEngine(pages))
        found, _ = answer("When was the Orrin bridge opened or widened?", made)
        assert (found.sentences[0].citations, found.sentences[0].verdict.label) == (cited, label)


def test_a_sentence_that_stands_in_another_quote_to_the_letter_is_cited_from_there():
    script = [Search("bridge"), Open(1), Keep("opened on 4 May 1931"), Keep("It replaced a ferry."), Finish()]
    reader = ScriptedReader([("Answer from", "It replaced a ferry. [1]")], [("Claim:", 0.1)])
    found, _ = answer("What did the Orrin bridge do?", parts(reader, ScriptedPolicy(script)))
    assert [(s.text, s.citations) for s in found.sentences] == [("It replaced a ferry.", (2,))]


def test_what_is_not_published_counts_for_no_rate(tmp_path):
    ledger = Ledger(tmp_path / "ledger.sqlite")
    reader = ScriptedReader([("Answer from", "The Orrin bridge was opened. [1]")])
    found, _ = answer("When was the Orrin bridge opened?", parts(reader, ledger=ledger))
    assert found.status == "abstained" and found.metrics["faithfulness"] == Rate(0, 0)
    assert ledger.by_day()[0]["sentences"] == 0


def asked_twice(first: str, again: str) -> ScriptedReader:
    """Says `first` of the two quotes, `again` of the one that it cites."""
    return ScriptedReader(
        lambda prompt: first if "<quote 2>" in prompt.user else again,
        [("painted green|painted blue", 0.1)],
    )


def test_a_sentence_that_does_not_hold_goes_back_to_the_reader_with_what_it_cites():
    reader = asked_twice("It was painted green. [1]", "The Orrin bridge was opened in 1931. [1]")
    found, _ = answer("What is known of the Orrin bridge?", parts(reader, engine=TWO))
    [sentence] = found.sentences
    assert (sentence.revised_from, sentence.verdict.label) == ("It was painted green.", "supported")
    assert found.text == "The Orrin bridge was opened on 4 May 1931 after three years of work.[1]"


def test_what_the_answer_says_already_takes_no_sentences_place():
    reader = asked_twice("The Orrin bridge was opened in 1931. [1] It was painted green. [1]", "It opened in 1931. [1]")
    found, _ = answer("What is known of the Orrin bridge?", parts(reader, engine=TWO))
    assert [s.verdict.label for s in found.sentences] == ["supported", "unsupported"]
    assert "painted green" in found.text


def test_a_rewriting_that_does_not_hold_either_is_not_taken():
    reader = asked_twice(
        "It was painted green. [1] The Orrin bridge was opened in 1931. [1]", "It was painted blue. [1]"
    )
    found, _ = answer("What is known of the Orrin bridge?", parts(reader, engine=TWO))
    first = found.sentences[0]
    assert (first.text, first.verdict.label) == ("It was painted green.", "unsupported")


@pytest.mark.parametrize("sure", [0.1, 0.3])  # refused, and supported with a doubt
def test_a_sentence_that_names_the_wrong_quote_goes_to_the_one_with_its_words(sure: float):
    reader = asked_twice("The tower stands on the left bank beside the old ferry house. [1]", "")
    engine = StaticEngine(
        [BRIDGE, Page("memory:tower", "A tower stands on the left bank, beside the old ferry house.")]
    )
    reader = replace(reader, choices=[("exact fact", 1.0), ("opened on 4 May", sure)])
    made = parts(reader, engine=engine)
    lenient = replace(made, judge=ReaderJudge(reader, compose.verification, 0.25))
    found, _ = answer("Where is the tower of the Orrin bridge?", lenient)
    assert found.sentences[0].citations == (2,) and found.status == "answered"


@pytest.mark.parametrize(
    "question", ["How much did the Orrin bridge cost?", "When was the Orrin bridge widened, in 1958 or in 1960?"]
)
def test_a_true_sentence_that_gives_nothing_of_what_was_asked_is_no_answer(question: str):
    reader = ScriptedReader(
        [("Answer from", "The Orrin bridge was opened on 4 May 1931 after three years of work. [1]")]
    )
    found, _ = answer(question, parts(reader))
    assert found.status == "abstained" and "do not say" in found.reason


def test_a_date_is_cited_from_the_quote_that_has_it_in_one_piece():
    pieces = "Jun 16, 1931: The Orrin bridge was opened to all on May 4."
    engine = StaticEngine([Page("memory:a", pieces), BRIDGE])
    reader = ScriptedReader([("Answer from", "The Orrin bridge was opened on May 4, 1931. [1]")])
    found, _ = answer("When was the Orrin bridge opened?", parts(reader, engine=engine))
    assert found.quotes[0].text == pieces
    assert found.text == "The Orrin bridge was opened on 4 May 1931 after three years of work.[2]"


@pytest.mark.parametrize(("probability", "status"), [(0.35, "abstained"), (0.55, "answered")])
def test_a_sentence_in_the_readers_own_words_must_be_surer(probability: float, status: str):
    replies = [
        ("Translate|译成", "静湖的海拔是多少?"),
        ("Answer from", "It lies 812 m above the sea. [1]"),
    ]
    made = parts(ScriptedReader(replies, [("Claim:", probability)]))
    lenient = replace(made, judge=ReaderJudge(made.reader, compose.verification, 0.25))
    found, _ = answer("How high is Lake Jinghu (静湖)?", lenient)
    assert found.status == status


@pytest.mark.parametrize(
    ("question", "page", "wrote", "status"),
    [
        ("Who built the Orrin bridge?", "The Orrin bridge is old.", "The Orrin bridge was built by Hale.", "abstained"),
        ("奥林大桥是谁建的？", "奥林大桥很旧了。", "奥林大桥是谭维生建的。", "abstained"),
        ("How many lines has the metro?", "The metro has ten lines.", "The metro has 10 lines.", "answered"),
    ],
)  # fmt: skip
def test_what_none_of_its_new_words_stand_in_does_not_support_a_sentence(
    question: str, page: str, wrote: str, status: str
):
    reader = ScriptedReader([("Answer from|根据引文用完整的句子回答", f"{wrote}[1]"), ("Translate|译成", "x")])
    found, _ = answer(question, parts(reader, engine=StaticEngine([Page("memory:p", page)])))
    assert found.status == status, found


def test_another_things_date_takes_no_citation():
    engine = StaticEngine(
        [Page("memory:o", "奥林大桥于一九三一年五月四日通车。"), Page("memory:m", "磨坊于1931年5月4日失火。")]
    )
    reader = ScriptedReader([("根据引文用完整的句子回答", "奥林大桥于1931年5月4日通车。[1]"), ("译成", "x")])
    found, _ = answer("奥林大桥何时通车？", parts(reader, engine=engine))
    assert found.quotes[0].uri == "memory:o" and found.sentences[0].citations == (1,)


def test_a_true_sentence_that_answers_less_takes_no_sentences_place():
    asked = ScriptedReader(
        lambda prompt: (
            f"{'Crane paid for the bridge' if '<quote 2>' in prompt.user else BRIDGE.text.split('.')[0]}. [1]"
        ),
        [('proposed answer is: "The Orrin bridge was opened', 0.3), ("Claim: Crane", 0.1)],
    )
    found, _ = answer("Who paid for the Orrin bridge?", parts(asked, engine=TWO))
    assert found.status == "abstained"


@dataclass(frozen=True)
class Contradicting:
    """Says that whatever speaks of paint is contradicted."""

    name: str = "contradicting"

    def judge(self, quotes, claim, language) -> Verdict:
        return Verdict("contradicted" if "painted" in claim else "supported", 0.1, self.name)


def test_what_is_contradicted_goes_back_to_the_reader_too():
    reader = asked_twice("It was painted green. [1]", "The Orrin bridge was opened in May 1931. [1]")
    found, _ = answer("What is known of the Orrin bridge?", replace(parts(reader, engine=TWO), judge=Contradicting()))
    assert [(s.revised_from, s.verdict.label) for s in found.sentences] == [("It was painted green.", "supported")]


@pytest.mark.parametrize("sure", [0.9, 0.1])
def test_a_question_that_rests_on_a_wrong_year_is_told_so_with_the_citation(sure):
    reader = ScriptedReader(
        [("Translate|译成", "奥林大桥为什么在1929年通车?"), ("Answer from", "It replaced a ferry. [1]")],
        [("exact fact", sure)],
    )
    found, _ = answer("Why was the Orrin bridge opened in 1929?", parts(reader))
    assert found.status == "answered" and found.premise == "The question says 1929; the source [1] says 1931."
    assert found.text.startswith(found.premise) and "opened on 4 May 1931" in found.sentences[0].text
    assert found.sentences[0].citations == (1,) and as_json(found)["premise"] == found.premise
