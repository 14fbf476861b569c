"""The Quality page without a browser: figures over days, what got worse, the answers behind a point, evaluations."""

import sqlite3
from contextlib import closing

import pytest
from streamlit.testing.v1 import AppTest

from app import figures, past, render_quality, resources
from app.session import BY, CHART, DAY, DOUBTFUL, MEASURE, PAST, QUALITY_VIEW
from app.words import WORDS
from rag import wiring
from rag.history.feedback import Opinion
from rag.learning.learn import learn
from rag.learning.votes import votes
from rag.types import Page, sha256
from tests.app.conftest import SOON, shown, state
from tests.history.test_ledger import answer
from tests.learning.test_learn import FEATURES, TOWNS, compared

TEXT = "The tower is 41 m high. It was built in 1900."


def quality_page(config: str) -> None:
    from app import quality
    from rag.config import load

    quality.page(load())


def visit() -> AppTest:
    return AppTest.from_function(quality_page, args=("",), default_timeout=SOON).run()


def run(day: str = "2026-01-02", **more):
    row = {
        "id": "1", "question": "Q?", "status": "answered", "day": day, "language": "en", "model": "m", "judge": "j",
        "prompts": "p", "build": "books b1", "build_name": "b1", "index_name": "books", "sentences": 4, "supported": 3,
        "unjudged": 0, "contradicted": 1, "recall_hits": 1, "recall_n": 2, "precision_hits": 1, "precision_n": 2,
        "revised": 0, "prompt_tokens": 100, "output_tokens": 20, "seconds": 8.0,
    }  # fmt: skip
    return row | more


def test_no_answers_is_said(site):
    test = visit()
    assert not test.exception and "No answers in these days." in shown(test)


def test_answers_are_charted_listed_and_escaped(site):
    ledger = wiring.ledger(site.config)
    ledger.add(answer(1, question="<img src=x> **Which**?"), "r", ())
    whole = [{**answer(2)["sentences"][0], "text": "<script>alert(1)</script>"}]
    ledger.add(answer(2, question="Whole?", sentences=whole), "r", ())
    test = visit()
    html = shown(test)
    assert not test.exception
    assert test.get("vega_lite_chart") and html.count('class="card"') == 7
    assert [expander.label for expander in test.expander] == ["Whole?", r"\<img src\=x\> \*\*Which\*\*?"]
    assert '<li class="contradicted">' in html and "<script" not in html
    test.session_state[DOUBTFUL] = ["contradicted"]
    assert len(test.run().expander) == 1


def test_what_people_thought_comes_first_where_anybody_said_it(site):
    wiring.ledger(site.config).add(answer(1), "r", ())
    assert "Called good" not in shown(visit())
    kept = wiring.feedback(site.config)
    for name, good in (("a", True), ("b", True), ("c", False)):
        kept.say(Opinion({"id": name}, good))
    html = shown(visit())
    assert html.count('class="card"') == 8 and "67%" in html
    assert html.index("Called good") < html.index("Sentences supported")


@pytest.mark.parametrize("measure", figures.MEASURES)
def test_every_measure_and_every_group_can_be_drawn(site, measure):
    ledger = wiring.ledger(site.config)
    for number in range(3):
        ledger.add(answer(number), f"model-{number}", ())
    test = visit()
    test.session_state[MEASURE] = measure
    for by in ("model", "build"):
        test.session_state[BY] = by
        test = test.run()
        assert not test.exception and "Something went wrong" not in shown(test)


def test_a_quote_behind_a_point_opens_where_it_stood_though_its_source_is_gone(site):
    start = TEXT.index("41 m")
    kept = [{"id": 1, "text": "41 m", "source": "memory:gone", "title": "Tower", "page_sha256": sha256(TEXT),
             "start": start, "end": start + 4}]  # fmt: skip
    wiring.ledger(site.config).add(answer(1, quotes=kept), "r", [Page("memory:gone", TEXT, "Tower")])
    test = visit()
    assert f'data-cite="{PAST}:1"' in shown(test)
    state(test).cite(f"{PAST}:1")
    assert '<mark id="quote">41 m</mark>' in shown(test.run())


def test_a_day_narrows_what_is_listed_and_one_that_is_gone_does_not_stick(site):
    ledger = wiring.ledger(site.config)
    ledger.add(answer(1, question="Old?"), "r", ())
    with closing(sqlite3.connect(ledger.path)) as database, database:
        database.execute("UPDATE answers SET at = datetime('now', '-3 days')")
    ledger.add(answer(2, question="New?"), "r", ())
    test = visit()
    assert [expander.label for expander in test.expander] == ["New?", "Old?"]
    days = test.selectbox(key=DAY).options
    test = test.selectbox(key=DAY).set_value(sorted(days)[0]).run()
    assert len(test.expander) == 1 and test.expander[0].label == "Old?"
    test = test.slider[0].set_value(1).run()
    assert not test.exception and [expander.label for expander in test.expander] == ["New?"]


def test_a_crossed_limit_is_red(site):
    file = site.folder / "vouch.toml"
    file.write_text(file.read_text("utf-8") + "[alarms]\nmin_answers = 1\nfaithfulness = 0.9\n", "utf-8")
    wiring.ledger(site.config).add(answer(1), "r", ())
    assert 'class="notice fault"' in shown(visit())


def test_evaluations_stand_side_by_side_with_their_curves(site):
    wiring.ledger(site.config).add_evaluation({"name": "own", "n": 3, "figures": {"right": {"value": 0.5, "n": 3}}})
    test = visit()
    test.session_state[QUALITY_VIEW] = "evaluations"
    test = test.run()
    assert not test.exception and "Something went wrong" not in shown(test)
    assert len(test.dataframe) >= 4 and len(test.get("vega_lite_chart")) == 2
    assert list(test.dataframe[-1].value["right"]) == [0.5]


# --- figures --------------------------------------------------------------------------------


def test_a_point_is_a_share_with_its_n_and_none_where_nothing_was_published():
    [point] = figures.series([run(), run(supported=4)], "faithfulness", "language")
    assert (point.value, point.n, point.day, point.group) == (7 / 8, 8, "2026-01-02", "en")
    assert point.low <= point.value <= point.high
    assert figures.series([run(sentences=0, supported=0)], "faithfulness", "language") == []
    assert figures.figure([run(), run(status="abstained")], "abstained").value == 0.5
    assert figures.figure([run(seconds=1.0), run(seconds=3.0), run(seconds=50.0)], "seconds").value == 3.0
    assert figures.figure([run()], "tokens").value == 120


def test_days_and_groups_are_apart():
    rows = [run(), run("2026-01-03"), run(model="other")]
    points = figures.series(rows, "abstained", "model")
    assert [(point.day, point.group) for point in points] == [
        ("2026-01-02", "m"), ("2026-01-02", "other"), ("2026-01-03", "m"),
    ]  # fmt: skip


def test_what_got_worse_is_told_only_where_it_is_clear():
    good, bad = run(supported=4, contradicted=0), run(supported=1, contradicted=0)
    now = {"build_name": "b2", "build": "books b2"}
    before, after, found = figures.drifts([good] * 40 + [bad | now] * 40, "books")
    words = {one.measure: one.word for one in found}
    assert (before, after) == ("b1", "b2")
    assert words["faithfulness"] == "worse" and words["abstained"] == words["citation_recall"] == "unclear"
    _, _, found = figures.drifts([bad] * 40 + [good | now] * 40, "books")
    assert {one.measure: one.word for one in found}["faithfulness"] == "better"
    _, _, found = figures.drifts([good] * 2 + [run(supported=3, contradicted=0) | now] * 2, "books")
    assert {one.measure: one.word for one in found}["faithfulness"] == "unclear", "two answers show nothing"
    more = [run(status="abstained") | now] * 40
    _, _, found = figures.drifts([good] * 40 + more, "books")
    assert {one.measure: one.word for one in found}["abstained"] == "worse"


def test_one_build_has_nothing_to_be_compared_with():
    assert figures.drifts([run()], "books") == ("", "b1", [])
    assert figures.drifts([], "books") == ("", "", [])


def test_answers_are_narrowed_by_day_group_and_doubt():
    rows = [run(), run("2026-01-03", language="zh", supported=2), run("2026-01-03", status="abstained", contradicted=0)]
    assert past.narrowed(rows, "language", past.ALL, past.ALL, []) == rows[::-1]
    assert past.narrowed(rows, "language", "2026-01-03", "zh", []) == [rows[1]]
    assert past.narrowed(rows, "language", past.ALL, past.ALL, ["unsupported", "abstained"]) == [rows[2], rows[1]]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_drift_is_said_in_words_and_signs(language):
    _, _, found = figures.drifts([run()] * 9 + [run(build_name="b2")] * 9, "books")
    html = render_quality.drifts(language, "<b1>", "b2", found)
    assert WORDS["drift unclear"][language == "zh"] in html and "<b1>" not in html and "=" in html


def test_the_chart_says_what_was_clicked():
    from app import charts

    spec = charts.over_time(figures.series([run()], "faithfulness", "model"), "t", "d", "g", "%", True).to_dict()
    assert spec["params"][0]["name"] == charts.CLICKED and spec["params"][0]["select"]["fields"] == ["on", "group"]
    assert CHART == "chart"


def test_what_was_learned_is_shown_with_its_card_and_its_versions(site):
    def learned() -> str:
        test = visit()
        test.session_state[QUALITY_VIEW] = "learned"
        test = test.run()
        assert not test.exception
        tables = "".join(str(table.value.to_dict("records")) for table in test.dataframe)
        return shown(test) + tables

    assert "Nothing was learned yet." in learned()
    store, kept = resources.feedback(site.config), wiring.rewards(site.config)
    compared(store, TOWNS)
    made = kept.keep(learn(votes(store), FEATURES))
    assert "not in use" in learned() and "30 comparisons" in learned()
    kept.use(made.version)
    html = learned()
    assert "In use: version 1" in html and "30 votes on 30 questions" in html and "100% [100%, 100%]" in html
    (kept.folder / "reward-0002.json").write_text("{}")
    assert "In use: version 1" in learned()
    (kept.folder / "reward-0001.json").write_text("{}")
    assert "no reward that this version can read" in learned()
