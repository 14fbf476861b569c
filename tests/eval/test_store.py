import time

import pytest

from eval.store import RememberedReader, Store, key
from rag.errors import EvalFault, ReaderFault
from rag.generation.reader import ScriptedReader
from rag.protocols import Prompt

PROMPT = Prompt("system", "When was it?", max_tokens=20)


def remembered(store, reader, identity="scripted:1"):
    return RememberedReader("scripted", identity, lambda: reader, store)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "kept" / "store.sqlite")


def test_what_was_written_is_given_again_to_the_letter_and_the_reader_is_not_asked(store):
    first = ScriptedReader([("When", "In  1931,\nsaid Hale. ")])
    pieces = list(remembered(store, first).write(PROMPT))
    other = ScriptedReader([("When", "never")])
    again = remembered(Store(store.path), other)
    assert list(again.write(PROMPT)) == pieces and "".join(pieces) == "In  1931,\nsaid Hale. "
    assert other.asked == [] and again._reader is None


def test_shares_of_choices_and_none_are_kept(store):
    first = ScriptedReader(choices=[("When", 0.1 + 0.2), ("Who", None)])
    reader = remembered(store, first)
    who = Prompt("system", "Who?")
    shares = reader.choose(PROMPT, ("Yes", "No"))
    assert reader.choose(who, ("Yes", "No")) is None
    silent = remembered(store, ScriptedReader(choices=[("W", 0.9)]))
    assert silent.choose(PROMPT, ("Yes", "No")) == shares and silent.choose(who, ("Yes", "No")) is None
    assert silent.choose(PROMPT, ("No", "Yes")) == {"No": 0.9, "Yes": pytest.approx(0.1)}  # another question


@pytest.mark.parametrize(
    "other",
    [
        Prompt("other system", "When was it?", max_tokens=20),
        Prompt("system", "When was it? ", max_tokens=20),
        Prompt("system", "When was it?", (("a", "b"),), max_tokens=20),
        Prompt("system", "When was it?", grammar="root ::= x", max_tokens=20),
        Prompt("system", "When was it?", max_tokens=21),
    ],
)
def test_any_other_prompt_is_another_generation(store, other):
    list(remembered(store, ScriptedReader([("When", "one")])).write(PROMPT))
    assert list(remembered(store, ScriptedReader([("When", "two")])).write(other)) == ["two"]


def test_another_reader_is_another_generation(store):
    list(remembered(store, ScriptedReader([("When", "one")])).write(PROMPT))
    assert list(remembered(store, ScriptedReader([("When", "two")]), "scripted:2").write(PROMPT)) == ["two"]


def test_a_replayed_generation_counts_the_seconds_it_had_cost(store):
    first = remembered(store, ScriptedReader([("When", "one")]))
    list(first.write(PROMPT))
    assert first.remembered_seconds() == 0.0
    again = remembered(store, ScriptedReader())
    list(again.write(PROMPT))
    kept = store._database.execute("SELECT seconds FROM generations").fetchone()[0]
    assert again.remembered_seconds() == kept > 0 and again.remembered_seconds() == 0.0


def test_getting_the_reader_ready_is_counted_apart(store):
    def slowly():
        time.sleep(0.3)
        return ScriptedReader([("When", "one")])

    reader = RememberedReader("scripted", "scripted:1", slowly, store)
    list(reader.write(PROMPT))
    kept = store._database.execute("SELECT seconds FROM generations").fetchone()[0]
    assert reader.loading_seconds() >= 0.3 > kept and reader.loading_seconds() == 0.0


def test_what_was_broken_off_or_failed_is_not_kept(store):
    reader = remembered(store, ScriptedReader([("When", "one two three")]))
    next(iter(reader.write(PROMPT)))
    with pytest.raises(ReaderFault):
        list(remembered(store, ScriptedReader([])).write(PROMPT))
    assert store.counts() == (0, 0)
    assert "".join(reader.write(PROMPT)) == "one two three" and store.counts() == (1, 0)


def test_a_file_that_is_no_store_is_a_fault_that_names_it(tmp_path):
    file = tmp_path / "store.sqlite"
    file.write_text("this is no database at all, and long enough to be seen as none" * 20, "utf-8")
    with pytest.raises(EvalFault, match=r"store\.sqlite"):
        Store(file)


def test_keys_do_not_hang_on_the_order_of_names_and_take_bytes():
    assert key({"a": 1, "b": (1, 2)}) == key({"b": [1, 2], "a": 1}) != key({"a": 2, "b": [1, 2]})
    assert key(b"x") != key(b"y")
    with pytest.raises(TypeError):
        key(object())
