"""The small judge over a toy encoder: windows, shares, verdicts. The real one carries the `model` marker."""

import json
from itertools import accumulate, pairwise

import numpy as np
import pytest

from rag.checking.encoder import ACROSS, Encoder, EncoderJudge, Entailment, pointed, windows
from rag.errors import ModelFault
from rag.types import Quote
from tests.models import toy_judge

SUPPORTED, CONTRADICTED, NOT_ENOUGH = [4.0, 0.0, 0.0, 2.0], [0.0, 4.0, 0.0, 0.0], [0.0, 0.0, 4.0, -2.0]
SENTENCES = [
    "the canal opened in 1911",
    "it was closed in 1912",
    "it has nine locks",
    "who dug it",
    "it was dug by Ida Marsh",
]
LONG = "\n".join(SENTENCES)


def quote(text: str, title: str = "", number: int = 1) -> Quote:
    return Quote(number, text, f"file:///{title}", title, "0" * 64, 0, len(text))


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    return Encoder(toy_judge.folder(tmp_path_factory.mktemp("judge")), threads=1)


def judge_that_says(tmp_path, bias, **settings):
    return EncoderJudge(
        lambda: Encoder(toy_judge.folder(tmp_path, bias), threads=1), settings.pop("threshold", 0.5), **settings
    )


@pytest.mark.parametrize("room", [3, 5, 8, 40])
@pytest.mark.parametrize("breaks", [[], [0, 4, 9, 11, 20], [0, 30], list(range(0, 33, 2))])
def test_windows_cover_everything_and_go_forward(room, breaks):
    made = windows(breaks, 33, room)
    assert made[0][0] == 0 and made[-1][1] == 33
    assert all(0 < end - start <= room for start, end in made)
    assert all(start < after <= end < last for (start, end), (after, last) in pairwise(made))


def test_windows_begin_with_the_last_sentence_of_the_one_before():
    assert windows([0, 4, 8, 12], 16, 9) == [(0, 8), (4, 12), (8, 16)]


def test_a_text_that_fits_is_one_window():
    assert windows([0, 4, 8], 12, 12) == [(0, 12)]


def test_shares_add_up_and_depend_on_both_sides(encoder):
    found = encoder.entails_all([(a, b) for a in ("the canal opened", "nine locks") for b in ("it was dug", "in 1911")])
    assert all(one.supported + one.contradicted + one.not_enough == pytest.approx(1) for one in found)
    assert len({round(one.supported, 6) for one in found}) == 4


def test_many_at_once_are_as_one_by_one(encoder):
    pairs = [(LONG, "the canal has nine locks"), ("nine locks", "it was dug"), ("", "in 1911")]
    assert encoder.entails_all(pairs) == [encoder.entails_all([pair])[0] for pair in pairs]
    assert encoder.states(["nine locks", LONG], "who dug it") == [
        encoder.states(["nine locks"], "who dug it")[0],
        encoder.states([LONG], "who dug it")[0],
    ]


def test_a_long_passage_answers_as_well_as_its_best_window(encoder):
    room = 16 - (1 + 5 + 2) - 1  # <s> query : who dug it </s></s> and the last </s>
    words = LONG.split()
    starts = [0, *accumulate(len(one.split()) for one in SENTENCES[:-1])]
    parts = [" ".join(words[a:b]) for a, b in windows(starts, len(words), room)]
    assert len(parts) > 2 and all(len(part.split()) <= room for part in parts)
    best = max(encoder.states(parts, "who dug it"), key=lambda one: one.probability)
    [whole] = encoder.states([LONG], "who dug it")
    assert whole.probability == pytest.approx(best.probability)


def test_what_is_pointed_at_is_a_run_of_whole_words_of_the_passage(encoder):
    for passage in (LONG, *SENTENCES):
        [found] = encoder.states([passage], "who dug it")
        assert 0 <= found.start < found.end <= len(passage)
        assert set(passage[found.start : found.end].split()) <= set(passage.split())
    assert encoder.states([""], "who dug it")[0].end == 0


def test_the_likeliest_answer_begins_before_it_ends():
    scores = np.array([[0.0, 9.0], [5.0, 0.0], [1.0, 3.0], [4.0, 0.0]], np.float32)
    assert pointed(scores) == (0, 0)
    assert pointed(scores[1:]) == (0, 1)
    assert pointed(scores[:0]) == (0, 0)


def test_a_longer_claim_than_there_is_room_for_is_cut(encoder):
    assert encoder.entails([LONG], LONG * 20).supported > 0


@pytest.mark.parametrize(
    ("bias", "label"), [(SUPPORTED, "supported"), (CONTRADICTED, "contradicted"), (NOT_ENOUGH, "unsupported")]
)
def test_the_verdict_follows_the_likeliest(tmp_path, bias, label):
    verdict = judge_that_says(tmp_path, bias).judge([quote("the canal opened in 1911")], "it opened in 1911", "en")
    assert verdict.label == label
    assert verdict.judge == "toy@0123456789ab"
    powers = np.exp(bias[:3])
    assert verdict.probability == pytest.approx(powers[0] / powers.sum(), abs=1e-4)


def test_contradicted_wants_its_own_threshold(tmp_path):
    judge = judge_that_says(tmp_path, CONTRADICTED, contradicted=0.99)
    assert judge.judge([quote("the canal")], "the canal was closed", "en").label == "unsupported"


def test_a_figure_that_stands_in_no_quote_takes_support_away(tmp_path):
    judge = judge_that_says(tmp_path, SUPPORTED, threshold=0.6)
    assert judge.judge([quote("it opened in 1911")], "it opened in 1911", "en").label == "supported"
    assert judge.judge([quote("it opened in 1911")], "it opened in 1912", "en").label == "unsupported"


def test_without_quotes_nothing_is_supported(tmp_path):
    verdict = judge_that_says(tmp_path, SUPPORTED).judge([], "the canal", "en")
    assert (verdict.label, verdict.judge) == ("unsupported", "no citation")


def test_a_model_that_fails_leaves_the_claim_unjudged(tmp_path):
    folder = toy_judge.folder(tmp_path, SUPPORTED, max_tokens=400)  # more than the toy's sixteen positions
    judge = EncoderJudge(lambda: Encoder(folder, threads=1), 0.5)
    verdict = judge.judge([quote("the canal " * 60)], "the canal", "en")
    assert (verdict.label, verdict.probability) == ("unjudged", None)


class Doubting:
    """Says .05 of everything, as the small judge does over languages."""

    name = "doubting"

    def entails(self, quotes, claim):
        return Entailment(0.05, 0.05, 0.9)


@pytest.mark.parametrize(
    ("claim", "told", "label"),
    [
        ("The canal has nine locks.", "运河有九座船闸。", "supported"),
        ("运河有九座船闸。", "The canal has nine locks.", "supported"),
        ("The canal has nine locks.", "The canal has nine locks.", "unsupported"),
        ("运河有九座船闸。", "运河有九座船闸。", "unsupported"),
        ("The canal has 7 locks.", "运河有九座船闸。", "unsupported"),  # the figure still weighs
    ],
)
def test_over_languages_the_odds_of_support_are_scaled(claim, told, label):
    judge = EncoderJudge(Doubting, 0.5, across=ACROSS)
    assert judge.judge([quote(told)], claim, "zh" if claim[0] > "z" else "en").label == label


def test_a_title_is_told_before_the_first_quote_of_its_page(tmp_path):
    """The judge reads 'title: quote', then the page's next quote without it."""
    encoder = Encoder(toy_judge.folder(tmp_path, max_tokens=16), threads=1)
    judge = EncoderJudge(lambda: encoder, 0.0)
    found = judge.judge([quote("it has nine locks", "canal"), quote("it was dug", "canal", 2)], "it was dug", "en")
    told = encoder.entails(["canal: it has nine locks", "it was dug"], "it was dug")
    assert found.probability == pytest.approx(told.supported)


@pytest.mark.parametrize("harm", ["no sheet", "half a sheet", "no model"])
def test_a_damaged_folder_names_the_remedy(tmp_path, harm):
    folder = toy_judge.folder(tmp_path)
    if harm == "no sheet":
        (folder / "judge.json").unlink()
    elif harm == "half a sheet":
        (folder / "judge.json").write_text(json.dumps({"name": "toy"}), "utf-8")
    else:
        (folder / "model.onnx").write_bytes(b"no model")
    with pytest.raises(ModelFault, match="run `vouch models`"):
        Encoder(folder)


@pytest.fixture(scope="session")
def real():
    from rag import models

    return Encoder(models.judge_folder(models.VERIFIER), threads=2)


@pytest.mark.model
def test_the_real_judge_tells_a_word_apart(real):
    said = "The Orrin canal was opened on 4 May 1911 and has nine locks."
    good, bad = (
        real.entails([said], "The Orrin canal has nine locks."),
        real.entails([said], "The Orrin canal has four locks."),
    )
    assert good.supported > bad.supported
    with_it, without = real.states([said, "The Orrin canal runs to Tarnhill."], "How many locks has the Orrin canal?")
    assert with_it.probability > without.probability and "nine" in said[with_it.start : with_it.end]


@pytest.mark.model
def test_the_real_judge_points_at_words_and_not_at_the_line_break_before_them(real):
    passage = "最大的一次检修\n2019年，大坝做了建成以来最大的一次检修。"
    [found] = real.states([passage], "最大的一次检修是哪一年？")
    assert passage[found.start : found.end].startswith("2019")
