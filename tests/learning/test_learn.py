"""Learning from votes: a card that says what it is worth, versions, and the way back."""

import json

import pytest

from rag.errors import ModelFault, UsageFault
from rag.history.feedback import Feedback, Opinion, Pair
from rag.index.hashed import HashEmbedder
from rag.learning.features import Features
from rag.learning.learn import learn
from rag.learning.versions import Versions
from rag.learning.votes import votes
from tests.learning.made import WordJudge, answer

FEATURES = Features(HashEmbedder(), WordJudge())
TOWNS = [f"Town{at}" for at in range(30)]


def compared(store: Feedback, towns, wrong=()) -> None:
    """Somebody who prefers what the evidence says; not of the towns in `wrong`."""
    for at, town in enumerate(towns):
        asked, evidence = f"When was the mill of {town} built?", f"The mill of {town} was built in {1800 + at}."
        right = answer(f"{town}-r", asked, evidence, evidence)
        vague = "Nobody knows." if at % 3 else f"Nobody knows much of {town}, it seems to me, and nobody ever did."
        other = answer(f"{town}-w", asked, vague, evidence)
        sides = (right, other) if at % 2 else (other, right)
        choice = "left" if (sides[0] is right) != (town in wrong) else "right"
        store.add(Pair(asked, *sides, "x", "y", choice), made=f"vote-{town}")


@pytest.fixture
def store(tmp_path) -> Feedback:
    return Feedback(tmp_path / "feedback.sqlite")


def test_too_few_votes_are_not_learned_from(store):
    compared(store, TOWNS[:19])
    with pytest.raises(UsageFault, match="19 votes on 19 questions"):
        learn(votes(store), FEATURES)


def test_the_card_says_what_it_is_worth_and_beside_what(store):
    compared(store, TOWNS)
    made = learn(votes(store), FEATURES)
    card = made.card
    assert (card.votes, card.ties, card.questions, card.origins) == (30, 0, 30, {"comparison": 30})
    assert card.accuracy.value == card.fresh.value == 1.0 and card.by_support.value == 1.0 and card.better
    assert card.by_length.value == pytest.approx(2 / 3) and abs(card.length_after) < abs(card.length_before)
    assert card.gain.n == 0 and len(made.learned_from) == 30


def test_the_same_votes_make_the_same_reward(store):
    compared(store, TOWNS)
    store.say(Opinion(answer("t", "When?", "In 1861.", "It was lit in 1861."), False, "In 1862."))
    one, other = learn(votes(store), FEATURES), learn(votes(store), FEATURES)
    assert one.reward == other.reward and one.card.accuracy == other.card.accuracy


def test_a_vote_against_all_others_is_named(store):
    compared(store, TOWNS, wrong=[TOWNS[7]])
    assert "vote-Town7" in learn(votes(store), FEATURES).card.doubtful


def test_a_new_one_is_held_against_the_present_on_what_that_has_not_seen(store, tmp_path):
    kept = Versions(tmp_path / "learned")
    compared(store, TOWNS[:20])
    first = kept.keep(learn(votes(store), FEATURES))
    compared(store, TOWNS)
    second = learn(votes(store), FEATURES, first)
    assert second.card.fresh.n == second.card.present.n == second.card.gain.n == 10
    assert second.card.gain.value == 0.0 and not second.card.better
    nothing_new = learn(votes(store), FEATURES, kept.keep(second))
    assert nothing_new.card.fresh.n == 0 and not nothing_new.card.better
    elsewhere = Features(HashEmbedder(128), WordJudge())
    other = learn(votes(store), elsewhere, second).card  # its features are others: nothing to hold against
    assert other.present.n == 0 and other.fresh.value == 1.0 and not other.better


def test_versions_are_kept_used_and_gone_back_from(store, tmp_path):
    kept = Versions(tmp_path / "learned")
    assert kept.present() is None and kept.all() == []
    compared(store, TOWNS)
    made = learn(votes(store), FEATURES)
    first, second = kept.keep(made), kept.keep(made)
    assert (first.version, second.version) == (1, 2) and kept.all() == [first, second]
    assert kept.present() is None
    kept.use(1)
    kept.use(2)
    assert kept.present() == second
    assert kept.back() == 1 and kept.present() == first
    assert kept.back() is None and kept.present() is None
    with pytest.raises(UsageFault, match="nothing to go back"):
        kept.back()
    assert sum(path.stat().st_size for path in kept.folder.glob("reward-0001.json")) < 8000


def test_one_version_that_cannot_be_read_is_passed_over(store, tmp_path, caplog):
    kept = Versions(tmp_path / "learned")
    compared(store, TOWNS)
    made = learn(votes(store), FEATURES)
    for _ in range(3):
        kept.use(kept.keep(made).version)
    for number in (2, 4):
        (kept.folder / f"reward-{number:04}.json").write_text("{")
    assert [one.version for one in kept.all()] == [1, 3] and "reward-0002.json" in caplog.text
    assert kept.keep(made).version == 5
    assert kept.back() == 1 and kept.present().version == 1


def test_a_file_that_is_no_reward_is_said_to_be_none(tmp_path):
    kept = Versions(tmp_path)
    (tmp_path / "reward-0001.json").write_text(json.dumps({"reward": {}}))
    with pytest.raises(ModelFault, match="no reward that this version can read"):
        kept.use(1)
    (tmp_path / "in-use").write_text("one")
    with pytest.raises(ModelFault):
        kept.present()
