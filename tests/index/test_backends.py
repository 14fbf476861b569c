"""One contract for all backends: FAISS and tantivy here, Milvus Lite, and the real Milvus server of the `milvus` wheel.

The first runs always; the others with `make test-milvus`, which starts the server in a network of its own, because that
server listens on every address.
"""

import importlib.util
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from rag.config import Config
from rag.errors import IndexFault
from rag.index import places
from rag.index.backend import IndexBackend
from rag.index.exact import recall
from rag.index.files import WriterLock
from rag.index.hashed import HashEmbedder
from rag.index.index import Index
from rag.index.milvus import Place
from rag.index.store import Identity, Store
from rag.text.passage import passages

BUILD = "20260101T000000Z-00000abcd"
DIMENSION = 32
TEXTS = {
    "otter": "The otter swims in the river at night.",
    "heron": "A heron stands in shallow water and waits for fish.",
    "狐狸": "狐狸在森林里跑得很快，天黑以后才出来。",
    "赵州桥": "赵州桥在河北，是李春在隋朝造的石拱桥。",
}
KINDS = ["local", pytest.param("lite", marks=pytest.mark.milvus), pytest.param("server", marks=pytest.mark.milvus)]


def only_loopback() -> bool:
    path = Path("/proc/net/dev")
    return path.exists() and {line.split(":")[0].strip() for line in path.read_text().splitlines()[2:]} <= {"lo"}


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> Iterator[str]:
    """The address of a real server, for all tests of this run."""
    if importlib.util.find_spec("milvus") is None:
        pytest.skip("the Milvus server is not installed: requirements-milvus.txt in an environment of its own")
    if not only_loopback():
        pytest.skip("the Milvus server listens on all addresses: `make test-milvus` starts it in a network of its own")
    from milvus import MilvusServer

    folder = tmp_path_factory.mktemp("milvus")
    running = MilvusServer()
    running.set_base_dir(str(folder))
    running.start()
    yield f"http://127.0.0.1:{running.listen_port}"
    running.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=KINDS)
def place(request, tmp_path) -> Place | None:
    match request.param:
        case "lite":
            if importlib.util.find_spec("milvus_lite") is None:
                pytest.skip("Milvus Lite is not installed: requirements-milvus.txt in an environment of its own")
            return places.new_place(tmp_path / "notes", str(tmp_path / "lite.db"))
        case "server":
            return places.new_place(tmp_path / "notes", request.getfixturevalue("server"))
    return None


class Held:
    """A store with a backend that follows it."""

    def __init__(self, folder: Path, place: Place | None) -> None:
        self.folder = folder
        (folder / BUILD).mkdir(parents=True)
        if place:
            places.set_place(folder, place)
        self.identity = Identity(BUILD, "test", DIMENSION, "cosine", "now")
        self.store = Store.create(folder / BUILD / "store.sqlite", self.identity)
        self.random = np.random.default_rng(3)
        self.backend = self.open()
        self.ranks_by_words = place is None or not place.address.startswith("http")  # the server that there is does not

    def open(self) -> IndexBackend:
        return places.open_backend(self.folder, self.identity, WriterLock(self.folder))

    def add(self, pair, texts: dict[str, str]) -> None:
        for name, text in texts.items():
            page, chunks = pair(name, text, size=200)
            rows = self.random.normal(size=(len(chunks), DIMENSION)).astype(np.float32)
            self.store.keep(passages(page, chunks), rows / np.linalg.norm(rows, axis=1, keepdims=True))
            self.store.write(page, chunks)

    def vector(self, name: str) -> tuple[int, np.ndarray]:
        known = self.store.changes(-1).added
        uris = {id: chunk.uri for id, (chunk, _) in self.store.rows(known).items()}
        id = next(id for id in known if uris[id] == name)
        return id, self.store.vectors([id])[1][0]

    def nearest(self, name: str, k: int = 10) -> list[int]:
        with self.backend.looking():
            return [id for id, _ in self.backend.search_dense(self.vector(name)[1].reshape(1, -1), k)[0]]

    def by_words(self, query: str) -> list[str]:
        with self.backend.looking():
            ids = [id for id, _ in self.backend.search_text(query, 10).hits]
        rows = self.store.rows(ids)
        return [rows[id][0].uri for id in ids]


@pytest.fixture
def held(tmp_path, place, pair) -> Iterator[Held]:
    made = Held(tmp_path / "notes", place)
    made.add(pair, TEXTS)
    made.backend.follow(made.store)
    yield made
    made.backend.close()


def test_what_was_written_is_found_by_both_legs(held) -> None:
    for name in TEXTS:
        found = held.nearest(name)
        assert found[0] == held.vector(name)[0]
        assert len(found) == len(set(found)) == 4
    scores = [score for _, score in held.backend.search_dense(held.vector("otter")[1].reshape(1, -1), 4)[0]]
    assert scores[0] == pytest.approx(1, abs=1e-2)
    assert scores == sorted(scores, reverse=True)
    if held.ranks_by_words:
        assert held.by_words("otter river")[0] == "otter"
        assert held.by_words("李春造的桥")[0] == "赵州桥"
        assert held.by_words("趙州橋") == ["赵州桥"]
        assert held.by_words("unheard") == []
    else:
        assert held.backend.search_text("otter", 10).hits == ()


def test_several_questions_at_once(held) -> None:
    rows = np.stack([held.vector(name)[1] for name in TEXTS])
    found = held.backend.search_dense(rows, 2)
    assert [some[0][0] for some in found] == [held.vector(name)[0] for name in TEXTS]
    assert all(len(some) == 2 for some in found)


def test_each_change_is_seen_by_the_next_search(held, pair) -> None:
    old, vector = held.vector("otter")
    held.store.remove("otter")
    held.backend.follow(held.store)
    assert old not in [id for id, _ in held.backend.search_dense(vector.reshape(1, -1), 10)[0]]
    held.add(pair, {"heron": "The heron has flown away to the weir."})
    held.backend.follow(held.store)
    assert len(held.nearest("heron")) == 3
    if held.ranks_by_words:
        assert held.by_words("otter") == []
        assert held.by_words("weir heron") == ["heron"]
        assert held.by_words("shallow") == []


def test_it_counts_what_it_holds_and_following_again_doubles_nothing(held) -> None:
    generation, counts = held.backend.state()
    assert (generation, set(counts)) == (held.store.generation(), {4})
    held.backend.follow(held.store)
    assert set(held.backend.state()[1]) == {4}


def test_opened_again_it_answers_the_same(held, pair) -> None:
    before = held.nearest("狐狸")
    held.backend.save(held.store)
    held.backend.close()
    held.backend = held.open()
    held.backend.follow(held.store)
    assert held.nearest("狐狸") == before
    held.store.remove("狐狸")
    held.backend.close()
    held.backend = held.open()
    held.backend.follow(held.store)
    assert set(held.backend.state()[1]) == {3}


def test_what_it_knew_of_itself_is_lost_and_it_adds_up_again(held, pair) -> None:
    held.store.remove("otter")
    held.add(pair, {"new": "A badger digs."})
    for path in (held.folder / BUILD).iterdir():
        if path.suffix == ".json":
            path.unlink()
    held.backend.close()
    held.backend = held.open()
    held.backend.follow(held.store)
    assert held.backend.state()[0] == held.store.generation()
    assert set(held.backend.state()[1]) == {4}
    assert held.nearest("new")[0] == held.vector("new")[0]


def test_recall_of_exact_search(held, pair) -> None:
    held.add(pair, {f"page {number}": f"Text number {number} of many." for number in range(600)})
    held.backend.follow(held.store)
    with held.backend.looking():
        rate = recall(held.store, held.backend.search_dense, 50, 10)
    assert rate.value is not None
    assert rate.value >= 0.97


# --- a whole index that moves ---


def test_an_index_moves_there_and_back_without_embedding_anything(tmp_path, place, embedder, pair) -> None:
    from indexes.migrate import migrate

    config, folder = Config(indexes=str(tmp_path / "built")), tmp_path / "built" / "notes"
    address = place.address if place else "local"
    with Index.at(folder, embedder, create=True) as index:
        list(index.put(pair(name, text, size=200) for name, text in TEXTS.items()))
        before = [hit.chunk.uri for hit in index.search("fox 狐狸 森林", 3)]
    embedder.embedded.clear()
    moved = migrate(config, "notes", address)
    assert (moved.chunks, moved.recall.value, moved.place) == (4, 1.0, address)
    with Index.at(folder, embedder) as index:
        assert index.search("fox 狐狸 森林", 3)[0].chunk.uri == before[0]
        assert embedder.embedded == []
        list(index.put([pair("new", "A badger digs a tunnel.", size=200)]))
        index.remove("otter")
        assert index.search("badger digs tunnel", 1)[0].chunk.uri == "new"
        index.examine()
        assert index.recall(10, 3).value == 1.0
    staged = Index.stage(folder, embedder)
    list(staged.put([pair("last", "The weir was built last.", size=200)]))
    staged.promote()
    staged.close()
    first = {path.parent.name for path in folder.glob("*/manifest.json")}
    assert len(first) == 2
    if place:
        from rag.index.staging import prune

        known = places.place_of(folder)
        assert known
        assert prune(folder, WriterLock(folder), 0) == [min(first)]
        assert places.clear(folder, [max(first)]) == []
    with Index.at(folder, embedder) as index:
        assert index.search("weir built last", 1)[0].chunk.uri == "last"
        texts = {info.uri for info in index.pages()}
    embedder.embedded.clear()
    assert migrate(config, "notes", "local").chunks == 5
    assert not (folder / "BACKEND").exists()
    with Index.at(folder, embedder) as index:
        assert {hit.chunk.uri for hit in index.search("the 狐狸 badger heron weir 桥", 10)} == texts
    assert embedder.embedded == []


@pytest.mark.milvus
def test_nobody_at_the_address_is_a_fault_and_the_index_stays(tmp_path, embedder, pair) -> None:
    pytest.importorskip("pymilvus", reason="pymilvus is not installed: requirements-milvus.txt")
    from indexes.migrate import migrate

    config, folder = Config(indexes=str(tmp_path / "built")), tmp_path / "built" / "notes"
    with Index.at(folder, embedder, create=True) as index:
        list(index.put([pair("otter", TEXTS["otter"])]))
    with pytest.raises(IndexFault, match=r"127\.0\.0\.1:9"):
        migrate(config, "notes", "http://127.0.0.1:9")
    with Index.at(folder, embedder) as index:
        assert index.search("otter", 1)


def test_without_pymilvus_the_fault_says_what_to_install(tmp_path, pair) -> None:
    if importlib.util.find_spec("pymilvus"):
        pytest.skip("pymilvus is installed here")
    folder = tmp_path / "notes"
    with Index.at(folder, HashEmbedder(), create=True) as index:
        list(index.put([pair("otter", TEXTS["otter"])]))
    places.set_place(folder, Place("http://milvus:19530", "vouch_notes_1"))
    with pytest.raises(IndexFault, match=r"requirements-milvus\.txt"):
        Index.at(folder, HashEmbedder())
    (folder / "BACKEND").write_text("{")
    with pytest.raises(IndexFault, match=r"indexes\.migrate notes"):
        Index.at(folder, HashEmbedder())
