"""The dense cache says what a scan of the stored vectors says, whatever happened to its file."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.index.devices import OnDevices
from rag.index.forms import Form, Policy
from rag.index.held import Frozen, Growing
from rag.index.store import Identity, Store
from rag.index.vectors import VectorCache
from rag.index.wheels import device_count
from rag.text.passage import passages

DIMENSION = 16


class Room:
    """A store whose pages are single chunks with chosen vectors, and the place of its cache."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.file = folder / "vectors.faiss"
        self.store = Store.create(folder / "store.sqlite", Identity("one", "test", DIMENSION, "cosine", "now"))
        self.random = np.random.default_rng(7)

    def add(self, pair, *names: str) -> None:
        for name in names:
            page, chunks = pair(name, f"text of {name} {self.random.integers(1 << 30)}")
            self.store.keep(passages(page, chunks), self.some(len(chunks)))
            self.store.write(page, chunks)

    def some(self, count: int) -> np.ndarray:
        rows = self.random.normal(size=(count, DIMENSION)).astype(np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def cache(self, build: str = "one", exact_below: int = 1000, lists_from: int = 10**6) -> VectorCache:
        return VectorCache(self.file, build, DIMENSION, Policy(exact_below, lists_from))

    def nearest(self, query: np.ndarray, k: int) -> list[int]:
        known = self.store.changes(-1).added
        ids, vectors = self.store.vectors_between(min(known, default=0), max(known, default=0))
        return [int(ids[at]) for at in np.argsort(-(vectors @ query), kind="stable")[:k]]


@pytest.fixture
def room(tmp_path: Path, pair) -> Room:
    made = Room(tmp_path)
    made.add(pair, *(f"page {number}" for number in range(40)))
    return made


def ids(cache: VectorCache, query: np.ndarray, k: int = 10) -> list[int]:
    return [id for id, _ in cache.search(query, k)]


def test_it_finds_what_a_scan_finds(room: Room) -> None:
    cache = room.cache()
    cache.follow(room.store)
    for query in room.some(20):
        found = cache.search(query, 10)
        assert [id for id, _ in found] == room.nearest(query, 10)
        assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
        _, vectors = room.store.vectors([found[0][0]])
        assert found[0][1] == pytest.approx(float(vectors[0] @ query), abs=1e-5)


def test_it_follows_additions_removals_and_replacements(room: Room, pair) -> None:
    cache = room.cache()
    cache.follow(room.store)
    room.store.remove("page 3")
    room.add(pair, "page 5", "another")
    cache.follow(room.store)
    query = room.some(1)[0]
    assert ids(cache, query, 1000) == room.nearest(query, 1000)
    assert cache.generation == room.store.generation()


def test_following_the_same_changes_twice_doubles_nothing(room: Room) -> None:
    cache = room.cache()
    cache.follow(room.store)
    cache.save(room.store)
    behind = room.cache()
    room.store.remove("page 1")
    behind.follow(room.store)
    behind.follow(room.store)
    assert len(ids(behind, room.some(1)[0], 1000)) == 39


def test_a_saved_file_is_taken_without_the_store(room: Room, tmp_path: Path) -> None:
    cache = room.cache()
    cache.follow(room.store)
    cache.save(room.store)
    query = room.some(1)[0]
    again = room.cache()
    assert again.generation == room.store.generation()
    assert again.search(query, 5) == cache.search(query, 5)


def test_a_stale_file_catches_up(room: Room, pair) -> None:
    cache = room.cache()
    cache.follow(room.store)
    cache.save(room.store)
    room.add(pair, "late")
    room.store.remove("page 0")
    again = room.cache()
    assert 0 < again.generation < room.store.generation()
    again.follow(room.store)
    query = room.some(1)[0]
    assert ids(again, query, 1000) == room.nearest(query, 1000)


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "foreign", "ahead"])
def test_a_damaged_file_is_made_again(room: Room, damage: str) -> None:
    cache = room.cache()
    cache.follow(room.store)
    cache.save(room.store)
    content = bytearray(room.file.read_bytes())
    if damage == "cut":
        content = content[: len(content) // 2]
    elif damage == "flip":
        content[len(content) // 2] ^= 0xFF
    elif damage == "empty":
        content = bytearray()
    elif damage == "ahead":
        content = bytearray(bytes(content).replace(b'"generation": 40', b'"generation": 99'))
    room.file.write_bytes(bytes(content))
    again = room.cache(build="two" if damage == "foreign" else "one")
    assert again.generation == (99 if damage == "ahead" else -1)
    again.follow(room.store)
    assert again.generation == room.store.generation()
    query = room.some(1)[0]
    assert ids(again, query, 1000) == room.nearest(query, 1000)


def test_above_the_limit_it_becomes_approximate_and_still_follows(tmp_path: Path, pair) -> None:
    room = Room(tmp_path)
    room.add(pair, *(f"page {number}" for number in range(90)))
    cache = room.cache(exact_below=100)
    cache.follow(room.store)
    assert cache.form == "Flat"
    room.add(pair, *(f"more {number}" for number in range(60)))
    cache.follow(room.store)
    assert cache.form == "SQ8"
    room.store.remove("page 7")
    room.add(pair, "page 8")
    cache.follow(room.store)
    query = room.some(1)[0]
    assert set(ids(cache, query, 1000)) == set(room.nearest(query, 1000))
    hits = [len(set(ids(cache, query)) & set(room.nearest(query, 10))) for query in room.some(30)]
    assert sum(hits) / 300 >= 0.95
    cache.save(room.store)
    assert room.cache(exact_below=100).form == "SQ8"


def many(folder: Path, count: int) -> Room:
    """`count` chunks on pages of twenty, in a hundred clusters."""
    from rag.types import Chunk, Page

    room = Room(folder)
    centres = room.some(100)
    for number in range(count // 20):
        text = "".join(f"{number:05}.{at:02} " for at in range(20))
        page = Page(f"page {number}", text)
        chunks = [Chunk(page.uri, page.sha256, at * 9, at * 9 + 8, text[at * 9 : at * 9 + 8]) for at in range(20)]
        near = centres[room.random.integers(100, size=20)] + 0.5 * room.some(20)
        room.store.keep(passages(page, chunks), (near / np.linalg.norm(near, axis=1, keepdims=True)).astype(np.float32))
        room.store.write(page, chunks)
    return room


def shared(cache: VectorCache, room: Room, queries: np.ndarray) -> float:
    """Recall@10 by id."""
    return sum(len(set(ids(cache, query)) & set(room.nearest(query, 10))) for query in queries) / (10 * len(queries))


def test_very_many_are_kept_in_lists_and_as_many_are_looked_at_as_are_needed(tmp_path: Path) -> None:
    room = many(tmp_path, 3000)
    cache = room.cache(exact_below=100, lists_from=3000)
    cache.follow(room.store)
    assert cache.form == "IVF128,SQ8"
    probes, tuned = cache.tuned
    assert 1 < probes < 128
    assert tuned >= 0.98
    stored = room.store.vectors(room.store.changes(-1).added[5::67])[1]
    assert shared(cache, room, stored) >= 0.97
    cache.save(room.store)
    again = room.cache(exact_below=100, lists_from=3000)
    assert (again.form, again.tuned) == (cache.form, cache.tuned)
    for query in stored[:20]:
        assert again.search(query, 10) == cache.search(query, 10)


@pytest.mark.parametrize("limits", [(10_000, 20_000), (100, 20_000), (100, 1000)], ids=["Flat", "SQ8", "IVF"])
def test_what_comes_and_goes_beside_the_file_is_as_if_it_were_in_it(tmp_path: Path, pair, limits) -> None:
    room = many(tmp_path, 2000)
    cache = room.cache("one", *limits)
    cache.follow(room.store)
    cache.save(room.store)
    written = room.file.stat().st_mtime_ns
    opened = room.cache("one", *limits)
    for number in (3, 40, 77):
        room.store.remove(f"page {number}")
    room.add(pair, "page 5", "new one", "new two")
    opened.follow(room.store)
    queries = room.some(30)
    gone = set(range(61, 81)) | set(range(801, 821))
    for query in queries:
        found = ids(opened, query, 1990)
        assert len(found) == len(set(found))
        assert not gone & set(found)
    assert opened.count == len(room.store.changes(-1).added) == 2000 - 4 * 20 + 3
    assert shared(opened, room, queries) >= (0.75 if limits[1] == 1000 else 0.95)
    new = room.store.changes(2000 // 20).added
    for id, vector in zip(*room.store.vectors(new), strict=True):
        assert ids(opened, vector, 1) == [id]
    opened.save(room.store)
    assert (room.file.stat().st_mtime_ns > written) == (limits[0] > 2000)  # so little is not worth a big file


def test_many_changes_beside_the_file_go_into_it(tmp_path: Path) -> None:
    room = many(tmp_path, 2000)
    cache = room.cache("one", 100, 20_000)
    cache.follow(room.store)
    cache.save(room.store)
    for number in range(30):
        room.store.remove(f"page {number}")
    cache.follow(room.store)
    assert not cache.is_saved
    cache.save(room.store)
    assert cache.is_saved
    again = room.cache("one", 100, 20_000)
    assert again.generation == room.store.generation()
    assert again.count == 1400


def test_more_ids_gone_than_can_be_passed_over(tmp_path: Path) -> None:
    room = many(tmp_path, 2000)
    cache = room.cache(exact_below=5000)
    cache.follow(room.store)
    cache.save(room.store)
    for number in range(0, 60, 2):
        room.store.remove(f"page {number}")
    cache.follow(room.store)
    for query in room.some(20):
        assert ids(cache, query, 10) == room.nearest(query, 10)


def test_a_mapped_index_has_no_way_to_be_changed(tmp_path: Path) -> None:
    room = many(tmp_path, 400)
    cache = room.cache()
    cache.follow(room.store)
    cache.save(room.store)
    frozen = Frozen(room.file, Form("Flat"), 1)
    assert frozen.count == 400
    assert {name for name in dir(frozen) if not name.startswith("_")} == {"count", "is_shareable", "search"}


def test_many_queries_at_once_find_what_each_finds(tmp_path: Path) -> None:
    room = many(tmp_path, 2000)
    cache = room.cache(exact_below=5000)
    cache.follow(room.store)
    queries = room.some(50)
    for found, query in zip(cache.search_many(queries, 10), queries, strict=True):
        assert [id for id, _ in found] == ids(cache, query, 10)


def test_a_machine_said_to_have_no_gpu_takes_the_same_way_without_one(tmp_path: Path) -> None:
    room = many(tmp_path, 2000)
    policy = Policy(exact_below=100, lists_from=1000, lists_from_on_gpu=5000)
    with_none = VectorCache(room.file, "one", DIMENSION, policy, devices=0)
    with_none.follow(room.store)
    with_none.save(room.store)
    assert with_none.form.startswith("IVF")
    assert with_none.is_shareable
    assert with_none.count == 2000
    assert policy.form(2000, devices=1).name == "Flat"
    assert policy.form(5000, devices=2).lists
    with pytest.raises(ValueError, match="no GPU"):
        OnDevices(Growing.empty(Form("Flat"), DIMENSION), 0)


def test_when_as_much_has_come_as_it_was_fitted_to_it_is_fitted_anew(tmp_path: Path, pair) -> None:
    room = Room(tmp_path)
    room.add(pair, *(f"page {number}" for number in range(120)))
    cache = room.cache(exact_below=100)
    cache.follow(room.store)
    for turn in range(3):
        room.add(pair, *(f"page {number}" for number in range(50)))
        cache.follow(room.store)
        assert (cache.count, cache.form) == (120, "SQ8"), turn
    query = room.some(1)[0]
    assert len(set(ids(cache, query)) & set(room.nearest(query, 10))) >= 8


def test_nothing_is_found_in_nothing(tmp_path: Path) -> None:
    room = Room(tmp_path)
    cache = room.cache()
    cache.follow(room.store)
    assert cache.search(room.some(1)[0], 5) == []


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.booleans()), max_size=25), st.integers(1, 6))
def test_any_history_ends_where_a_fresh_cache_begins(tmp_path_factory, history, every: int) -> None:
    from rag.types import Chunk, Page

    def pair(uri: str, text: str):
        page = Page(uri, text)
        return page, [Chunk(uri, page.sha256, 0, len(text), text)]

    room = Room(tmp_path_factory.mktemp("history"))
    cache = room.cache()
    for number, (name, gone) in enumerate(history):
        if gone:
            room.store.remove(name)
        else:
            room.add(pair, name)
        if number % every == 0:
            cache.follow(room.store)
    cache.follow(room.store)
    query = room.some(1)[0]
    assert ids(cache, query, 100) == room.nearest(query, 100)


def test_without_a_driver_no_gpu_is_counted() -> None:
    assert device_count() >= 0
