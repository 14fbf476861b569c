import pytest

from rag.answering.answerability import RISKS, Fit, Gate, Level, Signals, fitted, gate, levels, odds
from rag.errors import ConfigFault, ModelFault
from rag.messages import find

CURVE = ((0.9, 0.2, 0.05, 0.25), (0.6, 0.5, 0.1, 0.2), (0.3, 0.8, 0.25, 0.31))
FIT = Fit(("fits", "zh"), (0.0, 0.0), (1.0, 1.0), (1.0, -2.0), 0.0, CURVE)


def signals(**known) -> Signals:
    even = dict.fromkeys(("fits", "supported", "agrees", "certain", "pointed", "stated"), 0.5)
    whole = {"language": "en", **even}
    return Signals(**{**whole, **known})


def test_a_smaller_risk_asks_for_more_and_answers_less():
    assert [FIT.level(risk) for risk in (0.05, 0.12, 0.25, 1.0)] == [
        Level(0.05, 0.9, 0.2, 0.25),
        Level(0.12, 0.6, 0.5, 0.2),
        Level(0.25, 0.3, 0.8, 0.31),
        Level(1.0, 0.0, 1.0, 0.31),
    ]


def test_a_risk_that_nothing_is_safe_enough_for_answers_nothing():
    never = FIT.level(0.01)
    assert never == Level(0.01, 1.0, 0.0, None) and Gate(lambda told: 0.5, never).refuses(0.999)


def test_a_run_that_is_not_sure_enough_is_told_how_sure_it_was_and_had_to_be():
    made = Gate(lambda told: 0.5, FIT.level(0.12))
    reason = made.refuses(0.55)
    assert find(reason).code == "refused.unsure" and "55%" in reason and "60%" in reason and "12%" in reason
    assert made.refuses(0.6) == ""


def test_what_nobody_could_say_counts_as_its_mean():
    assert FIT.probability(signals(fits=None).values()) == pytest.approx(0.5)
    assert FIT.probability(signals(fits=0.8).values()) == pytest.approx(0.8)
    assert FIT.probability(signals(fits=0.8, language="zh").values()) < 0.5
    assert "fits" not in signals(fits=None).values()


def test_the_signals_of_a_run_by_name():
    found = signals(language="zh", agrees=0.0, fits=None, certain=None, stated=None).values()
    assert found == {"agrees": pytest.approx(-6.0), "supported": 0.0, "pointed": 0.5, "zh": 1.0}


def test_log_odds_are_bounded():
    assert odds(0.5) == 0.0 and odds(0.0) == pytest.approx(-6.0) and odds(1.0) == pytest.approx(6.0)


def test_the_fit_that_is_shipped_is_whole_and_its_levels_rise_with_the_risk():
    rows = levels()
    assert [row.risk for row in rows] == list(RISKS)
    assert [row.coverage for row in rows] == sorted(row.coverage for row in rows)
    assert [row.threshold for row in rows] == sorted((row.threshold for row in rows), reverse=True)
    assert all(0 <= row.threshold <= 1 and 0 <= row.coverage <= 1 for row in rows)
    assert all(deviation > 0 for deviation in fitted().deviations)
    known = signals().values().keys()
    assert set(fitted().names) <= known


def test_the_shipped_fit_trusts_what_all_signals_speak_for_more_than_what_none_does():
    low, high = (signals(fits=p, supported=p, agrees=p) for p in (0.02, 0.98))
    weigh = gate(0.1).weigh
    assert weigh(low) < 0.5 < weigh(high)


@pytest.mark.parametrize("risk", [-0.1, 5.0])
def test_a_risk_is_a_share(risk: float):
    with pytest.raises(ConfigFault, match="from 0"):
        gate(risk)


@pytest.mark.parametrize("text", ["{}", "", "[]", '{"weights": 1}'])
def test_a_damaged_fit_names_the_remedy(tmp_path, text: str):
    file = tmp_path / "answerability.json"
    file.write_text(text, "utf-8")
    with pytest.raises(ModelFault, match="Install Vouch again"):
        fitted(file)
