from rag.config import AlarmsConfig
from rag.history.alarms import Alarm, alarms, rates
from rag.types import Rate

SUMS = {
    "answers": 20, "abstained": 5, "sentences": 40, "supported": 34, "unjudged": 1, "contradicted": 2,
    "recall_hits": 30, "recall_n": 40, "precision_hits": 0, "precision_n": 0, "seconds": 200.0,
}  # fmt: skip


def test_rates_carry_their_n_and_a_rate_over_nothing_has_no_value():
    shares = rates(SUMS)
    assert shares["faithfulness"] == Rate(34, 40) and shares["abstained"] == Rate(5, 20)
    assert shares["citation_precision"].value is None


def test_only_what_crosses_its_limit_is_an_alarm():
    limits = AlarmsConfig(faithfulness=0.9, citation_precision=0.9, abstained=0.25, contradicted=0.04, seconds=9.0)
    assert alarms(SUMS, limits) == [
        Alarm("faithfulness", 0.85, 0.9, 40),
        Alarm("contradicted", 0.05, 0.04, 40),
        Alarm("seconds", 10.0, 9.0, 20),
    ]


def test_the_defaults_never_alarm_and_too_few_answers_neither():
    assert alarms(SUMS, AlarmsConfig()) == []
    assert alarms(SUMS, AlarmsConfig(min_answers=21, faithfulness=1.0)) == []
