"""The dense cache says what a scan of the stored vectors says, whatever happened to its file."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.index.store import Identity, Store
from rag.index.vectors import VectorCache, device_count

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
            self.store.keep([chunk.text for chunk in chunks], self.some(len(chunks)))
            self.store.write(page, chunks)

    def some(self, count: int) -> np.ndarray:
        rows = self.random.normal(size=(count, DIMENSION)).astype(np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def cache(self, build: str = "one", exact_below: int = 1000) -> VectorCache:
        return VectorCache(self.file, build, DIMENSION, exact_below)

    def nearest(self, query: np.ndarray, k: int) -> list[int]:
        ids, vectors = self.store.vectors(self.store.changes(-1).added)
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
    cache.save()
    behind = room.cache()
    room.store.remove("page 1")
    behind.follow(room.store)
    behind.follow(room.store)
    assert len(ids(behind, room.some(1)[0], 1000)) == 39


def test_a_saved_file_is_taken_without_the_store(room: Room, tmp_path: Path) -> None:
    cache = room.cache()
    cache.follow(room.store)
    cache.save()
    query = room.some(1)[0]
    again = room.cache()
    assert again.generation == room.store.generation()
    assert again.search(query, 5) == cache.search(query, 5)


def test_a_stale_file_catches_up(room: Room, pair) -> None:
    cache = room.cache()
    cache.follow(room.store)
    cache.save()
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
    cache.save()
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
    cache.save()
    assert room.cache(exact_below=100).form == "SQ8"


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
