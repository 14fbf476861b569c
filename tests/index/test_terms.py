"""The text cache: what it finds, that a question is no program, and that its folder may come to any harm."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.index.embed import HashEmbedder
from rag.index.store import Identity, Store
from rag.index.terms import MOST_TERMS, TermCache
from rag.text.passage import passages

TEXTS = {
    "fox": "The quick brown fox jumps over the lazy dog.",
    "狐": "敏捷的棕色狐狸跳过懒狗，住在森林里。",
    "moscow": "Москва — столица России, большой город.",
    "and": "AND OR NOT are words; so are title: and chunk: here.",
    "long": " ".join(f"number{n}" for n in range(400)),
}


@pytest.fixture
def store(tmp_path: Path, pair) -> Store:
    store = Store.create(tmp_path / "store.sqlite", Identity("one", "hash", 256, "cosine", "now"))
    for uri, text in TEXTS.items():
        add(store, pair, uri, text)
    return store


def add(store: Store, pair, uri: str, text: str, **facts: str) -> None:
    page, chunks = pair(uri, text, size=5000, **facts)
    texts = passages(page, chunks)
    store.keep(texts, HashEmbedder().passages(texts))
    store.write(page, chunks)


@pytest.fixture
def cache(tmp_path: Path, store: Store) -> TermCache:
    cache = TermCache(tmp_path / "terms", "one")
    cache.follow(store)
    return cache


def uris(store: Store, cache: TermCache, query: str) -> list[str]:
    hits = cache.search(query, 10).hits
    rows = store.rows([id for id, _ in hits])
    return [rows[id][0].uri for id, _ in hits]


@pytest.mark.parametrize(
    ("query", "uri"),
    [("FOX?", "fox"), ("棕色的狐狸在哪里", "狐"), ("столица", "moscow"), ("number399", "long"), ("lazy 狗 dog", "fox")],
)
def test_the_right_text_comes_first(store: Store, cache: TermCache, query: str, uri: str) -> None:
    assert uris(store, cache, query)[0] == uri


def test_nothing_shared_finds_nothing(store: Store, cache: TermCache) -> None:
    assert uris(store, cache, "zebra") == []
    assert uris(store, cache, "?!。") == []
    assert cache.search("zebra fox", 10).coverage(TEXTS["fox"]) < 1
    assert cache.search("fox", 10).coverage(TEXTS["fox"]) == 1
    assert cache.search("zebra", 10).coverage(TEXTS["fox"]) == 0


@pytest.mark.parametrize(
    "query",
    ["fox AND zebra", "+fox -dog", 'title:fox "', "fox) OR (", "fox *:*", "chunk:[0 TO 9] fox", "fox~2^9", "NOT fox"],
)
def test_a_question_has_no_syntax(store: Store, cache: TermCache, query: str) -> None:
    assert "fox" in uris(store, cache, query)


@given(st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_any_question_can_be_asked(any_cache: TermCache, query: str) -> None:
    hits = any_cache.search(query, 3)
    assert len(hits.hits) <= 3
    assert list(hits.hits) == sorted(hits.hits, key=lambda hit: (-hit[1], hit[0]))
    assert 0 <= hits.coverage(query) <= 1


@pytest.fixture(scope="module")
def any_cache(tmp_path_factory) -> TermCache:
    from rag.types import Chunk, Page

    folder = tmp_path_factory.mktemp("any")
    store = Store.create(folder / "store.sqlite", Identity("one", "hash", 256, "cosine", "now"))
    for uri, text in TEXTS.items():
        page = Page(uri, text)
        store.keep([text], HashEmbedder().passages([text]))
        store.write(page, [Chunk(uri, page.sha256, 0, len(text), text)])
    cache = TermCache(folder / "terms", "one")
    cache.follow(store)
    return cache


def test_of_a_long_question_the_rarest_terms_are_kept(store: Store, cache: TermCache, pair) -> None:
    query = "the fox " + " ".join(f"number{n}" for n in range(200))
    weights = cache.search(query, 10).weights
    assert len(weights) == MOST_TERMS
    assert uris(store, cache, query)[0] == "long"


def test_titles_are_searched(store: Store, cache: TermCache, pair) -> None:
    add(store, pair, "titled", "Nothing of it in the text.", title="Ornithology")
    cache.follow(store)
    assert uris(store, cache, "ornithology") == ["titled"]


def test_it_follows_additions_removals_and_replacements(store: Store, cache: TermCache, pair) -> None:
    store.remove("fox")
    add(store, pair, "moscow", "Париж — столица Франции.")
    add(store, pair, "new", "A vixen is a female fox.")
    cache.follow(store)
    assert uris(store, cache, "fox") == ["new"]
    assert uris(store, cache, "Россия России") == []
    assert uris(store, cache, "Париж") == ["moscow"]
    assert cache.generation == store.generation()


def test_another_process_only_loads_what_is_there(tmp_path: Path, store: Store, cache: TermCache, pair) -> None:
    other = TermCache(tmp_path / "terms", "one")
    assert other.load(store)
    assert uris(store, other, "fox") == ["fox"]
    add(store, pair, "new", "A vixen is a female fox.")
    assert not other.load(store)
    cache.follow(store)
    assert other.load(store)
    assert set(uris(store, other, "fox")) == {"fox", "new"}


def files(folder: Path, ending: str) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.name.endswith(ending))


@pytest.mark.parametrize("ending", [".idx", ".term", ".fast", ".fieldnorm", ".store", "meta.json", "state.json"])
@pytest.mark.parametrize("harm", ["cut", "flip", "gone"])
def test_a_damaged_folder_is_made_again(tmp_path: Path, store: Store, cache: TermCache, ending: str, harm: str) -> None:
    path = files(tmp_path / "terms", ending)[0]
    content = path.read_bytes()
    if harm == "gone":
        path.unlink()
    elif harm == "cut":
        path.write_bytes(content[: len(content) // 2])
    else:
        path.write_bytes(bytes(byte ^ 0x5A for byte in content[:40]) + content[40:])
    again = TermCache(tmp_path / "terms", "one")
    assert not again.load(store)
    again.follow(store)
    assert uris(store, again, "fox") == ["fox"]
    assert uris(store, again, "狐狸") == ["狐"]


def test_a_missing_folder_is_made_again(tmp_path: Path, store: Store, cache: TermCache) -> None:
    for path in (tmp_path / "terms").iterdir():
        path.unlink()
    (tmp_path / "terms").rmdir()
    again = TermCache(tmp_path / "terms", "one")
    again.follow(store)
    assert uris(store, again, "fox") == ["fox"]


@pytest.mark.parametrize(("key", "value"), [("build", "two"), ("splitter", 0), ("generation", 999)])
def test_a_folder_of_something_else_is_made_again(tmp_path: Path, store: Store, cache: TermCache, key, value) -> None:
    path = tmp_path / "terms" / "state.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))
    again = TermCache(tmp_path / "terms", "one")
    again.follow(store)
    assert json.loads(path.read_text())[key] != value
    assert uris(store, again, "fox") == ["fox"]


def test_a_commit_whose_state_was_not_written_is_repeated_without_doubling(
    tmp_path: Path, store: Store, cache: TermCache, pair
) -> None:
    state = tmp_path / "terms" / "state.json"
    before = state.read_text()
    add(store, pair, "new", "A vixen is a female fox.")
    store.remove("moscow")
    cache.follow(store)
    state.write_text(before)  # as if killed between the two
    again = TermCache(tmp_path / "terms", "one")
    assert not again.load(store)
    again.follow(store)
    assert sorted(uris(store, again, "fox")) == ["fox", "new"]
    assert uris(store, again, "столица") == []


def test_many_small_batches_stay_right(tmp_path: Path, store: Store, cache: TermCache, pair) -> None:
    for number in range(30):
        add(store, pair, f"page {number % 7}", f"shared word and unique{number}")
        cache.follow(store)
    assert len(uris(store, cache, "shared")) == 7
    assert uris(store, cache, "unique29") == ["page 1"]
    assert uris(store, cache, "unique3") == []


def test_what_a_killed_process_left_is_made_again(tmp_path: Path, store: Store, cache: TermCache) -> None:
    """tantivy names the file of a deletion by its segment and the number of the operation, and commits it later."""
    for segment in json.loads((tmp_path / "terms" / "meta.json").read_text())["segments"]:
        for operation in range(200):
            (tmp_path / "terms" / f"{segment['segment_id'].replace('-', '')}.{operation}.del").touch()
    store.remove("fox")
    cache.follow(store)
    assert uris(store, cache, "fox") == [] and uris(store, cache, "столица") == ["moscow"]
