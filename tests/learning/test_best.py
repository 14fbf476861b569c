"""The reward in use, as wiring puts it into a run."""

import logging
from dataclasses import replace

import pytest

from rag import wiring
from rag.config import CheckingConfig, Config, ReadingConfig
from rag.history.statistics import NONE
from rag.index.hashed import HashEmbedder
from rag.learning.reward import Reward
from rag.learning.versions import Card, Learned
from tests.answering.made import quote

CARD = Card("2026-11-30", 30, 0, 30, {}, NONE, NONE, NONE, None, None, NONE, NONE, NONE)
NEAR = Reward(("near evidence",), (1.0,), (0.0,), (1.0,))
SUPPORTED = "The Orrin bridge was opened in 1931."


@pytest.fixture
def config(tmp_path) -> Config:
    by_reader = CheckingConfig(judge="reader", auditor="")
    return Config(indexes=str(tmp_path), reading=ReadingConfig(samples=2), checking=by_reader)


def in_use(config: Config, embedder: str) -> None:
    kept = wiring.rewards(config)
    kept.use(kept.keep(Learned(NEAR, CARD, embedder, "", ())).version)


def test_the_reward_in_use_weighs_drafts_against_the_quotes(config):
    in_use(config, HashEmbedder().name)
    best = wiring.best(config, HashEmbedder())
    drafts = ["Nobody knows it at all.", f"{SUPPORTED} [1]"]
    taken, told = best.of(drafts, "When was the bridge opened?", [quote(SUPPORTED)], 0.5)
    assert taken == drafts[1] and told["reward"] == pytest.approx(1.0) and told["reward_of_first"] < 0.5
    assert (told["candidates"], told["reward_version"]) == (2, 1)


def test_one_draft_needs_no_reward_and_none_in_use_is_none(config):
    assert wiring.best(config, HashEmbedder()) is None
    in_use(config, HashEmbedder().name)
    assert wiring.best(replace(config, reading=ReadingConfig()), HashEmbedder()) is None


def test_a_reward_of_other_models_is_left_aside_and_that_is_logged(config, caplog):
    in_use(config, "another embedder")
    with caplog.at_level(logging.WARNING):
        assert wiring.best(config, HashEmbedder()) is None
    assert "another embedder" in caplog.text and "vouch learn --use" in caplog.text
