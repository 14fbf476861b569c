from collections import Counter

import pytest

from eval import lists
from eval.items import Choice, Pair, Question
from eval.sets import SETS
from rag.errors import EvalFault


def questions(n: int, answerable: int) -> list[Question]:
    return [Question(str(at), "en", f"question {at}", answerable=at < answerable) for at in range(n)]


def test_any_first_part_is_balanced():
    asked = lists.order(questions(100, answerable=40))
    for n in range(2, 80, 2):
        assert Counter(item.answerable for item in asked[:n]) == {True: n // 2, False: n // 2}
    assert len({item.id for item in asked}) == 100  # and when one side has run out, the other goes on


def test_strata_come_in_proportion_within_a_label():
    pairs = [Pair(f"{label}{at}", "en", "c", ("e",), label, {"stratum": "big" if at < 80 else "small"})
             for label in ("supported", "not enough") for at in range(100)]  # fmt: skip
    first = lists.order(pairs)[:50]
    assert Counter(pair.label for pair in first) == {"supported": 25, "not enough": 25}
    assert Counter(str(pair.traits["stratum"]) for pair in first)["small"] in range(8, 13)


def test_the_order_follows_from_seed_and_id_alone():
    items = questions(50, answerable=50)
    ids = [item.id for item in lists.order(items)]
    assert [item.id for item in lists.order(items[::-1])] == ids
    assert [item.id for item in lists.order(items, seed=1)] != ids
    other_set = [Choice(item.id, "zh", "q", ("a", "b"), (0,)) for item in items]
    assert [item.id for item in lists.order(other_set)] == ids


def test_without_a_list_all_are_asked_in_order():
    items = questions(9, answerable=3)
    assert lists.select("no such list", items) == lists.order(items)
    assert lists.select("no such list", items, limit=4) == lists.order(items)[:4]


def test_a_list_is_a_first_part_of_all():
    ids, seed = lists.read("gsm8k")
    items = [Question(id_, "en", "q") for id_ in (*ids, "one more")]
    assert [item.id for item in lists.select("gsm8k", items)] == list(ids)
    assert [item.id for item in lists.select("gsm8k", items, full=True)] == [*ids, "one more"]
    assert [item.id for item in lists.select("gsm8k", items, limit=3)] == list(ids[:3])
    assert seed == lists.SEED


def test_a_list_that_names_what_is_not_there_is_a_fault():
    with pytest.raises(EvalFault, match=r"python -m eval.lists make gsm8k"):
        lists.select("gsm8k", questions(5, 5))


@pytest.mark.parametrize("name", lists.PARTS)
def test_a_part_is_asked_in_order_and_what_was_looked_at_comes_last_in_a_test(name):
    seen = lists.read(name.removesuffix("-dev").removesuffix("-test"))[0]
    items = [Question(id_, "en", "q") for id_ in (*seen, *map(str, range(60)))]
    asked = [item.id for item in lists.select(name, items)]
    assert len(asked) == len(set(asked)) == 60 and lists.select(name, items[::-1], 7) == lists.select(name, items)[:7]
    assert bool(set(asked) & set(seen)) is name.endswith("-dev")
    assert {item.id for item in lists.select(name, items, full=True)} == {item.id for item in items}


def test_the_committed_lists_are_those_of_sizes():
    found = {path.stem: lists.read(path.stem) for path in lists.LISTS.glob("*.json")}
    assert set(found) == set(lists.SIZES)
    assert set(found) <= set(SETS) and set(lists.PARTS) <= set(SETS) - set(found)
    for name, (ids, seed) in found.items():
        assert len(ids) == len(set(ids)) == lists.SIZES[name], name
        assert seed == lists.SEED
        assert all(len(id_) < 80 and " " not in id_ for id_ in ids), name  # ids, never text


def test_sets_with_the_same_ids_are_asked_the_same():
    noise = {lists.read(f"rgb-zh-noise-{share}")[0] for share in ("0", "0.2", "0.4", "0.6", "0.8")}
    assert noise == {lists.read("rgb-zh-rejection")[0]}
    assert lists.read("xquad-en") == lists.read("xquad-zh") == lists.read("xquad-zh-en")
