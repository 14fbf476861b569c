"""`vouch learn` and `vouch feedback`: in, learned, used, gone back from, out."""

import json

import pytest
from typer.testing import CliRunner

from rag.__main__ import app
from rag.errors import UsageFault
from rag.history.feedback import Feedback, Opinion
from tests.learning.test_learn import TOWNS, compared
from tests.learning.test_training_sets import good


@pytest.fixture
def built(tmp_path):
    return tmp_path / "built"


@pytest.fixture
def vouch(tmp_path, built):
    (tmp_path / "script.json").write_text(json.dumps({"replies": [["", "The mill of Town7 was built in 1807."]]}))
    config = tmp_path / "vouch.toml"
    config.write_text(
        f'indexes = "{built}"\nindex = "work"\n[embedder]\nkind = "hash"\n[reader]\nkind = "scripted"\n'
        f'model = "{tmp_path / "script.json"}"\n'
        '[checking]\njudge = "reader"\nauditor = ""\n'
    )

    def run(*words: str):
        ended = CliRunner().invoke(app, words, env={"VOUCH_CONFIG": str(config), "COLUMNS": "200"})
        if ended.exception and not isinstance(ended.exception, SystemExit):
            raise ended.exception
        assert ended.exit_code == 0
        return json.loads(ended.stdout) if "--json" in words else ended.stdout

    return run


def test_with_no_feedback_there_is_nothing_to_learn_and_nothing_is_kept(vouch, built):
    assert "nothing to learn from" in vouch("learn") and not (built / "learned").exists()
    with pytest.raises(UsageFault, match="nothing to go back"):
        vouch("learn", "--back")


def test_what_is_learned_is_used_only_where_that_is_wanted_and_can_be_gone_back_from(vouch, built):
    compared(Feedback(built / "feedback.sqlite"), TOWNS[:20])
    first = vouch("learn", "--json")
    assert (first["version"], first["in_use"]) == (1, None) and first["card"]["votes"] == 20
    assert set(first["weights"]) == {"near question", "near evidence"}  # this configuration has no small judge
    assert vouch("learn", "--use", "--json")["in_use"] == 2
    compared(Feedback(built / "feedback.sqlite"), TOWNS)
    said = vouch("learn", "--use")
    assert "on 10 votes new to both" in said and "In use: version 3" in said and "correlation with length" in said
    assert vouch("learn", "--back", "--json") == {"in_use": 2}
    assert "first draft" in vouch("learn", "--back")


def test_against_one_of_other_models_nothing_is_better_in_words_nor_as_json(vouch, built):
    compared(Feedback(built / "feedback.sqlite"), TOWNS)
    assert vouch("learn", "--use", "--json")["better"]
    file = built / "learned" / "reward-0001.json"
    file.write_text(json.dumps({**json.loads(file.read_text("utf-8")), "embedder": "another"}), "utf-8")
    told = vouch("learn", "--json")
    assert (told["better"], told["card"]["against"]) == (False, 1)
    said = vouch("learn")
    assert "Nothing to tell it from version 1" in said and "Better than" not in said


def test_a_new_one_takes_the_place_of_one_that_cannot_be_read(vouch, built):
    compared(Feedback(built / "feedback.sqlite"), TOWNS)
    vouch("learn", "--use")
    (built / "learned" / "reward-0001.json").write_text("{")
    assert vouch("learn", "--use", "--json")["in_use"] == 2
    assert vouch("learn", "--back", "--json") == {"in_use": None}


@pytest.mark.parametrize("form", ["jsonl", "webgpt"])
def test_comparisons_go_out_and_come_in_once(vouch, built, tmp_path, form):
    compared(Feedback(built / "feedback.sqlite"), TOWNS[:3])
    file = tmp_path / "out.jsonl"
    vouch("feedback", "export", "--format", form, "--to", str(file))
    assert len(file.read_text("utf-8").splitlines()) == 3
    (built / "feedback.sqlite").unlink()
    assert vouch("feedback", "import", str(file), "--json") == {"read": 3, "added": 3, "too_old": 0}
    assert "0 of them new" in vouch("feedback", "import", str(file))
    for _, pair in Feedback(built / "feedback.sqlite").pairs():
        better = pair.left if pair.choice == "left" else pair.right
        assert better["answer"].startswith("The mill of Town") and better["quotes"][0]["text"] == better["answer"]


def test_what_is_too_old_to_be_kept_is_told_and_left_out(vouch, built, tmp_path):
    compared(Feedback(built / "feedback.sqlite"), TOWNS[:3])
    lines = [json.loads(line) for line in vouch("feedback", "export").splitlines()]
    lines[0]["at"] = lines[1]["at"] = "2020-01-01T00:00:00+00:00"
    (built / "feedback.sqlite").unlink()
    file = tmp_path / "in.jsonl"
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines), "utf-8")
    with (tmp_path / "vouch.toml").open("a") as config:
        config.write("[ledger]\ndays = 30\n")
    assert vouch("feedback", "import", str(file), "--json") == {"read": 3, "added": 1, "too_old": 2}
    said = vouch("feedback", "import", str(file))
    assert "0 of them new" in said and "2 left out" in said


def test_another_format_and_another_file_are_named(vouch, tmp_path):
    with pytest.raises(UsageFault, match="jsonl, webgpt, supervised, preference, trajectories"):
        vouch("feedback", "export", "--format", "xml")
    with pytest.raises(UsageFault, match="cannot be read"):
        vouch("feedback", "import", str(tmp_path / "none"))


def test_drafts_are_chosen_among_by_the_reward_only_while_one_is_in_use(vouch, built, tmp_path):
    (tmp_path / "mills.txt").write_text("The mill of Town7 was built in 1807. The mill of Town8 was built in 1808.")
    vouch("add", str(tmp_path / "mills.txt"))
    ask = ("ask", "When was the mill of Town7 built?", "--samples", "2", "--json")
    compared(Feedback(built / "feedback.sqlite"), TOWNS)
    assert "reward" not in vouch(*ask)["metrics"]
    vouch("learn", "--use")
    assert vouch(*ask)["metrics"]["reward_version"] == 1
    assert "reward version 1" in vouch(*ask[:-1])
    vouch("learn", "--back")
    assert "reward" not in vouch(*ask)["metrics"]


@pytest.mark.parametrize("form", ["supervised", "preference", "trajectories"])
def test_nothing_to_train_on_goes_out_without_consent(vouch, built, form):
    store = Feedback(built / "feedback.sqlite")
    compared(store, TOWNS[:3])
    store.say(Opinion(good("a1"), True), "me")
    with pytest.raises(UsageFault, match="--consent"):
        vouch("feedback", "export", "--format", form)
    lines = vouch("feedback", "export", "--format", form, "--consent", "--licence", "CC0-1.0").splitlines()
    assert len(lines) == (3 if form == "preference" else 1)
    assert {json.loads(line)["license"] for line in lines} == {"CC0-1.0"}
