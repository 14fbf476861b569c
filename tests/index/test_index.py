"""The front door: what is put can be found, by this process and by others, and stays as it was put."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import IndexFault, Unreachable
from rag.index.embed import HashEmbedder
from rag.index.files import current_build
from rag.index.index import BATCH_CHUNKS, REFRESHED_PAGES, Index
from rag.index.label import last_line
from rag.protocols import SearchEngine
from rag.sources.chunk import chunk
from rag.text.passage import passages
from rag.types import Chunk, Hit, Page
from tests.index.earlier import make_earlier

FOX = "The quick brown fox jumps over the lazy dog. " * 3
WOLF = "狼在森林里跑得很快，狐狸跟在后面。" * 5


def opened(folder: Path, embedder: HashEmbedder | None = None, create: bool = True) -> Index:
    return Index.at(folder, embedder or HashEmbedder(), create=create)


def exact(index: Index, hit: Hit, query: np.ndarray) -> float:
    """The cosine of the query and what was embedded of the hit."""
    return float(index.embedder.passages(passages(index.page(hit.chunk.uri), [hit.chunk]))[0] @ query)


def test_what_was_put_is_found_opened_and_listed(folder: Path, pair) -> None:
    with opened(folder) as index:
        page, chunks = pair("file:///fox", FOX, title="Foxes", language="en")
        assert list(index.put([(page, chunks), pair("file:///wolf", WOLF)])) == [
            ("file:///fox", "added"),
            ("file:///wolf", "added"),
        ]
        hits = index.search("狐狸 森林", 5)
        assert hits[0].chunk.uri == "file:///wolf"
        assert hits[0].cosine is not None
        assert {hit.text_rank for hit in hits if hit.chunk.uri == "file:///wolf"} == {1, 2}
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
        assert index.search("lazy dog", 1)[0].title == "Foxes"
        assert index.open("file:///fox") == index.page("file:///fox") == page
        assert index.chunks("file:///fox") == chunks
        assert [(info.uri, info.chunks) for info in index.pages()] == [
            ("file:///fox", len(chunks)),
            ("file:///wolf", 2),
        ]
        engine: SearchEngine = index
        assert engine.search("fox", 1)


def test_every_hit_is_a_verbatim_span_of_its_page(folder: Path, pair) -> None:
    with opened(folder) as index:
        list(index.put(pair(f"page {n}", f"{FOX} 第{n}页 {WOLF}", size=37) for n in range(6)))
        for query in ("fox", "狼", "第3页", "dog over 森林"):
            for hit in index.search(query, 20):
                page = index.open(hit.chunk.uri)
                assert page.text[hit.chunk.start : hit.chunk.end] == hit.chunk.text
                assert hit.chunk.page_sha256 == page.sha256


def test_cosines_are_the_same_whichever_leg_found_the_chunk(folder: Path, pair) -> None:
    embedder = HashEmbedder()
    with opened(folder, embedder) as index:
        list(index.put([pair("fox", FOX), pair("wolf", WOLF)]))
        query = embedder.queries(["fox 森林"])[0]
        for hit in index.search("fox 森林", 10):
            assert hit.cosine == pytest.approx(exact(index, hit, query), abs=2e-3)
        dense, text = index.legs("fox 森林", 10)
        for hit in text:
            assert hit.cosine == pytest.approx(exact(index, hit, query), abs=2e-3)
        assert [hit.dense_rank for hit in dense] == list(range(1, len(dense) + 1))


def test_a_blank_question_and_an_empty_index_find_nothing(folder: Path, pair) -> None:
    with opened(folder) as index:
        assert index.search("fox", 5) == []
        list(index.put([pair("fox", FOX)]))
        assert index.search("  ", 5) == []


def test_the_next_question_sees_each_change(folder: Path, pair) -> None:
    with opened(folder) as index:
        list(index.put([pair("a", "The otter swims.")]))
        assert index.search("otter", 1)[0].chunk.uri == "a"
        assert list(index.put([pair("a", "The heron stands.")])) == [("a", "replaced")]
        assert index.search("heron", 1)[0].chunk.text == "The heron stands."
        assert index.search("otter", 1)[0].text_rank is None
        assert index.remove("a") is True
        assert index.remove("a") is False
        assert index.search("heron", 1) == []
        with pytest.raises(Unreachable, match="a is not in the index notes"):
            index.open("a")


def test_unchanged_text_is_never_embedded_twice(folder: Path, embedder, pair) -> None:
    with opened(folder, embedder) as index:
        pairs = [pair("a", FOX), pair("b", FOX + WOLF, size=45)]
        list(index.put(pairs))
        assert len(embedder.embedded) == len(set(embedder.embedded))
        embedder.embedded.clear()
        assert [outcome for _, outcome in index.put(pairs)] == ["unchanged", "unchanged"]
        list(index.put([pair("c", FOX)]))
        assert embedder.embedded == []
        list(index.put([pair("a", FOX + "A new end.")]))
        assert len(embedder.embedded) == 1


def test_batches_run_over_pages_and_come_lazily(folder: Path, embedder, pair) -> None:
    taken: list[int] = []

    def pairs():
        for number in range(BATCH_CHUNKS + 40):
            taken.append(number)
            yield pair(f"page {number}", f"Text number {number}")

    with opened(folder, embedder) as index:
        results = index.put(pairs())
        assert taken == []
        assert next(results) == ("page 0", "added")
        assert len(taken) <= BATCH_CHUNKS
        first = len(index.pages())
        assert first == len(taken)
        assert len(list(results)) == BATCH_CHUNKS + 39
        assert index.search("number 290", 1)[0].chunk.uri == "page 290"


def test_a_page_without_chunks_is_kept_and_the_same_uri_twice_is_replaced(folder: Path, pair) -> None:
    with opened(folder) as index:
        done = list(index.put([(Page("empty", ""), []), pair("a", "one"), pair("a", "two"), pair("a", "two")]))
        assert [outcome for _, outcome in done] == ["added", "added", "replaced", "unchanged"]
        assert index.open("empty").text == ""
        assert index.open("a").text == "two"
        assert len(index.search("one two", 10)) == 1


def test_it_is_all_there_after_opening_again(folder: Path, pair) -> None:
    with opened(folder) as index:
        list(index.put([pair("fox", FOX), pair("wolf", WOLF)]))
        before, fingerprint, build = index.search("狐狸 dog", 10), index.fingerprint(), index.build
    with opened(folder, create=False) as index:
        assert index.search("狐狸 dog", 10) == before
        assert (index.fingerprint(), index.build, index.name) == (fingerprint, build, "notes")
    manifest = json.loads((folder / build / "manifest.json").read_text("utf-8"))
    assert (manifest["pages"], manifest["chunks"], manifest["embedder"]) == (2, 5, "hash-256")
    assert Index.describe(folder).startswith("2 pages, 5 chunks")


def test_fingerprints_tell_contents_apart(tmp_path: Path, pair) -> None:
    with opened(tmp_path / "one") as one, opened(tmp_path / "two") as two:
        list(one.put([pair("a", FOX), pair("b", WOLF)]))
        list(two.put([pair("b", "other"), pair("a", FOX), pair("b", WOLF)]))
        assert one.fingerprint() == two.fingerprint()
        list(two.put([pair("a", FOX, size=50)]))
        assert one.fingerprint() != two.fingerprint()


def guide(name: str) -> tuple[Page, list[Chunk]]:
    text = f"# {name}\n\nShips come in here.\n\n## Tides\n\nTwice a day.\n"
    page = Page(f"{name}.md", text, name, media_type="text/markdown")
    return page, chunk(page, HashEmbedder().token_ends, 8, 512)


def test_a_chunk_is_found_by_its_title_and_headings_and_comes_with_them(folder: Path, pair) -> None:
    with opened(folder) as index:
        list(index.put([guide("Harbour"), guide("Lagoon"), pair("other", "Many things happen on some days.")]))
        dense, text = index.legs("lagoon tides", 6)
        for hit in (dense[0], text[0], index.search("lagoon tides", 1)[0]):
            assert hit.chunk.heading == "Lagoon › Tides"
            assert hit.chunk.text.endswith("Twice a day.")


def test_an_earlier_index_answers_until_and_while_it_is_embedded_again(folder: Path, embedder, caplog) -> None:
    pairs = [guide(f"Harbour{number}") for number in range(REFRESHED_PAGES + 3)]
    with opened(folder) as index:
        list(index.put(pairs))
    build = folder / (current_build(folder) or "")
    make_earlier(build)
    with opened(folder, embedder, create=False) as index, opened(folder, create=False) as other:
        assert "python -m indexes.migrate notes" in caplog.text
        assert index.describe(folder).endswith("embeds them again, once.")
        assert index.search("harbour3 tides", 1)[0].chunk.heading == "Harbour3 › Tides"  # by words, at once
        fingerprint = index.fingerprint()
        steps = index.refresh()
        assert next(steps) == (REFRESHED_PAGES, len(pairs))
        assert {hit.chunk.uri for hit in other.search("harbour2 harbour18", 9)} >= {"Harbour2.md", "Harbour18.md"}
        index.remove("Harbour17.md")
        list(index.put([guide("Harbour18")]))
        assert [step for step in steps] == [(len(pairs), len(pairs))]
        index.examine()
        assert list(index.refresh()) == []
        assert len(embedder.embedded) == len(set(embedder.embedded))
        assert not any(text.startswith("# ") for text in embedder.embedded)  # those stood as they were
        for hit in other.legs("harbour5 tides", 40)[0]:
            query = HashEmbedder().queries(["harbour5 tides"])[0]
            assert hit.cosine == pytest.approx(exact(other, hit, query), abs=2e-3)
        list(index.put([guide("Harbour17")]))
        assert index.fingerprint() == fingerprint
    assert "embeds them again" not in Index.describe(folder)


def test_a_missing_index_names_the_others_and_the_command(folder: Path, pair) -> None:
    with pytest.raises(IndexFault, match=r"no index notes. There is none yet. .*vouch add SOURCE --index notes"):
        opened(folder, create=False)
    opened(folder.parent / "zoo").close()
    with pytest.raises(IndexFault, match="There are: zoo"):
        opened(folder, create=False)
    with pytest.raises(IndexFault, match="no index notes"):
        Index.describe(folder)


def test_another_embedder_is_refused(folder: Path) -> None:
    opened(folder).close()
    with pytest.raises(IndexFault, match=r"hash-256 .*indexes\.migrate notes.*vouch\.toml"):
        opened(folder, HashEmbedder(64))


def test_a_truncated_store_is_refused(folder: Path, pair) -> None:
    with opened(folder) as index:
        list(index.put([pair("a", FOX * 200)]))
        path = folder / index.build / "store.sqlite"
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(IndexFault, match=r"Move the folder .*vouch add SOURCE --index notes"):
        opened(folder, create=False).pages()


@pytest.mark.parametrize("harm", ["faiss cut", "faiss gone", "terms gone", "terms cut", "both"])
def test_damaged_caches_are_made_again_without_embedding(folder: Path, embedder, pair, harm: str) -> None:
    with opened(folder, embedder) as index:
        list(index.put([pair("fox", FOX), pair("wolf", WOLF)]))
        before = index.search("狐狸 dog", 10)
        place = folder / index.build
    if harm in ("faiss cut", "both"):
        os.truncate(place / "vectors.faiss", 700)
    if harm == "faiss gone":
        (place / "vectors.faiss").unlink()
    if harm == "terms gone":
        for path in (place / "terms").iterdir():
            path.unlink()
    if harm in ("terms cut", "both"):
        for path in (place / "terms").glob("*.*"):
            os.truncate(path, path.stat().st_size // 3)
    embedder.embedded.clear()
    with opened(folder, embedder, create=False) as index:
        assert index.search("狐狸 dog", 10) == before
    assert embedder.embedded == []


def test_a_stale_process_sees_what_another_has_changed(folder: Path, pair) -> None:
    with opened(folder) as one, opened(folder) as two:
        list(one.put([pair("a", "The otter swims."), pair("b", "The heron stands.")]))
        assert two.search("otter", 1)[0].chunk.uri == "a"
        two.remove("a")
        list(two.put([pair("c", "The badger digs.")]))
        assert {hit.chunk.uri for hit in one.search("otter badger", 10)} == {"b", "c"}
        assert one.search("badger", 1)[0].text_rank == 1


def test_threads_may_search_while_one_puts(folder: Path, pair) -> None:
    faults: list[BaseException] = []
    with opened(folder) as index:
        list(index.put([pair("fixed", "The unmoving otter.")]))
        done = threading.Event()

        def look() -> None:
            try:
                while not done.is_set():
                    assert index.search("unmoving otter", 3)[0].chunk.uri == "fixed"
                    index.pages()
            except BaseException as fault:
                faults.append(fault)
                raise

        threads = [threading.Thread(target=look) for _ in range(3)]
        for thread in threads:
            thread.start()
        for number in range(15):
            list(index.put([pair(f"page {number % 4}", f"A heron, number {number}. " * 9)]))
        index.remove("page 1")
        done.set()
        for thread in threads:
            thread.join()
        assert faults == []
        assert len(index.pages()) == 4


ADD = """
import sys
from pathlib import Path
from rag.index.embed import HashEmbedder
from rag.index.index import Index
from rag.types import Chunk, Page

folder, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])

def pairs():
    for number in range(count):
        text = f"{name} wrote page {number}. " * 5
        page = Page(f"{name}/{number}", text)
        yield page, [Chunk(page.uri, page.sha256, at, at + 25, text[at:at + 25]) for at in range(0, len(text) - 25, 25)]

with Index.at(folder, HashEmbedder(), create=True) as index:
    for uri, outcome in index.put(pairs()):
        print(uri, outcome, flush=True)
"""


def test_two_processes_may_add_at_once(folder: Path) -> None:
    commands = [[sys.executable, "-c", ADD, str(folder), name, "150"] for name in ("ann", "bob")]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for command in commands]
    said = [process.communicate(timeout=120)[0] for process in running]
    assert [process.returncode for process in running] == [0, 0]
    assert all(text.count(" added") == 150 for text in said)
    with opened(folder, create=False) as index:
        assert {info.uri for info in index.pages()} == {f"{name}/{n}" for name in ("ann", "bob") for n in range(150)}
        assert index.search("bob wrote page 77", 1)[0].chunk.uri.startswith("bob/")
        ids = [hit.chunk for hit in index.search("wrote page", 5000)]
        assert len(ids) == len(set(ids))


def test_a_staged_build_takes_over_when_promoted(folder: Path, embedder, pair) -> None:
    with opened(folder, embedder) as current:
        list(current.put([pair("a", FOX), pair("b", WOLF)]))
        embedder.embedded.clear()
        staged = Index.stage(folder, embedder)
        list(staged.put([pair("a", FOX), pair("c", "Only the new one has the otter.")]))
        staged.remove("b")
        assert embedder.embedded == ["Only the new one has the otter."]
        assert current.search("otter", 1)[0].text_rank is None
        assert {info.uri for info in current.pages()} == {"a", "b"}
        before = current.build
        staged.promote()
        assert current.build == staged.build == current_build(folder) != before
        assert current.search("otter", 1)[0].chunk.uri == "c"
        assert {info.uri for info in current.pages()} == {"a", "c"}
        staged.close()


def test_a_staged_copy_takes_the_caches_along_and_adds_what_is_new(folder: Path, pair, caplog) -> None:
    with opened(folder) as current:
        list(current.put([pair("a", FOX), pair("b", WOLF), pair("c", "The badger digs.")]))
        current.flush()
        current.remove("c")
        list(current.put([pair("d", "The heron stands.")]))
        current.search("heron", 1)
    staged = Index.stage(folder, HashEmbedder())
    label = last_line(folder / staged.build / "vectors.faiss")
    words = json.loads((folder / staged.build / "terms" / "state.json").read_text("utf-8"))
    assert label
    assert label.build == words["build"] == staged.build
    assert label.generation == words["generation"] == staged.store.generation()
    list(staged.put([pair("a", "Now the otter swims."), pair("e", "The weir is new.")]))
    staged.remove("b")
    staged.promote()
    staged.examine()
    assert {hit.chunk.uri for hit in staged.search("otter weir heron 狼 badger fox", 20)} == {"a", "d", "e"}
    assert [hit.text_rank for hit in staged.search("badger", 3)] == [None] * 3
    staged.close()
    assert "made again" not in caplog.text


@pytest.mark.parametrize("what", ["vectors.faiss", "terms"])
def test_a_staged_copy_of_damaged_caches_makes_them_again(folder: Path, pair, caplog, what: str) -> None:
    with opened(folder) as current:
        list(current.put([pair("a", FOX), pair("b", WOLF)]))
    path = folder / (current_build(folder) or "") / what
    path = path if path.is_file() else max(path.glob("*.store"))
    path.write_bytes(path.read_bytes()[:-7] + b"damaged")
    staged = Index.stage(folder, HashEmbedder())
    list(staged.put([pair("c", "The weir is new.")]))
    staged.promote()
    staged.examine()
    assert {hit.chunk.uri for hit in staged.search("weir 狼 fox", 20)} == {"a", "b", "c"}
    staged.close()
    assert "made again from the store" in caplog.text


def test_a_reranker_has_the_last_word(folder: Path, pair) -> None:
    def shortest_first(query: str, passages: list[str]) -> list[float]:
        return [-float(len(passage)) for passage in passages]

    with Index.at(folder, HashEmbedder(), reranker=shortest_first, create=True) as index:
        list(index.put([pair("long", "fox " * 12), pair("short", "fox")]))
        assert [hit.chunk.uri for hit in index.search("fox fox", 2)] == ["short", "long"]


def test_closing_twice_is_closing_once_and_then_it_is_closed(folder: Path) -> None:
    index = opened(folder)
    index.close()
    index.close()
    with pytest.raises(IndexFault, match="open it again"):
        index.pages()


steps = st.lists(
    st.tuples(st.sampled_from(["put", "remove", "reopen"]), st.sampled_from("abc"), st.integers(0, 3)), max_size=12
)


@settings(max_examples=15, deadline=None)
@given(steps)
def test_any_history_leaves_exactly_the_last_texts(tmp_path_factory, history) -> None:
    texts = ["The otter swims.", "獾在挖洞。", "A heron stands in the water " * 5, ""]
    folder = tmp_path_factory.mktemp("history") / "notes"
    expected: dict[str, str] = {}
    index = opened(folder)
    for action, uri, number in history:
        if action == "put":
            page = Page(uri, texts[number])
            chunks = [Chunk(uri, page.sha256, 0, len(page.text), page.text)] if page.text else []
            [(_, outcome)] = index.put([(page, chunks)])
            known = {None: "added", page.text: "unchanged"}
            assert outcome == known.get(expected.get(uri), "replaced")
            expected[uri] = page.text
        elif action == "remove":
            assert index.remove(uri) is (expected.pop(uri, None) is not None)
        else:
            index.close()
            index = opened(folder, create=False)
    found = {(hit.chunk.uri, hit.chunk.text) for hit in index.search("otter heron 獾", 100)}
    assert found == {(uri, text) for uri, text in expected.items() if text}
    assert {info.uri for info in index.pages()} == set(expected)
    index.close()


def test_vectors_come_back_as_they_were_embedded(folder: Path, pair) -> None:
    embedder = HashEmbedder()
    with opened(folder, embedder) as index:
        list(index.put([pair("fox", FOX)]))
        for hit in index.search("dog", 10):
            query = embedder.queries(["dog"])[0]
            assert hit.cosine == pytest.approx(exact(index, hit, query), abs=2e-3)
