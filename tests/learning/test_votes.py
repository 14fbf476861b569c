"""Comparisons, thumbs, corrections and words on sentences become votes, and votes have features."""

import pytest

from rag.history.feedback import Feedback, Opinion, Pair, Remark
from rag.index.hashed import HashEmbedder
from rag.learning.features import FAR, LENGTH, Candidate, Features, normalised
from rag.learning.votes import votes
from tests.learning.made import WordJudge, answer, odds_of

ASKED = "How high is the dam?"
EVIDENCE = "The dam is 86 metres high."


@pytest.fixture
def store(tmp_path) -> Feedback:
    return Feedback(tmp_path / "feedback.sqlite")


def told(store) -> dict:
    return {vote.id: (vote.left.text, vote.right.text, vote.preferred, vote.origin) for vote in votes(store)}


def test_a_comparison_is_a_vote_for_the_one_chosen_and_half_a_vote_where_neither_was(store):
    one, other = answer("a1", ASKED, "86 metres. [1]", EVIDENCE), answer("a2", ASKED, "90 metres.")
    ids = [store.add(Pair(ASKED, one, other, "x", "y", choice)) for choice in ("left", "right", "tie", "neither")]
    found = told(store)
    assert [found[made][2] for made in ids] == [1.0, 0.0, 0.5, 0.5]
    assert found[ids[0]][:2] == ("86 metres.", "90 metres.") and votes(store)[0].left.evidence == (EVIDENCE,)


def test_what_was_called_good_is_over_what_was_called_bad_of_the_same_question_only(store):
    store.say(Opinion(answer("a1", ASKED, "86 metres."), True), "me")
    store.say(Opinion(answer("a2", " how HIGH is the dam ", "90 metres."), False), "you")
    store.say(Opinion(answer("a3", "Who built it?", "Ada."), False), "me")
    assert told(store) == {"a1>a2": ("86 metres.", "90 metres.", 1.0, "thumbs")}
    [vote] = votes(store)
    assert vote.group == normalised(ASKED)


def test_a_correction_is_over_what_it_put_right_and_is_no_evidence_for_itself(store):
    store.say(Opinion(answer("a1", ASKED, "90 metres.", "Some quote."), False, "86 metres."), "me")
    [vote] = votes(store)
    assert (vote.left.text, vote.right.text, vote.origin) == ("86 metres.", "90 metres.", "correction")
    assert vote.left.evidence == vote.right.evidence == ("Some quote.",)


def test_an_answer_is_better_without_a_sentence_that_is_wrong(store):
    whole = answer("a1", ASKED, "It is 86 metres high. It is blue. Ask me more.")
    store.remark(Remark(whole, 1, "wrong"))
    store.remark(Remark(whole, 2, "beside the point"))
    store.remark(Remark(whole, 0, "right citation"))
    store.remark(Remark(answer("a2", ASKED, "It is blue."), 0, "wrong"))  # nothing would be left
    found = told(store)
    assert set(found) == {"a1#1", "a1#2"}
    assert found["a1#1"][:3] == (
        "It is 86 metres high. Ask me more.", "It is 86 metres high. It is blue. Ask me more.", 1.0,
    )  # fmt: skip


def test_silence_and_equal_answers_say_nothing(store):
    silent = answer("a2", ASKED, "")
    store.add(Pair(ASKED, answer("a1", ASKED, "86."), silent, "x", "y", "left"))
    store.add(Pair(ASKED, answer("a1", ASKED, "86. [1]"), answer("a3", ASKED, "86. [2]"), "x", "y", "left"))
    store.say(Opinion(silent, False, "86 metres."), "me")
    assert votes(store) == []


def test_features_are_the_judges_the_embedders_and_the_runs_words():
    embedder = HashEmbedder()
    right = Candidate(ASKED, "The dam is 86 metres high. It is blue.", (EVIDENCE, "Other."), certain=0.5)
    bare = Candidate(ASKED, "Blue.")
    found, alone = Features(embedder, WordJudge())([right, bare])
    assert found["weakest"] < found["supported"] < FAR and found["certain"] == 0.0
    assert found["supported"] == pytest.approx((FAR + odds_of(1 / 3)) / 2)
    assert found["near evidence"] > found["near question"] and found[LENGTH] > alone[LENGTH]
    assert set(alone) == {LENGTH, "near question", "states"}
    assert set(Features(embedder)([right])[0]) == {LENGTH, "near question", "near evidence", "certain"}
    assert Features(embedder)([]) == []
