import json

import pytest

from rag.answering.answerability import RISKS, UNSURE, Fit, Gate, Level, fitted, gate, levels, odds, signals, weighing
from rag.checking import answerable
from rag.errors import ConfigFault, ModelFault
from rag.types import Chunk, Hit, Quote

CURVE = ((0.9, 0.2, 0.05, 0.25), (0.6, 0.5, 0.1, 0.2), (0.3, 0.8, 0.25, 0.31))
FIT = Fit(("sufficient",), (0.0,), (1.0,), (1.0,), 0.0, CURVE)


def quotes(*texts: str) -> list[Quote]:
    return [Quote(at, text, "memory:a", "", "", 0, len(text)) for at, text in enumerate(texts, 1)]


def undecided(passages, question) -> list[float]:
    return [0.5 for _ in passages]


def hits(*cosines: float | None) -> list[Hit]:
    return [Hit(Chunk("memory:a", "", 0, 1, "a"), "", 1.0, cosine=cosine) for cosine in cosines]


def test_a_smaller_risk_asks_for_more_and_answers_less():
    assert [FIT.level(risk) for risk in (0.05, 0.12, 0.25, 1.0)] == [
        Level(0.05, 0.9, 0.2, 0.25),
        Level(0.12, 0.6, 0.5, 0.2),
        Level(0.25, 0.3, 0.8, 0.31),
        Level(1.0, 0.0, 1.0, 0.31),
    ]


def test_a_risk_that_nothing_is_safe_enough_for_answers_nothing():
    assert FIT.level(0.01) == Level(0.01, 1.0, 0.0, None)
    assert Gate(weighing(FIT, undecided), FIT.level(0.01)).refuses(0.999)


def test_a_run_that_is_not_sure_enough_is_told_how_sure_it_was_and_had_to_be():
    made = Gate(weighing(FIT, undecided), FIT.level(0.12))
    sure = made.weigh("When?", quotes("In 1931."), [], 0.55, None)
    assert sure == pytest.approx(0.55)
    reason = made.refuses(sure)
    assert reason.startswith(UNSURE) and "55%" in reason and "60%" in reason and "12%" in reason
    assert made.refuses(0.6) == ""


def test_without_quotes_there_is_no_probability_and_without_the_readers_word_it_counts_as_its_mean():
    made = Gate(weighing(FIT, undecided), FIT.level(0.05))
    assert made.weigh("When?", [], [], 0.9, 0.9) is None and made.refuses(None) == ""
    assert made.weigh("When?", quotes("In 1931."), [], None, None) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("修这座大坝花了多少钱？", 1.0),
        ("How much did the bridge cost?", 1.0),
        ("大坝是谁设计的？", 0.0),
        ("Who drew it?", 0.0),
    ],
)
def test_a_sum_a_number_or_a_date_asked_for_is_a_signal(question: str, asked: float):
    assert signals(question, [], [], 0.5, None)["asked"] == asked


def test_the_signals_of_a_run():
    found = signals("静湖多高？", [[0.8, 0.9, 0.7, 0.6, 0.1], [0.5]], [0.2, 0.5], 0.5, 0.5)
    assert found["cosine"] == 0.9 and found["ahead"] == pytest.approx(0.2)
    assert found["stated"] == pytest.approx(0.0) and found["sufficient"] == pytest.approx(0.0) and found["zh"] == 1.0
    assert found["fits"] == pytest.approx(0.0)
    lone = signals("How high?", [[0.8]], [], 0.5, None)
    assert "fits" not in lone
    assert lone["ahead"] == 0.0 and lone["zh"] == 0.0


def test_hits_without_a_cosine_are_left_out():
    seen = []
    fit = Fit(("cosine",), (0.0,), (1.0,), (100.0,), -85.0, CURVE)
    weigh = weighing(fit, lambda passages, question: seen.append((passages, question)) or [0.5])
    assert weigh("Who?", quotes("Hale."), [hits(None, 0.9), hits()], 0.5, None) == pytest.approx(0.9933, abs=1e-3)
    assert seen == [(("Hale.",), "Who?")]


def test_the_small_judge_is_asked_once_though_a_run_is_weighed_before_its_draft_and_after():
    seen = []
    weigh = weighing(FIT, lambda passages, question: seen.append((passages, question)) or [0.5])
    for fits in (0.95, 0.4):
        weigh("Who?", quotes("Hale."), [], 0.5, fits)
    weigh("Who?", quotes("Strand."), [], 0.5, 0.4)
    assert seen == [(("Hale.",), "Who?"), (("Strand.",), "Who?")]


def test_log_odds_are_bounded():
    assert odds(0.5) == 0.0 and odds(0.0) == pytest.approx(-6.0) and odds(1.0) == pytest.approx(6.0)


@pytest.mark.parametrize("kind", ["whole", "judge"])
def test_the_fits_that_are_shipped_are_whole_and_their_levels_rise_with_the_risk(kind):
    rows = levels(kind)
    assert [row.risk for row in rows] == list(RISKS)
    assert [row.coverage for row in rows] == sorted(row.coverage for row in rows)
    assert [row.threshold for row in rows] == sorted((row.threshold for row in rows), reverse=True)
    surer = signals("Who?", [[0.85, 0.8]], [0.9], 0.5, 0.6)
    less = signals("Who?", [[0.85, 0.8]], [0.1], 0.5, 0.6)
    right = signals("Who?", [[0.85, 0.8]], [0.9], 0.5, 0.9)
    assert fitted(kind).probability(right) > fitted(kind).probability(surer)
    assert fitted(kind).probability(surer) > fitted(kind).probability(less)


def test_what_was_fitted_on_is_written_down():
    told = json.loads(answerable.FITTED.read_text("utf-8"))
    squad = {"xquad/xquad.en.json", "xquad/xquad.zh.json"}
    assert {row["file"] for row in told["data"]} == {"eval/questions/seeds.jsonl"} | squad | {
        f"nomiracl/{language}.{kind}.jsonl" for language in ("en", "zh") for kind in ("relevant", "non_relevant")
    }
    assert all(len(row["sha256"]) == 64 and row["licence"] for row in told["data"])
    assert told["fitted"] and told["n"]["nomiracl-en"] >= 90 and told["n"]["nomiracl-zh"] >= 90
    assert told["n"]["fixture"] == 0 and "eval/lists" in told["split"]


def test_a_risk_is_a_share():
    with pytest.raises(ConfigFault, match="from 0"):
        gate(5.0, "judge", undecided)


def test_a_damaged_fit_names_the_remedy(tmp_path):
    file = tmp_path / "answerable.json"
    file.write_text("{}", "utf-8")
    with pytest.raises(ModelFault, match="Install Vouch again"):
        fitted("whole", file)
