"""What is offered where a question was not answered, and that one click asks again with it."""

from dataclasses import replace

from app import remedies
from app.settings import Settings, applied
from rag.answering.answerability import RISKS, levels
from rag.messages import english
from rag.types import Answer
from tests.answering.made import asks
from tests.app.conftest import settle, state
from tests.app.test_ask import effort
from tests.app.test_page import ask, button
from tests.history.test_conversations import ANSWER

QUESTION = "Who built the lighthouse?"
UNSURE = english("refused.unsure", probability="40%", needed="46%", risk="12%")


def declined(sure: float | None = None, reason: str = "not found") -> Answer:
    return replace(ANSWER, status="abstained", reason=reason, metrics=ANSWER.metrics | {"answerable": sure})


def names(config, settings: Settings, given) -> list[str]:
    return [one.name for one in remedies.remedies(config, settings, given)]


def test_only_what_differs_from_how_it_was_asked_is_offered(site):
    assert names(site.config, Settings(), declined()) == ["deeper"]
    assert names(site.config, Settings(budget="thorough"), declined()) == []
    assert names(site.config, Settings(budget="thorough", tags=("a",)), declined()) == ["widen"]
    web = replace(site.config, web=replace(site.config.web, engine="searxng"))
    assert names(web, Settings(), declined()) == ["deeper", "web"]
    assert names(web, Settings(web=True), declined()) == ["deeper"]


def test_the_risk_that_is_offered_is_the_least_that_tells_the_draft(site):
    [level] = [one for one in levels(RISKS) if one.risk == 0.2]
    found = remedies.remedies(site.config, Settings(), declined(level.threshold, UNSURE))
    assert found[0].settings.risk == next(one.risk for one in levels(RISKS) if one.threshold <= level.threshold)
    assert found[0].settings.risk > site.config.checking.risk
    assert "risk" not in names(site.config, Settings(), declined(level.threshold, "not found"))
    assert "risk" not in names(site.config, Settings(risk=0.5), declined(level.threshold, UNSURE))


def test_a_click_asks_the_last_question_again_with_it(make_site):
    script = [[asks("answer", "fact"), ""], [asks("translate"), "谁建的灯塔？"]]
    site = make_site(script, [])
    test = ask(site.visit(), QUESTION)
    [turn] = state(test).turns
    assert turn.answer.status == "abstained"
    test = settle(button(test, f"remedy-deeper-{turn.answer.id}").click().run())
    assert not test.exception
    first, second = state(test).turns[0].versions
    assert second.question == first.question == QUESTION
    assert second.answer.config_sha256 == applied(site.config, Settings(budget="thorough")).fingerprint()
    assert state(test).settings.budget == "quick" == effort(test).value  # of the conversation nothing has changed
