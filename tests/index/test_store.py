"""The truth: a page is there whole or not at all, and comes back as it was."""

import sqlite3
import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import IndexFault
from rag.index.migrations import SCHEMA
from rag.index.rows import pack, unpack
from rag.index.store import Identity, Store
from rag.text.locator import locator
from rag.text.passage import passages
from rag.types import Chunk, Heading, Link, Locator, Page
from tests.index.earlier import drop_page_starts, make_earlier

IDENTITY = Identity("build-1", "counting", 8, "cosine", "2026-01-01T00:00:00+00:00")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "notes" / "build-1").mkdir(parents=True)
    return tmp_path / "notes" / "build-1" / "store.sqlite"


@pytest.fixture
def store(path: Path) -> Store:
    return Store.create(path, IDENTITY)


def directions(texts: list[str]) -> np.ndarray:
    rows = np.array([np.random.default_rng(len(text)).normal(size=8) for text in texts], dtype=np.float32)
    return rows.reshape(len(texts), 8) / np.maximum(np.linalg.norm(rows.reshape(len(texts), 8), axis=1), 1e-9)[:, None]


def put(store: Store, page: Page, chunks: list[Chunk]) -> str:
    texts = passages(page, chunks)
    missing = store.missing(texts)
    if missing:
        store.keep(missing, directions(missing))
    return store.write(page, chunks)


def vector_count(store: Store, path: Path) -> int:
    connection = sqlite3.connect(path)
    count = connection.execute("SELECT count(*) FROM vectors").fetchone()[0]
    connection.close()
    return int(count)


spans = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 30)), max_size=5)


@settings(deadline=None, max_examples=60)
@given(
    text=st.text(max_size=90),
    facts=st.lists(st.text(max_size=8), min_size=7, max_size=7),
    spans=spans,
    body=spans,
    again=st.booleans(),
)
def test_a_page_comes_back_as_it_was_put(text, facts, spans, body, again) -> None:
    with tempfile.TemporaryDirectory() as folder:
        comes_back(Path(folder) / "store.sqlite", text, facts, spans, body, again)


def comes_back(path, text, facts, spans, body, again) -> None:
    store = Store.create(path, IDENTITY)
    page = Page("file:///x", text, *facts, body=tuple(body))
    cut = [(start, min(start + length, len(text))) for start, length in spans if start < len(text)]
    chunks = [Chunk(page.uri, page.sha256, start, end, text[start:end]) for start, end in cut]
    put(store, page, chunks)
    if again:
        store.close()
        store = Store(path)
    assert store.page(page.uri) == page
    assert store.chunks(page.uri) == chunks
    assert [info.uri for info in store.pages()] == [page.uri]
    assert store.pages()[0].characters == len(text)
    assert put(store, page, chunks) == "unchanged"
    store.close()


def test_outcomes_and_generation(store: Store, pair) -> None:
    page, chunks = pair("a", "one two three " * 20)
    assert put(store, page, chunks) == "added"
    first = store.generation()
    assert put(store, page, chunks) == "unchanged"
    assert store.generation() == first
    assert put(store, *pair("a", "one two three " * 20, size=50)) == "replaced"
    assert put(store, *pair("a", "one two three " * 20, size=50, title="Named")) == "replaced"
    assert put(store, *pair("a", "one two three " * 20, size=50, title="Named", read_at="later")) == "unchanged"
    assert store.generation() == first + 2
    assert store.remove("a") is True
    assert store.remove("a") is False
    assert store.generation() == first + 3


def test_ids_are_never_used_twice_and_changes_name_them(store: Store, pair) -> None:
    put(store, *pair("a", "x" * 130))
    first = store.changes(-1)
    assert len(first.added) == first.total == 3
    put(store, *pair("a", "y" * 130))
    second = store.changes(first.generation)
    assert second.removed == first.added
    assert min(second.added) > max(first.added)
    store.remove("a")
    put(store, *pair("b", "x" * 130))
    assert min(store.changes(-1).added) > max(second.added)


def test_vectors_are_shared_between_pages_and_go_with_the_last(store: Store, path: Path, pair) -> None:
    put(store, *pair("a", "same text"))
    put(store, *pair("b", "same text"))
    assert vector_count(store, path) == 1
    store.remove("a")
    assert vector_count(store, path) == 1
    assert len(store.vectors(store.changes(-1).added)[0]) == 1
    store.remove("b")
    assert vector_count(store, path) == 0


def test_a_replaced_page_leaves_only_the_vectors_it_still_uses(store: Store, path: Path, pair) -> None:
    put(store, *pair("a", "kept " * 12 + "gone", title="A title"))
    put(store, *pair("a", "kept " * 12 + "come", title="A title"))
    assert vector_count(store, path) == 2
    assert store.missing(["A title › " + "kept " * 12, "A title › gone", "A title › come"]) == ["A title › gone"]


def test_vectors_between_and_by_id_agree(store: Store, pair) -> None:
    put(store, *pair("a", "".join(chr(97 + i % 26) * (i % 7 + 1) for i in range(200))))
    ids = store.changes(-1).added
    by_id, one = store.vectors(ids)
    by_range, other = store.vectors_between(ids[0], ids[-1])
    assert by_id.tolist() == by_range.tolist() == list(ids)
    assert np.array_equal(one, other)
    assert np.allclose(np.linalg.norm(one, axis=1), 1, atol=1e-6)


def test_a_page_that_fails_half_way_leaves_nothing(store: Store, pair) -> None:
    page, chunks = pair("a", "z" * 150)
    store.keep([chunks[0].text], directions([chunks[0].text]))  # the last chunk is shorter and has no vector
    with pytest.raises(IndexFault):
        store.write(page, chunks)
    assert store.page("a") is None
    assert store.generation() == 0
    assert put(store, page, chunks) == "added"


def test_a_steady_view_does_not_see_what_others_write(store: Store, path: Path, pair) -> None:
    put(store, *pair("a", "one"))
    other = Store(path)
    with store.steady():
        before = store.counts()
        put(other, *pair("b", "two"))
        assert store.counts() == before
    assert store.counts() == (2, 2)


@pytest.mark.parametrize("at", [0, 100, 5000])
def test_a_damaged_database_says_what_to_do(store: Store, path: Path, pair, at: int) -> None:
    put(store, *pair("a", "word " * 4000))
    store.close()
    with path.open("r+b") as file:
        file.truncate(at)
    with pytest.raises(IndexFault, match="vouch add SOURCE --index notes"):
        Store(path).pages()


def test_a_file_that_is_no_database(path: Path) -> None:
    path.write_bytes(b"not a database at all, but long enough to look like a header " * 20)
    with pytest.raises(IndexFault, match="vouch add SOURCE --index notes"):
        Store(path)


def test_a_missing_database(path: Path) -> None:
    with pytest.raises(IndexFault, match="missing"):
        Store(path)
    assert not path.exists()


def test_a_later_version_is_refused(store: Store, path: Path) -> None:
    store.close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version={len(SCHEMA.steps) + 1}")
    connection.commit()
    connection.close()
    with pytest.raises(IndexFault, match=rf"version {len(SCHEMA.steps) + 1}.*vouch add"):
        Store(path)


def test_a_closed_store_says_so(store: Store) -> None:
    store.close()
    with pytest.raises(IndexFault, match="open it again"):
        store.pages()


def test_chunks_that_are_no_spans_are_refused(store: Store, pair) -> None:
    page, chunks = pair("a", "some text")
    for wrong in (
        Chunk("a", page.sha256, 0, 4, "Some"),
        Chunk("b", page.sha256, 0, 4, "some"),
        Chunk("a", "0" * 64, 0, 4, "some"),
    ):
        with pytest.raises(IndexFault, match="no span"):
            store.write(page, [*chunks, wrong])
    assert store.pages() == []


def test_lone_surrogates_are_refused(store: Store) -> None:
    with pytest.raises(IndexFault, match="surrogates"):
        store.write(Page("a", "broken \ud800"), [])


def test_vectors_of_the_wrong_shape_are_refused(store: Store) -> None:
    with pytest.raises(IndexFault, match="embedder"):
        store.keep(["a"], np.ones((1, 9), dtype=np.float32))


@given(st.lists(st.lists(st.floats(-1, 1, width=32), min_size=8, max_size=8), max_size=6))
def test_half_precision_keeps_directions(rows: list[list[float]]) -> None:
    given_rows = [np.array(row, dtype=np.float32) / n for row in rows if (n := float(np.linalg.norm(row))) > 1e-3]
    back = unpack([pack(row) for row in given_rows], 8)
    assert back.shape == (len(given_rows), 8)
    assert all(float(row @ other) > 0.999 for row, other in zip(given_rows, back, strict=True))


LINKED = Page("u:linked", "see 静湖 there", links=(Link(4, 6, "https://a.example/湖"),))


def test_links_come_back_and_a_page_that_gains_some_is_written_anew(store: Store):
    assert store.write(Page(LINKED.uri, LINKED.text), []) == "added"
    assert store.write(LINKED, []) == "replaced" and store.page(LINKED.uri) == LINKED
    assert store.write(LINKED, []) == "unchanged"


MARKED = "# Harbour\n\nShips come in.\n\n## Tides\n\nTwice a day.\n"


def marked_pair() -> tuple[Page, list[Chunk]]:
    page = Page("u:guide", MARKED, "Harbour", media_type="text/markdown")
    cut = MARKED.index("Twice")
    spans = ((0, cut, "Harbour"), (cut, len(MARKED), "Harbour › Tides"))
    return page, [Chunk(page.uri, page.sha256, start, end, MARKED[start:end], path) for start, end, path in spans]


def test_headings_come_back_and_are_part_of_what_a_page_is(store: Store):
    page, chunks = marked_pair()
    assert put(store, page, chunks) == "added"
    assert store.chunks(page.uri) == chunks
    assert put(store, page, chunks) == "unchanged"
    assert put(store, page, [chunks[0], replace(chunks[1], heading="")]) == "replaced"


def test_a_store_of_schema_1_gets_headings_from_its_texts_and_keeps_its_vectors(store: Store, path: Path, pair, caplog):
    page, chunks = marked_pair()
    put(store, page, chunks)
    put(store, *pair("u:bare", "no heading " * 9))
    before = {uri: store.chunks(uri) for uri in ("u:guide", "u:bare")}
    store.close()
    make_earlier(path.parent)
    opened, other = Store(path), Store(path)
    assert caplog.text.count("is brought from version") == 1
    assert {uri: opened.chunks(uri) for uri in before} == before
    opened.examine()
    assert opened.outdated() == other.outdated() == ["u:guide", "u:bare"]
    assert opened.missing([chunk.text for chunk in chunks]) == []
    assert opened.missing(opened.page_passages(["u:guide"])) == ["Harbour › Tides › Twice a day.\n"]


def test_a_renewed_page_has_new_ids_the_vectors_of_its_passages_and_its_own_number(store: Store, path: Path):
    page, chunks = marked_pair()
    put(store, page, chunks)
    store.close()
    make_earlier(path.parent)
    opened = Store(path)
    number, old = opened.numbers(), opened.changes(-1)
    texts = opened.page_passages([page.uri])
    opened.keep(opened.missing(texts), directions(opened.missing(texts)))
    opened.renew(page.uri)
    assert opened.outdated() == []
    assert opened.numbers() == number
    assert opened.chunks(page.uri) == chunks
    new = opened.changes(old.generation)
    assert new.removed == old.added
    assert len(new.added) == len(chunks)
    assert opened.missing([chunks[1].text]) == [chunks[1].text]  # what no chunk uses any more is gone
    opened.renew(page.uri)
    assert opened.generation() == new.generation
    opened.examine()


def test_a_page_put_again_over_one_of_an_earlier_form_is_written_anew(store: Store, path: Path):
    page, chunks = marked_pair()
    put(store, page, chunks)
    store.close()
    make_earlier(path.parent)
    opened = Store(path)
    assert put(opened, page, chunks) == "replaced"
    assert opened.outdated() == []
    assert put(opened, page, chunks) == "unchanged"


def test_headings_that_the_source_marked_come_back(store: Store):
    page = Page("u:web", "Harbour\nShips.", media_type="text/html", headings=(Heading(0, 7, 1, "Harbour"),))
    assert put(store, page, []) == "added"
    assert store.page(page.uri) == page


def test_a_page_knows_where_its_pages_begin_and_its_chunks_where_they_stand(store: Store, path: Path):
    page = Page(
        "u:book", "One. Two. Three.", media_type="application/pdf", page_starts=(0, 5, 10), file_sha256="f" * 64
    )
    spans = ((0, 4), (5, 16))
    chunks = [Chunk(page.uri, page.sha256, *span, page.text[slice(*span)], "", locator(page, span)) for span in spans]
    put(store, page, chunks)
    assert store.page("u:book") == page
    assert store.chunks("u:book") == chunks
    assert [chunk.locator for chunk in chunks] == [Locator("page", 1, 1), Locator("page", 2, 3)]
    assert put(store, replace(page, page_starts=(0, 5, 11)), chunks) == "replaced"


def test_a_store_of_schema_2_opens_without_pages_and_gets_them_when_it_is_read_again(store: Store, path: Path):
    page, chunks = marked_pair()
    put(store, page, chunks)
    store.close()
    with closing(sqlite3.connect(path)) as sql:
        drop_page_starts(sql)
        sql.commit()
    opened = Store(path)
    assert opened.page(page.uri) == page
    assert opened.chunks(page.uri) == chunks
    assert put(opened, replace(page, page_starts=(0,)), chunks) == "replaced"
    assert opened.chunks(page.uri)[0].locator == Locator("page", 1, 1)
