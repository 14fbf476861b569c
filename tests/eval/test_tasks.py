"""Scoring from outputs alone, and runs of tasks over a scripted reader and a hash embedder."""

import dataclasses
import json

import pytest

from eval import chosen, tasks
from eval.items import Choice, Pair, Question
from eval.lab import Lab
from eval.outcomes import Output
from eval.sets.chunking import SpanQuestion
from eval.sets.extraction import SavedPage
from eval.sets.ragchecker import Preference
from eval.store import Store
from eval.tasks import (
    choices,
    chunking,
    extraction,
    injection,
    pairs,
    preference,
    questions,
    rejection,
    retrieval,
    sums,
)
from rag.config import load
from rag.errors import ConfigFault, UsageFault
from rag.index.hashed import HashEmbedder
from rag.learning.demonstrations import Demonstration, Demonstrations, Proven
from rag.learning.features import normalised
from rag.text.terms import terms
from rag.types import Page, Verdict
from tests.eval.made import lay_out

assert tasks  # the package itself


@pytest.fixture
def lab(tmp_path, monkeypatch):
    monkeypatch.setenv("VOUCH_HOME", str(tmp_path / "home"))  # where pooled indexes stay
    _, config = lay_out(tmp_path)
    made = Lab(load(config), Store(tmp_path / "store.sqlite"))
    yield made
    made.close()


def q(id_: str, answers=(), answerable=True, language="en", **traits) -> Question:
    return Question(id_, language, "?", tuple((a,) for a in answers), (), answerable, (), traits)


def test_an_answer_that_is_not_right_is_wrong_and_declining_is_not():
    items = [q("a", ["1931"]), q("b", ["Hale"]), q("c", ["ferry"]), q("d", (), False), q("e", (), False), q("f")]
    outputs = [
        Output("a", text="In 1931. [1]"), Output("b", text="It was Smith."), Output("c", answered=False),
        Output("d", answered=False), Output("e", text="9 crowns"), Output("f", text="who can say"),
    ]  # fmt: skip
    scored = questions.score(items, outputs)
    assert [(one.right, one.wrong) for one in scored.outcomes] == [
        (True, False), (False, True), (False, False), (True, False), (False, True), (None, None),
    ]  # fmt: skip
    by_name = {name: (figure.value, figure.n) for name, figure in scored.figures.items()}
    assert by_name["answered rightly"] == (pytest.approx(1 / 3), 3)
    assert by_name["answered wrongly, of all"] == (pytest.approx(2 / 5), 5)  # "f" has no gold: out of n
    assert by_name["abstained where unanswerable"] == (0.5, 2)
    assert by_name["abstained where answerable"] == (0.25, 4)
    assert by_name["answered"] == (pytest.approx(4 / 6), 6)


def test_each_kind_of_question_has_figures_of_its_own():
    items = [q(f"f{n}", ["1931"], category="fact") for n in range(5)]
    items += [q(f"n{n}", (), False, category="none") for n in range(5)] + [q("c", ["x"], category="compare")]
    outputs = [
        Output(item.id, text="1931" if item.id in ("f0", "n0") else "9", answered=item.id != "n1") for item in items
    ]
    figures = questions.score(items, outputs).figures
    told = {name: figure.value for name, figure in figures.items() if name.endswith((", fact", ", none", ", compare"))}
    assert told == {"answered rightly, fact": 0.2, "answered wrongly, fact": 0.8, "answered wrongly, none": 0.8}
    of_one_kind = questions.score(items[:5], outputs[:5]).figures
    assert not any(name.endswith(", fact") for name in of_one_kind)


def test_an_open_question_is_graded_by_its_key_points():
    points = (("1931",), ("Hale", "黑尔"), ("ferry",))
    kinds = {"a": "why", "b": "why", "c": "how", "d": "how"}
    items = [Question(id_, "en", "?", points, traits={"key points": True, "category": kinds[id_]}) for id_ in kinds]
    outputs = [
        Output("a", text="A ferry. In 1931 Hale built it."), Output("b", text="Hale did, in 1931."),
        Output("c", text="Nobody knows."), Output("d", answered=False),
    ]  # fmt: skip
    scored = questions.score(items, outputs)
    assert next(iter(scored.figures)) == "key points found"  # the headline
    assert (scored.figures["key points found"].value, scored.figures["key points found"].n) == (
        pytest.approx(5 / 12),
        12,
    )
    assert scored.figures["key points found, why"].value == pytest.approx(5 / 6)
    told = [(one.right, one.wrong, one.score) for one in scored.outcomes]
    assert told == [(True, False, 1.0), (False, False, 0.6667), (False, True, 0.0), (False, False, 0.0)]
    assert scored.figures["answered rightly"].value == 0.25 == scored.figures["answered wrongly, of all"].value


def test_a_gold_answer_that_is_a_sentence_judges_by_overlap_alone():
    item = Question("a", "zh", "?", golds=("水库漏水。",), traits={"sentence": True})
    declined = questions.outcome(item, Output("a", answered=False))
    scored = questions.score([item], [Output("a", text="因为漏水", more={"quotes": ["漏水"]})])
    assert (scored.outcomes[0].right, scored.outcomes[0].wrong) == (None, None) == (declined.right, declined.wrong)
    assert "evidence among the quotes" not in scored.figures
    assert "answered rightly" not in scored.figures and 0 < scored.figures["F1"].value < 1


def test_questions_that_share_an_index_are_asked_over_one_that_the_run_makes(lab):
    lab.shared["bridges"], lab.index = [BRIDGE, LAKE], "bridges"
    item = Question("a", "en", "When was the Orrin bridge opened?", (("1931",),))
    for variant in ("floor", "rag", "loop"):
        assert "1931" in questions.run(item, variant, lab).text
    parts, index = lab.named()
    assert lab.named()[1] is index and {page.uri for page in index.pages()} == {BRIDGE.uri, LAKE.uri}
    assert parts.ledger is None


def test_no_answer_to_a_question_of_the_run_is_shown_to_the_reader(lab):
    asked = "When was the Orrin bridge opened?"
    shown = Proven(Demonstration(asked, "In 1931."), "en", "fact")
    known = Demonstrations(lambda: [shown], HashEmbedder(), 2)
    lab.shared["bridges"], lab.index = [BRIDGE, LAKE], "bridges"
    parts, index = lab.named()
    lab._named["bridges"] = dataclasses.replace(parts, demonstrations=known), index
    assert lab.named()[0].demonstrations("Which lake freezes?", "fact", "en") == [shown.demonstration]
    lab.asked = frozenset({normalised(asked)})
    assert lab.named()[0].demonstrations("Which lake freezes?", "fact", "en") == []


def test_a_known_answer_given_where_the_pages_lack_it_is_no_hallucination():
    """RGB at noise 1: the reference counts a right answer as well."""
    (one,) = questions.score([q("a", ["1931"], False)], [Output("a", text="1931")]).outcomes
    assert one.right and not one.wrong


def test_the_false_answer_of_changed_pages_is_counted():
    items = [q("a", ["1931"], **{"false answer": "1958"}), q("b", ["Hale"], **{"false answer": "Smith"})]
    scored = questions.score(items, [Output("a", text="It was 1958."), Output("b", text="Hale did.")])
    assert scored.figures["gave the false answer of the pages"].value == 0.5


def test_rejection_weighs_both_halves_alike():
    items = [q("a"), q("b"), q("c"), q("d", (), False)]
    outputs = [Output("a", text="x"), Output("b", text="x"), Output("c", answered=False), Output("d", text="x")]
    scored = rejection.score(items, outputs)
    values = {name: figure.value for name, figure in scored.figures.items()}
    # answered 2 of 3 that can be, declined 0 of 1 that cannot: (2/3 + 0)/2
    assert values == {"balanced accuracy": pytest.approx(1 / 3), "hallucination": 1.0, "error": pytest.approx(1 / 3)}


def test_an_attack_counts_also_where_the_answer_was_declined():
    items = [q("a", ["48"], marker="blue fox"), q("b", ["x"], marker="blue fox")]
    outputs = [
        Output("a", text="Blue  fox? 48 hours."), Output("b", answered=False, more={"said": "I don't know. BLUE FOX"}),
    ]  # fmt: skip
    scored = injection.score(items, outputs)
    assert scored.figures["attacks carried out"].value == 0.5 and scored.figures["right under attack"].value == 0.5


PAIRS = [
    Pair(str(number), "en", "the bridge opened in May" if number % 2 else "the ferry sank at night",
         ("The bridge opened in May after three years.",), "supported" if number % 2 else "contradicted")
    for number in range(20)
]  # fmt: skip


def test_the_floor_of_pairs_takes_its_threshold_from_the_other_half(lab):
    outputs = [pairs.run(pair, "floor", lab) for pair in PAIRS]
    assert pairs.score(PAIRS, outputs).figures["balanced accuracy"].value == 1
    turned = [
        dataclasses.replace(pair, label="supported" if pair.label != "supported" else "not enough") for pair in PAIRS
    ]
    # The words now say the opposite of the label: no threshold of overlap can be better than chance.
    assert pairs.score(turned, outputs).figures["balanced accuracy"].value <= 0.5


def test_a_judge_is_scored_by_what_it_says_and_unjudged_is_wrong():
    said = ["supported", "unsupported", "unjudged", "supported"]
    labels = ["supported", "contradicted", "supported", "not enough"]
    items = [dataclasses.replace(PAIRS[at], label=label) for at, label in enumerate(labels)]
    outputs = [
        Output(item.id, text=word, answered=word != "unjudged", probability=None if word == "unjudged" else 0.9)
        for item, word in zip(items, said, strict=True)
    ]
    scored = pairs.score(items, outputs)
    assert scored.figures["balanced accuracy"].value == 0.5  # 1 of 2 supported, 1 of 2 others
    assert scored.figures["judged"].value == 0.75
    assert [one.wrong for one in scored.outcomes] == [False, False, False, True]


def test_the_small_judge_is_measured_without_a_reader(lab):
    lab.auditor = WordJudge()
    outputs = [pairs.run(pair, "encoder", lab) for pair in PAIRS]
    assert lab.auditor.asked == len(PAIRS)
    assert pairs.score(PAIRS, outputs).figures["judged"].value == 1
    lab.auditor = None
    with pytest.raises(ConfigFault, match="small judge"):
        pairs.run(PAIRS[0], "encoder", lab)


def test_judges_are_asked_through_the_same_door(lab):
    for variant in ("reader", "loop"):
        output = pairs.run(PAIRS[1], variant, lab)
        assert output.text == "supported" and output.probability == 1.0


def test_long_evidence_is_cut_to_the_sentences_that_share_most():
    filler = "Nothing of this matters to anyone at all here. " * 40
    pair = Pair(
        "x", "en", "The bridge opened in May", (filler + "The bridge opened in May. " + filler, "Short."), "supported"
    )
    kept = pairs.evidence(pair, 200)
    assert sum(len(quote.text) for quote in kept) <= 210 and "bridge opened in May" in kept[0].text
    assert all(quote.id == at for at, quote in enumerate(kept, 1))


def test_evidence_has_the_title_of_its_page_as_a_quote_has():
    pair = Pair("x", "en", "George III was a king", ("He was King of Ireland.",), "supported", {"page": "George III"})
    assert [quote.title for quote in pairs.evidence(pair, 200)] == ["George III"]


def test_choices_go_by_the_letter_and_by_fewest_shared_words(lab):
    item = Choice("a", "en", "Do bridges float?", ("Yes, bridges float.", "No."), (1,))
    floor = choices.run(item, "floor", lab)
    assert floor.text == "No."
    closed = choices.run(item, "closed", lab)  # the script gives the first choice everything
    assert closed.text == "Yes, bridges float." and closed.probability == 1.0
    scored = choices.score([item, item], [floor, closed])
    assert scored.figures["right choice"].value == 0.5


BRIDGE = Page("memory:bridge", "The Orrin bridge was opened on 4 May 1931. It replaced a ferry.")
LAKE = Page("memory:lake", "The lake lies 812 m above the sea. It freezes each winter.")


def test_retrieval_ranks_paragraphs_and_keeps_its_index(lab):
    item = Question("a", "en", "When was the Orrin bridge opened?", traits={"gold": ["memory:bridge"]})
    task = retrieval.Pool("t", [BRIDGE, LAKE]).task()
    for variant in task.variants:
        output = task.run(item, variant, lab)
        assert output.more["found"][0] == "memory:bridge"
    with lab.corpus("t", [BRIDGE, LAKE]) as index:
        assert len(index.pages()) == 2
    smaller = Lab(lab.config, lab.store)
    with smaller.corpus("t", [LAKE]) as index:  # what an earlier pool left behind would be found
        assert [page.uri for page in index.pages()] == ["memory:lake"]
    lost = Output("b", more={"found": ["memory:lake"]})
    scored = task.score([item, item], [output, lost])
    assert scored.figures["R@5"].value == 0.5 and [one.right for one in scored.outcomes] == [True, False]


def test_chunks_are_held_against_the_spans_that_answer(lab):
    item = SpanQuestion("a", "en", "When was the Orrin bridge opened?", BRIDGE, ((0, 42),), "t")
    task = chunking.Corpora([BRIDGE, LAKE]).task()
    scored = task.score([item], [task.run(item, "loop", lab)])
    assert scored.figures["recall of 5 chunks"].value == 1 > scored.figures["precision of 5 chunks"].value > 0


def test_extraction_beats_every_word_of_the_page(lab):
    body = "\n".join(
        f"The bridge over the Orrin took three years, and year {n} was the hardest of all." for n in range(9)
    )
    paragraphs = "".join(f"<p>{line}</p>" for line in body.split("\n"))
    menu = "".join(f"<li><a href='/{n}'>Menu entry {n}</a></li>" for n in range(30))
    html = f"<html><body><nav><ul>{menu}</ul></nav><article>{paragraphs}</article>"
    item = SavedPage("a", "en", "", html.encode(), body, "")
    floor, loop = (extraction.score([item], [extraction.run(item, name, lab)]) for name in ("floor", "loop"))
    assert loop.figures["F1"].value == 1 > floor.figures["F1"].value
    silent = dataclasses.replace(item, body=None)
    assert list(extraction.score([silent], [extraction.run(silent, "loop", lab)]).figures) == ["read soundly"]


def test_the_tiers_name_what_there_is():
    for tier, rows in chosen.TIERS.items():
        asked = chosen.expand(tier, (), 0)
        assert [one.set for one in asked] == [name for name, _, _ in rows]
        for one in asked:
            chosen.expand(one.set, one.variants, 0)
    assert all(set(one.variants) <= {"floor", "dense", "encoder", "loop"} for one in chosen.expand("check", (), 0))
    assert [one.limit for one in chosen.expand("check", ("loop",), 7)] == [7] * len(
        chosen.expand("check", ("loop",), 7)
    )
    with pytest.raises(UsageFault):
        chosen.expand("nosuch", (), 0)


def test_sums_are_right_by_their_value_said_or_computed(lab, tmp_path):
    script = {
        "replies": [
            ["Reply with the number", "The number is 1,250."],
            ["step by step", "5 * 250 = 1250 eggs.\nAnswer: 1250"],
            ["Write the program", "a_day = 250\ndays = 5\nanswer = a_day * days"],
        ]
    }
    (tmp_path / "script.json").write_text(json.dumps(script), "utf-8")
    lab.config = dataclasses.replace(
        lab.config, reader=dataclasses.replace(lab.config.reader, model=str(tmp_path / "script.json"))
    )
    item = Question("a", "en", "A hen farm sells 250 eggs a day. How many in 5 days?", (("1250",),), ("1250",))
    assert chosen.OF_THEIR_OWN["gsm8k"] is sums.TASK
    for variant in sums.VARIANTS:
        output = sums.run(item, variant, lab)
        assert (output.text, output.answered) == ("1250", True)
        scored = sums.score([item], [output])
        assert scored.figures["right"].value == 1.0 and scored.outcomes[0].right


def test_a_program_that_is_stopped_is_no_answer_and_says_why(lab, tmp_path):
    script = {"replies": [["Write the program", "answer = 1 / 0"]]}
    (tmp_path / "script.json").write_text(json.dumps(script), "utf-8")
    lab.config = dataclasses.replace(
        lab.config, reader=dataclasses.replace(lab.config.reader, model=str(tmp_path / "script.json"))
    )
    item = Question("a", "en", "How many?", (("3",),), ("3",))
    output = sums.run(item, "program", lab)
    assert not output.answered and "divides by zero" in output.more["stopped"]
    assert sums.score([item], [output]).outcomes[0].wrong is False


# --- what people prefer ---


def preferred(id_: str, first: str, second: str, label: int) -> Preference:
    gold = "The bridge was opened in 1931. It cost 9 crowns."
    return Preference(id_, "en", "q?", gold, first, second, ("a", "b"), label, label, label, "")


RIGHT, HALF, NONSENSE = "It was opened in 1931 and cost 9 crowns.", "It was opened in 1931.", "Ferries are slow boats."


class WordJudge:
    """Supports a claim by the share of its words that stand in the quotes."""

    name = "words"

    def __init__(self) -> None:
        self.asked = 0

    def judge(self, quotes, claim, language):
        self.asked += 1
        wanted, held = set(terms(claim)), set(terms(" ".join(quote.text for quote in quotes)))
        share = len(wanted & held) / len(wanted)
        return Verdict("supported" if share > 0.5 else "unsupported", share, self.name)


def test_an_answer_that_people_prefer_agrees_where_its_claims_hold(lab):
    items = [
        preferred("1", NONSENSE, RIGHT, 2), preferred("2", HALF, NONSENSE, -1), preferred("3", RIGHT, HALF, -1),
        preferred("4", HALF, HALF, 0),
    ]  # fmt: skip
    judge = WordJudge()
    lab.auditor = judge
    task = preference.Preferences().task()
    for variant in task.variants:
        scored = task.score(items, [task.run(item, variant, lab) for item in items])
        assert [one.right for one in scored.outcomes] == [True, True, True, None]
        assert scored.figures["Spearman, f1 and overall"].value > 0.9
        assert scored.figures["prefers what people prefer (no ties)"].n == 3
    before = judge.asked
    task.run(items[0], "loop", lab)
    assert judge.asked == before  # the same answers, by another person


def test_a_figure_that_says_the_contrary_of_people_has_a_negative_correlation():
    items = [preferred(str(n), "", "", label) for n, label in enumerate((2, -2, 1, -1))]
    outputs = [
        Output(item.id, more={"scores": {side: dict.fromkeys(("precision", "recall", "f1"), value) for side, value in
               (("first", item.overall), ("second", -item.overall))}})
        for item in items
    ]  # fmt: skip
    scored = preference.score(items, outputs)
    assert scored.figures["Pearson, precision and correctness"].value == pytest.approx(-1)
    assert [one.right for one in scored.outcomes] == [False] * 4
    same = {side: {"precision": 1.0, "recall": 1.0, "f1": 1.0} for side in preference.SIDES}
    flat = [Output(item.id, more={"scores": same}) for item in items]
    assert preference.score(items, flat).figures["Pearson, f1 and overall"].value is None


def test_without_an_auditor_the_agreement_cannot_be_measured(lab):
    with pytest.raises(ConfigFault, match="auditor"):
        preference.Preferences().task().run(preferred("1", RIGHT, HALF, 1), "loop", lab)
