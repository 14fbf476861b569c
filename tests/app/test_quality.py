"""The Quality page without a browser: figures over days and the answers behind them."""

from streamlit.testing.v1 import AppTest

from app import quality
from rag import wiring
from tests.app.conftest import SOON, shown
from tests.checking.test_ledger import answer


def quality_page(config: str) -> None:
    from app import quality
    from rag.config import load

    quality.page(load())


def visit() -> AppTest:
    return AppTest.from_function(quality_page, args=("",), default_timeout=SOON).run()


def test_no_answers_is_said(site):
    test = visit()
    assert not test.exception and "No answers yet." in shown(test)


def test_answers_are_charted_listed_and_escaped(site):
    ledger = wiring.ledger(site.config)
    ledger.add(answer(1, question="<img src=x> **Which**?"), "r", ())
    whole = [{**answer(2)["sentences"][0], "text": "<script>alert(1)</script>"}]
    ledger.add(answer(2, question="Whole?", sentences=whole), "r", ())
    test = visit()
    html = shown(test)
    assert not test.exception
    assert len(test.get("vega_lite_chart")) == len(quality.MEASURES)
    assert [expander.label for expander in test.expander] == ["Whole?", r"\<img src\=x\> \*\*Which\*\*?"]
    assert '<li class="contradicted">' in html and "<script" not in html
    test = test.toggle[0].set_value(True).run()
    assert len(test.expander) == 1


def test_a_crossed_limit_is_red(site):
    file = site.folder / "vouch.toml"
    file.write_text(file.read_text("utf-8") + "[alarms]\nmin_answers = 1\nfaithfulness = 0.9\n", "utf-8")
    wiring.ledger(site.config).add(answer(1), "r", ())
    assert 'class="notice fault"' in shown(visit())


def test_a_point_is_a_share_and_none_where_nothing_was_published():
    row = {
        "day": "2026-01-02",
        "language": "en",
        "answers": 4,
        "abstained": 1,
        "sentences": 5,
        "supported": 4,
        "seconds": 8.0,
    }
    [point] = quality.points([row])
    assert (point["faithfulness"], point["abstained"], point["seconds"], point["n"]) == (0.8, 0.25, 2.0, 4)
    assert quality.points([row | {"sentences": 0}])[0]["faithfulness"] is None
    spec = quality.chart(quality.points([row, row | {"sentences": 0}]), "faithfulness", "t", "d")
    assert len(spec["data"]["values"]) == 1 and spec["encoding"]["y"]["scale"] == {"domain": [0, 1]}
