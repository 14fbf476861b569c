"""Several drafts, the one that most agree with, and what the ledger keeps of it."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from rag.answering.answerability import Gate, Level
from rag.answering.policies import ScriptedPolicy
from rag.answering.replay import replay
from rag.answering.samples import Best, DrawnReader, Worth
from rag.config import ReadingConfig
from rag.generation.reader import FailingReader, ScriptedReader
from rag.history.ledger import Ledger
from rag.messages import translate
from rag.protocols import Prompt
from rag.types import Finish, Keep, Open, Page, Rate, Search
from rag.web.static import StaticEngine
from tests.answering.made import answer, parts

PAGE = Page("memory:bridge", "The Orrin bridge was opened on 4 May 1931. The Hale bridge was opened on 9 June 1934.")
CHINESE = Page("memory:桥", "奥林大桥于1931年5月4日通车。黑尔大桥于1934年6月9日通车。")
SCRIPT = [Search("bridge 桥"), Open(1), Finish()]
FIRST, SECOND = "The bridge was opened on 4 May 1931.", "The bridge was opened on 9 June 1934."


def drafts(greedy: str, *drawn: str):
    """Replies by the seed that a prompt asks for; the greedy draft where it asks for none."""

    def reply(prompt) -> str:
        return drawn[prompt.seed - 1] if prompt.temperature else greedy

    return ScriptedReader(reply)


def run(reader, samples: int, question="When was the bridge opened?", page=PAGE, doubtful: int = 3, **more):
    kept = [Keep(text) for text in page.text.replace("。", "。\n").replace(". T", ".\nT").splitlines()]
    script = [*SCRIPT[:2], *kept, Finish()]
    limits = ReadingConfig(samples=samples, doubtful_samples=doubtful)
    return answer(
        question,
        parts(reader, ScriptedPolicy(script), StaticEngine([page]), limits=limits, **more),
    )[0]


def test_without_samples_nothing_is_drawn():
    reader = drafts(FIRST)
    found = run(reader, 0)
    assert not any(prompt.temperature for prompt in reader.asked) and "agreement" not in found.metrics


def test_what_most_drafts_say_takes_the_place_of_the_likeliest():
    reader = drafts(SECOND, FIRST, FIRST, SECOND, "It opened on 4 May 1931.", FIRST)
    found = run(reader, 5)
    assert "4 May 1931" in found.text and "1934" not in found.text
    assert found.metrics["agreement"] == Rate(4, 5)
    assert found.metrics["semantic_entropy"] == pytest.approx(0.5004, abs=1e-4)
    drawn = [prompt for prompt in reader.asked if prompt.temperature]
    assert [prompt.seed for prompt in drawn] == [1, 2, 3, 4, 5]


def test_the_likeliest_draft_stays_where_it_says_what_most_say_or_where_there_is_no_majority():
    agreeing = run(drafts("It was opened on 4 May 1931.", FIRST, FIRST, SECOND), 3)
    assert agreeing.draft == "It was opened on 4 May 1931."
    split = run(drafts(SECOND, FIRST, SECOND), 2)
    assert split.draft == SECOND and split.metrics["semantic_entropy"] == pytest.approx(0.6931, abs=1e-4)


def unsure(sure: float) -> Gate:
    return Gate(lambda signals: sure, Level(0.1, 0.3, 0.8, 0.1))


def test_a_run_in_doubt_draws_more_drafts_and_publishes_what_most_say():
    found = run(drafts(SECOND, FIRST, FIRST, SECOND), 0, gate=unsure(0.4))
    assert found.status == "answered" and "4 May 1931" in found.text and found.draft == FIRST
    assert found.metrics["agreement"] == Rate(2, 3)
    assert found.sentences[0].verdict.label == "supported"


def test_where_the_drafts_scatter_the_first_stays():
    scattered = drafts(SECOND, FIRST, "It was opened on 9 May 1934.", "The bridge was opened in 1902.")
    found = run(scattered, 0, gate=unsure(0.6))
    assert found.draft == SECOND and found.metrics["agreement"] == Rate(1, 3)


def test_drafts_are_drawn_where_the_run_is_in_doubt_only_in_a_thorough_run():
    reader = drafts(SECOND, FIRST, FIRST, FIRST)
    assert run(reader, 0, gate=unsure(0.6), doubtful=0).draft == SECOND
    assert not any(prompt.temperature for prompt in reader.asked)
    assert ReadingConfig().doubtful_samples == 0 and ReadingConfig().thorough().doubtful_samples == 3


@pytest.mark.parametrize("nothing", ["", "…", '{"found": true}'])
def test_drafts_that_say_nothing_are_not_counted(nothing):
    found = run(drafts(FIRST, nothing, nothing, SECOND), 0, gate=unsure(0.6))
    assert found.draft == FIRST and "agreement" not in found.metrics
    most = run(drafts(FIRST, nothing, SECOND, SECOND), 0, gate=unsure(0.6))
    assert most.draft == SECOND and most.metrics["agreement"] == Rate(2, 2)


def test_how_sure_the_reader_was_is_told_of_the_draft_that_is_published():
    seen = []
    gate = Gate(lambda signals: seen.append(signals.certain) or 0.4, Level(0.1, 0.3, 0.8, 0.1))
    reader = drafts(SECOND, FIRST, FIRST, FIRST)
    reader.logprob = -0.5
    assert run(reader, 0, gate=gate).draft == FIRST
    assert seen[0] is not None and seen[-1] is not None


def test_a_drawn_draft_is_in_the_script_of_the_question():
    wrong, traditional = "大桥于1934年6月9日通车。", "大橋於1931年5月4日通車。"
    found = run(
        drafts(wrong, traditional, traditional, traditional), 0, "大桥是哪一天通车的?", CHINESE, gate=unsure(0.4)
    )
    assert found.draft == "大桥于1931年5月4日通车。"


@pytest.mark.parametrize("sure", [0.05, 0.95])
def test_a_run_that_is_not_in_doubt_draws_nothing(sure):
    reader = drafts(SECOND, FIRST, FIRST, FIRST)
    found = run(reader, 0, gate=unsure(sure))
    assert not any(prompt.temperature for prompt in reader.asked) and "agreement" not in found.metrics


def failing(reader: ScriptedReader, which: int, for_good: bool, **settings) -> FailingReader:
    """The same reader, of which the draft of this number (from 1) breaks off, and for good all that is asked after
    it."""
    drafts = run_of(reader, **settings)
    at = [number for number, prompt in enumerate(drafts, 1) if prompt.temperature][which - 1]
    return FailingReader(replace(reader, asked=[]), range(at, 10**6 if for_good else at + 1))


def run_of(reader: ScriptedReader, **settings) -> list[Prompt]:
    run(reader, **settings)
    return list(reader.asked)


@pytest.mark.parametrize("settings", [{"samples": 0, "gate": unsure(0.4)}, {"samples": 3}], ids=["doubt", "always"])
@pytest.mark.parametrize("which", [1, 3])
def test_where_a_further_draft_breaks_off_the_first_stays_and_the_run_says_so(which, settings, tmp_path):
    reader = failing(drafts(SECOND, FIRST, FIRST, FIRST), which, False, **settings)
    ledger = Ledger(tmp_path / "ledger.sqlite")
    found = run(reader, **settings, ledger=ledger)
    assert found.status == "answered" and found.draft == SECOND and "agreement" not in found.metrics
    [told] = [step.detail for step in found.steps if "first draft stands alone" in step.detail]
    assert "broke off" in told and "第一份草稿" in translate("zh", told) and "中途断开" in translate("zh", told)
    again = replay(ledger.run("last"))
    assert again.equal and again.answer == found


def test_a_reader_that_is_gone_for_good_after_the_first_draft_was_checked_costs_only_the_others():
    settings = {"samples": 0, "gate": unsure(0.4)}
    found = run(failing(drafts(SECOND, FIRST, FIRST, FIRST), 1, True, **settings), **settings)
    assert found.draft == SECOND and found.sentences[0].verdict.label == "supported"
    assert any(step.setback and "first draft stands alone" in step.detail for step in found.steps)


def test_where_the_draft_that_most_agree_with_cannot_be_checked_the_first_stays(tmp_path):
    settings = {"samples": 0, "gate": unsure(0.4)}
    reader, ledger = drafts(SECOND, FIRST, FIRST, FIRST), Ledger(tmp_path / "ledger.sqlite")
    asked = run_of(reader, **settings)
    last = max(number for number, prompt in enumerate(asked, 1) if prompt.temperature)
    found = run(FailingReader(replace(reader, asked=[]), (last + 1,)), **settings, ledger=ledger)
    assert found.status == "answered" and found.draft == SECOND and found.sentences[0].verdict.label == "supported"
    assert any(step.setback and "first draft stands alone" in step.detail for step in found.steps)
    again = replay(ledger.run("last"))
    assert again.equal and again.answer == found


def test_a_run_in_doubt_comes_out_again(tmp_path):
    ledger = Ledger(tmp_path / "ledger.sqlite")
    found = run(drafts(SECOND, FIRST, FIRST, SECOND), 0, gate=unsure(0.4), ledger=ledger)
    again = replay(ledger.run("last"))
    assert again.equal and again.answer == found


def test_in_chinese():
    right, wrong = "大桥于1931年5月4日通车。", "大桥于1934年6月9日通车。"
    found = run(drafts(wrong, right, wrong, right), 3, "大桥是哪一天通车的?", CHINESE)
    assert "1931年5月4日" in found.text and found.metrics["agreement"] == Rate(2, 3)


def test_the_ledger_keeps_how_far_they_agreed_and_the_run_comes_out_again(tmp_path):
    ledger = Ledger(tmp_path / "ledger.sqlite")
    found = run(drafts(SECOND, FIRST, FIRST, SECOND), 3, ledger=ledger)
    with closing(sqlite3.connect(ledger.path)) as database:
        [[entropy, kept]] = database.execute("SELECT semantic_entropy, answer FROM answers").fetchall()
    assert entropy == found.metrics["semantic_entropy"] > 0
    assert json.loads(kept)["metrics"]["agreement"] == {"hits": 2, "n": 3, "value": 2 / 3}
    again = replay(ledger.run("last"))
    assert again.equal and again.answer == found


def test_a_reader_that_draws_writes_by_its_seed_and_says_so():
    reader = drafts(FIRST, SECOND)
    found = run(DrawnReader(reader, 1), 0)
    assert "9 June 1934" in found.text and "drawn at 0.7" in DrawnReader(reader, 1).name
    written = [prompt for prompt in reader.asked if prompt.max_tokens > 1]
    assert written and {(prompt.temperature, prompt.seed) for prompt in written} == {(0.7, 1)}


def test_what_is_drawn_with_a_seed_of_its_own_keeps_it():
    reader = drafts(FIRST, FIRST, SECOND)
    "".join(DrawnReader(reader, 2).write(Prompt("", "Q", temperature=0.2, seed=1)))
    assert [(prompt.temperature, prompt.seed) for prompt in reader.asked] == [(0.2, 1)]


def best(supported=lambda draft: 0.9) -> Best:
    """A taste for 1934; what the verifier says of each draft is `supported`'s."""

    def weigh(question, quotes, drafts):
        assert question and quotes
        return [Worth(float("1934" in draft) - len(draft) / 1000, supported(draft)) for draft in drafts]

    return Best(weigh, 7)


def test_the_best_by_the_reward_is_taken_against_the_majority_and_the_run_says_so():
    found = run(drafts(FIRST, FIRST, SECOND, FIRST), 3, best=best())
    assert "1934" in found.text and found.metrics["agreement"] == Rate(2, 3)
    assert (found.metrics["candidates"], found.metrics["reward_version"]) == (2, 7)
    assert found.metrics["reward"] - found.metrics["reward_of_first"] == pytest.approx(1, abs=0.01)


def test_what_the_verifier_refuses_is_not_taken_whatever_its_reward():
    refusing = best(lambda draft: 0.1 if "1934" in draft else 0.9)
    assert "1931" in run(drafts(FIRST, FIRST, SECOND, FIRST), 3, best=refusing).text
    refusing_all = best(lambda draft: 0.1)
    assert "1934" in run(drafts(FIRST, FIRST, SECOND, FIRST), 3, best=refusing_all).draft


def test_the_first_draft_stays_where_it_is_the_best_and_where_one_draft_alone_is_written():
    assert run(drafts(SECOND, FIRST, FIRST), 2, best=best()).draft == SECOND
    alone = run(drafts(FIRST), 0, best=best())
    assert alone.draft == FIRST and "reward" not in alone.metrics


def test_a_run_that_chose_the_best_comes_out_again(tmp_path):
    ledger = Ledger(tmp_path / "ledger.sqlite")
    found = run(drafts(FIRST, FIRST, SECOND, FIRST), 3, ledger=ledger, best=best())
    again = replay(ledger.run("last"))
    assert again.equal and again.answer == found
