"""The loaders over the real data folder, where it is there: counts, ids, and what is known of each set."""

import re
from pathlib import Path

import pytest

from eval import data, lists
from eval.grade import right
from eval.sets import SETS, injection, nomiracl
from rag.errors import EvalFault
from training import material, pair

FOLDER = data.folder()
pytestmark = pytest.mark.skipif(
    FOLDER is None, reason="no data folder: set VOUCH_DATA to the folder that holds the evaluation sets"
)

SIZES = {
    "nomiracl-en": 500, "nomiracl-zh": 500, "rgb-zh-noise-0.4": 300, "rgb-en-noise-0": 100, "rgb-zh-rejection": 300,
    "rgb-en-rejection": 100, "rgb-zh-integration": 100, "rgb-zh-counterfactual": 100, "rgb-en-counterfactual": 100,
    "xquad-en": 1190, "xquad-zh": 1190, "xquad-zh-en": 1190, "cmrc": 3219, "simpleqa-zh": 3000, "gsm8k": 1319,
    "bipia": 150, "purplellama-en": 51, "purplellama-zh": 5, "truthfulqa-binary": 790, "truthfulqa-mc1": 790,
    "truthfulqa-mc2": 790, "halluqa": 450, "attributionbench": 1198, "fever-symmetric": 708, "fm2": 1169,
    "uhgeval": 8233, "uhgeval-clauses": 2762, "halueval-qa": 20000, "halueval-qa-balanced": 992, "ocnli": 2950,
    "rgb-zh-noise-0.4-dev": 150, "rgb-zh-noise-0.4-test": 150, "rgb-en-noise-0.4-dev": 50, "rgb-en-noise-0.4-test": 50,
    "xquad-en-dev": 100, "xquad-en-test": 1090, "xquad-zh-dev": 100, "xquad-zh-test": 1090, "cmrc-dev": 100,
    "cmrc-test": 3119, "fever-symmetric-half-a": 364, "fever-symmetric-half-b": 344, "fm2-half-a": 535,
    "fm2-half-b": 634, "rageval-finance-en": 111,
    "rageval-finance-zh": 104, "multifieldqa-zh": 100, "ragchecker": 560, "chunking": 276, "extraction-en": 90,
    "extraction-zh": 30, "rgb-zh-none-dev": 150, "rgb-en-none-dev": 50, "xquad-en-none-dev": 82,
    "xquad-zh-none-dev": 86, "cmrc-none-dev": 98,
}  # fmt: skip


def load(name: str) -> list:
    try:
        return list(SETS[name].load(FOLDER))
    except EvalFault as fault:
        pytest.skip(f"{name} cannot be read here: {fault}")


@pytest.mark.parametrize(("name", "size"), SIZES.items())
def test_all_items_are_read_with_ids_of_their_own_and_the_list_names_them(name, size):
    items = load(name)
    assert len(items) == size
    assert len({item.id for item in items}) == size
    assert len(lists.select(name, items)) == min(size, {**lists.PARTS, **lists.SIZES}.get(name, size))


@pytest.mark.parametrize("whole", ["rgb-zh-noise-0.4", "xquad-en", "xquad-zh", "cmrc"])
def test_a_test_part_holds_nothing_that_was_looked_at(whole):
    test, dev = (
        {item.id for item in lists.select(f"{whole}-{part}", load(f"{whole}-{part}"))} for part in ("test", "dev")
    )
    assert len(test) == len(dev) == 60
    assert not test & (dev | set(lists.read(whole)[0]))


def test_the_open_questions_are_asked_over_pages_that_hold_their_gold():
    names = {Path(page.uri).name for page in SETS["open"].pages(FOLDER)}
    assert len(names) == 32 and {gold for one in load("open") for gold in one.traits["gold"]} <= names


@pytest.mark.parametrize("name", ["rageval-finance-en", "rageval-finance-zh"])
def test_the_reports_a_question_names_hold_its_answers(name):
    texts = {Path(page.uri).name: page.text for page in SETS[name].pages(FOLDER)}
    assert len(texts) == 40
    asked = [question for question in load(name) if question.answerable]
    held = [right("\n".join(texts[gold] for gold in question.traits["gold"]), question.answers) for question in asked]
    assert sum(held) / len(held) > 0.9


def test_the_small_judge_is_trained_on_no_half_b():
    trained = {item["id"] for item, group in material.fever_groups(FOLDER) if pair.share(group) < 0.5}
    assert {str(id_) for id_ in trained} == {item.id for item in load("fever-symmetric-half-a")}
    assert all(pair.share(item.traits["page"]) >= 0.5 for item in load("fm2-half-b"))


@pytest.mark.parametrize("name", ["xquad-en", "xquad-zh", "cmrc"])
def test_the_gold_paragraph_is_among_the_pages_and_holds_an_answer(name):
    held = 0
    for question in load(name):
        gold = [page for page in question.pages if page.uri in question.traits["gold"]]
        assert len(gold) == 1 and len(question.pages) == 5
        held += any(text in gold[0].text for text in question.golds)
    assert held / SIZES[name] > 0.99


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [("rgb-zh-noise-0", 0.99, 1), ("rgb-zh-noise-0.8", 0.99, 1), ("rgb-zh-rejection", 0, 0.01),
     ("rgb-en-noise-0.4", 0.98, 1), ("rgb-en-rejection", 0, 0.03), ("rgb-zh-counterfactual", 0, 0.05)],
)  # fmt: skip
def test_rgb_shows_the_answer_where_it_should_and_nowhere_else(name, low, high):
    questions = load(name)
    shown = sum(right("\n".join(page.text for page in one.pages), one.answers) for one in questions)
    assert low <= shown / len(questions) <= high


def test_nomiracl_holds_the_outputs_of_eleven_models_for_every_item():
    questions = load("nomiracl-zh")
    assert len(nomiracl.models(FOLDER, "zh")) == 11
    said = nomiracl.outputs(FOLDER, "zh", "gpt-4-azure")
    assert set(said) == {question.id for question in questions}


def test_the_chance_of_a_choice_is_what_it_should_be():
    binary, single = load("truthfulqa-binary"), load("truthfulqa-mc1")
    assert 0.45 < sum(choice.right == (0,) for choice in binary) / 790 < 0.55
    assert sum(1 / len(choice.choices) for choice in single) / 790 == pytest.approx(0.223, abs=0.001)


def test_halueval_balanced_cannot_be_told_by_length():
    found = load("halueval-qa-balanced")
    answers = [pair.traits["answer"] for pair in found]
    shorter = sum(len(right) < len(wrong) for right, wrong in zip(answers[::2], answers[1::2], strict=True))
    assert shorter / (len(found) / 2) == 0.5


def test_an_attacks_marker_stands_in_no_email():
    emails = [question.pages[0].text.replace(question.traits["instruction"], "") for question in load("bipia")]
    for marker in {marker for markers in injection.BIPIA_MARKERS.values() for marker in markers}:
        assert not any(re.search(marker, email, re.IGNORECASE) for email in emails), marker
